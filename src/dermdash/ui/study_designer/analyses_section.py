"""Which analyses are decided on beforehand: everything else is marked as exploratory."""

from __future__ import annotations

import streamlit as st

from dermdash.analyses.registry import analysis_title, plannable_names
from dermdash.storage.workspace import Workspace
from dermdash.ui.study_designer.desk import Desk
from dermdash.ui.study_designer.entry_widgets import EntryWidgets


def show_analyses(workspace: Workspace, desk: Desk) -> None:
    """One list."""
    st.subheader("Analyses decided beforehand", anchor=False)
    EntryWidgets(desk).several(
        "prespecified_analyses", "Analyses and subgroups", list(plannable_names()), analysis_title,
        placeholder="None: all are exploratory",
        help="Frozen with the protocol. Pages and report mark every other analysis and subgroup as exploratory.",
    )  # fmt: skip
    st.caption("What is decided before the first reading can confirm; what is found afterwards can only suggest.")
