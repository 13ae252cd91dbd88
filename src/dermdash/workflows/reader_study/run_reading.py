"""A reader's answers: where a session stands, and deliveries that are confirmed once they are on disk."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import uuid4

from dermdash.errors import AccessDenied, DatabaseBusy, InvalidInput, NotFound
from dermdash.reader_study.beside_case import BesideCase
from dermdash.reader_study.case_part import CasePart
from dermdash.reader_study.conduct import STEERING_ACTS, ActKind, StudyAct, StudyConduct, conduct_after
from dermdash.reader_study.design import AidedFollows, ReadingOrder
from dermdash.reader_study.event_allowance import EventAllowance
from dermdash.reader_study.interlude import Interlude, interlude_before
from dermdash.reader_study.interruption import away_too_long, order_again, round_of
from dermdash.reader_study.outbox import STEERING, ClientEvent, EventKind, Item, ReadingSubmission
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.protocol_parts import Interruption
from dermdash.reader_study.reading_session import (
    AnswerKey,
    AnswerVerdict,
    Assignment,
    Gate,
    NextStep,
    Refusal,
    check_answer,
    check_submission,
    next_step,
)
from dermdash.reader_study.words import refusals
from dermdash.readings.modality import Modality, Phase
from dermdash.storage import readings, records, studies
from dermdash.storage.engine import now
from dermdash.storage.readings import SaveOutcome
from dermdash.storage.withdrawals import READER_WITHDREW
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study import send_step
from dermdash.workflows.reader_study.conduct import acts_of_study, reading_is_over
from dermdash.workflows.reader_study.messages_to_readers import SHOWN, messages_due, unread_messages
from dermdash.workflows.reader_study.protocol_of_study import protocol_of
from dermdash.workflows.reader_study.send_step import Sending

ANSWER_REFUSED = "answer_refused"
"""Kind of the session event that says so."""
LANGUAGE_CHOSEN = "language_chosen"
UNBLINDED = "unblinded"
"""Kinds of session events that the server makes itself; no browser can send one."""
_TRIES = 8


@dataclass(frozen=True, slots=True)
class ReadingSession:
    """Where a reader stands, read from the database: nothing else remembers it."""

    study_id: str
    reader_id: str
    protocol: Protocol
    has_profile: bool
    assignments: tuple[Assignment, ...]
    rows: dict[str, dict[str, Any]]
    answered: dict[tuple[str, Phase], dict[str, Any]]
    continued: frozenset[str]
    paused: bool
    begun: frozenset[str] = frozenset()
    withdrawn: bool = False
    screening_right: bool | None = None
    conduct: StudyConduct = field(default_factory=StudyConduct)
    unread: tuple[StudyAct, ...] = ()
    let_on_at: datetime | None = None

    @property
    def step(self) -> NextStep:
        """The open step."""
        return next_step(
            consented=True,
            has_profile=self.has_profile,
            assignments=self.assignments,
            readings=self.as_answered(),
            gate=self.gate,
        )

    @property
    def gate(self) -> Gate:
        """What keeps the reader from a step that would be open."""
        design = self.protocol.design
        return Gate(
            aided_after_round=design.aided_follows is AidedFollows.AFTER_ROUND,
            opens=self._periods_open() if design.has_periods and design.washout_days else {},
            moment=now(),
            admitted=self.protocol.checks.screening is None or self.screening_right is not False,
            held=self.protocol.conduct.interruption is Interruption.BLOCK and self.away_too_long,
        )

    @property
    def away_too_long(self) -> bool:
        """Whether the reader left the round at hand for longer than the protocol allows."""
        if self.protocol.conduct.longest_gap_min is None:
            return False
        aided_after_round = self.protocol.design.aided_follows is AidedFollows.AFTER_ROUND
        at_hand = next_step(
            consented=True,
            has_profile=self.has_profile,
            assignments=self.assignments,
            readings=self.as_answered(),
            gate=Gate(aided_after_round=aided_after_round),
        )
        return away_too_long(
            self.protocol.conduct,
            at_hand.assignment,
            self.assignments,
            {key: self._answered_at(key) for key in self.answered},
            moment=now(),
            let_on_at=self.let_on_at,
        )

    def _periods_open(self) -> dict[int, datetime]:
        """When each period after a complete one opens."""
        opens = {}
        washout = timedelta(days=self.protocol.design.washout_days)
        for period in {a.period for a in self.assignments if a.period > 1}:
            before = [(a.id, phase) for a in self.assignments if a.period == period - 1 for phase in a.phases]
            if all(key in self.answered for key in before):
                opens[period] = max(map(self._answered_at, before)) + washout
        return opens

    def _answered_at(self, key: tuple[str, Phase]) -> datetime:
        """When an answer was recorded; one of the delivery at hand is being recorded now."""
        recorded: datetime = self.answered[key].get("recorded_at") or now()
        return recorded

    def as_answered(self) -> list[AnswerKey]:
        """The stored readings as the session rules see them."""
        return [AnswerKey(row["id"], key[0], key[1]) for key, row in self.answered.items()]

    @property
    def interlude(self) -> Interlude | None:
        """What stands before the open step."""
        return interlude_before(
            self.step,
            ordered=self.assignments,
            answered={key for key, _ in self.answered},
            begun=self.begun,
        )

    @property
    def feedback_due(self) -> Assignment | None:
        """The practice case that is answered and whose feedback the reader has not left yet."""
        practice = [a for a in self.assignments if a.kind is CasePart.PRACTICE]
        done = [a for a in practice if all((a.id, phase) in self.answered for phase in a.phases)]
        last = done[-1] if done else None
        return last if last is not None and last.id not in self.continued else None


def told_before(workspace: Workspace, session: ReadingSession) -> tuple[StudyAct, ...]:
    """The messages of the study team that stand before the open step."""
    return messages_due(workspace, session.step, unread=session.unread, begun=session.begun)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a delivery: ids that are on disk, and ids that are refused with the reason in words.

    ``session`` is where the reader stands after it, so that the next screen need not read that again; None where an
    event moved the reader.
    """

    acknowledged: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = field(default=())
    session: ReadingSession | None = field(default=None, repr=False, compare=False)


def load_session(workspace: Workspace, study_id: str, reader_id: str) -> ReadingSession:
    """Read where a reader stands."""
    protocol = protocol_of(workspace, study_id)
    rows = _assignment_rows(workspace, reader_id, protocol)
    answered = {
        (row["assignment_id"], Phase(row["phase"])): row
        for row in readings.answers_of_reader(workspace.engine, reader_id)
    }
    events = readings.events_of_reader(workspace.engine, reader_id, (*STEERING, READER_WITHDREW))
    acts = acts_of_study(workspace, study_id, (*STEERING_ACTS, ActKind.MESSAGE, ActKind.LET_ON))
    pauses = [event["kind"] for event in events if event["kind"] in (EventKind.PAUSE, EventKind.RESUME)]
    return ReadingSession(
        study_id,
        reader_id,
        protocol,
        # Nobody answers before the profile is stored, so only a reader without answers has to be looked up.
        bool(answered) or studies.get_profile(workspace.engine, reader_id) is not None,
        tuple(map(_assignment, rows.values())),
        rows,
        answered,
        frozenset(event["assignment_id"] for event in events if event["kind"] == EventKind.CONTINUE),
        bool(pauses) and pauses[-1] == EventKind.PAUSE,
        frozenset(event["assignment_id"] for event in events if event["kind"] == EventKind.BEGIN),
        withdrawn=any(event["kind"] == READER_WITHDREW for event in events),
        screening_right=_screening_right(workspace, study_id, protocol, rows, answered),
        conduct=conduct_after(acts, closes_on=protocol.conduct.closes_on),
        unread=tuple(unread_messages(workspace, reader_id, acts, events)),
        let_on_at=max(
            (act.acted_at for act in acts if act.kind is ActKind.LET_ON and act.reader_id == reader_id), default=None
        ),
    )


def _assignment(row: Mapping[str, Any]) -> Assignment:
    return Assignment(
        row["id"],
        row["case_id"],
        row["position"],
        Modality(row["modality"]),
        row["practice"],
        CasePart(row["part"]),
        row["round"],
        row["period"],
        row["occasion"],
        ReadingOrder(row["reading"]),
        row["turn"],
        row["attempt"],
    )


def _screening_right(
    workspace: Workspace,
    study_id: str,
    protocol: Protocol,
    rows: Mapping[str, Mapping[str, Any]],
    answered: Mapping[tuple[str, Phase], Mapping[str, Any]],
) -> bool | None:
    """Whether the reader passed the screening test; None before its end, and where there is none."""
    if protocol.checks.screening is None:
        return None
    asked = [row for row in rows.values() if row["part"] == CasePart.SCREENING]
    given = [(row["case_id"], answered.get((row["id"], Phase.UNAIDED))) for row in asked]
    if any(answer is None for _, answer in given):
        return None
    truth = truths_of(workspace, study_id)
    right = sum(answer is not None and answer["dx"] == truth[case_id] for case_id, answer in given)
    return right >= protocol.checks.screening.right


@lru_cache(maxsize=64)
def truths_of(workspace: Workspace, study_id: str) -> dict[str, str]:
    """The diagnosis of each case of a study; never for a browser, but for what follows from it."""
    cases = studies.cases_of_study(workspace.engine, study_id)
    return dict(zip(cases["id"], cases["truth_dx"], strict=True))


def _assignment_rows(workspace: Workspace, reader_id: str, protocol: Protocol) -> dict[str, dict[str, Any]]:
    """A reader's assignments by id, of a round its last attempt; none before the profile where that decides the arm."""
    if protocol.conduct.interruption is Interruption.RESTART:  # further ones may come
        rows = studies.assignments_of_reader(workspace.engine, reader_id)
        last: dict[tuple[int, int], int] = {}
        for row in rows:
            place = (row["period"], row["round"])
            last[place] = max(row["attempt"], last.get(place, 1))
        return {row["id"]: row for row in rows if row["attempt"] == last[row["period"], row["round"]]}
    try:
        return _known_assignments(workspace, reader_id)
    except NotFound:
        return {}


@lru_cache(maxsize=512)
def _known_assignments(workspace: Workspace, reader_id: str) -> dict[str, dict[str, Any]]:
    # Written once, so they may be remembered; that there are none yet may not.
    rows = studies.assignments_of_reader(workspace.engine, reader_id)
    if not rows:
        raise NotFound("This reader has no cases yet.")
    return {row["id"]: row for row in rows}


def begin_round_again_if_due(workspace: Workspace, session: ReadingSession) -> ReadingSession:
    """Where the reader was away for too long and the protocol says so: let the open round begin again.

    What was answered in it stays, and does not count. Asked when a reader comes, not at every answer: who has a case on
    the screen may answer it.
    """
    if session.protocol.conduct.interruption is not Interruption.RESTART or not session.away_too_long:
        return session
    step = session.step
    assert step.assignment is not None
    batch = round_of(step.assignment, session.assignments)
    attempt = step.assignment.attempt + 1
    order = order_again(batch, seed=session.protocol.seed, reader_id=session.reader_id, attempt=attempt)
    stored = [name for name in session.rows[batch[0].id] if name not in ("round", "expected")]
    rows = []
    for place, one in zip(batch, order, strict=True):
        row = {name: session.rows[one.id][name] for name in stored}
        rows.append(row | {"id": uuid4().hex, "turn": place.turn, "position": place.position, "attempt": attempt})
    studies.save_further_assignments(workspace.engine, rows)
    return load_session(workspace, session.study_id, session.reader_id)


def receive(workspace: Workspace, study_id: str, reader_id: str, items: Iterable[Item]) -> Receipt:
    """Store a delivery of the reader's browser in one transaction and say what became of each item.

    An id is acknowledged only after its commit is on disk. Items that were stored before are acknowledged again; a
    second answer to an answered case is refused, and the refusal is logged. Events beyond the reader's allowance are
    left to the next delivery, those beyond all it will ever be are refused.

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
        if not plan.answers and not plan.events:
            outcomes: tuple[SaveOutcome, ...] = ()
        else:
            outcomes = readings.save_delivery(workspace.engine, answers=plan.answers, events=plan.events)
        if all(outcome.on_disk for outcome in outcomes):
            # A refusal may come of an answer in another tab, which this session has not seen.
            known = None if plan.moved or plan.refused or session.unread else session
            acknowledged = tuple(str(item.id) for item in delivered if str(item.id) in plan.acknowledged)
            return Receipt(acknowledged, tuple(plan.refused.items()), known)
        # Another tab or process was faster, and nothing is stored: look again where the reader stands.
        if SaveOutcome.WITHDRAWN in outcomes:
            continue
        for values, outcome in zip(plan.answers, outcomes, strict=True):
            if outcome is SaveOutcome.ID_TAKEN:
                taken[values["id"]] = Refusal.ID_REUSED.message
    raise DatabaseBusy("Other tabs answer the same cases all the time. The answers are delivered again in a moment.")


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
    sent = send_step.sendings(workspace, {item.step_key for item in answers})
    for item in answers:
        answer_id = str(item.id)
        reason = taken.get(answer_id) or _check(session, item, sent, over)
        if reason is not None:
            plan.refused[answer_id] = reason
            plan.refusals.append(_refusal(session, item, reason))
            continue
        plan.acknowledged.add(answer_id)
        key = (item.step_key, Phase(item.phase))
        if key not in session.answered:
            session.answered[key] = _reading(workspace, session, item, sent[key])
            plan.answers.append(session.answered[key])
    return plan


def _check(
    session: ReadingSession, item: ReadingSubmission, sent: Collection[tuple[str, Phase]], over: str | None
) -> str | None:
    """Why an answer is refused; None where it may be stored, or is stored already."""
    decision = check_submission(
        AnswerKey(str(item.id), item.step_key, Phase(item.phase)),
        consented=True,
        has_profile=session.has_profile,
        assignments=session.assignments,
        readings=session.as_answered(),
        sent=sent,
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


@lru_cache(maxsize=256)
def image_key(workspace: Workspace, study_id: str) -> str:
    """The secret with which the images of a study are made for its readers."""
    return str(studies.get_study(workspace.engine, study_id)["image_key"])


@lru_cache(maxsize=8192)
def browser_name(workspace: Workspace, reader_id: str) -> str:
    """What a reader's browser calls them: a random name that stands nowhere else."""
    return studies.browser_name(workspace.engine, reader_id)


def case_image(workspace: Workspace, case_id: str) -> str:
    """Hash of the image of a case as it is now: regions of it may have been covered since the reader before."""
    return str(studies.get_case(workspace.engine, case_id)["image_sha256"])


@lru_cache(maxsize=8192)
def beside_case(workspace: Workspace, case_id: str) -> BesideCase:
    """What is shown of a case beside its image: written once, when the study was frozen."""
    return BesideCase.from_json(studies.get_case(workspace.engine, case_id)["beside"])


@lru_cache(maxsize=8192)
def expected_answer(workspace: Workspace, case_id: str) -> dict[str, Any] | None:
    """What an attention check tells the reader to answer (dx, confidence); None for any other case."""
    expected: dict[str, Any] | None = studies.get_case(workspace.engine, case_id)["expected"]
    return expected


def images_beside(workspace: Workspace, record_ids: Sequence[str]) -> dict[str, str]:
    """Hashes of the images of records as they are now; a record that is not there any more is left out."""
    return records.image_hashes(workspace.engine, record_ids)


def neighbour_images(workspace: Workspace, record_ids: tuple[str, ...]) -> tuple[str, ...]:
    """Hashes of the images of similar records as they are now, in the order given."""
    rows = records.records_by_id(workspace.engine, record_ids).set_index("id")["image_sha256"]
    return tuple(str(rows[record_id]) for record_id in record_ids)


def practice_truth(workspace: Workspace, assignment: Assignment) -> str:
    """The diagnosis of a practice case.

    Raises
    ------
    AccessDenied
        The case counts: its truth never leaves the server while a reader is at it.
    """
    case = studies.get_case(workspace.engine, assignment.case_id)
    if not case["practice"]:
        raise AccessDenied("The diagnosis of a study case is not shown to readers.")
    return str(case["truth_dx"])
