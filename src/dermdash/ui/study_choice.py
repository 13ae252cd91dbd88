"""Which study a page is about: named in the URL, else the newest."""

from typing import Any

import streamlit as st

from dermdash.storage.workspace import Workspace
from dermdash.ui.messages import as_text, empty_state
from dermdash.workflows import study_results
from dermdash.workflows.image_kinds import simulated_dataset_ids


def chosen_study(workspace: Workspace) -> dict[str, Any] | None:
    """Let the visitor choose a study; None (with what to do next on the page) when there is none."""
    studies = study_results.list_studies(workspace)
    if not studies:
        empty_state("groups", "No study yet", "Create one from the template *Nature Medicine 2020*.")
        st.page_link("pages/reader_study/new_study.py", label="New study", icon=":material/add_circle:")
        return None
    ids = [study["id"] for study in studies]
    by_id = dict(zip(ids, studies, strict=True))
    wanted = st.query_params.get("id", ids[0])
    if wanted not in by_id:
        st.warning(
            f"There is no study “{as_text(wanted)}” in this workspace. This is the newest one.",
            icon=":material/link_off:",
        )
    chosen = wanted if wanted in by_id else ids[0]
    if len(studies) > 1:
        # Ids as options: a study's numbers of readers and readings change while it is chosen.
        chosen = st.selectbox(
            "Study",
            ids,
            index=ids.index(chosen),
            format_func=lambda study_id: f"{by_id[study_id]['name']} ({study_id})",
            key="study.choice",
            width=520,
        )
    if st.query_params.get("id") != chosen:
        st.query_params["id"] = chosen
    return by_id[chosen]


def study_badges(workspace: Workspace, study: dict[str, Any]) -> None:
    """Say plainly when a study's readers are simulated, and when its images are drawn by a program."""
    if study["dataset_id"] in simulated_dataset_ids(workspace):
        st.warning(
            "The images of this study are **drawn** by a program: nothing here is about photographs.",
            icon=":material/science:",
        )
    if study["simulated"]:
        st.warning(
            "The readers of this study are **simulated** by a program. Nothing here was answered by a person.",
            icon=":material/science:",
        )
