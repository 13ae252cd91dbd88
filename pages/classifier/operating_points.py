import streamlit as st

from dermdash.ui.choices import choose_segment
from dermdash.ui.messages import empty_state, errors_shown, page_head
from dermdash.ui.navigation import open_page, page_link
from dermdash.ui.operating_point_choice import CHOSEN_HERE, choose_form
from dermdash.ui.operating_points_view import show_points
from dermdash.wording import counted
from dermdash.workflows.classifier import evaluate_model, operating_points

SAVED, NEW = "saved", "new"

with errors_shown():
    workspace = open_page("classifier/operating_points")
    options = evaluate_model.evaluable_models(workspace)
    points = operating_points.list_operating_points(workspace)
    page_head(
        "Thresholds",
        "Thresholds chosen on one data set, what they give on another, and the work list they make.",
        counted(len(points), "saved threshold"),
    )
    if not options:
        empty_state(
            "tune",
            "No predictions to choose thresholds on",
            "Import a data set and predict its records on the **Models** page, or run `dermdash predict`.",
        )
        page_link("classifier/models", label="Models", icon=":material/network_node:")
    predicting = {str(model["id"]) for model in options}
    # Where nothing saved has anything to sort here, a new one would.
    at_work = any(point.model_id in predicting for point in points)
    begins = NEW if not at_work or CHOSEN_HERE & set(st.query_params) else SAVED
    view = SAVED
    if options and points:
        view = choose_segment(
            "Show", [SAVED, NEW], {SAVED: "Saved", NEW: "Choose a new one"}.__getitem__, key="points.view",
            name="view", default=begins, always=True, label_visibility="collapsed",
        )  # fmt: skip
    elif options:
        view = NEW
    if view == NEW:
        choose_form(workspace, options)
    else:
        show_points(workspace, points)
