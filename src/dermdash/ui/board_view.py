"""The board: records that wait, one of them with what everybody said, the discussion, and the consensus."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dermdash.errors import InvalidInput
from dermdash.records.taxonomy import diagnosis_name
from dermdash.records.verification_stage import stage_words
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.board_answers import show_answers
from dermdash.ui.board_picture import show_picture
from dermdash.ui.bound_widget import leave_in_address, settle
from dermdash.ui.consensus_form import show_consensus_form
from dermdash.ui.messages import as_text, empty_state, error_words, errors_shown, redraw_saying, show_outcome
from dermdash.ui.navigation import RECORD_SCRIPT, page_link
from dermdash.ui.tables import data_table, height_of
from dermdash.verification.outcome import Why
from dermdash.wording import counted, day, moment, percent, sentence
from dermdash.workflows.accounts.access import Account, Role
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.verification import board
from dermdash.workflows.verification.board import LONGEST_TEXT, BoardCase

_PLACE = "board"
CASE = "case"
"""Parameter of the address: which case is shown."""


def show_board(workspace: Workspace, actor: Account, cases: Sequence[Mapping[str, Any]]) -> None:
    """The list, and below it the chosen record."""
    show_outcome(_PLACE)
    if not cases:
        title = "No record waits for the board"
        if not access.may(Right.CURATE_LABELS):
            title = "No record that you reviewed waits for the board"
        empty_state(
            "task_alt",
            title,
            "A record comes here when its reviewers disagree, when somebody was unsure, or when the rule of its data "
            "set sends all of them.",
        )
        page_link("verification/verification", label="Labels", icon=":material/verified:")
        return
    place = _place([case_name(actor, case) for case in cases])
    _show_list(workspace, actor, cases, place)
    chosen = cases[place]
    _steps(place, len(cases), case_title(actor, chosen))
    with errors_shown():
        case = board.see_case(workspace, actor, chosen["record_id"])
    _show_case(workspace, actor, case, chosen)


def case_name(actor: Account, case: Mapping[str, Any]) -> str:
    """What a case is called in the address: of a reviewer by their own task, which says nothing of record or image."""
    return str(case["record_id"] if actor.has(Role.CURATOR) or case["task_id"] is None else case["task_id"])


def case_title(actor: Account, case: Mapping[str, Any]) -> str:
    """What people call it: reviewers do not learn its file, the record may still be asked of them."""
    return str(case["image_id"]) if actor.has(Role.CURATOR) else f"Record {str(case['task_id'])[:8]}"


def _place(names: list[str]) -> int:
    """Which case is shown; the address says its name, as places change with every decision."""
    settle(CASE, keys.BOARD_PLACE, lambda asked: next((names.index(n) for n in asked if n in names), 0))
    place = min(int(st.session_state[keys.BOARD_PLACE]), len(names) - 1)
    st.session_state[keys.BOARD_PLACE] = place
    leave_in_address(CASE, keys.BOARD_PLACE, place, [names[place]] if place else [])
    return place


def _show_list(workspace: Workspace, actor: Account, cases: Sequence[Mapping[str, Any]], place: int) -> None:
    datasets = browse_records.dataset_names(workspace)
    frame = pd.DataFrame(
        {
            "Record": [f"{'▸ ' if i == place else ''}{case_title(actor, case)}" for i, case in enumerate(cases)],
            "Why": [Why(case["why"]).words for case in cases],
            "Most said": [diagnosis_name(case["dx"]) if case["dx"] else "" for case in cases],
            "Agreement": [percent(case["agreement"], 0) for case in cases],
            "Answers": [case["n_reviewers"] for case in cases],
            "Since": [day(case["decided_at"]) for case in cases],
            "Data set": [datasets.get(case["dataset_id"], case["dataset_id"]) for case in cases],
        }
    )
    # Another place is another table, whose selection is empty: the buttons move on from here, too.
    key = f"board.list.{place}.{len(cases)}"
    data_table(
        frame, key=key, on_select=lambda: _go_to_selected(key), selection_mode="single-row",
        height=height_of(len(cases), most=213),
    )  # fmt: skip


def _go_to_selected(key: str) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    if rows:
        st.session_state[keys.BOARD_PLACE] = rows[0]


def _go(by: int) -> None:
    st.session_state[keys.BOARD_PLACE] = max(0, st.session_state.get(keys.BOARD_PLACE, 0) + by)


def _steps(place: int, of: int, title: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(as_text(title), anchor=False, width="content")
        st.button(
            "Previous", key="board.previous", icon=":material/arrow_back:", shortcut="Left", disabled=place == 0,
            on_click=_go, args=(-1,),
        )  # fmt: skip
        st.markdown(f"**{place + 1:,} of {of:,}**", width="content")
        st.button(
            "Next", key="board.next", icon=":material/arrow_forward:", shortcut="Right", disabled=place + 1 >= of,
            on_click=_go, args=(1,),
        )  # fmt: skip


def _show_case(workspace: Workspace, actor: Account, case: BoardCase, listed: Mapping[str, Any]) -> None:
    again = f" This is round {case.cycle}: the record was reopened." if case.cycle > 1 else ""
    st.markdown(
        f"Before the board because {case.why.words}. {counted(len(case.answers), 'answer')}, agreement "
        f"**{percent(case.agreement, 0)}**.{again}{_claim(case)}"
    )
    picture, work = st.columns([1, 1], gap="large")
    with picture:
        show_picture(workspace, case, key=f"board.picture.{case_name(actor, listed)}")
        if actor.has(Role.CURATOR):
            page_link(RECORD_SCRIPT, label="Open the record", query_params={"id": str(case.record["id"])})
    # All that is decided by stands beside the picture, so that nobody scrolls away from the lesion.
    with work:
        show_answers(case)
        if access.may(Right.CURATE_LABELS):
            show_consensus_form(workspace, actor, case, place=_PLACE)
        else:
            st.subheader("Decision", anchor=False)
            st.markdown("A curator formulates the consensus. Say below what they should know.")
        _show_discussion(workspace, case, case_name(actor, listed))


def _claim(case: BoardCase) -> str:
    """What the source says, where it stands for a first annotation that nobody made here."""
    if case.initial is not None or not case.record["stage_claimed"]:
        return ""
    stage = stage_words(case.record["verification_stage"], claimed=True)
    return f"  \nIts source says: **{diagnosis_name(case.record['dx'])}** ({stage})."


def _show_discussion(workspace: Workspace, case: BoardCase, name: str) -> None:
    st.subheader("Discussion", anchor=False)
    if not case.comments:
        st.caption("Nobody has said anything yet.")
    for comment in case.comments:
        with st.container(border=True):
            st.caption(f"**{as_text(comment.name)}** · {moment(comment.created_at)}")
            st.text(comment.text)
    with st.form(f"board.comment.{name}.{len(case.comments)}", border=False, enter_to_submit=False):
        text = st.text_area("Comment", key=f"board.text.{name}.{len(case.comments)}", max_chars=LONGEST_TEXT, height=90)
        if not st.form_submit_button("Comment", key="board.say", icon=":material/comment:"):
            return
    account = access.act(Right.DISCUSS_CASES)
    try:
        board.comment(workspace, account, case.record["id"], text)
    except InvalidInput as error:
        st.error(sentence(error_words(error)), icon=":material/error:")
        return
    redraw_saying(_PLACE, "Your comment is there.")
