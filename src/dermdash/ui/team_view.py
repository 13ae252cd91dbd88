"""The team: who has how much open and has done how much, giving work to others, and who is away."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dermdash.errors import InvalidInput, NotFound
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.choices import choose
from dermdash.ui.messages import as_text, empty_state, error_words, redraw_saying, show_outcome
from dermdash.ui.navigation import page_link
from dermdash.ui.tables import data_table, height_of
from dermdash.wording import counted, day, seconds
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.verification import work
from dermdash.workflows.verification.open_work import open_work, who_could_take
from dermdash.workflows.verification.work import Workload

_PLACE = "verification.team"
_QUEUE = "queue"
_PURPOSES = {"initial": "First annotation", "review": "Review", "repeat": "Hidden repeat"}


def show_team(workspace: Workspace, actor: Account, dataset: Mapping[str, Any]) -> None:
    """Everybody's work, over all data sets; then one person's."""
    show_outcome(_PLACE)
    people = work.team(workspace, actor)
    if not people:
        empty_state(
            "group_add", "Nobody reviews yet", "An admin invites people with the role of a reviewer on **Accounts**."
        )
        page_link("admin/accounts", label="Accounts", icon=":material/manage_accounts:")
        return
    st.caption("Work of all data sets.")
    data_table(_table(people), key="verification.team")
    names = {person.account_id: person.name for person in people} | {_QUEUE: "The queue, for whoever comes first"}
    chosen = choose("Open work of", list(names), names.__getitem__, key="verification.person", name="person", width=420)
    _show_open(workspace, actor, None if chosen == _QUEUE else chosen)
    if chosen != _QUEUE:
        _away(workspace, actor, chosen, names[chosen])


def _table(people: list[Workload]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Name": [p.name for p in people],
            "State": ["no reviewer any more" if not p.active else "away" if p.absent else "" for p in people],
            "Expertise": [p.expertise or "" for p in people],
            "Open": [p.open for p in people],
            "Overdue": [p.overdue for p in people],
            "Next due": [day(p.oldest_due) if p.oldest_due else "" for p in people],
            "Done in 7 days": [p.done_this_week for p in people],
            "In 30 days": [p.done_this_month for p in people],
            "In all": [p.done for p in people],
            "Usual time": [seconds(p.seconds * 1000) if p.seconds is not None else "" for p in people],
        }
    )


def _show_open(workspace: Workspace, actor: Account, account_id: str | None) -> None:
    rows = open_work(workspace, actor, account_id)
    if not rows:
        st.markdown("Nothing is open there.")
        return
    names, moment = browse_records.dataset_names(workspace), now()
    key = f"verification.open.{account_id or _QUEUE}"
    frame = pd.DataFrame(
        {
            "Image id": [r["image_id"] for r in rows],
            "Data set": [names.get(r["dataset_id"], r["dataset_id"]) for r in rows],
            "Work": [_PURPOSES.get(r["purpose"], r["purpose"]) for r in rows],
            "Due": [day(r["due_at"]) if r["due_at"] else "" for r in rows],
            "Overdue": ["yes" if r["due_at"] and r["due_at"] < moment else "" for r in rows],
            "Given out": [day(r["assigned_at"]) for r in rows],
        }
    )
    selected = data_table(
        frame, key=key, on_select="rerun", selection_mode="multi-row", height=height_of(len(rows), most=318)
    )
    ids = [rows[i]["id"] for i in selected["selection"]["rows"] if i < len(rows)]
    with st.container(horizontal=True):
        if account_id is not None:
            _hand_over(workspace, actor, ids, account_id)
            _share_out(workspace, account_id, len(rows))
        _take_back(workspace, ids)
    if not ids:
        st.caption("Choose rows above to give them to somebody else or to take them back.")


def _reason(key: str) -> str:
    return st.text_input("Reason", key=key, max_chars=400, placeholder="They are told it")


def _hand_over(workspace: Workspace, actor: Account, ids: list[str], account_id: str) -> None:
    others = {key: name for key, name in who_could_take(workspace, actor).items() if key != account_id}
    with st.popover("Give to somebody else", icon=":material/swap_horiz:", disabled=not ids or not others):
        if not others:
            return
        to = choose("To", list(others), others.__getitem__, key="verification.reassign.to")
        reason = _reason("verification.reassign.reason")
        if not st.button(f"Give {counted(len(ids), 'task')}", key="verification.reassign", type="primary"):
            return
        act = access.act(Right.CURATE_LABELS)
        _each(
            ids, f"given to {as_text(others[to])}", lambda task: work.reassign(workspace, act, task, to, reason=reason)
        )


def _take_back(workspace: Workspace, ids: list[str]) -> None:
    with st.popover("Take back", icon=":material/undo:", disabled=not ids):
        st.write("Nobody does it then. A record that all others have answered is settled by what is there.")
        reason = _reason("verification.withdraw.reason")
        if not st.button(f"Take {counted(len(ids), 'task')} back", key="verification.withdraw", type="primary"):
            return
        act = access.act(Right.CURATE_LABELS)
        _each(ids, "taken back", lambda task: work.withdraw(workspace, act, task, reason=reason))


def _each(ids: list[str], done: str, do: Any) -> None:
    """Do it with each task; one that cannot be is said, and the others go on."""
    refused: list[str] = []
    for task in ids:
        try:
            do(task)
        except (InvalidInput, NotFound) as error:
            refused.append(error_words(error))
    text = f"{counted(len(ids) - len(refused), 'task')} {done}."
    for sentence in dict.fromkeys(refused):
        text += f" {counted(refused.count(sentence), 'task')} not: {sentence}"
    redraw_saying(_PLACE, text, well=not refused)


def _share_out(workspace: Workspace, account_id: str, n: int) -> None:
    with st.popover("Share all among the others", icon=":material/groups:"):
        st.write(f"All {n:,} go to whoever has least to do and may have them. Hidden repeats are taken back.")
        reason = _reason("verification.share.reason")
        if not st.button("Share them out", key="verification.share", type="primary"):
            return
        act = access.act(Right.CURATE_LABELS)
        try:
            given, left = work.reassign_all(workspace, act, account_id, reason=reason)
        except InvalidInput as error:
            st.error(error_words(error), icon=":material/error:")
            return
        text = f"{counted(given, 'task')} shared out."
        if left:
            text += f" For {left:,} nobody else is free: they stay."
        redraw_saying(_PLACE, text, well=not left)


def _away(workspace: Workspace, actor: Account, account_id: str, name: str) -> None:
    with st.expander(f"When {as_text(name)} is away", icon=":material/event_busy:"):
        for row in work.list_absences(workspace, actor, account_id):
            with st.container(horizontal=True, vertical_alignment="center"):
                note = f": {as_text(row['note'])}" if row["note"] else ""
                st.markdown(f"{day(row['first_day'])} to {day(row['last_day'])}{note}", width="content")
                if st.button("Take back", key=f"verification.absence.{row['id']}", type="tertiary"):
                    work.end_absence(workspace, access.act(Right.CURATE_LABELS), row["id"])
                    redraw_saying(_PLACE, f"{as_text(name)} is not away then.")
        today = date.today()
        with st.form(f"verification.away.{account_id}", border=False, enter_to_submit=False):
            with st.container(horizontal=True, vertical_alignment="bottom"):
                first = st.date_input("First day", today, key=f"verification.away.first.{account_id}")
                last = st.date_input("Last day", today + timedelta(days=7), key=f"verification.away.last.{account_id}")
            note = st.text_input("Note (optional)", key=f"verification.away.note.{account_id}", max_chars=200)
            if not st.form_submit_button("Enter the absence", key="verification.away"):
                return
        act = access.act(Right.CURATE_LABELS)
        try:
            work.set_absence(workspace, act, account_id, first_day=first, last_day=last, note=note)
        except InvalidInput as error:
            st.error(error_words(error), icon=":material/error:")
            return
        redraw_saying(
            _PLACE, f"{as_text(name)} is away from {day(first)} to {day(last)} and gets nothing new meanwhile."
        )
