"""The way of a reader through a study, as pure functions of what is stored: nothing else knows the state.

Whatever the browser remembers or resends, the next open answer follows from the assignments and the readings,
so a reader resumes at exactly that point after a reload, on another day or on another machine.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dermdash.errors import InvalidInput
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.protocol_parts import Management
from dermdash.reader_study.words import refusals
from dermdash.reader_study.words.message import Message
from dermdash.readings.modality import Modality, Phase
from dermdash.records.taxonomy import get_taxonomy


class StepKind(StrEnum):
    """What the reader does next."""

    CONSENT = "consent"
    PROFILE = "profile"
    PRACTICE = "practice"
    READING = "reading"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Assignment:
    """A case given to this reader; positions count from 1, practice and study cases each for themselves."""

    id: str
    case_id: str
    position: int
    modality: Modality
    practice: bool = False

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The answers this case asks for, in order."""
        return (Phase.UNAIDED,) if self.modality == Modality.NONE else (Phase.UNAIDED, Phase.AIDED)


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """A reading that is stored, or one that wants to be: the client's UUID, the assignment and the phase."""

    id: str
    assignment_id: str
    phase: Phase


@dataclass(frozen=True, slots=True)
class NextStep:
    """The open step; ``assignment`` and ``phase`` are set for practice and reading.

    ``cases_done`` of ``cases_total`` counts complete cases of the part at hand (practice, else study).
    """

    step: StepKind
    assignment: Assignment | None
    phase: Phase | None
    cases_done: int
    cases_total: int


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
    WITHDRAWN = "withdrawn"

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
    Refusal.WITHDRAWN: refusals.WITHDRAWN,
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
) -> NextStep:
    """Return the open step: consent, profile, practice, then the cases in order, unaided before aided."""
    ordered = _in_order(assignments)
    answered = {(reading.assignment_id, reading.phase) for reading in readings}
    if not consented or not has_profile:
        total = sum(not a.practice for a in ordered)
        return NextStep(StepKind.CONSENT if not consented else StepKind.PROFILE, None, None, 0, total)
    for assignment in ordered:
        for phase in assignment.phases:
            if (assignment.id, phase) not in answered:
                done, total = _progress(ordered, answered, practice=assignment.practice)
                step = StepKind.PRACTICE if assignment.practice else StepKind.READING
                return NextStep(step, assignment, phase, done, total)
    return NextStep(StepKind.FINISHED, None, None, *_progress(ordered, answered, practice=False))


def check_submission(
    submission: AnswerKey,
    *,
    consented: bool,
    has_profile: bool,
    assignments: Iterable[Assignment],
    readings: Iterable[AnswerKey],
    sent: Collection[tuple[str, Phase]],
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
    if submission.phase is Phase.AIDED and (submission.assignment_id, Phase.UNAIDED) not in answered:
        return _refuse(Refusal.UNAIDED_NOT_LOCKED)
    open_step = next_step(consented=consented, has_profile=has_profile, assignments=ordered, readings=stored)
    if open_step.assignment is None:
        return _refuse(Refusal.NOT_STARTED)
    if (open_step.assignment.id, open_step.phase) != (submission.assignment_id, submission.phase):
        return _refuse(Refusal.OUT_OF_TURN)
    if (submission.assignment_id, submission.phase) not in sent:
        return _refuse(Refusal.NOT_SENT)
    return AnswerDecision(AnswerVerdict.ACCEPT)


def check_answer(
    protocol: Protocol,
    *,
    dx: str,
    confidence: int,
    malignancy_rating: int | None = None,
    management: Management | None = None,
) -> None:
    """Refuse (InvalidInput) what the study does not offer, lacks, or does not ask for.

    A diagnosis is one of the taxonomy, a level one of the study's (1 is least sure); rating and management are given
    exactly where the protocol asks for them. That numbers are whole and in their bounds is asked of what a browser
    sends (`dermdash.reader_study.outbox`). No time is refused: see `dermdash.reader_study.answer_time`.
    """
    _ = get_taxonomy(protocol.taxonomy)[dx]
    levels = len(protocol.confidence_levels)
    if not 1 <= confidence <= levels:
        raise InvalidInput(f"confidence is {confidence!r}: expected 1 to {levels}")
    further = {
        "malignancy rating": (protocol.asked.malignancy_rating, malignancy_rating),
        "management": (protocol.asked.management, management),
    }
    for name, (asked, given) in further.items():
        if asked and given is None:
            raise InvalidInput(f"the study asks for the {name}, and the answer has none")
        if not asked and given is not None:
            raise InvalidInput(f"the study does not ask for the {name}, and the answer has one")


def _refuse(reason: Refusal) -> AnswerDecision:
    return AnswerDecision(AnswerVerdict.REFUSED, reason)


def _in_order(assignments: Iterable[Assignment]) -> list[Assignment]:
    return sorted(assignments, key=lambda a: (not a.practice, a.position))


def _progress(ordered: Sequence[Assignment], answered: set[tuple[str, Phase]], *, practice: bool) -> tuple[int, int]:
    part = [a for a in ordered if a.practice is practice]
    return sum(all((a.id, phase) in answered for phase in a.phases) for a in part), len(part)
