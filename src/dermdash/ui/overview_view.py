"""The overview page: what the workspace holds and what to do next."""

import pandas as pd
import streamlit as st

from dermdash.storage.workspace import Workspace
from dermdash.ui.completeness_view import SHARE_COLUMN, completeness_now, show_completeness
from dermdash.ui.messages import as_message, as_text, empty_state
from dermdash.ui.navigation import page_link
from dermdash.ui.source_choice import link_to_study
from dermdash.ui.tables import data_table
from dermdash.ui.unknown_classes import say_unknown_classes
from dermdash.wording import counted, day, percent
from dermdash.workflows.classifier.model_headline import model_headline
from dermdash.workflows.classifier.model_in_use import find_model_in_use
from dermdash.workflows.classifier.model_registry import model_label
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.dataset.image_kinds import kind_words, simulated_dataset_ids
from dermdash.workflows.reader_study import study_results


def overview_state(workspace: Workspace) -> str:
    """The workspace in one line."""
    datasets = browse_records.list_datasets(workspace)
    studies = study_results.list_studies(workspace)
    parts = []
    for drawn in (False, True):
        kind = [d for d in datasets if bool(d["simulated"]) == drawn]
        if kind or not (drawn or datasets):
            n = sum(d["records"] for d in kind)
            what = counted(n, "drawn record" if drawn else "record")
            parts.append(f"{what} in {counted(len(kind), 'data set')}")
    return " · ".join([*parts, counted(len(studies), "reader study", "reader studies")])


def overview(workspace: Workspace) -> None:
    """Data sets, models and studies, each with the way on."""
    datasets = browse_records.list_datasets(workspace)
    if not datasets:
        empty_state(
            "upload",
            "This workspace is empty",
            "Import a data set to begin, or stop the app and run `dermdash demo` for synthetic data to try it on.",
        )
        page_link("dataset/import_images", label="Import images", icon=":material/upload:")
        return
    drawn = ", ".join(str(d["name"]) for d in datasets if d["simulated"])
    if drawn:
        st.info(
            f"Synthetic: the images of {as_text(drawn)} are drawn by a program. They are kept apart from photographs "
            "everywhere.",
            icon=":material/science:",
        )
    say_unknown_classes(workspace)
    left, right = st.columns(2, gap="large")
    with left:
        _datasets(workspace, datasets)
        _models(workspace)
    with right:
        _studies(workspace)
    show_completeness(workspace)


def _datasets(workspace: Workspace, datasets: list[dict]) -> None:
    st.header("Data sets", anchor=False)
    complete = completeness_now(workspace).datasets
    shares = [complete[d["id"]].share if d["id"] in complete else None for d in datasets]
    frame = pd.DataFrame(
        {
            "Data set": [d["name"] for d in datasets],
            "Records": [d["records"] for d in datasets],
            "Complete": [None if share is None else 100 * share for share in shares],
            "Licence": [d["licence"] or "not stated" for d in datasets],
            "Origin": ["synthetic" if d["simulated"] else d["source"] or "not stated" for d in datasets],
        }
    )
    data_table(frame, key="overview.datasets", column_config={"Complete": SHARE_COLUMN})
    with st.container(horizontal=True):
        page_link("dataset/records", label="Browse the records", icon=":material/grid_view:")
        page_link("dataset/import_images", label="Import more", icon=":material/upload:")


def _models(workspace: Workspace) -> None:
    """The model in use for each kind of images there is, with the one number that every page has for it."""
    st.header("Classifier", anchor=False)
    kinds = {bool(d["simulated"]) for d in browse_records.list_datasets(workspace) if d["records"]} or {False}
    for drawn in sorted(kinds):
        used = find_model_in_use(workspace, simulated=drawn)
        if used is None:
            st.markdown(f"For {kind_words(drawn)}: no model yet; the Training page or `dermdash train` makes one.")
            continue
        found = model_headline(workspace, used.id)
        figure = (
            f"mean recall **{percent(found.mean_recall, 1)}** on {as_text(found.where)}"
            if found.mean_recall is not None
            else f"not measured here. {as_message(found.missing)}"
        )
        st.markdown(f"For {kind_words(drawn)}: **{as_text(model_label(used.model))}** · {figure}")
    with st.container(horizontal=True):
        page_link("classifier/models", label="Models and predictions", icon=":material/network_node:")
        page_link("classifier/evaluation", label="Evaluation", icon=":material/query_stats:")


def _studies(workspace: Workspace) -> None:
    st.header("Reader studies", anchor=False)
    studies = study_results.list_studies(workspace)
    if not studies:
        st.markdown("No study yet. The template *Nature Medicine 2020* sets one up in a few minutes.")
    for study in studies[:5]:
        with st.container(border=True):
            st.markdown(
                f"**{as_text(study['name'])}**"
                + ("  :gray-badge[simulated readers]" if study["simulated"] else "")
                + ("  :gray-badge[drawn images]" if study["dataset_id"] in simulated_dataset_ids(workspace) else "")
            )
            st.caption(
                f"{counted(study['readers'], 'reader')} · {counted(study['readings'], 'reading')} · frozen "
                f"{day(study['frozen_at'])}"
            )
            with st.container(horizontal=True):
                query = link_to_study(study["id"])
                page_link("reader_study/study", label="Invitations and progress", query_params=query)
                page_link("reader_study/results", label="Results", query_params=query)
    page_link("reader_study/new_study", label="New study", icon=":material/add_circle:")
