"""What happens when a reader stays away within a round for longer than the protocol allows."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from dermdash.reader_study.arm_draw import seeded
from dermdash.reader_study.case_part import CasePart
from dermdash.reader_study.protocol_parts import Conduct
from dermdash.reader_study.reading_session import Assignment
from dermdash.readings.modality import Phase


def away_too_long(
    conduct: Conduct,
    open_assignment: Assignment | None,
    assignments: Sequence[Assignment],
    answered_at: Mapping[tuple[str, Phase], datetime],
    *,
    moment: datetime,
    let_on_at: datetime | None = None,
) -> bool:
    """Whether the last answer in the round of the open case is longer ago than allowed.

    Between rounds, and before the first answer of one, nobody is away. ``let_on_at``: when the study team last let the
    reader go on.
    """
    if conduct.longest_gap_min is None or open_assignment is None or not open_assignment.kind.in_rounds:
        return False
    batch = {a.id for a in round_of(open_assignment, assignments)}
    given = [at for (assignment_id, _), at in answered_at.items() if assignment_id in batch]
    if not given:
        return False
    last = max([*given, *([] if let_on_at is None else [let_on_at])])
    return moment - last > timedelta(minutes=conduct.longest_gap_min)


def round_of(assignment: Assignment, assignments: Sequence[Assignment]) -> list[Assignment]:
    """All assignments of the round and period of one of them, in order."""
    same = assignment.counted_with, assignment.round
    return sorted((a for a in assignments if (a.counted_with, a.round) == same), key=lambda a: a.turn)


def order_again(batch: Sequence[Assignment], *, seed: int, reader_id: str, attempt: int) -> list[Assignment]:
    """Another order of a round: repeats after their first reading, no check first; always the same for one attempt."""
    first = batch[0]
    rng = seeded(seed, f"{reader_id}, attempt {attempt} of period {first.period}, round {first.round}")
    order = [batch[i] for i in rng.permutation(len(batch))]
    for place, one in enumerate(order):
        if one.occasion == 1 and one.part is CasePart.STUDY:
            earlier = next((i for i in range(place) if order[i].case_id == one.case_id), None)
            if earlier is not None:
                order[earlier], order[place] = one, order[earlier]
    if order[0].part is CasePart.CHECK:
        other = next((i for i, one in enumerate(order) if one.part is not CasePart.CHECK), 0)
        order[0], order[other] = order[other], order[0]
    return order
