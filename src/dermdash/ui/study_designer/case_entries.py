"""How many cases of which class, in how many rounds, and how they are drawn."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dermdash.reader_study.protocol_draft import cases_per_round, class_mix
from dermdash.reader_study.protocol_parts import DifficultySource
from dermdash.reader_study.templates import cases_of_mix
from dermdash.records.taxonomy import get_taxonomy
from dermdash.ui.messages import as_text
from dermdash.ui.study_designer.desk import Desk
from dermdash.ui.study_designer.entry_widgets import EntryWidgets, button, toggled
from dermdash.wording import counted

_DIFFICULTY = {
    DifficultySource.NONE: "Do not look at it",
    DifficultySource.MODEL_ENTROPY: "By how undecided the model is",
    DifficultySource.CROWD_AGREEMENT: "By how far readers disagreed",
}
_LARGEST_ROUND = 5000


def mix_entries(desk: Desk) -> None:
    """Cases of a round and of each class, rounds, and how many of them one reader reads."""
    entries = EntryWidgets(desk)
    own = desk.at("class_mix") is not None
    if not own or desk.at("cases_per_round") is not None:
        _cases(desk)
    toggled(desk, "Set the class mix by hand", own, lambda on: _own_mix(desk, on), key="own_mix")
    mix, taxonomy = class_mix(desk.entries), get_taxonomy(desk.at("taxonomy"))
    if own:
        _mix_by_hand(desk, entries, mix)
    else:
        st.caption("Class mix: " + as_text(", ".join(f"{taxonomy[code].name} {n}" for code, n in mix.items())))
    entries.say("class_mix")
    left, right = st.columns(2)
    entries.within(left).number(
        "rounds", "Rounds", 1, 1000, help="Batches of cases; a reader reads them one after the other."
    )
    entries.within(right).number(
        "design.cases_per_reader", "Of each round one reader reads", 1, _LARGEST_ROUND, none=True, placeholder="All",
        help="The cases that were read least so far come first, in the shares of the class mix. Empty: all.",
    )  # fmt: skip


def _cases(desk: Desk) -> None:
    """The number of cases, which nobody need have entered: the template says it for the classes of the data set."""
    EntryWidgets(desk, shown={"cases_per_round": cases_per_round(desk.entries)}).number(
        "cases_per_round", "Cases per round", 1, _LARGEST_ROUND
    )


def _own_mix(desk: Desk, on: bool) -> dict[str, Any]:
    return {
        "class_mix": class_mix(desk.entries) if on else None,
        "cases_per_round": None if on else cases_per_round(desk.entries),
    }


def _mix_by_hand(desk: Desk, entries: EntryWidgets, mix: dict[str, int]) -> None:
    taxonomy = get_taxonomy(desk.at("taxonomy"))
    columns = st.columns(2)
    codes = [*taxonomy.codes, *(code for code in mix if code not in taxonomy.codes)]
    for number, code in enumerate(codes):
        name = taxonomy[code].name if code in taxonomy.codes else code
        entries.within(columns[number % 2]).number(f"class_mix.{code}", name, 0, _LARGEST_ROUND)
    total = cases_per_round(desk.entries)
    if desk.at("cases_per_round") is None:
        st.caption(f"The round has {counted(total, 'case')}: what its classes add up to.")
    elif desk.faults_at("class_mix"):
        button(
            desk, f"Let the round have {counted(cases_of_mix(mix), 'case')}", lambda d: {"cases_per_round": None},
            key="as_the_mix",
        )  # fmt: skip


def draw_entries(desk: Desk) -> None:
    """What cases are drawn by beside class mix and filter."""
    entries = EntryWidgets(desk)
    entries.choice(
        "draw.difficulty", "Difficulty", list(DifficultySource), lambda d: _DIFFICULTY[DifficultySource(d)],
        help="Easy and hard cases of each class in equal shares, the same in every round. Disagreement: of the frozen "
        "crowd, else of everybody who has read images of the data set.",
    )  # fmt: skip
    if desk.at("draw.difficulty") != DifficultySource.NONE:
        entries.number("draw.strata", "Parts from easy to hard", 2, 5, help="Each class is cut into so many.")
    entries.switch(
        "draw.held_out_only", "No lesion that the model may have trained on",
        help="Also none of a patient or file of its training. Else such cases are drawn last, and counted.",
    )  # fmt: skip
    entries.switch(
        "draw.one_per_patient", "One case of each patient",
        help="Else lesions of one patient may be drawn; the analyses then count them together.",
    )  # fmt: skip
    entries.number(
        "seed", "Seed", 0, 2**31 - 1,
        help="Draws the cases and, with the reader, order and modalities. The same seed draws the same cases.",
    )  # fmt: skip
    entries.say("draw")
