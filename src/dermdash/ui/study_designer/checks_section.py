"""What is asked to learn about the readers themselves."""

from __future__ import annotations

import streamlit as st

from dermdash.reader_study.protocol_parts import Screening
from dermdash.storage.workspace import Workspace
from dermdash.ui.study_designer.desk import Desk
from dermdash.ui.study_designer.entry_widgets import EntryWidgets, toggled

_USUAL = Screening(cases=10, right=5).model_dump(mode="json")
_MOST = 1000


def show_checks(workspace: Workspace, desk: Desk) -> None:
    """Before the first round on the left, within rounds on the right."""
    entries = EntryWidgets(desk)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Before the first round", anchor=False)
        entries.number("practice_cases", "Practice cases", 0, 100, help="With feedback; never part of the results.")
        screening = desk.at("checks.screening")
        toggled(
            desk, "A test decides who takes part", screening is not None,
            lambda on: {"checks.screening": dict(_USUAL) if on else None}, key="screened",
        )  # fmt: skip
        if screening is not None:
            entries.number("checks.screening.cases", "Cases of the test", 1, _MOST)
            entries.number(
                "checks.screening.right", "Right answers needed", 0, _MOST, help="Who has fewer does not take part."
            )
        entries.say("checks.screening")
    with right:
        st.subheader("Within each round", anchor=False)
        entries.number(
            "checks.attention_checks", "Attention checks", 0, _MOST,
            help="Screens that say which answer to give; never part of the results.",
        )  # fmt: skip
        entries.number(
            "checks.hidden_repeats", "Hidden repeats", 0, _MOST,
            help="Cases that come a second time without a word: how far a reader agrees with themselves. The first "
            "reading counts.",
        )  # fmt: skip
        entries.number(
            "checks.unaided_only", "Cases that stay without assistance", 0, _MOST,
            help="Drawn for each reader, so that unaided readings can be compared with those before assistance.",
        )  # fmt: skip
    entries.say("checks")
