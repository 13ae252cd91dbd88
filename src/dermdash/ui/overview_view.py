"""The overview page: what the workspace holds and what to do next."""

import pandas as pd
import streamlit as st

from dermdash.storage.workspace import Workspace
from dermdash.ui.messages import as_text, empty_state
from dermdash.ui.source_choice import link_to_study
from dermdash.ui.tables import data_table
from dermdash.wording import counted, day, percent
from dermdash.workflows import browse_records, classify, study_results


def overview_state(workspace: Workspace) -> str:
    """The workspace in one line."""
    datasets = browse_records.list_datasets(workspace)
    studies = study_results.list_studies(workspace)
    n = sum(d["records"] for d in datasets)
    return (
        f"{counted(n, 'record')} in {counted(len(datasets), 'data set')} · "
        f"{counted(len(studies), 'reader study', 'reader studies')}"
    )


def overview(workspace: Workspace) -> None:
    """Data sets, models and studies, each with the way on."""
    datasets = browse_records.list_datasets(workspace)
    if not datasets:
        empty_state(
            "upload",
            "This workspace is empty",
            "Import a data set to begin, or stop the app and run `dermdash demo` for synthetic data to try it on.",
        )
        st.page_link("pages/dataset/import_images.py", label="Import images", icon=":material/upload:")
        return
    if any(d["simulated"] for d in datasets):
        st.info(
            "The demo data set is synthetic: its images are drawn by a program and its readers are simulated.",
            icon=":material/science:",
        )
    left, right = st.columns(2, gap="large")
    with left:
        _datasets(datasets)
        _models(workspace)
    with right:
        _studies(workspace)


def _datasets(datasets: list[dict]) -> None:
    st.header("Data sets", anchor=False)
    frame = pd.DataFrame(
        {
            "Data set": [d["name"] for d in datasets],
            "Records": [d["records"] for d in datasets],
            "Licence": [d["licence"] or "not stated" for d in datasets],
            "Origin": ["synthetic" if d["simulated"] else d["source"] or "not stated" for d in datasets],
        }
    )
    data_table(frame, key="overview.datasets")
    with st.container(horizontal=True):
        st.page_link("pages/dataset/records.py", label="Browse the records", icon=":material/grid_view:")
        st.page_link("pages/dataset/import_images.py", label="Import more", icon=":material/upload:")


def _models(workspace: Workspace) -> None:
    st.header("Classifier", anchor=False)
    models = classify.list_models(workspace)
    if not models:
        st.markdown("No model yet: one comes with dermdash (Models page), and `dermdash train` trains your own.")
    else:
        newest = models[0]
        recall = newest["metrics"].get("mean_recall")
        st.markdown(
            f"**{as_text(newest['name'])}** · {counted(newest['predictions'], 'record')} predicted"
            + (f" · mean recall {percent(recall)} on held-out lesions" if recall is not None else "")
        )
    st.page_link("pages/classifier/models.py", label="Models and predictions", icon=":material/network_node:")


def _studies(workspace: Workspace) -> None:
    st.header("Reader studies", anchor=False)
    studies = study_results.list_studies(workspace)
    if not studies:
        st.markdown("No study yet. The template *Nature Medicine 2020* sets one up in a few minutes.")
    for study in studies[:5]:
        with st.container(border=True):
            st.markdown(
                f"**{as_text(study['name'])}**" + ("  :gray-badge[simulated readers]" if study["simulated"] else "")
            )
            st.caption(
                f"{counted(study['readers'], 'reader')} · {counted(study['readings'], 'reading')} · frozen "
                f"{day(study['frozen_at'])}"
            )
            with st.container(horizontal=True):
                query = link_to_study(study["id"])
                st.page_link("pages/reader_study/study.py", label="Invitations and progress", query_params=query)
                st.page_link("pages/reader_study/results.py", label="Results", query_params=query)
    st.page_link("pages/reader_study/new_study.py", label="New study", icon=":material/add_circle:")
