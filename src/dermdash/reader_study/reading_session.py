"""The way of a reader through a study, as pure functions of what is stored: nothing else knows the state.

Whatever the browser remembers or resends, the next open answer follows from the assignments and the readings,
so a reader resumes at exactly that point after a reload, on another day or on another machine.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from dermdash.errors import InvalidInput
from dermdash.reader_study.case_part import CasePart
from dermdash.reader_study.design import ReadingOrder
from dermdash.reader_study.management import Management
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.words import refusals
from dermdash.reader_study.words.message import Message
from dermdash.readings.modality import Modality, Phase
from dermdash.records.taxonomy import get_taxonomy


class StepKind(StrEnum):
    """What the reader does next."""

    CONSENT = "consent"
    PROFILE = "profile"
    PRACTICE = "practice"
    SCREENING = "screening"
    READING = "reading"
    WASHOUT = "washout"
    """Nothing before a day: the period before is over."""
    NOT_ADMITTED = "not_admitted"
    """The screening test was not passed."""
    HELD = "held"
    """Nothing until the study team lets the reader go on."""
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Assignment:
    """A case given to this reader: as `dermdash.reader_study.schedule.PlannedAssignment`, with its place in the order.

    ``turn`` counts all of a reader's assignments from 1; 0 where the order follows from practice and position.
    """

    id: str
    case_id: str
    position: int
    modality: Modality
    practice: bool = False
    part: CasePart = CasePart.STUDY
    round: int = 1
    period: int = 1
    occasion: int = 1
    reading: ReadingOrder = ReadingOrder.SEQUENTIAL
    turn: int = 0
    attempt: int = 1

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The answers this case asks for, in order; without a modality there is nothing to show."""
        return (Phase.UNAIDED,) if self.modality == Modality.NONE else self.reading.phases

    @property
    def kind(self) -> CasePart:
        """The part it belongs to."""
        return CasePart.PRACTICE if self.practice and self.part is CasePart.STUDY else self.part

    @property
    def counted_with(self) -> tuple[int, CasePart]:
        """The assignments among which its position counts: practice and screening alone, the rounds of a period."""
        return self.period, CasePart.STUDY if self.kind.in_rounds else self.kind


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """A reading that is stored, or one that wants to be: the client's UUID, the assignment and the phase."""

    id: str
    assignment_id: str
    phase: Phase


@dataclass(frozen=True, slots=True)
class NextStep:
    """The open step; ``assignment`` and ``phase`` are set for practice and reading, ``opens_at`` (when it ends) for a
    washout.
    """

    step: StepKind
    assignment: Assignment | None = None
    phase: Phase | None = None
    opens_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """What keeps a reader from a step that would be open.

    Attributes
    ----------
    aided_after_round
        Whether the aided answers of a round come after all unaided ones.
    opens
        When each later period opens, as far as the one before it is complete.
    moment
        Now; None: no period is closed.
    admitted
        Whether the screening test was passed, as far as it is complete.
    held
        Whether the study team has to let the reader go on.
    """

    aided_after_round: bool = False
    opens: Mapping[int, datetime] = field(default_factory=dict)
    moment: datetime | None = None
    admitted: bool = True
    held: bool = False

    def opens_at(self, assignment: Assignment) -> datetime | None:
        """When a closed period opens; None for one that is open."""
        opens = self.opens.get(assignment.period)
        return opens if opens is not None and self.moment is not None and self.moment < opens else None


NO_GATE = Gate()


class AnswerVerdict(StrEnum):
    """What to do with a submitted answer."""

    ACCEPT = "accept"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


class Refusal(StrEnum):
    """Why an answer is refused."""

    NOT_STARTED = "not_started"
    UNKNOWN_CASE = "unknown_case"
    WRONG_PHASE = "wrong_phase"
    ALREADY_ANSWERED = "already_answered"
    ID_REUSED = "id_reused"
    UNAIDED_NOT_LOCKED = "unaided_not_locked"
    NOT_SENT = "not_sent"
    OUT_OF_TURN = "out_of_turn"
    CLOSED = "closed"

    @property
    def message(self) -> Message:
        """The reason in words."""
        return _MESSAGES[self]


_MESSAGES: dict[Refusal, Message] = {
    Refusal.NOT_STARTED: refusals.NOT_STARTED,
    Refusal.UNKNOWN_CASE: refusals.UNKNOWN_CASE,
    Refusal.WRONG_PHASE: refusals.WRONG_PHASE,
    Refusal.ALREADY_ANSWERED: refusals.ALREADY_ANSWERED,
    Refusal.ID_REUSED: refusals.ID_REUSED,
    Refusal.UNAIDED_NOT_LOCKED: refusals.UNAIDED_NOT_LOCKED,
    Refusal.NOT_SENT: refusals.NOT_SENT,
    Refusal.OUT_OF_TURN: refusals.OUT_OF_TURN,
    Refusal.CLOSED: refusals.CLOSED,
}


@dataclass(frozen=True, slots=True)
class AnswerDecision:
    """Verdict on one submitted answer; ``refusal`` is set exactly when it is refused."""

    verdict: AnswerVerdict
    refusal: Refusal | None = None


def next_step(
    *,
    consented: bool,
    has_profile: bool,
    assignments: Iterable[Assignment],
    readings: Iterable[AnswerKey],
    gate: Gate = NO_GATE,
) -> NextStep:
    """Return the open step: consent, profile, practice, screening, then the cases in order, unaided before aided."""
    ordered = _in_order(assignments)
    answered = {(reading.assignment_id, reading.phase) for reading in readings}
    if not consented or not has_profile:
        return NextStep(StepKind.CONSENT if not consented else StepKind.PROFILE)
    for assignment, phase in answers_in_order(ordered, aided_after_round=gate.aided_after_round):
        if (assignment.id, phase) not in answered:
            opens_at = gate.opens_at(assignment)
            if not gate.admitted and assignment.kind.in_rounds:
                return NextStep(StepKind.NOT_ADMITTED)
            if gate.held:
                return NextStep(StepKind.HELD)
            if opens_at is not None:
                return NextStep(StepKind.WASHOUT, opens_at=opens_at)
            return NextStep(_STEPS.get(assignment.kind, StepKind.READING), assignment, phase)
    return NextStep(StepKind.FINISHED)


def answers_in_order(ordered: Sequence[Assignment], *, aided_after_round: bool) -> Iterator[tuple[Assignment, Phase]]:
    """Every answer that is asked for, in the order in which it is."""
    if not aided_after_round:
        yield from ((assignment, phase) for assignment in ordered for phase in assignment.phases)
        return
    for _, batch in groupby(ordered, key=lambda a: (a.counted_with, a.round)):
        held = list(batch)
        passes = tuple(Phase) if held[0].kind.in_rounds else (None,)
        for only in passes:
            yield from ((a, phase) for a in held for phase in a.phases if only is None or phase is only)


def check_submission(
    submission: AnswerKey,
    *,
    consented: bool,
    has_profile: bool,
    assignments: Iterable[Assignment],
    readings: Iterable[AnswerKey],
    sent: Collection[tuple[str, Phase]],
    gate: Gate = NO_GATE,
) -> AnswerDecision:
    """Decide on one submitted answer.

    Accepted is only the answer to the open step, and only once that step has left for the reader's browser: nobody
    judges what they were not shown. ``sent`` holds assignment and phase of all that has. An answer whose UUID is
    already stored for the same case and phase is a duplicate: a resend after a lost acknowledgement, to be
    acknowledged again and not stored. Answers of a batch are checked one after the other, each against the readings
    that include the one before.
    """
    stored = list(readings)
    ordered = _in_order(assignments)
    for reading in stored:
        if reading.id == submission.id:
            same = (reading.assignment_id, reading.phase) == (submission.assignment_id, submission.phase)
            return AnswerDecision(AnswerVerdict.DUPLICATE) if same else _refuse(Refusal.ID_REUSED)
    assignment = next((a for a in ordered if a.id == submission.assignment_id), None)
    if assignment is None:
        return _refuse(Refusal.UNKNOWN_CASE)
    if submission.phase not in assignment.phases:
        return _refuse(Refusal.WRONG_PHASE)
    answered = {(reading.assignment_id, reading.phase) for reading in stored}
    if (submission.assignment_id, submission.phase) in answered:
        return _refuse(Refusal.ALREADY_ANSWERED)
    first = assignment.phases[0]
    if submission.phase is not first and (submission.assignment_id, first) not in answered:
        return _refuse(Refusal.UNAIDED_NOT_LOCKED)
    open_step = next_step(consented=consented, has_profile=has_profile, assignments=ordered, readings=stored, gate=gate)
    if open_step.assignment is None:
        before = open_step.step in (StepKind.CONSENT, StepKind.PROFILE)
        return _refuse(Refusal.NOT_STARTED if before else Refusal.CLOSED)
    if (open_step.assignment.id, open_step.phase) != (submission.assignment_id, submission.phase):
        return _refuse(Refusal.OUT_OF_TURN)
    if (submission.assignment_id, submission.phase) not in sent:
        return _refuse(Refusal.NOT_SENT)
    return AnswerDecision(AnswerVerdict.ACCEPT)


def check_answer(
    protocol: Protocol,
    *,
    dx: str | None,
    confidence: int | None,
    malignancy_rating: int | None = None,
    management: Management | None = None,
) -> None:
    """Refuse (InvalidInput) what the study does not offer, lacks, or does not ask for.

    A diagnosis is one of the taxonomy, a level one of the study's (1 is least sure); each is given exactly where the
    protocol asks for it. That numbers are whole and in their bounds is asked of what a browser
    sends (`dermdash.reader_study.outbox`). No time is refused: see `dermdash.reader_study.answer_time`.
    """
    if dx is not None:
        _ = get_taxonomy(protocol.taxonomy)[dx]
    levels = len(protocol.confidence_levels)
    if confidence is not None and not 1 <= confidence <= levels:
        raise InvalidInput(f"confidence is {confidence!r}: expected 1 to {levels}")
    given_of = {
        "diagnosis": (protocol.asked.diagnosis, dx),
        "confidence": (protocol.asked.confidence, confidence),
        "malignancy rating": (protocol.asked.malignancy_rating, malignancy_rating),
        "management": (protocol.asked.management, management),
    }
    for name, (asked, given) in given_of.items():
        if asked and given is None:
            raise InvalidInput(f"the study asks for the {name}, and the answer has none")
        if not asked and given is not None:
            raise InvalidInput(f"the study does not ask for the {name}, and the answer has one")


def _refuse(reason: Refusal) -> AnswerDecision:
    return AnswerDecision(AnswerVerdict.REFUSED, reason)


def _in_order(assignments: Iterable[Assignment]) -> list[Assignment]:
    return sorted(assignments, key=lambda a: (a.turn, not a.practice, a.position))


_STEPS = {CasePart.PRACTICE: StepKind.PRACTICE, CasePart.SCREENING: StepKind.SCREENING}
