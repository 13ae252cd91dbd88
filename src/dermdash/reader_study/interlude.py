"""What stands between the parts of a study, before the first case of each: as a pure function of where a reader is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dermdash.reader_study.case_part import CasePart
from dermdash.reader_study.reading_session import Assignment, NextStep


class InterludeKind(StrEnum):
    """What it leads into."""

    START = "start"
    """The first case of all."""
    SCREENING = "screening"
    COUNTS = "counts"
    """The first case that counts, after practice."""
    ADMITTED = "admitted"
    """The first case that counts, after screening."""
    ROUND = "round"
    PERIOD = "period"


@dataclass(frozen=True, slots=True)
class Interlude:
    """What the reader leaves before the case ``assignment_id``.

    ``cases``: that follow, of the round or of the whole part; ``part``: which that is; ``round``, ``rounds``: which
    round of a period it is, of how many.
    """

    kind: InterludeKind
    assignment_id: str
    part: CasePart
    cases: int
    round: int
    rounds: int


def interlude_before(
    step: NextStep, *, ordered: Sequence[Assignment], answered: Collection[str], begun: Collection[str]
) -> Interlude | None:
    """What stands before the open step; None where it continues a part or was begun already.

    Parameters
    ----------
    ordered
        The reader's assignments in the order they are read.
    answered
        Assignments that hold an answer: whoever has answered has begun.
    begun
        Assignments that the reader has begun from what stood before them.
    """
    at = step.assignment
    if at is None or at.id in answered or at.id in begun:
        return None
    index = next(i for i, assignment in enumerate(ordered) if assignment.id == at.id)
    kind = _kind(ordered[index - 1] if index else None, at)
    if kind is None:
        return None
    together = [a for a in ordered if a.counted_with == at.counted_with]
    rounds = sorted({a.round for a in together})
    follow = [a for a in together if a.round == at.round] if kind is InterludeKind.ROUND else together
    part = at.counted_with[1]
    return Interlude(kind, at.id, part, len(follow), rounds.index(at.round) + 1, len(rounds))


def _kind(before: Assignment | None, at: Assignment) -> InterludeKind | None:
    if before is None:
        return InterludeKind.START
    if before.counted_with != at.counted_with:
        if at.counted_with[1] is CasePart.SCREENING:
            return InterludeKind.SCREENING
        if before.counted_with[1] is CasePart.SCREENING:
            return InterludeKind.ADMITTED
        return InterludeKind.COUNTS if before.period == at.period else InterludeKind.PERIOD
    within = at.kind.in_rounds and before.round != at.round
    return InterludeKind.ROUND if within else None
