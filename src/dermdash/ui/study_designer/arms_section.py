"""Who reads under which conditions: arms with their periods, order, and what is balanced."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import streamlit as st

from dermdash.reader_study.design import (
    EVERYBODY,
    MOST_ARMS,
    MOST_PERIODS,
    AidedFollows,
    AssignmentMethod,
    CaseOrder,
    ReadingOrder,
)
from dermdash.reader_study.profile import PROFILE_QUESTIONS
from dermdash.reader_study.protocol import OFFERED_MODALITIES
from dermdash.readings.modality import modality_label
from dermdash.storage.workspace import Workspace
from dermdash.ui.study_designer.desk import Desk
from dermdash.ui.study_designer.entry_widgets import EntryWidgets, button
from dermdash.ui.study_designer.wording_of_entries import PROFILE_WORDS

_ORDER = {
    CaseOrder.PER_READER: "An order of their own for each reader",
    CaseOrder.SAME_FOR_ALL: "The same order for all readers",
}
_AIDED = {AidedFollows.AT_ONCE: "At once, case by case", AidedFollows.AFTER_ROUND: "After all cases of the round"}
_METHOD = {
    AssignmentMethod.BALANCED: "Balanced over completed readings",
    AssignmentMethod.BLOCKS: "Random blocks",
    AssignmentMethod.LATIN_SQUARE: "Latin square",
}
_EVERYBODY = EVERYBODY.model_dump(mode="json")
_PERIOD = {"reading": ReadingOrder.SEQUENTIAL.value, "modalities": []}


def show_arms(workspace: Workspace, desk: Desk) -> None:
    """Arms on the left, what holds of all of them on the right."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("Arms", anchor=False)
        st.caption("Each reader belongs to one arm, and reads every case that is theirs once in each of its periods.")
        EntryWidgets(desk).say("design.arms")
        arms = _arms(desk)
        for number, arm in enumerate(arms):
            _arm(desk, number, arm, alone=len(arms) == 1)
        button(
            desk, "Add an arm", _with_another_arm, key="arm.add", icon=":material/add:",
            disabled=len(arms) >= MOST_ARMS,
        )  # fmt: skip
    with right:
        st.subheader("Order and balance", anchor=False)
        _balance(desk)


def _balance(desk: Desk) -> None:
    entries = EntryWidgets(desk)
    entries.number(
        "design.washout_days", "Washout between periods, in days", 0, 400,
        help="Between the last answer of a period and the first of the next; until then no case opens.",
    )  # fmt: skip
    entries.say("design")
    entries.choice(
        "design.method", "Arms and assistance are assigned", list(AssignmentMethod),
        lambda m: _METHOD[AssignmentMethod(m)],
        help="Balanced: what was completed least often comes first. Blocks: each comes equally often within a block. "
        "Latin square: from reader to reader the assistance moves on by one case.",
    )  # fmt: skip
    entries.several(
        "design.strata", "Arms are balanced within", list(PROFILE_QUESTIONS), PROFILE_WORDS.__getitem__,
        placeholder="All readers together", help="Readers are then asked about themselves before the first case.",
    )  # fmt: skip
    entries.choice("design.order", "Cases of a round come in", list(CaseOrder), lambda o: _ORDER[CaseOrder(o)])
    entries.choice(
        "design.aided_follows", "The answer with assistance follows", list(AidedFollows),
        lambda a: _AIDED[AidedFollows(a)],
    )  # fmt: skip


def _arm(desk: Desk, number: int, arm: dict[str, Any], *, alone: bool) -> None:
    path = f"arms.{number}"
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            _typed(desk, f"{path}.name", "Name of the arm", arm["name"], lambda v: _renamed(desk, number, v))
            if not alone:
                _counted(
                    desk, f"{path}.weight", "Weight", arm["weight"], 1, 10,
                    lambda v: _with_arms(desk, lambda arms: arms[number].update(weight=v)),
                )  # fmt: skip
                button(
                    desk, "Remove", lambda d: _with_arms(d, lambda arms: arms.pop(number)), key=f"{path}.remove",
                    icon=":material/delete:", type="tertiary", help=f"Remove the arm {arm['name']}",
                )  # fmt: skip
        periods = arm["periods"]
        for place, period in enumerate(periods):
            _period(desk, number, place, period, alone=len(periods) == 1)
        button(
            desk, "Add a period", lambda d: _with_arms(d, lambda arms: arms[number]["periods"].append(dict(_PERIOD))),
            key=f"{path}.period.add", icon=":material/add:", type="tertiary", disabled=len(periods) >= MOST_PERIODS,
        )  # fmt: skip


def _period(desk: Desk, number: int, place: int, period: dict[str, Any], *, alone: bool) -> None:
    def change(entry: str) -> Callable[[Any], dict[str, Any]]:
        def changed(value: Any) -> dict[str, Any]:
            def set_it(arms: list[dict[str, Any]]) -> None:
                arms[number]["periods"][place][entry] = value
                if value == ReadingOrder.UNAIDED:
                    arms[number]["periods"][place]["modalities"] = []

            return _with_arms(desk, set_it)

        return changed

    path = f"arms.{number}.periods.{place}"
    said = "Cases are read" if alone else f"In period {place + 1} cases are read"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        EntryWidgets(desk).loose_choice(
            f"{path}.reading", said, period["reading"], list(ReadingOrder), lambda o: ReadingOrder(o).label,
            change("reading"),
        )  # fmt: skip
        if not alone:
            button(
                desk, "Remove", lambda d: _with_arms(d, lambda arms: arms[number]["periods"].pop(place)),
                key=f"{path}.remove", icon=":material/delete:", type="tertiary", help=f"Remove period {place + 1}",
            )  # fmt: skip
    if period["reading"] != ReadingOrder.UNAIDED:
        EntryWidgets(desk).loose_several(
            f"{path}.modalities", "Assistance shown", period["modalities"], list(OFFERED_MODALITIES), modality_label,
            change("modalities"), placeholder="As chosen under Assistance",
        )  # fmt: skip


def _typed(desk: Desk, path: str, label: str, value: str, changed: Callable[[str], dict[str, Any]]) -> None:
    EntryWidgets(desk).loose_text(path, label, value, changed, max_chars=80)


def _counted(
    desk: Desk, path: str, label: str, value: int, low: int, high: int, changed: Callable[[int], dict[str, Any]]
) -> None:
    EntryWidgets(desk).loose_number(path, label, value, low, high, changed, width=110)


def _arms(desk: Desk) -> list[dict[str, Any]]:
    """The arms of the entries; everybody where these name none."""
    return deepcopy(desk.at("design.arms")) or [deepcopy(_EVERYBODY)]


def _with_arms(desk: Desk, change: Callable[[list[dict[str, Any]]], object]) -> dict[str, Any]:
    """The entry of the arms after a change; none where everybody is treated alike, as if there had been no change."""
    arms = _arms(desk)
    change(arms)
    return {"design.arms": [] if arms == [_EVERYBODY] else arms}


def _renamed(desk: Desk, number: int, name: str) -> dict[str, Any]:
    return _with_arms(desk, lambda arms: arms[number].update(name=name.strip()))


def _with_another_arm(desk: Desk) -> dict[str, Any]:
    def add(arms: list[dict[str, Any]]) -> None:
        taken = {arm["key"] for arm in arms}
        number = next(n for n in range(len(arms) + 1, 100) if f"arm-{n}" not in taken)
        arms.append({"key": f"arm-{number}", "name": f"Arm {number}", "periods": [dict(_PERIOD)], "weight": 1})

    return _with_arms(desk, add)
