"""What the team of a running study decides on its page: pause, close, extend, places, messages, marks."""

from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Any

import streamlit as st

from dermdash.errors import DermdashError
from dermdash.reader_study.conduct import Mark, Standing
from dermdash.reader_study.quotas import parse_quota
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.choices import choose_segment, pick
from dermdash.ui.messages import error_words, leave_outcome, show_outcome
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.reader_study import blinding, conduct
from dermdash.workflows.reader_study.conduct import conduct_of
from dermdash.workflows.reader_study.study_results import reader_labels

_PLACE = "conduct"


def show_conduct_forms(workspace: Workspace, study: dict[str, Any]) -> None:
    """What can be decided; nothing for whom it is not open."""
    if not access.may(Right.RUN_STUDIES):
        return
    st.subheader("Decide", anchor=False)
    show_outcome(_PLACE)
    labels = reader_labels(workspace, study["id"])
    with st.container(horizontal=True):
        _steer(workspace, study["id"])
        _extend(workspace, study["id"])
        _places(workspace, study["id"])
        _message(workspace, study["id"], labels)
        _mark(workspace, study["id"], labels)


def _done(act: Callable[[], object], said: str) -> None:
    """Act, and say on the page drawn after it what was done or why it was not."""
    try:
        act()
    except DermdashError as error:
        leave_outcome(_PLACE, error_words(error), well=False)
    else:
        leave_outcome(_PLACE, said)
    st.rerun()


def _steer(workspace: Workspace, study_id: str) -> None:
    standing = conduct_of(workspace, study_id).standing(now())
    with st.popover("Pause, close", icon=":material/pause_circle:"):
        if standing is Standing.PAUSED and st.button("Go on", type="primary", key="conduct.resume"):
            by = access.act(Right.RUN_STUDIES).id
            _done(lambda: conduct.resume_study(workspace, study_id, by=by), "The study goes on.")
        reason = st.text_input("Why", key="conduct.reason", help="It stays on record, and in every archive.")
        told = st.text_input("What readers are told", key="conduct.told", help="Beside what they always are told.")
        with st.container(horizontal=True):
            if standing is Standing.RUNNING and st.button("Pause", key="conduct.pause", disabled=not reason.strip()):
                by = access.act(Right.RUN_STUDIES).id
                _done(
                    lambda: conduct.pause_study(workspace, study_id, by=by, reason=reason, text=told),
                    "Nobody is sent a next case until the study goes on.",
                )
            if standing is not Standing.CLOSED and st.button("Close", key="conduct.close", disabled=not reason.strip()):
                by = access.act(Right.RUN_STUDIES).id
                _done(
                    lambda: conduct.close_study(workspace, study_id, by=by, reason=reason, text=told),
                    "The study is closed. Its results may be seen.",
                )
            if standing is Standing.CLOSED and st.button("Reopen", key="conduct.reopen", disabled=not reason.strip()):
                by = access.act(Right.RUN_STUDIES).id
                _done(
                    lambda: conduct.reopen_study(workspace, study_id, by=by, reason=reason),
                    "The study is read again; results that were opened stay open.",
                )
        if blinding.is_blinded(workspace, study_id) and access.may(Right.UNBLIND_STUDIES):
            st.caption("Results can be opened while the study is read. Nothing takes that back.")
            if st.button("Open the results", key="conduct.unblind", disabled=not reason.strip()):
                by = access.act(Right.UNBLIND_STUDIES).id
                _done(
                    lambda: blinding.unblind_study(workspace, study_id, by=by, reason=reason), "The results are open."
                )


def _extend(workspace: Workspace, study_id: str) -> None:
    until = conduct_of(workspace, study_id).until
    with st.popover("Until when", icon=":material/event:"):
        day = st.date_input(
            "Last day (UTC)", None if until is None else until.date(), min_value=now().date(), key="conduct.until",
            help="Empty: until the study is closed.",
        )  # fmt: skip
        if st.button("Set", key="conduct.set_until"):
            by = access.act(Right.RUN_STUDIES).id
            end = None if day is None else datetime.combine(day, time(23, 59, 59), UTC)
            _done(lambda: conduct.set_end(workspace, study_id, end, by=by), "The end is set.")


def _places(workspace: Workspace, study_id: str) -> None:
    quotas = conduct_of(workspace, study_id).quotas
    with st.popover("Places", icon=":material/groups:"):
        text = st.text_area(
            "How many of whom, one per line", "\n".join(quota.text for quota in quotas), key="conduct.places",
            placeholder="profession=medical_student:20\nyears_experience=0-2:30\ncountry=AT:50",
            help="Whoever says in their profile that they are of a kind whose places are taken is told so and thanked.",
        )  # fmt: skip
        if st.button("Set", key="conduct.set_places"):
            by = access.act(Right.RUN_STUDIES).id
            lines = [line for line in text.splitlines() if line.strip()]
            _done(
                lambda: conduct.set_quotas(workspace, study_id, [parse_quota(line) for line in lines], by=by),
                "The places are set." if lines else "There is no limit any more.",
            )


def _message(workspace: Workspace, study_id: str, labels: dict[str, str]) -> None:
    with st.popover("Message", icon=":material/chat:", disabled=not labels):
        reader = pick("To", list(labels), labels.__getitem__, key="conduct.message_to", placeholder="Every reader")
        text = st.text_area("Message", key="conduct.message", max_chars=2000)
        st.caption("Shown at their next case or when they come back, never in the middle of a case.")
        if st.button("Send", key="conduct.send", disabled=not text.strip()):
            by = access.act(Right.RUN_STUDIES).id
            _done(
                lambda: conduct.send_message(workspace, study_id, text, by=by, reader_id=reader),
                "The message is left for " + ("every reader of now." if reader is None else "the reader."),
            )


def _mark(workspace: Workspace, study_id: str, labels: dict[str, str]) -> None:
    with st.popover("Mark a reader", icon=":material/flag:", disabled=not labels):
        reader = pick("Reader", list(labels), labels.__getitem__, key="conduct.mark_whom")
        mark = choose_segment("What", list(Mark), lambda each: each.label, key="conduct.mark")
        reason = st.text_input("Why", key="conduct.mark_why")
        st.caption("Every analysis can leave marked readers out, and exports hold the mark with its reason.")
        if (
            st.button("Mark", key="conduct.set_mark", disabled=reader is None or not reason.strip())
            and reader is not None
        ):
            by = access.act(Right.RUN_STUDIES).id
            _done(
                lambda: conduct.mark_reader(workspace, study_id, reader, mark, by=by, reason=reason),
                "The mark is kept.",
            )
