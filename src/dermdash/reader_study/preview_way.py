"""The steps of a reader's way through a study, for who looks at it beforehand: which there are, and where each lies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dermdash.reader_study.case_part import CasePart
from dermdash.reader_study.design import AidedFollows
from dermdash.reader_study.interlude import InterludeKind, interlude_before
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.reading_session import Assignment, NextStep, StepKind, answers_in_order
from dermdash.readings.modality import Modality, Phase


class PreviewStep(StrEnum):
    """A step, in the order in which readers come by it."""

    CONSENT = "consent"
    PROFILE = "profile"
    INSTRUCTIONS = "instructions"
    PRACTICE = "practice"
    PRACTICE_AIDED = "practice-aided"
    FEEDBACK = "feedback"
    BEFORE_SCREENING = "before-screening"
    SCREENING = "screening"
    NOT_ADMITTED = "not-admitted"
    COUNTS = "counts"
    CASE = "case"
    AIDED = "aided"
    CHECK = "check"
    NEXT_ROUND = "next-round"
    WASHOUT = "washout"
    NEXT_PERIOD = "next-period"
    END = "end"

    @property
    def label(self) -> str:
        """In words."""
        return _TITLES[self]


_TITLES = {
    PreviewStep.CONSENT: "Consent",
    PreviewStep.PROFILE: "Profile",
    PreviewStep.INSTRUCTIONS: "Instructions",
    PreviewStep.PRACTICE: "Practice case",
    PreviewStep.PRACTICE_AIDED: "Practice case with assistance",
    PreviewStep.FEEDBACK: "Feedback of a practice case",
    PreviewStep.BEFORE_SCREENING: "Before the test",
    PreviewStep.SCREENING: "Case of the test",
    PreviewStep.NOT_ADMITTED: "Test not passed",
    PreviewStep.COUNTS: "Before it counts",
    PreviewStep.CASE: "Case without assistance",
    PreviewStep.AIDED: "Case with assistance",
    PreviewStep.CHECK: "Attention check",
    PreviewStep.NEXT_ROUND: "Before the next round",
    PreviewStep.WASHOUT: "Washout",
    PreviewStep.NEXT_PERIOD: "Before the next part",
    PreviewStep.END: "End",
}
ASSISTED = (PreviewStep.PRACTICE_AIDED, PreviewStep.FEEDBACK, PreviewStep.AIDED)
"""Steps that show assistance where there is any."""
INVENTED_OF_THREE = 2
"""Of three cases so many are answered right without assistance by the imagined reader."""
_INTERLUDES = {
    InterludeKind.START: PreviewStep.INSTRUCTIONS,
    InterludeKind.SCREENING: PreviewStep.BEFORE_SCREENING,
    InterludeKind.COUNTS: PreviewStep.COUNTS,
    InterludeKind.ADMITTED: PreviewStep.COUNTS,
    InterludeKind.ROUND: PreviewStep.NEXT_ROUND,
    InterludeKind.PERIOD: PreviewStep.NEXT_PERIOD,
}


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a step lies on the way of one reader.

    Attributes
    ----------
    answered
        Answers that lie before it.
    shown
        The assignment that is on the screen, or empty.
    before
        The assignment that is not begun yet: what stands before it is shown.
    feedback
        The practice case whose feedback is shown.
    period
        What was answered in earlier periods is longer ago than the washout.
    debriefed
        At the end: an assignment whose advice may have been wrong on purpose.
    """

    step: PreviewStep
    answered: int = 0
    shown: str = ""
    before: str = ""
    feedback: str = ""
    period: int = 1
    debriefed: str = ""


def stops_of(plan: Sequence[Assignment], protocol: Protocol, *, modality: Modality | None) -> dict[PreviewStep, Stop]:
    """The steps that a reader with this plan comes by, in order.

    Parameters
    ----------
    modality
        Which assistance the cases should have that are shown; None: any.
    """
    after_round = protocol.design.aided_follows is AidedFollows.AFTER_ROUND
    way = list(answers_in_order(plan, aided_after_round=after_round))
    found = {step: Stop(step) for step in (PreviewStep.CONSENT, PreviewStep.PROFILE)}
    for stop in (*_interludes(way, plan), *_cases(way, modality), *_ends(way, protocol)):
        found.setdefault(stop.step, stop)
    return {step: found[step] for step in PreviewStep if step in found}


def _interludes(way: Sequence[tuple[Assignment, Phase]], plan: Sequence[Assignment]) -> Iterator[Stop]:
    seen: set[str] = set()
    for i, (one, phase) in enumerate(way):
        if one.id not in seen:
            step = NextStep(StepKind.READING, one, phase)
            between = interlude_before(step, ordered=plan, answered=seen, begun=())
            if between is not None:
                yield Stop(_INTERLUDES[between.kind], i, shown=one.id, before=one.id, period=one.period)
        seen.add(one.id)


def _cases(way: Sequence[tuple[Assignment, Phase]], modality: Modality | None) -> Iterator[Stop]:
    """Cases with the modality first: the first stop of a step is the one that counts."""

    def wanted(i: int) -> tuple[bool, int]:
        return modality is not None and way[i][0].modality is not modality, i

    for i in sorted(range(len(way)), key=wanted):
        one, phase = way[i]
        if one.kind is CasePart.PRACTICE:
            yield Stop(PreviewStep.PRACTICE if phase is Phase.UNAIDED else PreviewStep.PRACTICE_AIDED, i, one.id)
            if phase is one.phases[-1]:
                yield Stop(PreviewStep.FEEDBACK, i + 1, one.id, feedback=one.id)
        elif one.kind is CasePart.SCREENING:
            yield Stop(PreviewStep.SCREENING, i, one.id)
        elif one.kind is CasePart.CHECK:
            yield Stop(PreviewStep.CHECK, i, one.id, period=one.period)
        elif phase is Phase.UNAIDED:
            yield Stop(PreviewStep.CASE, i, one.id, period=one.period)
        elif modality is None or one.modality is modality:
            yield Stop(PreviewStep.AIDED, i, one.id, period=one.period)


def _ends(way: Sequence[tuple[Assignment, Phase]], protocol: Protocol) -> Iterator[Stop]:
    for i, (one, _) in enumerate(way):
        if i and way[i - 1][0].part is CasePart.SCREENING and one.kind.in_rounds:
            yield Stop(PreviewStep.NOT_ADMITTED, i)
        if one.period > 1 and protocol.design.washout_days:
            yield Stop(PreviewStep.WASHOUT, i)
    aided = [one.id for one, phase in way if phase is Phase.AIDED and one.kind.counts]
    yield Stop(PreviewStep.END, len(way), debriefed=aided[0] if aided else "")
