"""What a reader sees: consent, profile, then nothing but the case. Every step asks the invitation again."""

import logging
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import streamlit as st

from dermdash.errors import AccessDenied, DermdashError, OutOfReach
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.reader_options import reader_options
from dermdash.reader_study.reading_session import StepKind
from dermdash.reader_study.words import refusals
from dermdash.reader_study.words.language import Language
from dermdash.reader_study.words.message import in_language
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.consent_file import consent_file
from dermdash.ui.first_pages import door_of
from dermdash.ui.frontend.exchange.reading import PanelPayload
from dermdash.ui.joined_before import remember_here
from dermdash.ui.joining_view import join_page, say_cannot_begin, say_no_place, say_not_read
from dermdash.ui.metrics import DELIVERIES, READER_PAGES
from dermdash.ui.outage import OUTAGE
from dermdash.ui.outbox_component import browser_fetches, held_by_browser
from dermdash.ui.participation_view import asks_for_participation, participation_page, withdrawn_page
from dermdash.ui.reader_forms import consent_form, profile_form
from dermdash.ui.reader_frame import reader_frame
from dermdash.ui.reader_language import choose_language, shown_language
from dermdash.ui.reading_look import Look, asked_look
from dermdash.ui.reading_panel import Delivered, reading_panel
from dermdash.ui.reading_payload import Ahead, panel_data, panel_data_made_ahead, waiting_data
from dermdash.workflows.reader_study import join_study, reading_standing, run_reading
from dermdash.workflows.reader_study.delivery_queue import queue_of
from dermdash.workflows.reader_study.join_study import Invited
from dermdash.workflows.reader_study.joined_before import study_in_browsers
from dermdash.workflows.reader_study.protocol_of_study import protocol_of
from dermdash.workflows.reader_study.reading_standing import ReadingSession
from dermdash.workflows.reader_study.run_reading import Following, Receipt
from dermdash.workflows.reader_study.send_step import StepLeaving

_log = logging.getLogger(__name__)
FRESH_S = 1.0
_PANEL = "reading"
# What a reader has agreed to; asked once in a run, and in most not at all.
Consents = Callable[[], list[dict[str, Any]]]


def reading_page(open_workspace: Callable[[], Workspace], token: str) -> None:
    """Show the step that is open for the bearer of an invitation, or keep what is shown while that cannot be read.

    An error is said in the language of the page.
    """
    try:
        workspace = open_workspace()
        with READER_PAGES.time(), nullcontext() if keys.CAME in st.session_state else door_of(workspace).in_turn():
            _reading_view(workspace, token)
        OUTAGE.over()
    except OutOfReach as error:
        OUTAGE.lost(error)

        def store(items: Delivered) -> None:
            _store(open_workspace, token, items)

        # Never an error in place of the panel: the browser keeps the case, the answers on their way and their order.
        receipt = st.session_state.get(keys.RECEIPT, Receipt())
        data = waiting_data(receipt, language=shown_language(), held=held_by_browser(_PANEL))
        reading_panel(data, key=_PANEL, on_answers=store)
    except AccessDenied as error:
        reader_frame(shown_language(), Language)
        st.error(in_language(error.args[0], shown_language()), icon=":material/lock:")
    except DermdashError as error:
        _log.warning("a reader's page failed: %s: %s", type(error).__name__, error)
        reader_frame(shown_language(), Language)
        st.error(refusals.SOMETHING_WRONG.said(shown_language()), icon=":material/error:")


def _reading_view(workspace: Workspace, token: str) -> None:
    invited = _invited_by_delivery() or join_study.open_invitation(workspace, token)
    protocol = protocol_of(workspace, invited.study_id)
    options = reader_options(protocol)
    if invited.group:
        join_page(workspace, invited)
        return
    if invited.reader_id is None:
        language = shown_language(options)
        if not say_cannot_begin(workspace, invited.study_id, language, options.languages):
            _consent(workspace, invited, protocol, language)
        return
    reader_id = invited.reader_id
    _note_account(workspace, reader_id)
    consents = cache(lambda: join_study.consents_of(workspace, reader_id))
    language = shown_language(options, agreed_in=_agreed_in(consents))
    after = _after_delivery()
    session = after.session or reading_standing.load_session(workspace, invited.study_id, reader_id)
    if session.withdrawn:
        withdrawn_page(workspace, session, language)
        return
    if _must_agree_again(consents, protocol):
        _consent(workspace, invited, protocol, language)
        return
    if asks_for_participation():
        participation_page(workspace, session, token, language)
        return
    if not session.has_profile:
        if not say_not_read(session.conduct, language, options.languages):
            if protocol.tells_at_once:  # nobody is to begin another reading here, who was told diagnoses
                remember_here(study_in_browsers(workspace, invited.study_id), token)
            _profile(workspace, reader_id, protocol, language)
        return
    if say_no_place(workspace, reader_id, language, options.languages):
        return
    # Who has finished sees their end page, whatever became of the study.
    if session.step.step is not StepKind.FINISHED and say_not_read(session.conduct, language, options.languages):
        return
    if not session.assignments:  # something broke off between profile and cases
        join_study.give_cases(workspace, reader_id)
        session = reading_standing.load_session(workspace, invited.study_id, reader_id)
    if keys.CAME not in st.session_state:  # a reload, another day: not the answer to the case on the screen
        st.session_state[keys.CAME] = True
        session = reading_standing.begin_round_again_if_due(workspace, session)

    shown = _Shown(language, st.session_state.get(keys.LOOK))

    def store(items: Delivered) -> None:
        made: _MadeAhead | None = None

        def following(then: ReadingSession) -> StepLeaving | None:
            nonlocal made
            made = _made_ahead(workspace, then, shown)
            return None if made is None else made.ahead.step

        stored = store_delivery(workspace, token, reader_id, items, following=following)
        _note_delivery(stored, made if stored is not None and stored.receipt.following else None)

    def speak(code: object) -> None:
        _choose_language(workspace, reader_id, code)

    receipt = st.session_state.get(keys.RECEIPT, Receipt())
    made = after.made
    if made is not None and made.shown == shown:
        data = panel_data_made_ahead(workspace, reader_id, made.payload, made.ahead, receipt, language=language)
    else:
        data = _panel_data(workspace, session, receipt, shown)
    reading_panel(data, key=_PANEL, on_answers=store, on_language=speak, on_look=_look)


def _look(asked: object) -> None:
    st.session_state[keys.LOOK] = asked_look(asked)


def _must_agree_again(consents: Consents, protocol: Protocol) -> bool:
    """Whether the consent text has another version than the reader agreed to; asked of the database until it has not.

    Of readers from before consents were kept only their first version is known, which was the protocol's.
    """
    if st.session_state.get(keys.AGREED_TO) == protocol.consent_version:
        return False
    given = consents()
    if given and all(consent["version"] != protocol.consent_version for consent in given):
        return True
    st.session_state[keys.AGREED_TO] = protocol.consent_version
    return False


def _agreed_in(consents: Consents) -> str | None:
    """The language of the pages when they agreed, asked once in a session."""
    if keys.AGREED_IN not in st.session_state:
        given = consents()
        st.session_state[keys.AGREED_IN] = given[-1]["pages_language"] if given else None
    agreed: str | None = st.session_state[keys.AGREED_IN]
    return agreed


def _choose_language(workspace: Workspace, reader_id: str, code: object) -> None:
    language = choose_language(code)
    if language is None:
        return
    try:
        run_reading.note_language(workspace, reader_id, language)
    except OutOfReach as error:
        OUTAGE.lost(error)


def _note_account(workspace: Workspace, reader_id: str) -> None:
    """Mark a reader who is signed in here: whoever works with the data is not blind to it. Asked once in a session."""
    if keys.ASKED_WHO in st.session_state:
        return
    account = access.current_account()
    if account is not None:
        run_reading.note_unblinded(workspace, reader_id, account_id=account.id, roles=list(account.roles))
    st.session_state[keys.ASKED_WHO] = True


def _store(open_workspace: Callable[[], Workspace], token: str, items: Delivered) -> None:
    """Store a delivery of a page that has been out of reach, where not even its reader may be known."""
    try:
        workspace = open_workspace()
        reader_id = join_study.open_invitation(workspace, token).reader_id
    except (AccessDenied, OutOfReach):
        return  # the page itself says so in a moment
    if reader_id is not None:
        _note_delivery(store_delivery(workspace, token, reader_id, items))


class Stored(NamedTuple):
    """What became of a delivery, and whom its link admitted when it was stored."""

    receipt: Receipt
    invited: Invited


class _Shown(NamedTuple):
    """How a step is shown."""

    language: Language
    look: Look | None


class _MadeAhead(NamedTuple):
    """What follows an answer, made before that was stored."""

    shown: _Shown
    payload: PanelPayload
    ahead: Ahead


def _panel_data(
    workspace: Workspace, session: ReadingSession, receipt: Receipt, shown: _Shown, *, ahead: Ahead | None = None
) -> PanelPayload:
    return panel_data(
        workspace,
        session,
        receipt,
        language=shown.language,
        held=held_by_browser(_PANEL),
        look=shown.look,
        fetches=browser_fetches(_PANEL),
        ahead=ahead,
    )


def _made_ahead(workspace: Workspace, then: ReadingSession, shown: _Shown) -> _MadeAhead | None:
    """Only of a case that the page will show: what else may stand there is said, and noted, when it is shown."""
    agreed = st.session_state.get(keys.AGREED_TO) == then.protocol.consent_version
    if then.step.assignment is None or then.feedback_due is not None or not agreed or asks_for_participation():
        return None
    ahead = Ahead()
    return _MadeAhead(shown, _panel_data(workspace, then, Receipt(), shown, ahead=ahead), ahead)


class _After(NamedTuple):
    """What is known after the delivery that caused this very run."""

    session: ReadingSession | None = None
    made: _MadeAhead | None = None


def _note_delivery(stored: Stored | None, made: _MadeAhead | None = None) -> None:
    if stored is not None:
        st.session_state[keys.RECEIPT] = replace(stored.receipt, session=None)
        st.session_state[keys.DELIVERED] = (time.monotonic(), stored, made)


def _invited_by_delivery() -> Invited | None:
    """Whom the delivery that caused this very run was admitted for: its link was asked about a moment ago."""
    delivered, stored, _ = st.session_state.get(keys.DELIVERED, (0.0, None, None))
    return stored.invited if stored is not None and time.monotonic() - delivered < FRESH_S else None


def _after_delivery() -> _After:
    """Where the delivery that caused this very run has left the reader: spares reading it again at every answer."""
    delivered, stored, made = st.session_state.pop(keys.DELIVERED, (0.0, None, None))
    if stored is None or time.monotonic() - delivered >= FRESH_S:
        return _After()
    return _After(stored.receipt.session, made if stored.receipt.session is not None else None)


def store_delivery(
    workspace: Workspace, token: str, reader_id: str, items: Delivered, *, following: Following | None = None
) -> Stored | None:
    """Store what the browser delivered; None when nothing may or can be stored now.

    What is not acknowledged stays in the browser, which delivers it again: a full disk or a lost database must not take
    the panel, and with it the answers on their way, off the reader's screen.
    """
    try:
        if not run_reading.worth_storing(workspace, reader_id, items):
            return None
        with DELIVERIES.time(), queue_of(workspace).turn(reader_id) as my_turn:
            if not my_turn:
                return None
            # Asked again: the link may have been withdrawn since the page was drawn.
            still = join_study.open_invitation(workspace, token)
            receipt = run_reading.receive(workspace, still.study_id, reader_id, items, following=following)
            return Stored(receipt, still)
    except AccessDenied:
        return None
    except OutOfReach as error:
        OUTAGE.lost(error)
        return None


def _consent(workspace: Workspace, invited: Invited, protocol: Protocol, language: Language) -> None:
    again = invited.reader_id is not None
    if not consent_form(protocol, language, again=again):
        return
    if invited.reader_id is None:
        join_study.start_reader(workspace, invited, language=language)
    else:
        join_study.agree_again(workspace, invited.reader_id, protocol, language=language)
    st.rerun()


def _profile(workspace: Workspace, reader_id: str, protocol: Protocol, language: Language) -> None:
    download = consent_file(protocol, join_study.consents_of(workspace, reader_id), language)
    profile = profile_form(protocol, language, download=download)
    if profile is not None:
        join_study.save_profile(workspace, reader_id, profile)
        st.rerun()
