import streamlit as st

from dermdash.ui.messages import empty_state, errors_shown, page_head
from dermdash.ui.navigation import open_page, page_link
from dermdash.ui.operating_point_choice import choose_form
from dermdash.ui.operating_points_view import show_points
from dermdash.wording import counted
from dermdash.workflows.classifier import evaluate_model, operating_points

with errors_shown():
    workspace = open_page("classifier/operating_points")
    options = evaluate_model.evaluable_models(workspace)
    points = operating_points.list_operating_points(workspace)
    page_head(
        "Thresholds",
        "Thresholds chosen on one data set, what they give on another, and the work list they make.",
        counted(len(points), "operating point"),
    )
    if not options:
        empty_state(
            "tune",
            "No predictions to choose thresholds on",
            "Import a data set and predict its records on the **Models** page, or run `dermdash predict`.",
        )
        page_link("classifier/models", label="Models", icon=":material/network_node:")
    predicting = {str(model["id"]) for model in options}
    at_work = any(point.model_id in predicting for point in points)
    if options and not at_work:  # nothing saved has anything to sort here; a new one would
        choose_form(workspace, options)
        st.header("Saved", anchor=False)
    show_points(workspace, points)
    if options and at_work:
        choose_form(workspace, options)
