"""What a reader sees: consent, profile, then nothing but the case. Every step asks the invitation again."""

import time
from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from dermdash.errors import AccessDenied, OutOfReach
from dermdash.reader_study.countries import COUNTRIES
from dermdash.reader_study.profile import AGE_GROUPS, GENDERS, MAXIMUM_YEARS, NOT_SAID, PROFESSIONS, ReaderProfile
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.reading_session import StepKind
from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.ui.joining_view import join_page, own_link, say_no_place, say_not_read
from dermdash.ui.messages import as_text
from dermdash.ui.outage import OUTAGE
from dermdash.ui.reading_panel import Delivered, reading_panel
from dermdash.ui.reading_payload import panel_data, waiting_data
from dermdash.wording import counted
from dermdash.workflows.reader_study import join_study, run_reading
from dermdash.workflows.reader_study.conduct import standing_of
from dermdash.workflows.reader_study.delivery_queue import queue_of
from dermdash.workflows.reader_study.join_study import Invited
from dermdash.workflows.reader_study.run_reading import ReadingSession, Receipt

FRESH_S = 1.0
_PANEL = "reading"


def reading_page(open_workspace: Callable[[], Workspace], token: str) -> None:
    """Show the step that is open for the bearer of an invitation, or keep what is shown while that cannot be read.

    Raises
    ------
    AccessDenied
        The link is wrong, was replaced or was withdrawn.
    """
    try:
        _reading_view(open_workspace(), token)
        OUTAGE.over()
    except OutOfReach as error:
        OUTAGE.lost(error)

        def store(items: Delivered) -> None:
            _store(open_workspace, token, items)

        # Never an error in place of the panel: the browser keeps the case, the answers on their way and their order.
        reading_panel(waiting_data(st.session_state.get(keys.RECEIPT, Receipt())), key=_PANEL, on_answers=store)


def _reading_view(workspace: Workspace, token: str) -> None:
    invited = join_study.open_invitation(workspace, token)
    if invited.group:
        join_page(workspace, invited)
        return
    protocol = join_study.protocol_of(workspace, invited.study_id)
    conduct = standing_of(workspace, invited.study_id)
    if invited.reader_id is None:
        if say_not_read(conduct):
            return
        own_link()
        _consent(workspace, invited, protocol)
        return
    reader_id = invited.reader_id
    session = _session_after_delivery() or run_reading.load_session(workspace, invited.study_id, reader_id)
    if not session.has_profile:
        if not say_not_read(conduct):
            own_link()
            _profile(workspace, reader_id)
        return
    if say_no_place(workspace, reader_id):
        return
    # Who has finished sees their end page, whatever became of the study.
    if session.step.step is not StepKind.FINISHED and say_not_read(conduct):
        return

    def store(items: Delivered) -> None:
        _note_receipt(store_delivery(workspace, token, reader_id, items))

    receipt = st.session_state.get(keys.RECEIPT, Receipt())
    reading_panel(panel_data(workspace, session, receipt), key=_PANEL, on_answers=store)


def _store(open_workspace: Callable[[], Workspace], token: str, items: Delivered) -> None:
    """Store a delivery of a page that has been out of reach, where not even its reader may be known."""
    try:
        workspace = open_workspace()
        reader_id = join_study.open_invitation(workspace, token).reader_id
    except (AccessDenied, OutOfReach):
        return  # the page itself says so in a moment
    if reader_id is not None:
        _note_receipt(store_delivery(workspace, token, reader_id, items))


def _note_receipt(receipt: Receipt | None) -> None:
    if receipt is not None:
        st.session_state[keys.RECEIPT] = replace(receipt, session=None)
        st.session_state[keys.DELIVERED] = (time.monotonic(), receipt.session)


def _session_after_delivery() -> ReadingSession | None:
    """Where the delivery that caused this very run has left the reader: spares reading it again at every answer."""
    delivered, session = st.session_state.pop(keys.DELIVERED, (0.0, None))
    return session if time.monotonic() - delivered < FRESH_S else None


def store_delivery(workspace: Workspace, token: str, reader_id: str, items: Delivered) -> Receipt | None:
    """Store what the browser delivered; None when nothing may or can be stored now.

    What is not acknowledged stays in the browser, which delivers it again: a full disk or a lost database must not take
    the panel, and with it the answers on their way, off the reader's screen.
    """
    try:
        if not run_reading.worth_storing(workspace, reader_id, items):
            return None
        with queue_of(workspace).turn(reader_id) as my_turn:
            if not my_turn:
                return None
            # Asked again: the link may have been withdrawn since the page was drawn.
            still = join_study.open_invitation(workspace, token)
            return run_reading.receive(workspace, still.study_id, reader_id, items)
    except AccessDenied:
        return None
    except OutOfReach as error:
        OUTAGE.lost(error)
        return None


def _consent(workspace: Workspace, invited: Invited, protocol: Protocol) -> None:
    with st.container(horizontal_alignment="center"), st.container(width=680):
        st.title("Reader study", anchor=False)
        st.header(as_text(protocol.name), anchor=False)
        st.write(
            f"{counted(protocol.case_count, 'dermatoscopic image')}"
            + (f" after {protocol.practice_cases} for practice" if protocol.practice_cases else "")
            + ". You can pause at any time: this link brings you back to the open case, on another day too."
        )
        with st.container(border=True):
            st.markdown(protocol.consent_text)
            st.caption(f"Consent text, version {protocol.consent_version}")
        agreed = st.checkbox("I have read this and take part voluntarily.", key="consent.agreed")
        if st.button("Take part", type="primary", disabled=not agreed, key="consent.start"):
            join_study.start_reader(workspace, invited)
            st.rerun()


def _profile(workspace: Workspace, reader_id: str) -> None:
    countries = sorted(COUNTRIES, key=COUNTRIES.__getitem__)
    with st.container(horizontal_alignment="center"), st.container(width=560):
        st.title("About you", anchor=False)
        st.write("These answers let the results be read by experience. They are stored under a random number.")
        with st.form("profile", border=True):
            profession = st.selectbox(
                "Profession",
                list(PROFESSIONS),
                format_func=PROFESSIONS.__getitem__,
                index=None,
                key="profile.profession",
            )
            years = st.number_input(
                "Years of experience with dermatoscopy",
                min_value=0,
                max_value=MAXIMUM_YEARS,
                value=None,
                step=1,
                help="Completed years; 0 when you have just begun. Leave empty if you prefer not to say.",
                key="profile.years",
            )
            age_group = st.selectbox(
                "Age group",
                list(AGE_GROUPS),
                format_func=AGE_GROUPS.__getitem__,
                index=None,
                key="profile.age_group",
            )
            gender = st.selectbox(
                "Gender", list(GENDERS), format_func=GENDERS.__getitem__, index=None, key="profile.gender"
            )
            country = st.selectbox(
                "Country you work in",
                [NOT_SAID, *countries],
                format_func=lambda code: "Prefer not to say" if code == NOT_SAID else COUNTRIES[code],
                index=None,
                key="profile.country",
            )
            sent = st.form_submit_button("Continue", type="primary", key="profile.continue")
        if not sent:
            return
        if profession is None or age_group is None or gender is None or country is None:
            st.error("Please answer every question. Each list offers “Prefer not to say”; the years may stay empty.")
            return
        profile = ReaderProfile(profession, None if years is None else int(years), age_group, gender, country)
        join_study.save_profile(workspace, reader_id, profile)
        st.rerun()
