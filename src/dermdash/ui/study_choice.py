"""Which study a page is about: named in the URL, else the newest."""

from typing import Any

import streamlit as st

from dermdash.storage.workspace import Workspace
from dermdash.ui.messages import empty_state
from dermdash.workflows import study_results


def chosen_study(workspace: Workspace) -> dict[str, Any] | None:
    """Let the visitor choose a study; None (with what to do next on the page) when there is none."""
    studies = study_results.list_studies(workspace)
    if not studies:
        empty_state("groups", "No study yet", "Create one from the template *Nature Medicine 2020*.")
        st.page_link("pages/reader_study/new_study.py", label="New study", icon=":material/add_circle:")
        return None
    ids = [study["id"] for study in studies]
    wanted = st.query_params.get("id")
    index = ids.index(wanted) if wanted in ids else 0
    study = studies[index]
    if len(studies) > 1:
        study = st.selectbox(
            "Study",
            studies,
            index=index,
            format_func=lambda s: f"{s['name']} ({s['id']})",
            key="study.choice",
            width=520,
        )
    if wanted != study["id"]:
        st.query_params["id"] = study["id"]
    return study


def study_badges(study: dict[str, Any]) -> None:
    """Say plainly when a study's readers are simulated."""
    if study["simulated"]:
        st.warning(
            "The readers of this study are **simulated** by a program. Nothing here was answered by a person.",
            icon=":material/science:",
        )
