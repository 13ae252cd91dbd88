"""Which analyses are decided on beforehand: everything else is marked as exploratory."""

from __future__ import annotations

import streamlit as st

from dermdash.analyses.fitting import unfit_words, usual_analyses
from dermdash.analyses.registry import analysis_title, plannable_names
from dermdash.storage.workspace import Workspace
from dermdash.ui.study_designer.desk import Desk, freezable
from dermdash.ui.study_designer.entry_widgets import EntryWidgets, button


def show_analyses(workspace: Workspace, desk: Desk) -> None:
    """One list."""
    st.subheader("Analyses decided beforehand", anchor=False)
    EntryWidgets(desk).several(
        "prespecified_analyses", "Analyses and subgroups", list(plannable_names()), analysis_title,
        placeholder="None: all are exploratory",
        help="Frozen with the protocol. Pages and report mark every other analysis and subgroup as exploratory.",
    )  # fmt: skip
    _say_what_fits(desk)
    st.caption("What is decided before the first reading can confirm; what is found afterwards can only suggest.")


def _say_what_fits(desk: Desk) -> None:
    """Warn of what the answers of readers cannot make, with what fits at hand."""
    protocol = freezable(desk)
    if protocol is None or not (said := unfit_words(protocol)):
        return
    st.warning(said, icon=":material/warning:")
    usual = usual_analyses(protocol)
    label = "Take what fits" if usual else "Decide on none beforehand"
    button(desk, label, lambda _: {"prespecified_analyses": usual}, key="analyses.fitting")
