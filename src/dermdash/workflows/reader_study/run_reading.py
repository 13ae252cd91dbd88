"""A reader's answers: deliveries that are confirmed once they are on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import uuid4

from dermdash.errors import DatabaseBusy, InvalidInput
from dermdash.reader_study.case_part import CasePart
from dermdash.reader_study.event_allowance import EventAllowance
from dermdash.reader_study.outbox import STEERING, ClientEvent, EventKind, Item, ReadingSubmission
from dermdash.reader_study.reading_session import (
    AnswerKey,
    AnswerVerdict,
    Refusal,
    check_answer,
    check_submission,
)
from dermdash.reader_study.words import refusals
from dermdash.readings.modality import Phase
from dermdash.storage import readings
from dermdash.storage.readings import SaveOutcome
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study import send_step
from dermdash.workflows.reader_study.conduct import reading_is_over
from dermdash.workflows.reader_study.messages_to_readers import SHOWN
from dermdash.workflows.reader_study.reading_standing import ReadingSession, load_session, told_before
from dermdash.workflows.reader_study.send_step import Sending, StepLeaving

ANSWER_REFUSED = "answer_refused"
"""Kind of the session event that says so."""
LANGUAGE_CHOSEN = "language_chosen"
UNBLINDED = "unblinded"
"""Kinds of session events that the server makes itself; no browser can send one."""
_TRIES = 8


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a delivery: ids that are on disk, and ids that are refused with the reason in words.

    ``session`` is where the reader stands after it, so that the next screen need not read that again; None where an
    event moved the reader. ``following`` says whether the step that follows was recorded as sent with it.
    """

    acknowledged: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = field(default=())
    session: ReadingSession | None = field(default=None, repr=False, compare=False)
    following: bool = field(default=False, compare=False)


Following = Callable[[ReadingSession], StepLeaving | None]
"""Makes what the reader is shown once the answers of a session are stored, and says which step then leaves."""


def receive(
    workspace: Workspace, study_id: str, reader_id: str, items: Iterable[Item], *, following: Following | None = None
) -> Receipt:
    """Store a delivery of the reader's browser in one transaction and say what became of each item.

    An id is acknowledged only after its commit is on disk. Items that were stored before are acknowledged again; a
    second answer to an answered case is refused, and the refusal is logged. Events beyond the reader's allowance are
    left to the next delivery, those beyond all it will ever be are refused.

    ``following`` is asked for the step that follows answers which the reader may give, so that the answer and that this
    step leaves are one transaction, and one wait for the disk.

    Raises
    ------
    OutOfReach
        The database cannot be written to at the moment; nothing of the delivery is acknowledged.
    """
    delivered = list(items)
    taken: dict[str, str] = {}
    for _ in range(_TRIES):
        session = load_session(workspace, study_id, reader_id)
        if session.withdrawn:
            # Nothing is kept of who has left, not even that something was refused.
            return Receipt((), tuple((str(item.id), refusals.WITHDRAWN) for item in delivered), session)
        over = reading_is_over(session.conduct)
        plan = _plan(
            workspace, session, [item for item in delivered if isinstance(item, ReadingSubmission)], taken, over
        )
        _plan_events(workspace, session, plan, [item for item in delivered if isinstance(item, ClientEvent)])
        # A refusal may come of an answer in another tab, which this session has not seen; and what the test came to is
        # not known to a session that was read before its last answer.
        stale = bool(plan.moved or plan.refused or session.unread or _of_screening(session, plan))
        leaving = None if stale or over or not plan.answers else _leaving_next(workspace, session, following)
        if not plan.answers and not plan.events:
            outcomes: tuple[SaveOutcome, ...] = ()
        else:
            outcomes = readings.save_delivery(
                workspace.engine,
                answers=plan.answers,
                events=plan.events,
                answered=session.answered,
                sending=None if leaving is None else leaving._asdict(),
            )
        if all(outcome.on_disk for outcome in outcomes):
            if leaving is not None:
                send_step.note_recorded(workspace, leaving)
            known = None if stale else session
            acknowledged = tuple(str(item.id) for item in delivered if str(item.id) in plan.acknowledged)
            return Receipt(acknowledged, tuple(plan.refused.items()), known, leaving is not None)
        # Another tab or process was faster, and nothing is stored: look again where the reader stands.
        if SaveOutcome.WITHDRAWN in outcomes:
            continue
        for values, outcome in zip(plan.answers, outcomes, strict=True):
            if outcome is SaveOutcome.ID_TAKEN:
                taken[values["id"]] = Refusal.ID_REUSED.message
    raise DatabaseBusy("Other tabs answer the same cases all the time. The answers are delivered again in a moment.")


def _leaving_next(workspace: Workspace, session: ReadingSession, following: Following | None) -> StepLeaving | None:
    """The step that follows; None where there is none, or none that can be shown: the page then says what it is."""
    if following is None:
        return None
    try:
        leaving = following(session)
    except Exception:  # noqa: BLE001  whatever it is, the answer is stored first; the page meets it again and says so
        return None
    return None if leaving is None or send_step.is_recorded(workspace, leaving) else leaving


def _of_screening(session: ReadingSession, plan: _Plan) -> bool:
    return any(session.rows[answer["assignment_id"]]["part"] == CasePart.SCREENING for answer in plan.answers)


@dataclass(slots=True)
class _Plan:
    """What of a delivery is to be stored, acknowledged and refused."""

    answers: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    refusals: list[dict[str, Any]] = field(default_factory=list)
    moved: bool = False


def _plan(
    workspace: Workspace,
    session: ReadingSession,
    answers: Sequence[ReadingSubmission],
    taken: Mapping[str, str],
    over: str | None,
) -> _Plan:
    """Check each answer against the readings that include the ones before it.

    ``over``: why no answer is stored any more; None while the study is read. Answers of a paused one are.
    """
    plan = _Plan()
    for item in answers:
        answer_id = str(item.id)
        reason = taken.get(answer_id) or _check(session, item, over)
        if reason is not None:
            plan.refused[answer_id] = reason
            plan.refusals.append(_refusal(session, item, reason))
            continue
        plan.acknowledged.add(answer_id)
        key = (item.step_key, Phase(item.phase))
        if key not in session.answered:
            session.answered[key] = _reading(workspace, session, item, session.sent[key])
            plan.answers.append(session.answered[key])
    return plan


def _check(session: ReadingSession, item: ReadingSubmission, over: str | None) -> str | None:
    """Why an answer is refused; None where it may be stored, or is stored already."""
    decision = check_submission(
        AnswerKey(str(item.id), item.step_key, Phase(item.phase)),
        consented=True,
        has_profile=session.has_profile,
        assignments=session.assignments,
        readings=session.as_answered(),
        sent=session.sent,
        gate=session.gate,
    )
    if decision.verdict is AnswerVerdict.DUPLICATE:
        return None
    if over:
        return over
    if decision.refusal is not None:
        return decision.refusal.message
    try:
        check_answer(
            session.protocol,
            dx=item.dx,
            confidence=item.confidence,
            malignancy_rating=item.malignancy_rating,
            management=item.management,
        )
    except InvalidInput:
        return refusals.NOT_OFFERED
    return None


def _reading(
    workspace: Workspace, session: ReadingSession, item: ReadingSubmission, sending: Sending
) -> dict[str, Any]:
    assignment = session.rows[item.step_key]
    since_painted = item.client_ms + (item.hidden_ms or 0.0)
    checked = send_step.time_check(workspace, item.step_key, Phase(item.phase), sending, since_painted)
    return {
        "id": str(item.id),
        "study_id": session.study_id,
        "reader_id": session.reader_id,
        "assignment_id": item.step_key,
        "case_id": assignment["case_id"],
        "practice": assignment["practice"],
        "phase": str(item.phase),
        "modality": assignment["modality"],
        "dx": item.dx,
        "confidence": item.confidence,
        "malignancy_rating": item.malignancy_rating,
        "management": item.management,
        "assistance": assignment["assistance"] if item.phase == Phase.AIDED else None,
        "client_ms": item.client_ms,
        "hidden_ms": item.hidden_ms,
        "time_check": None if checked is None else str(checked),
        "sent_at": sending.sent_at,
        "shown_sha256": sending.shown_sha256,
        "shown_at": item.shown_at,
        "submitted_at": item.submitted_at,
    }


def _plan_events(workspace: Workspace, session: ReadingSession, plan: _Plan, events: Sequence[ClientEvent]) -> None:
    """Choose the events to store: those that are new, as far as the reader's allowance goes."""
    if not events and not plan.refusals:
        return
    allowance = event_allowance(workspace, session.reader_id)
    # The browser resends until it hears of a refusal: one event per refused answer is enough.
    known = readings.stored_events(workspace.engine, [*(str(e.id) for e in events), *(r["id"] for r in plan.refusals)])
    plan.acknowledged |= {str(event.id) for event in events if str(event.id) in known}
    new = [event for event in events if str(event.id) not in known]
    # The first of each kind only: one is enough, and two hundred are no reader's.
    first = {event.event: str(event.id) for event in reversed(new) if _moves_on(workspace, session, event)}
    steering = set(first.values())
    refused_now = [row for row in plan.refusals if row["id"] not in known]
    bounded = [event for event in new if str(event.id) not in steering]
    granted = allowance.take(len(bounded) + len(refused_now))
    within = {str(event.id) for event in bounded[:granted]} | steering
    plan.events += refused_now[: max(0, granted - len(bounded))]
    for event in new:
        if str(event.id) in within:
            plan.events.append(_session_event(workspace, session, event))
            plan.acknowledged.add(str(event.id))
            plan.moved = plan.moved or event.event in STEERING
        elif allowance.used_up:
            plan.refused[str(event.id)] = refusals.TOO_MANY_EVENTS


def _moves_on(workspace: Workspace, session: ReadingSession, event: ClientEvent) -> bool:
    """Whether the reader would be stuck without this event: no limit may keep it from them.

    There are few: each feedback and each part is left or begun once, and a pause, which is bounded, ends once.
    """
    if event.event == EventKind.BEGIN:
        interlude = session.interlude
        stands = interlude is not None and interlude.assignment_id == event.step_key
        return stands or (_is_open(session, event) and bool(told_before(workspace, session)))
    if event.event == EventKind.CONTINUE:
        due = session.feedback_due
        return due is not None and due.id == event.step_key
    return event.event == EventKind.RESUME and session.paused


def note_language(workspace: Workspace, reader_id: str, language: str) -> None:
    """Log that a reader chose another language for the pages, as far as their allowance of events goes."""
    _note(workspace, reader_id, LANGUAGE_CHOSEN, {"language": language})


def note_unblinded(workspace: Workspace, reader_id: str, *, account_id: str, roles: Sequence[str]) -> None:
    """Log that whoever reads is signed in here, and so may have seen what readers must not know; once per account."""
    known = readings.events_of_reader(workspace.engine, reader_id, (UNBLINDED,))
    if all(event["detail"]["account"] != account_id for event in known):
        _note(workspace, reader_id, UNBLINDED, {"account": account_id, "roles": sorted(roles)})


def _note(workspace: Workspace, reader_id: str, kind: str, detail: dict[str, Any]) -> None:
    if kind != UNBLINDED and not event_allowance(workspace, reader_id).take(1):
        return
    row = {
        "id": str(uuid4()), "reader_id": reader_id, "assignment_id": None, "kind": kind, "detail": detail,
        "client_at": None,
    }  # fmt: skip
    readings.save_delivery(workspace.engine, answers=[], events=[row])


def worth_storing(workspace: Workspace, reader_id: str, items: Sequence[Item]) -> bool:
    """Whether a delivery has to be looked at: not where it holds nothing but events and none can be stored now.

    Said without asking the database, so that a browser that sends events without end costs next to nothing. An event
    that moves the reader on is always worth it.
    """
    if any(
        isinstance(item, ReadingSubmission) or item.event in (EventKind.CONTINUE, EventKind.RESUME, EventKind.BEGIN)
        for item in items
    ):
        return True
    allowance = event_allowance(workspace, reader_id)
    if not allowance.exhausted:
        return True
    allowance.turn_away(len(items))
    return False


@lru_cache(maxsize=4096)
def event_allowance(workspace: Workspace, reader_id: str) -> EventAllowance:
    """What a reader's browser may still have stored beside answers; each process counts on from what is on disk."""
    return EventAllowance(reader_id, stored=readings.count_events_of_reader(workspace.engine, reader_id))


def _session_event(workspace: Workspace, session: ReadingSession, event: ClientEvent) -> dict[str, Any]:
    return {
        "id": str(event.id),
        "reader_id": session.reader_id,
        "assignment_id": event.step_key if event.step_key in session.rows else None,
        "kind": str(event.event),
        "client_at": event.at,
        **_messages_left(workspace, session, event),
    }


def _messages_left(workspace: Workspace, session: ReadingSession, event: ClientEvent) -> dict[str, Any]:
    """The messages that a reader goes on from: they were told them, and are not again."""
    if event.event != EventKind.BEGIN or not _is_open(session, event):
        return {}
    told = [act.id for act in told_before(workspace, session)]
    return {"detail": {SHOWN: told}} if told else {}


def _is_open(session: ReadingSession, event: ClientEvent) -> bool:
    at = session.step.assignment
    return at is not None and at.id == event.step_key


def _refusal(session: ReadingSession, item: ReadingSubmission, reason: str) -> dict[str, Any]:
    return {
        "id": f"refused-{item.id}",
        "reader_id": session.reader_id,
        "assignment_id": item.step_key if item.step_key in session.rows else None,
        "kind": ANSWER_REFUSED,
        "detail": {"reason": reason, "phase": item.phase, "dx": item.dx, "confidence": item.confidence},
        "client_at": item.submitted_at,
    }
