"""Where a reader stands, as the database has it: the open step, and what keeps them from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar, cast
from uuid import uuid4

from dermdash.errors import AccessDenied, NotFound
from dermdash.reader_study.case_part import CasePart
from dermdash.reader_study.conduct import STEERING_ACTS, ActKind, StudyAct, StudyConduct, conduct_after
from dermdash.reader_study.design import AidedFollows, ReadingOrder
from dermdash.reader_study.interlude import Interlude, interlude_before
from dermdash.reader_study.interruption import away_too_long, order_again, round_of
from dermdash.reader_study.outbox import STEERING, EventKind
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.protocol_parts import Interruption
from dermdash.reader_study.reading_session import (
    AnswerKey,
    Assignment,
    Gate,
    NextStep,
    next_step,
)
from dermdash.readings.modality import Modality, Phase
from dermdash.storage import studies
from dermdash.storage.engine import now
from dermdash.storage.reader_standing import standing_of_reader
from dermdash.storage.withdrawals import READER_WITHDREW
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study.case_material import ShownMaterial, StudyMaterial, truths_of
from dermdash.workflows.reader_study.conduct import acts_of_rows
from dermdash.workflows.reader_study.messages_to_readers import (
    SEEN,
    messages_due,
    note_seen,
    seen_messages,
    unread_messages,
)
from dermdash.workflows.reader_study.protocol_of_study import protocol_of
from dermdash.workflows.reader_study.send_step import Sending

_Found = TypeVar("_Found")


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
    seen: frozenset[str] = frozenset()
    """Messages that the reader was shown where no case followed."""
    sent: Mapping[tuple[str, Phase], Sending] = field(default_factory=dict)
    """What of the assignments had ever left for a browser when this was read."""
    preview: ShownMaterial | None = None
    """Set where this is nobody's session: what is shown then comes from here, and nothing is recorded."""
    _known: dict[str, tuple[int, Any]] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What follows from the rest, with the number of answers it follows from: asked many times in every step."""

    def material(self, workspace: Workspace) -> ShownMaterial:
        """Where what is shown comes from."""
        return self.preview or StudyMaterial(workspace, self.study_id)

    @property
    def step(self) -> NextStep:
        """The open step."""
        return self._once("step", lambda: self._next(self.gate))

    def _once(self, name: str, find: Callable[[], _Found]) -> _Found:
        """Answers are added to a session, and nothing else of it changes; the next one sees what the clock did."""
        answers, found = self._known.get(name, (-1, None))
        if answers != len(self.answered):
            found = find()
            self._known[name] = len(self.answered), found
        return cast(_Found, found)

    @property
    def gate(self) -> Gate:
        """What keeps the reader from a step that would be open."""
        design = self.protocol.design
        return Gate(
            aided_after_round=self._aided_after_round,
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
        return away_too_long(
            self.protocol.conduct,
            self._next(Gate(aided_after_round=self._aided_after_round)).assignment,
            self.assignments,
            {key: self._answered_at(key) for key in self.answered},
            moment=now(),
            let_on_at=self.let_on_at,
        )

    @property
    def _aided_after_round(self) -> bool:
        return self.protocol.design.aided_follows is AidedFollows.AFTER_ROUND

    def _next(self, gate: Gate) -> NextStep:
        return next_step(
            consented=True,
            has_profile=self.has_profile,
            assignments=self.assignments,
            readings=self.as_answered(),
            gate=gate,
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
        return self._once("interlude", self._interlude)

    def _interlude(self) -> Interlude | None:
        return interlude_before(
            self.step,
            ordered=self.assignments,
            answered={key for key, _ in self.answered},
            begun=self.begun,
        )

    @property
    def feedback_due(self) -> Assignment | None:
        """The case whose diagnosis the reader is told, until they go on.

        Practice always; where the protocol tells at once, a case that counts, too, when the reader has given the last
        answer to it: all that they were given of it is complete, in every period.
        """
        return self._once("feedback", self._feedback_due)

    def _feedback_due(self) -> Assignment | None:
        told = [a for a in self.assignments if self.is_told(a)]
        still_open = {a.case_id for a in told if not self.is_complete(a)}
        closed = [a for a in told if a.case_id not in still_open]
        last = closed[-1] if closed else None
        return last if last is not None and last.id not in self.continued else None

    def is_told(self, assignment: Assignment) -> bool:
        """Whether readers are told the diagnosis of its case at some time."""
        return assignment.kind is CasePart.PRACTICE or (self.protocol.tells_at_once and assignment.kind.counts)

    @property
    def cases_read(self) -> tuple[int, int]:
        """How many cases of the rounds are complete, and of how many."""
        counting = [one for one in self.assignments if one.kind.in_rounds]
        return sum(map(self.is_complete, counting)), len(counting)

    def is_complete(self, assignment: Assignment) -> bool:
        """Whether every answer to it was given."""
        return all((assignment.id, phase) in self.answered for phase in assignment.phases)


def told_before(workspace: Workspace, session: ReadingSession) -> tuple[StudyAct, ...]:
    """The messages of the study team that stand before the open step."""
    unread = tuple(act for act in session.unread if act.id not in session.seen)
    return messages_due(workspace, session.step, unread=unread, begun=session.begun)


def told_without_case(workspace: Workspace, session: ReadingSession) -> tuple[StudyAct, ...]:
    """The messages that stand where no case follows: in a washout, at the end; logged as seen, and kept standing."""
    if session.step.assignment is not None or session.feedback_due is not None or not session.unread:
        return ()
    note_seen(workspace, session.reader_id, [act for act in session.unread if act.id not in session.seen])
    return session.unread


def load_session(workspace: Workspace, study_id: str, reader_id: str) -> ReadingSession:
    """Read where a reader stands."""
    protocol = protocol_of(workspace, study_id)
    given = _given(workspace, reader_id, protocol)
    rows = given.rows
    stored = standing_of_reader(
        workspace.engine,
        study_id,
        reader_id,
        events=(*STEERING, READER_WITHDREW, SEEN),
        acts=(*STEERING_ACTS, ActKind.MESSAGE, ActKind.LET_ON),
    )
    answered = {(row["assignment_id"], Phase(row["phase"])): row for row in stored.answers}
    events, acts = stored.events, acts_of_rows(stored.acts)
    pauses = [event["kind"] for event in events if event["kind"] in (EventKind.PAUSE, EventKind.RESUME)]
    return ReadingSession(
        study_id,
        reader_id,
        protocol,
        # Nobody answers before the profile is stored, so only a reader without answers has to be looked up.
        bool(answered) or studies.get_profile(workspace.engine, reader_id) is not None,
        given.assignments,
        rows,
        answered,
        frozenset(event["assignment_id"] for event in events if event["kind"] == EventKind.CONTINUE),
        bool(pauses) and pauses[-1] == EventKind.PAUSE,
        frozenset(event["assignment_id"] for event in events if event["kind"] == EventKind.BEGIN),
        withdrawn=any(event["kind"] == READER_WITHDREW for event in events),
        screening_right=_screening_right(workspace, study_id, protocol, rows, answered),
        conduct=conduct_after(acts, closes_on=protocol.conduct.closes_on),
        unread=tuple(unread_messages(workspace, reader_id, acts, events)),
        seen=seen_messages(events),
        let_on_at=max(
            (act.acted_at for act in acts if act.kind is ActKind.LET_ON and act.reader_id == reader_id), default=None
        ),
        sent={(key, Phase(phase)): Sending(*row) for (key, phase), row in stored.sendings.items()},
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


def truth_told(workspace: Workspace, session: ReadingSession, assignment: Assignment) -> str:
    """The diagnosis of the case whose feedback is due.

    Raises
    ------
    AccessDenied
        It is another case: its truth does not leave the server while the reader is at it.
    """
    due = session.feedback_due
    if due is None or due.id != assignment.id:
        raise AccessDenied("The diagnosis of a case that is open is not shown to readers.")
    return session.material(workspace).truths()[assignment.case_id]


class _Given(NamedTuple):
    """A reader's assignments, and the rows by id that they are made of."""

    rows: dict[str, dict[str, Any]]
    assignments: tuple[Assignment, ...]

    @classmethod
    def of(cls, rows: Iterable[dict[str, Any]]) -> _Given:
        found = {row["id"]: row for row in rows}
        return cls(found, tuple(map(_assignment, found.values())))


def _given(workspace: Workspace, reader_id: str, protocol: Protocol) -> _Given:
    """What a reader is given to read, of a round its last attempt; nothing before the profile that decides the arm."""
    if protocol.conduct.interruption is Interruption.RESTART:  # further ones may come
        rows = studies.assignments_of_reader(workspace.engine, reader_id)
        last: dict[tuple[int, int], int] = {}
        for row in rows:
            place = (row["period"], row["round"])
            last[place] = max(row["attempt"], last.get(place, 1))
        return _Given.of(row for row in rows if row["attempt"] == last[row["period"], row["round"]])
    try:
        return _known_assignments(workspace, reader_id)
    except NotFound:
        return _Given.of(())


@lru_cache(maxsize=512)
def _known_assignments(workspace: Workspace, reader_id: str) -> _Given:
    # Written once, so they may be remembered; that there are none yet may not.
    rows = studies.assignments_of_reader(workspace.engine, reader_id)
    if not rows:
        raise NotFound("This reader has no cases yet.")
    return _Given.of(rows)


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
    if any(one.id in session.continued for one in batch):  # told under an earlier version of the protocol
        return session
    attempt = step.assignment.attempt + 1
    order = order_again(batch, seed=session.protocol.seed, reader_id=session.reader_id, attempt=attempt)
    stored = [name for name in session.rows[batch[0].id] if name not in ("round", "expected")]
    rows = []
    for place, one in zip(batch, order, strict=True):
        row = {name: session.rows[one.id][name] for name in stored}
        rows.append(row | {"id": uuid4().hex, "turn": place.turn, "position": place.position, "attempt": attempt})
    studies.save_further_assignments(workspace.engine, rows)
    return load_session(workspace, session.study_id, session.reader_id)
