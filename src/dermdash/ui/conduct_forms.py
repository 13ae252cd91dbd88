"""What the team of a running study decides on its page: pause, close, extend, places, messages, marks."""

from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Any

import streamlit as st

from dermdash.errors import DermdashError
from dermdash.reader_study.conduct import LONGEST_TEXT, SessionMark, StudyConduct, StudyStanding
from dermdash.reader_study.protocol_parts import Interruption
from dermdash.reader_study.quotas import parse_quota
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.choices import choose_segment, pick
from dermdash.ui.messages import error_words, leave_outcome, show_outcome
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.reader_study import blinding
from dermdash.workflows.reader_study import conduct as steer
from dermdash.workflows.reader_study.conduct import conduct_of
from dermdash.workflows.reader_study.protocol_of_study import protocol_of
from dermdash.workflows.reader_study.study_results import reader_labels

_PLACE = "conduct"


def show_conduct_forms(workspace: Workspace, study: dict[str, Any]) -> None:
    """What can be decided; nothing for whom it is not open."""
    show_outcome(_PLACE)
    _unblind(workspace, study["id"])
    if not access.may(Right.RUN_STUDIES):
        st.caption("Pausing, closing, places, messages and marks are for coordinators.")
        return
    labels = reader_labels(workspace, study["id"])
    conduct = conduct_of(workspace, study["id"])
    with st.container(horizontal=True):
        _steer(workspace, study["id"], conduct)
        _extend(workspace, study["id"], conduct)
        _places(workspace, study["id"], conduct)
        _message(workspace, study["id"], labels)
        _mark(workspace, study["id"], labels)
        _let_on(workspace, study["id"], labels)


def _done(act: Callable[[], object], said: str) -> None:
    """Act, and say on the page drawn after it what was done or why it was not."""
    try:
        act()
    except DermdashError as error:
        leave_outcome(_PLACE, error_words(error), well=False)
    else:
        leave_outcome(_PLACE, said)
    st.rerun()


def _steer(workspace: Workspace, study_id: str, now_is: StudyConduct) -> None:
    standing = now_is.standing(now())
    title = "Reopen" if standing is StudyStanding.CLOSED else "Pause, close"
    with st.popover(title, icon=":material/pause_circle:"):
        if standing is StudyStanding.PAUSED and st.button("Go on", type="primary", key="conduct.resume"):
            by = access.act(Right.RUN_STUDIES).id
            _done(lambda: steer.resume_study(workspace, study_id, by=by), "The study goes on.")
        with st.form("conduct.steer", border=False):
            reason = st.text_input("Why", key="conduct.reason", help="It stays on record, and in every archive.")
            told = ""
            if standing is not StudyStanding.CLOSED:
                told = st.text_input("What readers are told", key="conduct.told", help="Beside what they always are.")
            asked = {name: st.form_submit_button(name, key=f"conduct.{name.lower()}") for name in _ACTS_IN[standing]}
        if asked.get("Pause"):
            by = access.act(Right.RUN_STUDIES).id
            _done(
                lambda: steer.pause_study(workspace, study_id, by=by, reason=reason, text=told),
                "Nobody is sent a next case until the study goes on.",
            )
        if asked.get("Close"):
            by = access.act(Right.RUN_STUDIES).id
            _done(
                lambda: steer.close_study(workspace, study_id, by=by, reason=reason, text=told),
                "The study is closed. Its results may be seen.",
            )
        if asked.get("Reopen"):
            by = access.act(Right.RUN_STUDIES).id
            _done(
                lambda: steer.reopen_study(workspace, study_id, by=by, reason=reason),
                "The study is read again; results that were opened stay open.",
            )


_ACTS_IN = {
    StudyStanding.RUNNING: ("Pause", "Close"),
    StudyStanding.PAUSED: ("Close",),
    StudyStanding.ENDED: ("Close",),
    StudyStanding.CLOSED: ("Reopen",),
}


def _unblind(workspace: Workspace, study_id: str) -> None:
    if not blinding.is_blinded(workspace, study_id) or not access.may(Right.UNBLIND_STUDIES):
        return
    with st.popover("Open the results", icon=":material/visibility:"), st.form("conduct.unblind", border=False):
        st.write("The protocol keeps results until the study is closed. Nothing takes this back.")
        reason = st.text_input("Why", key="conduct.unblind_why")
        if st.form_submit_button("Open the results", key="conduct.set_unblind"):
            by = access.act(Right.UNBLIND_STUDIES).id
            _done(lambda: blinding.unblind_study(workspace, study_id, by=by, reason=reason), "The results are open.")


def _extend(workspace: Workspace, study_id: str, now_is: StudyConduct) -> None:
    with st.popover("Until when", icon=":material/event:"), st.form("conduct.end", border=False):
        # What holds is the beginning: an end that is over cannot be chosen again.
        held = now_is.until if now_is.until is not None and now_is.until > now() else None
        day = st.date_input(
            "Last day (UTC)", None if held is None else held.date(), min_value=now().date(), key="conduct.until",
            help="Empty: until the study is closed.",
        )  # fmt: skip
        reason = st.text_input("Why", key="conduct.until_why")
        if st.form_submit_button("Set", key="conduct.set_until"):
            by = access.act(Right.RUN_STUDIES).id
            end = None if day is None else datetime.combine(day, time(23, 59, 59), UTC)
            _done(lambda: steer.set_end(workspace, study_id, end, by=by, reason=reason), "The end is set.")


def _places(workspace: Workspace, study_id: str, now_is: StudyConduct) -> None:
    with st.popover("Places", icon=":material/groups:"), st.form("conduct.places_form", border=False):
        text = st.text_area(
            "How many of whom, one per line", "\n".join(quota.text for quota in now_is.quotas), key="conduct.places",
            placeholder="profession=medical_student:20\nyears_experience=0-2:30\ncountry=AT:50",
            help="By profession, years_experience, age_group, gender or country. Whoever says in their profile that "
            "they are of a kind whose places are taken is told so and thanked.",
        )  # fmt: skip
        if st.form_submit_button("Set", key="conduct.set_places"):
            by = access.act(Right.RUN_STUDIES).id
            lines = [line for line in text.splitlines() if line.strip()]
            _done(
                lambda: steer.set_quotas(workspace, study_id, [parse_quota(line) for line in lines], by=by),
                "The places are set." if lines else "There is no limit any more.",
            )


def _message(workspace: Workspace, study_id: str, labels: dict[str, str]) -> None:
    with (
        st.popover("Message", icon=":material/chat:", disabled=not labels),
        st.form("conduct.message_form", border=False, clear_on_submit=True),
    ):
        reader = pick("To", list(labels), labels.__getitem__, key="conduct.message_to", placeholder="Every reader")
        text = st.text_area("Message", key="conduct.message", max_chars=LONGEST_TEXT)
        st.caption("Shown before their next case, never in the middle of one.")
        if st.form_submit_button("Send", key="conduct.send"):
            by = access.act(Right.RUN_STUDIES).id
            _done(
                lambda: steer.send_message(workspace, study_id, text, by=by, reader_id=reader),
                "The message is left for " + ("every reader of now." if reader is None else "the reader."),
            )


def _mark(workspace: Workspace, study_id: str, labels: dict[str, str]) -> None:
    with (
        st.popover("Mark a reader", icon=":material/flag:", disabled=not labels),
        st.form("conduct.mark_form", border=False, clear_on_submit=True),
    ):
        reader = pick("Reader", list(labels), labels.__getitem__, key="conduct.mark_whom")
        mark = choose_segment("What", list(SessionMark), lambda each: each.label, key="conduct.mark")
        reason = st.text_input("Why", key="conduct.mark_why")
        st.caption("Every analysis can leave marked readers out, and exports hold the mark.")
        if st.form_submit_button("Mark", key="conduct.set_mark"):
            by = access.act(Right.RUN_STUDIES).id
            _done(
                lambda: steer.mark_reader(workspace, study_id, reader or "", mark, by=by, reason=reason),
                "The mark is kept.",
            )


def _let_on(workspace: Workspace, study_id: str, labels: dict[str, str]) -> None:
    if protocol_of(workspace, study_id).conduct.interruption is not Interruption.BLOCK:
        return
    with (
        st.popover("Let a reader go on", icon=":material/lock_open:", disabled=not labels),
        st.form("conduct.let_on_form", border=False, clear_on_submit=True),
    ):
        reader = pick("Reader", list(labels), labels.__getitem__, key="conduct.let_on_whom")
        reason = st.text_input("Why", key="conduct.let_on_why")
        if st.form_submit_button("Let them go on", key="conduct.let_on"):
            by = access.act(Right.RUN_STUDIES).id
            _done(
                lambda: steer.let_reader_on(workspace, study_id, reader or "", by=by, reason=reason),
                "The reader can go on.",
            )
