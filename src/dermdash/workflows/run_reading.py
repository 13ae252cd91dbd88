"""A reader's answers: where a session stands, and deliveries that are confirmed once they are on disk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from dermdash.errors import AccessDenied, InvalidInput
from dermdash.reader_study.outbox import ClientEvent, ReadingSubmission
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.reading_session import (
    Answered,
    Assignment,
    NextStep,
    Refusal,
    Verdict,
    check_answer,
    check_submission,
    next_step,
)
from dermdash.readings.modality import Modality, Phase
from dermdash.storage import readings, records, studies
from dermdash.storage.readings import Outcome
from dermdash.storage.workspace import Workspace
from dermdash.workflows.join_study import protocol_of

_STEERING_EVENTS = ("pause", "resume", "continue")
ANSWER_REFUSED = "answer_refused"
"""Kind of the session event that says so."""


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

    @property
    def step(self) -> NextStep:
        """The open step."""
        return next_step(
            consented=True,
            has_profile=self.has_profile,
            assignments=self.assignments,
            readings=self.as_answered(),
        )

    def as_answered(self) -> list[Answered]:
        """The stored readings as the session rules see them."""
        return [Answered(row["id"], key[0], key[1]) for key, row in self.answered.items()]

    @property
    def feedback_due(self) -> Assignment | None:
        """The practice case that is answered and whose feedback the reader has not left yet."""
        done = [a for a in self.assignments if a.practice and all((a.id, phase) in self.answered for phase in a.phases)]
        last = done[-1] if done else None
        return last if last is not None and last.id not in self.continued else None


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
    rows = _assignment_rows(workspace, reader_id)
    answered = {
        (row["assignment_id"], Phase(row["phase"])): row
        for row in readings.answers_of_reader(workspace.engine, reader_id)
    }
    events = readings.events_of_reader(workspace.engine, reader_id, _STEERING_EVENTS)
    pauses = [event["kind"] for event in events if event["kind"] != "continue"]
    return ReadingSession(
        study_id,
        reader_id,
        protocol_of(workspace, study_id),
        # Nobody answers before the profile is stored, so only a reader without answers has to be looked up.
        bool(answered) or studies.get_profile(workspace.engine, reader_id) is not None,
        tuple(
            Assignment(r["id"], r["case_id"], r["position"], Modality(r["modality"]), r["practice"])
            for r in rows.values()
        ),
        rows,
        answered,
        frozenset(event["assignment_id"] for event in events if event["kind"] == "continue"),
        bool(pauses) and pauses[-1] == "pause",
    )


@lru_cache(maxsize=512)
def _assignment_rows(workspace: Workspace, reader_id: str) -> dict[str, dict[str, Any]]:
    # Written once, at consent, so they may be remembered.
    return {row["id"]: row for row in studies.assignments_of_reader(workspace.engine, reader_id)}


def receive(
    workspace: Workspace, study_id: str, reader_id: str, items: Iterable[ReadingSubmission | ClientEvent]
) -> Receipt:
    """Store a delivery of the reader's browser and say what became of each item.

    An id is acknowledged only after its commit is on disk. Items that were stored before are acknowledged again; a
    second answer to an answered case is refused, and the refusal is logged.
    """
    session = load_session(workspace, study_id, reader_id)
    acknowledged: list[str] = []
    refused: list[tuple[str, str]] = []
    moved = False
    for item in items:
        if isinstance(item, ClientEvent):
            _save_event(workspace, session, item)
            acknowledged.append(str(item.id))
            moved = moved or item.event in _STEERING_EVENTS
            continue
        reason = _store_answer(workspace, session, item)
        if reason is None:
            acknowledged.append(str(item.id))
        else:
            refused.append((str(item.id), reason))
            _log_refusal(workspace, session, item, reason)
    # A refusal may come of an answer in another tab, which this session has not seen.
    return Receipt(tuple(acknowledged), tuple(refused), None if moved or refused else session)


def _store_answer(workspace: Workspace, session: ReadingSession, item: ReadingSubmission) -> str | None:
    """Store one answer; returns None when it is on disk, else why it is refused."""
    phase = Phase(item.phase)
    submission = Answered(str(item.id), item.step_key, phase)
    decision = check_submission(
        submission,
        consented=True,
        has_profile=session.has_profile,
        assignments=session.assignments,
        readings=session.as_answered(),
    )
    if decision.verdict is Verdict.DUPLICATE:
        return None
    if decision.refusal is not None:
        return decision.refusal.message
    try:
        check_answer(session.protocol, dx=item.dx, confidence=item.confidence, client_ms=item.client_ms)
    except InvalidInput as error:
        return str(error)
    assignment = session.rows[item.step_key]
    values = {
        "id": str(item.id),
        "study_id": session.study_id,
        "reader_id": session.reader_id,
        "assignment_id": item.step_key,
        "case_id": assignment["case_id"],
        "practice": assignment["practice"],
        "phase": str(phase),
        "modality": assignment["modality"],
        "dx": item.dx,
        "confidence": item.confidence,
        "assistance": assignment["assistance"] if phase is Phase.AIDED else None,
        "client_ms": item.client_ms,
        "shown_at": item.shown_at,
        "submitted_at": item.submitted_at,
    }
    outcome = readings.save_reading(workspace.engine, values=values)
    if outcome in (Outcome.STORED, Outcome.DUPLICATE):
        session.answered[(item.step_key, phase)] = values
        return None
    # Another tab or process was faster.
    refusal = Refusal.ALREADY_ANSWERED if outcome is Outcome.ALREADY_ANSWERED else Refusal.UNAIDED_NOT_LOCKED
    return refusal.message


def _save_event(workspace: Workspace, session: ReadingSession, event: ClientEvent) -> None:
    readings.save_event(
        workspace.engine,
        values={
            "id": str(event.id),
            "reader_id": session.reader_id,
            "assignment_id": event.step_key if event.step_key in session.rows else None,
            "kind": event.event,
            "client_at": event.at,
        },
    )


def _log_refusal(workspace: Workspace, session: ReadingSession, item: ReadingSubmission, reason: str) -> None:
    readings.save_event(
        workspace.engine,
        values={
            # The browser resends until it hears of the refusal: one event per refused answer is enough.
            "id": f"refused-{item.id}",
            "reader_id": session.reader_id,
            "assignment_id": item.step_key if item.step_key in session.rows else None,
            "kind": ANSWER_REFUSED,
            "detail": {"reason": reason, "phase": item.phase, "dx": item.dx, "confidence": item.confidence},
            "client_at": item.submitted_at,
        },
    )


@lru_cache(maxsize=8192)
def case_image(workspace: Workspace, case_id: str) -> str:
    """Hash of the image of a case."""
    return str(studies.get_case(workspace.engine, case_id)["image_sha256"])


@lru_cache(maxsize=4096)
def neighbour_images(workspace: Workspace, record_ids: tuple[str, ...]) -> tuple[str, ...]:
    """Hashes of the images of similar records, in the order given."""
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
