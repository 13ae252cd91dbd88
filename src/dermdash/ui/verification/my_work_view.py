"""What a reviewer sees first: what is open and the way into it, what they should know, and when they are away."""

from datetime import date

import pandas as pd
import streamlit as st

from dermdash.errors import InvalidInput, NotFound
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, navigation
from dermdash.ui.board_view import CASE, case_name, case_title
from dermdash.ui.messages import as_text, empty_state, page_head, redraw_saying, show_outcome
from dermdash.ui.tables import data_table
from dermdash.ui.verification.annotate_view import TASK
from dermdash.verification.outcome import Why
from dermdash.wording import counted, day, moment
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.verification import board, my_tasks, work
from dermdash.workflows.verification.my_tasks import LatelyDone, OpenWork, Refused

ANNOTATE, BOARD = "verification/annotate", "verification/board"
_LATELY, _MOST_NOTICES, _MOST_CASES = 8, 8, 10


def show_my_work(workspace: Workspace, account: Account) -> None:
    """All of the page."""
    groups = my_tasks.offered_work(workspace, account)
    page_head("My work", "Records that wait for you, and what has become of what you did.", _state(groups))
    _way_in(groups)
    _refused(my_tasks.refused_answers(workspace, account))
    left, right = st.columns([3, 2], gap="large")
    with left:
        _open(groups)
        _discussions(workspace, account)
        _lately(my_tasks.lately_done(workspace, account, most=_LATELY))
    with right:
        _notices(workspace, account)
        _absence(workspace, account)


def _state(groups: list[OpenWork]) -> str:
    if not groups:
        return "Nothing is open"
    number, late = sum(g.open for g in groups), sum(g.overdue for g in groups)
    return f"{counted(number, 'record')} to do" + (f", {late:,} overdue" if late else ", none overdue")


def _way_in(groups: list[OpenWork]) -> None:
    if not groups:
        empty_state(
            "task_alt",
            "Nothing to do",
            "Records appear here when a curator queues them or asks for your review. You need not keep this page open.",
        )
        return
    if st.button("Continue", key="my_work.continue", type="primary", icon=":material/play_arrow:", width=320):
        navigation.switch_page(ANNOTATE, query_params={})


def _open(groups: list[OpenWork]) -> None:
    if not groups:
        return
    st.header("Open", anchor=False)
    data_table(
        pd.DataFrame(
            {
                "What": [g.kind.label for g in groups],
                "Open": [g.open for g in groups],
                "Overdue": [g.overdue for g in groups],
                "Next due": ["" if g.due_next is None else day(g.due_next) for g in groups],
                "Data set": [g.dataset for g in groups],
            }
        ),
        key="my_work.open",
    )
    if shared := sum(g.for_anybody for g in groups):
        st.caption(f"{counted(shared, 'record')} of these wait in a queue for whoever comes first.")


def _refused(refused: list[Refused]) -> None:
    show_outcome("my_work.refused")
    for answer in refused:
        with st.container(border=True):
            st.markdown(f":material/assignment_return: **Not accepted:** {as_text(answer.reason)}")
            entered = f"You had entered on {moment(answer.at)}: {as_text(answer.said)}."
            st.markdown(entered + (f" Comment: {as_text(answer.comment)}" if answer.comment else ""))
            if answer.closed is not None:
                st.caption(as_text(answer.closed))
            elif st.button("Use it again", key=f"my_work.again.{answer.id}", icon=":material/edit:"):
                _use_again(answer.id)


def _use_again(refused_id: str) -> None:
    try:
        task = my_tasks.use_again(access.current_workspace(), access.act(Right.ANNOTATE), refused_id)
    except (InvalidInput, NotFound) as error:
        redraw_saying("my_work.refused", str(error), well=False)
    navigation.switch_page(ANNOTATE, query_params={TASK: task})


def _discussions(workspace: Workspace, account: Account) -> None:
    cases = board.list_cases(workspace, account)
    if not cases:
        return
    st.header("On the board", anchor=False)
    st.caption("Records you have reviewed, on which the reviews do not decide. Read what the others say, and discuss.")
    for case in cases[:_MOST_CASES]:
        navigation.page_link(
            BOARD, label=f"{as_text(case_title(account, case))}: {Why(case['why']).words}", icon=":material/forum:",
            query_params={CASE: case_name(account, case)},
        )  # fmt: skip
    if len(cases) > _MOST_CASES:
        navigation.page_link(BOARD, label=f"All {len(cases):,} of them")


def _lately(done: list[LatelyDone]) -> None:
    st.header("What you did lately", anchor=False)
    if not done:
        st.caption("Nothing yet. Your answers appear here, and can be changed until they are counted.")
        return
    for answer in done:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(
                f"**{as_text(answer.said)}**  \n{answer.kind.word}, {as_text(answer.dataset)}, {moment(answer.at)}"
            )
            if answer.closed is None:
                navigation.page_link(
                    ANNOTATE, label="Change", icon=":material/edit:", query_params={TASK: answer.task_id}
                )


def _notices(workspace: Workspace, account: Account) -> None:
    st.header("Notices", anchor=False)
    every = work.list_notices(workspace, account)
    unread, read = [n for n in every if not n.read], [n for n in every if n.read]
    if not unread:
        st.caption("Nothing new.")
    for notice in unread[:_MOST_NOTICES]:
        st.markdown(f":material/notifications: {as_text(notice.text)}  \n{moment(notice.created_at)}")
    if len(unread) > _MOST_NOTICES:
        st.caption(f"And {counted(len(unread) - _MOST_NOTICES, 'earlier one')}.")
    if unread and st.button("Mark as read", key="my_work.read", icon=":material/done_all:"):
        work.mark_read(workspace, access.act(Right.ANNOTATE), [notice.id for notice in unread])
        st.rerun()
    if read:
        with st.expander(f"Read ({len(read):,})"):
            for notice in read[:50]:
                st.markdown(f"{as_text(notice.text)}  \n{moment(notice.created_at)}")


def _absence(workspace: Workspace, account: Account) -> None:
    st.header("Out of office", anchor=False)
    show_outcome("my_work.absence")
    today = now().date()
    for row in work.list_absences(workspace, account, account.id):
        if row["last_day"] < today:
            continue
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"{day(row['first_day'])} to {day(row['last_day'])}")
            if st.button("Take back", key=f"my_work.back.{row['id']}", icon=":material/undo:"):
                _end_absence(row["id"])
    with st.form("my_work.absence", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            first = st.date_input("From", value=None, min_value=today, format="YYYY-MM-DD", key="my_work.first")
            last = st.date_input(
                "Until, this day included", value=None, min_value=today, format="YYYY-MM-DD", key="my_work.last"
            )
        asked = st.form_submit_button("Save", key="my_work.away")
    st.caption("You get no new records meanwhile. What is open stays yours unless a curator gives it to somebody else.")
    if asked:
        _enter_absence(first, last)


def _enter_absence(first: date | None, last: date | None) -> None:
    if first is None or last is None:
        redraw_saying("my_work.absence", "Choose both days: the first and the last on which you are away.", well=False)
    actor = access.act(Right.ANNOTATE)
    try:
        work.set_absence(access.current_workspace(), actor, actor.id, first_day=first, last_day=last)
    except InvalidInput as error:
        redraw_saying("my_work.absence", str(error), well=False)
    redraw_saying("my_work.absence", f"You are away from {day(first)} to {day(last)}.")


def _end_absence(absence_id: str) -> None:
    try:
        work.end_absence(access.current_workspace(), access.act(Right.ANNOTATE), absence_id)
    except NotFound as error:
        redraw_saying("my_work.absence", str(error), well=False)
    redraw_saying("my_work.absence", "The absence was taken back.")
