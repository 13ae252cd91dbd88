"""The drawn cases as pictures, before they are frozen: any is exchanged for the next one with a reason, then locked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dermdash.errors import DermdashError, FileMissing
from dermdash.reader_study.case_exchange import LONGEST_REASON
from dermdash.reader_study.case_part import CasePart
from dermdash.reader_study.case_selection import by_difficulty
from dermdash.reader_study.case_strata import stratum_words
from dermdash.reader_study.drawn_cases import SelectedCase
from dermdash.reader_study.protocol import Protocol
from dermdash.records.record_filter import QualitySource
from dermdash.records.taxonomy import diagnosis_name, get_taxonomy
from dermdash.storage import case_exchanges, records
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.choices import choose, choose_several
from dermdash.ui.frontend.exchange.gallery import BadgePayload, TilePayload
from dermdash.ui.gallery import MAX_TILES, gallery
from dermdash.ui.image_viewer import image_viewer
from dermdash.ui.messages import as_text, error_words, leave_outcome, show_outcome
from dermdash.ui.record_tiles import record_tile
from dermdash.ui.stored_picture import original_uri
from dermdash.ui.tables import data_table
from dermdash.wording import counted, form, moment, number
from dermdash.workflows.accounts.people import names_of
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.reader_study.draw_cases import DrawnCases
from dermdash.workflows.reader_study.review_cases import begin_review_again, exchange_case, lock_list, open_list

_PLACE = "cases"
_NO_IMAGE = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
"""Nothing to be seen."""
_REASONS = {
    "blurred": "Blurred", "no_lesion": "No lesion in view", "covered": "Hair, ink or text over it",
    "not_typical": "Diagnosis in doubt",
}  # fmt: skip
"""Usual reasons for an exchange, by the keys of their buttons."""
_PARTS = {
    CasePart.STUDY: "Study", CasePart.PRACTICE: "Practice", CasePart.SCREENING: "Screening", CasePart.CHECK: "Check",
}  # fmt: skip


def review_cases(workspace: Workspace, protocol: Protocol, drawn: DrawnCases) -> None:
    """Show every drawn case by class, let whoever makes the study exchange one, and lock the list in the end."""
    st.subheader("The cases", anchor=False)
    show_outcome(_PLACE)
    cases = drawn.selection.cases
    _lock(workspace, protocol, drawn)
    taxonomy = get_taxonomy(protocol.taxonomy)
    codes = [code for code in taxonomy.codes if any(case.truth_dx == code for case in cases)]
    counts = Counter(case.truth_dx for case in cases)
    chosen = choose_several(
        "Diagnoses", codes, lambda code: f"{diagnosis_name(code)} {counts[code]}", draw="pills", name="of",
        key=f"new.review.classes.{taxonomy.name}",
    )  # fmt: skip
    parts = [part for part in CasePart if any(case.part is part for case in cases)]
    of_parts = []
    if len(parts) > 1:
        of_parts = choose_several("Parts", parts, _PARTS.__getitem__, draw="pills", name="in", key="new.review.parts")
    shown = [
        case
        for case in sorted(cases, key=lambda c: (codes.index(c.truth_dx), c.stratum or 0, c.round, c.position))
        if (not chosen or case.truth_dx in chosen) and (not of_parts or case.part in of_parts)
    ]
    # Above the pictures: below a hundred of them nobody would see that one was opened.
    looked_at = st.container()
    page = _page(shown)
    rows = _rows(workspace, page)
    tiles = [_tile(workspace, protocol, case, rows[case.record_id]) for case in page if case.record_id in rows]
    opened = gallery(tiles, key="new.review.gallery", tile_px=130, label="Drawn cases")
    if opened is not None:
        st.session_state[keys.CASE_UNDER_REVIEW] = opened
    case = next((c for c in cases if c.record_id == st.session_state.get(keys.CASE_UNDER_REVIEW)), None)
    if case is None:
        looked_at.caption(
            f"{counted(len(shown), 'picture')}. Open one to look at it closely"
            + (", or to exchange it for the next case of its class." if drawn.lock is None else ".")
        )
    else:
        with looked_at:
            _look(workspace, protocol, case, locked=drawn.lock is not None)
    if drawn.exchanges:
        _exchanges(workspace, protocol, drawn)


def _page(shown: Sequence[SelectedCase]) -> Sequence[SelectedCase]:
    if len(shown) <= MAX_TILES:
        return shown
    pages = list(range(0, len(shown), MAX_TILES))
    begin = choose(
        "Cases", pages, lambda i: f"{i + 1} to {min(i + MAX_TILES, len(shown))} of {len(shown)}", key="new.review.page"
    )
    return shown[begin : begin + MAX_TILES]


def _rows(workspace: Workspace, cases: Sequence[SelectedCase]) -> dict[str, pd.Series[Any]]:
    found = records.records_by_id(workspace.engine, [case.record_id for case in cases])
    found = found.assign(quality=found["image_quality_score"].fillna(found["technical_quality"]))
    return {str(row["id"]): row for _, row in found.iterrows()}


def _tile(workspace: Workspace, protocol: Protocol, case: SelectedCase, row: pd.Series[Any]) -> TilePayload:
    try:
        tile = record_tile(workspace, row, QualitySource.BEST)
    except FileMissing:  # readers could not be shown it: whoever reviews exchanges it
        badge = BadgePayload(text="Image missing", shape="triangle")
        name = case.record_id.partition(":")[2]
        tile = TilePayload(
            id=case.record_id, image=_NO_IMAGE, title=diagnosis_name(case.truth_dx), subtitle=name, badges=[badge]
        )
    badges = list(tile.get("badges", []))
    if case.part is not CasePart.STUDY:
        badges.insert(0, BadgePayload(text=_PARTS[case.part], shape="square"))
    elif protocol.rounds > 1:
        badges.insert(0, BadgePayload(text=f"Round {case.round}", shape="square"))
    if case.stratum is not None:
        words = stratum_words(protocol.draw.strata)[case.stratum - 1]
        badges.append(BadgePayload(text=words[:1].upper() + words[1:], shape="circle"))
    if protocol.model_id is not None and not case.held_out:
        badges.append(BadgePayload(text="Known to the model", shape="triangle"))
    return tile | {"badges": badges, "selected": st.session_state.get(keys.CASE_UNDER_REVIEW) == case.record_id}


def _lock(workspace: Workspace, protocol: Protocol, drawn: DrawnCases) -> None:
    """Whether somebody said that the list is as it should be, and the button that says so."""
    seen = drawn.selection.digest
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        if drawn.lock is None:
            st.markdown(
                ":material/lock_open: **Open.** Look through the cases, exchange what should not be there, and lock "
                "the list: it is then what the freeze takes, and no case is exchanged by accident."
            )
            st.button(
                "Lock the list", key="new.review.lock", icon=":material/lock:", on_click=_turn_lock,
                args=(workspace, protocol, seen, True),
            )  # fmt: skip
        else:
            who = names_of(workspace).get(drawn.lock["account_id"], drawn.lock["account_id"])
            st.markdown(f":material/lock: **Locked** by {as_text(who)}, {moment(drawn.lock['made_at'])}.")
            st.button(
                "Open it again", key="new.review.unlock", icon=":material/lock_open:", on_click=_turn_lock,
                args=(workspace, protocol, seen, False),
            )  # fmt: skip


def _turn_lock(workspace: Workspace, protocol: Protocol, seen: str, lock: bool) -> None:
    account = access.act(Right.RUN_STUDIES)
    try:
        (lock_list if lock else open_list)(workspace, account, protocol, seen=seen)
    except DermdashError as error:
        leave_outcome(_PLACE, error_words(error), well=False)


def _look(workspace: Workspace, protocol: Protocol, case: SelectedCase, *, locked: bool) -> None:
    row = _rows(workspace, [case]).get(case.record_id)
    with st.container(border=True):
        left, right = st.columns([3, 2], gap="large")
        with left:
            image = None if row is None else original_uri(workspace, str(row["image_sha256"]))
            if image is not None:
                image_viewer(image, key="new.review.picture", height=340, label="Drawn case")
        with right:
            name = case.record_id.partition(":")[2]
            st.markdown(f"**{as_text(diagnosis_name(case.truth_dx))}** · {as_text(name)}")
            st.markdown(_facts(protocol, case))
            if locked:
                st.caption("The list is locked: open it again to exchange this case.")
            else:
                _exchange_form(workspace, protocol, case)


def _exchange_form(workspace: Workspace, protocol: Protocol, case: SelectedCase) -> None:
    """A usual reason is one click; any other one is written."""
    st.markdown("Exchange it for a usual reason")
    asked = None
    with st.container(horizontal=True, gap="small"):
        for name, reason in _REASONS.items():
            if st.button(reason, key=f"new.review.as.{name}", icon=":material/swap_horiz:"):
                asked = reason
    with st.form("new.review.form", border=False):
        written = st.text_input(
            "Or for another reason", key="new.review.reason", max_chars=LONGEST_REASON,
            placeholder="Known to every reader, ...",
        )  # fmt: skip
        if st.form_submit_button("Exchange this case", icon=":material/swap_horiz:", key="new.review.swap"):
            asked = written
    st.caption(
        "The next draw of the same class"
        + (" and stratum" if case.stratum is not None else "")
        + " takes its place. The exchange is logged with your name, and stays with the study."
    )
    if asked is not None:
        _exchange(workspace, protocol, case, asked)


def _facts(protocol: Protocol, case: SelectedCase) -> str:
    where = _PARTS[case.part] if case.part is not CasePart.STUDY else f"Round {case.round}, position {case.position}"
    said = [where]
    if by_difficulty(protocol) and case.stratum is not None and case.difficulty is not None:
        words = stratum_words(protocol.draw.strata)[case.stratum - 1]
        said.append(f"difficulty {number(case.difficulty, 2)} ({words} of its class)")
    if not case.verified:
        said.append("diagnosis not confirmed")
    if protocol.model_id is not None and not case.held_out:
        said.append("the model may know the lesion")
    return " · ".join(said)


def _exchange(workspace: Workspace, protocol: Protocol, case: SelectedCase, reason: str) -> None:
    account = access.act(Right.RUN_STUDIES)
    try:
        new = exchange_case(workspace, account, protocol, case.record_id, reason)
    except DermdashError as error:
        # Said at the form: the list stands.
        st.error(error_words(error), icon=":material/error:")
        return
    st.session_state[keys.CASE_UNDER_REVIEW] = new
    old, put = (as_text(key.partition(":")[2]) for key in (case.record_id, new))
    leave_outcome(_PLACE, f"{old} was exchanged for {put}, which is open below.")
    st.rerun()


def _exchanges(workspace: Workspace, protocol: Protocol, drawn: DrawnCases) -> None:
    with st.expander(f"{counted(len(drawn.exchanges), 'exchange')} in this list"):
        data_table(exchange_table(drawn.exchanges, names_of(workspace)), key="new.review.exchanges")
        if drawn.lock is None:
            offer_to_begin_again(workspace, protocol)


def offer_to_begin_again(workspace: Workspace, protocol: Protocol) -> None:
    """The button that takes all exchanges of the list back."""
    st.button(
        "Take all exchanges back", key="new.review.again", icon=":material/undo:", type="tertiary",
        help="The list is then the one that the seed draws. What was done stays in the log.",
        on_click=_begin_again, args=(workspace, protocol),
    )  # fmt: skip


def _begin_again(workspace: Workspace, protocol: Protocol) -> None:
    account = access.act(Right.RUN_STUDIES)
    try:
        taken_back = begin_review_again(workspace, account, protocol)
    except DermdashError as error:
        leave_outcome(_PLACE, error_words(error), well=False)
        return
    leave_outcome(_PLACE, f"{counted(taken_back, 'exchange')} taken back: the list is the one that the seed draws.")


def show_exchanges(workspace: Workspace, study_id: str) -> None:
    """Which cases were exchanged before a study was frozen; nothing where none was."""
    found = case_exchanges.exchanges_of_study(workspace.engine, study_id)
    if not found:
        return
    st.markdown(f"{counted(len(found), 'case')} {form(len(found), 'was', 'were')} exchanged before the freeze")
    with st.expander("Which, and why"):
        data_table(exchange_table(found, names_of(workspace)), key="study.exchanges")


def exchange_table(exchanges: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> pd.DataFrame:
    """Exchanges of a list or a study as people read them, in the order they were made; ``names`` of accounts by id."""
    return pd.DataFrame(
        {
            "Taken out": [row["old_record_id"].partition(":")[2] for row in exchanges],
            "Put in": [row["new_record_id"].partition(":")[2] for row in exchanges],
            "Diagnosis": [diagnosis_name(row["truth_dx"]) for row in exchanges],
            "Reason": [row["reason"] for row in exchanges],
            "By": [names.get(row["account_id"], row["account_id"]) for row in exchanges],
            "When": [moment(row["made_at"]) for row in exchanges],
        }
    )
