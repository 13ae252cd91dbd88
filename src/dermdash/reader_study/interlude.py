"""What stands between the parts of a study, before the first case of each: as a pure function of where a reader is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dermdash.reader_study.reading_session import Assignment, NextStep


class InterludeKind(StrEnum):
    """Which parts it stands between."""

    START = "start"
    """Before the first case of all."""
    PRACTICE_OVER = "practice_over"
    ROUND = "round"
    """Between two rounds."""


@dataclass(frozen=True, slots=True)
class Interlude:
    """What the reader leaves before the case ``assignment_id``.

    ``cases``: of the part that follows; ``practice``: whether that is for practice; ``round``, ``rounds``: which round
    it is, of how many.
    """

    kind: InterludeKind
    assignment_id: str
    cases: int
    practice: bool
    round: int
    rounds: int


def interlude_before(
    step: NextStep,
    *,
    ordered: Sequence[Assignment],
    round_of: dict[str, int],
    answered: Collection[str],
    begun: Collection[str],
) -> Interlude | None:
    """What stands before the open step; None where it continues a part or was begun already.

    Parameters
    ----------
    ordered
        The reader's assignments in order, practice first.
    round_of
        The round of each assignment, by its id.
    answered
        Assignments that hold an answer: whoever has answered has begun.
    begun
        Assignments that the reader has begun from what stood before them.
    """
    at = step.assignment
    if at is None or at.id in answered or at.id in begun:
        return None
    index = next(i for i, assignment in enumerate(ordered) if assignment.id == at.id)
    before = ordered[index - 1] if index else None

    def part(assignment: Assignment) -> tuple[bool, int]:
        return (assignment.practice, 0 if assignment.practice else round_of[assignment.id])

    if before is not None and part(before) == part(at):
        return None
    kind = (
        InterludeKind.START
        if before is None
        else InterludeKind.PRACTICE_OVER
        if before.practice
        else InterludeKind.ROUND
    )
    rounds = sorted({round_of[a.id] for a in ordered if not a.practice})
    number = 1 if at.practice else rounds.index(round_of[at.id]) + 1
    # Of the study after practice all cases are meant, not only those of its first round.
    same = [a for a in ordered if (part(a) == part(at) if kind is InterludeKind.ROUND else a.practice == at.practice)]
    return Interlude(kind, at.id, len(same), at.practice, number, max(1, len(rounds)))
