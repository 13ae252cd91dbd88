"""Which modality a reader gets for which case, and in which order: random, balanced, reproducible."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from dermdash.errors import InvalidInput, MissingColumns
from dermdash.reader_study.arm_draw import seeded, shares
from dermdash.reader_study.case_part import CasePart
from dermdash.reader_study.design import (
    EVERYBODY,
    Arm,
    AssignmentMethod,
    CaseOrder,
    Condition,
    ReadingOrder,
    StudyDesign,
)
from dermdash.reader_study.protocol_parts import Checks
from dermdash.readings.modality import Modality


@dataclass(frozen=True, slots=True)
class CaseSlot:
    """A case to schedule and the modalities that can be shown for it to this reader now.

    ``truth_dx`` is needed where a reader gets some of the cases of a round; ``part`` of a practice case follows.
    """

    case_id: str
    round: int
    practice: bool
    available: frozenset[Modality]
    part: CasePart = CasePart.STUDY
    truth_dx: str = ""

    @property
    def kind(self) -> CasePart:
        """The part it belongs to."""
        return CasePart.PRACTICE if self.practice and self.part is CasePart.STUDY else self.part


@dataclass(frozen=True, slots=True)
class PlannedAssignment:
    """One case in a reader's order.

    Attributes
    ----------
    position
        As the reader counts, from 1: practice and screening each for themselves, all rounds of a period together.
    practice
        Whether it never counts: true of every part but the study's own.
    occasion
        2 for a hidden repeat.
    """

    case_id: str
    position: int
    modality: Modality
    practice: bool
    round: int
    period: int = 1
    occasion: int = 1
    reading: ReadingOrder = ReadingOrder.SEQUENTIAL
    part: CasePart = CasePart.STUDY


@dataclass(frozen=True, slots=True)
class Progress:
    """What readers did before this one: what balance is kept over.

    Attributes
    ----------
    completed
        Times that (case, modality) was *completed*: those who started and left do not count.
    serial
        Readers of this arm who began before.
    """

    completed: Mapping[tuple[str, Modality], int] = field(default_factory=dict)
    serial: int = 0

    def times_read(self, case_id: str) -> int:
        """How often a case was completed at all."""
        return sum(n for (case, _), n in self.completed.items() if case == case_id)


def schedule_reader(
    cases: Iterable[CaseSlot],
    *,
    modalities: Sequence[Modality],
    seed: int,
    reader_id: str,
    completed: Mapping[tuple[str, Modality], int] | None = None,
    design: StudyDesign | None = None,
    arm: Arm | None = None,
    checks: Checks | None = None,
    serial: int = 0,
) -> tuple[PlannedAssignment, ...]:
    """Order the cases and draw a modality for each.

    Balanced (the default of a design): within the reader the modalities' counts differ by at most one after every
    round, wherever availability allows it (else they are as even as it allows). Under that condition the combinations
    of case and modality completed least often so far are taken, ties at random. A case for which nothing is available
    is read without assistance.

    Parameters
    ----------
    cases
        All cases of the study; practice first, then screening, then the rounds one after the other, in each period.
    modalities
        The protocol's modalities, where a period names none of its own.
    seed, reader_id
        Together they fix every random choice.
    completed, serial
        As in `Progress`.
    design, arm, checks
        Parts of the protocol and the reader's arm; None: as before there were such parts.

    Raises
    ------
    InvalidInput
        No modality given, or a case listed twice.
    """
    plan = _ReadersOrder(
        tuple(sorted(cases, key=lambda slot: (not slot.practice, slot.round, slot.case_id))),
        tuple(modalities),
        design or StudyDesign(),
        checks or Checks(),
        Progress(completed or {}, serial),
        seed,
        seeded(seed, reader_id),
    )
    return plan.of_arm(arm or EVERYBODY)


@dataclass(frozen=True, slots=True)
class _ReadersOrder:
    """Everything that one reader's order follows from."""

    slots: tuple[CaseSlot, ...]
    modalities: tuple[Modality, ...]
    design: StudyDesign
    checks: Checks
    progress: Progress
    seed: int
    rng: np.random.Generator

    def of_arm(self, arm: Arm) -> tuple[PlannedAssignment, ...]:
        if len({slot.case_id for slot in self.slots}) < len(self.slots):
            raise InvalidInput("a case is listed twice in the schedule")
        planned: list[PlannedAssignment] = []
        chosen: dict[int, list[CaseSlot]] = {}
        for number, condition in enumerate(arm.periods, 1):
            shown = self._shown(condition)
            if number == 1:
                for part in (CasePart.PRACTICE, CasePart.SCREENING):
                    planned += self._beforehand(part, shown, condition.reading)
            used = np.zeros(len(shown), dtype=int)
            position = 0
            for round_ in sorted({slot.round for slot in self.slots if slot.kind.in_rounds}):
                batch = chosen.setdefault(round_, self._batch(round_))
                for one in self._round(batch, shown, condition.reading, number, round_, used):
                    position += 1
                    planned.append(replace(one, position=position))
        return tuple(planned)

    def _shown(self, condition: Condition) -> tuple[Modality, ...]:
        if condition.reading is ReadingOrder.UNAIDED:
            return (Modality.NONE,)
        if not (shown := condition.modalities or self.modalities):
            raise InvalidInput("a schedule needs at least one modality")
        return shown

    def _beforehand(
        self, part: CasePart, shown: Sequence[Modality], reading: ReadingOrder
    ) -> Iterator[PlannedAssignment]:
        """Practice as the first period is read; screening without assistance."""
        slots = [slot for slot in self.slots if slot.kind is part]
        if part is CasePart.SCREENING:
            shown, reading = (Modality.NONE,), ReadingOrder.UNAIDED
        drawn = self._draw(slots, shown, np.zeros(len(shown), dtype=int))
        for position, index in enumerate(self.rng.permutation(len(slots)), 1):
            slot = slots[index]
            yield PlannedAssignment(slot.case_id, position, drawn[index], True, slot.round, reading=reading, part=part)

    def _batch(self, round_: int) -> list[CaseSlot]:
        """The cases of a round that this reader reads: all, or the least read of each class in its share."""
        slots = [slot for slot in self.slots if slot.kind is CasePart.STUDY and slot.round == round_]
        wanted = self.design.cases_per_reader
        if wanted is None or wanted >= len(slots):
            return slots
        # The least read first, ties at random; then as many of each class as its share of the round.
        ranks = self.rng.permutation(len(slots))
        order = sorted(range(len(slots)), key=lambda i: (self.progress.times_read(slots[i].case_id), ranks[i]))
        quota = shares({dx: sum(s.truth_dx == dx for s in slots) for dx in sorted({s.truth_dx for s in slots})}, wanted)
        taken: list[CaseSlot] = []
        for i in order:
            if quota[slots[i].truth_dx] > 0:
                quota[slots[i].truth_dx] -= 1
                taken.append(slots[i])
        return sorted(taken, key=lambda slot: slot.case_id)

    def _round(
        self,
        batch: Sequence[CaseSlot],
        shown: Sequence[Modality],
        reading: ReadingOrder,
        period: int,
        round_: int,
        used: np.ndarray,
    ) -> list[PlannedAssignment]:
        drawn = self._draw(batch, shown, used, spared=self._without_assistance(batch, reading))
        order = self._order(len(batch), round_)
        listed = [
            PlannedAssignment(batch[i].case_id, 0, drawn[i], False, round_, period, reading=reading) for i in order
        ]
        return self._with_checks(self._with_repeats(listed), period, round_, reading)

    def _order(self, count: int, round_: int) -> np.ndarray:
        if self.design.order is CaseOrder.SAME_FOR_ALL:
            return seeded(self.seed, f"order of round {round_}").permutation(count)
        return self.rng.permutation(count)

    def _without_assistance(self, batch: Sequence[CaseSlot], reading: ReadingOrder) -> frozenset[str]:
        """The cases that stay without assistance: those that did least often."""
        number = self.checks.unaided_only
        if not number or reading is ReadingOrder.UNAIDED:
            return frozenset()
        ranks = self.rng.permutation(len(batch))
        order = sorted(
            range(len(batch)),
            key=lambda i: (self.progress.completed.get((batch[i].case_id, Modality.NONE), 0), ranks[i]),
        )
        return frozenset(batch[i].case_id for i in order[:number])

    def _draw(
        self,
        batch: Sequence[CaseSlot],
        shown: Sequence[Modality],
        used: np.ndarray,
        spared: frozenset[str] = frozenset(),
    ) -> list[Modality]:
        rest = [slot for slot in batch if slot.case_id not in spared]
        if self.design.method is AssignmentMethod.BALANCED or len(shown) == 1:
            found = _draw_modalities(rest, modalities=shown, used=used, completed=self.progress.completed, rng=self.rng)
        else:
            found = self._in_turn(rest, shown)
        drawn = dict(zip((slot.case_id for slot in rest), found, strict=True))
        return [drawn.get(slot.case_id, Modality.NONE) for slot in batch]

    def _in_turn(self, slots: Sequence[CaseSlot], shown: Sequence[Modality]) -> list[Modality]:
        """By the Latin square or in random blocks; what is not available gives way to the next that is."""
        count = len(shown)
        if self.design.method is AssignmentMethod.LATIN_SQUARE:
            wanted = [(place + self.progress.serial) % count for place in range(len(slots))]
        else:
            blocks = [self.rng.permutation(count) for _ in range(-(-len(slots) // count))]
            wanted = [int(index) for block in blocks for index in block][: len(slots)]
        found = []
        for slot, first in zip(slots, wanted, strict=True):
            turns = (shown[(first + step) % count] for step in range(count))
            found.append(next((m for m in turns if m in slot.available or m is Modality.NONE), Modality.NONE))
        return found

    def _with_repeats(self, listed: list[PlannedAssignment]) -> list[PlannedAssignment]:
        """Put some cases of the first half into the round again, half a round later at least."""
        number = min(self.checks.hidden_repeats, len(listed))
        if not number:
            return listed
        half = max(number, (len(listed) + 1) // 2)
        again = sorted(self.rng.permutation(half)[:number])
        places: list[tuple[float, PlannedAssignment]] = [(float(i), one) for i, one in enumerate(listed)]
        for i in again:
            earliest = min(i + len(listed) // 2, len(listed) - 1)
            place = float(self.rng.uniform(earliest, len(listed)))
            places.append((place, replace(listed[i], occasion=2)))
        return [one for _, one in sorted(places, key=lambda pair: pair[0])]

    def _with_checks(
        self, listed: list[PlannedAssignment], period: int, round_: int, reading: ReadingOrder
    ) -> list[PlannedAssignment]:
        """Spread the checks of the round over it, never as its first case."""
        slots = [slot for slot in self.slots if slot.kind is CasePart.CHECK and slot.round == round_]
        places: list[tuple[float, PlannedAssignment]] = [(float(i), one) for i, one in enumerate(listed)]
        for number, index in enumerate(self.rng.permutation(len(slots))):
            share = (number + float(self.rng.uniform(0.2, 0.8))) / len(slots)
            check = PlannedAssignment(
                slots[index].case_id, 0, Modality.NONE, True, round_, period, reading=ReadingOrder.UNAIDED,
                part=CasePart.CHECK,
            )  # fmt: skip
            places.append((max(0.5, share * len(listed)), check))
        return [one for _, one in sorted(places, key=lambda pair: pair[0])]


def completed_counts(table: pd.DataFrame) -> dict[tuple[str, Modality], int]:
    """Read ``case_id, modality, n`` (completed readings) into the form `schedule_reader` takes."""
    if missing := [name for name in ("case_id", "modality", "n") if name not in table.columns]:
        raise MissingColumns(f"the completed readings lack {', '.join(missing)}; expected case_id, modality, n")
    return {
        (str(case), Modality(modality)): int(n)
        for case, modality, n in zip(table["case_id"], table["modality"], table["n"], strict=True)
    }


def _draw_modalities(
    batch: Sequence[CaseSlot],
    *,
    modalities: Sequence[Modality],
    used: np.ndarray,
    completed: Mapping[tuple[str, Modality], int],
    rng: np.random.Generator,
) -> list[Modality]:
    """Solve the draw as a minimum cost assignment of cases to places; adds to ``used``.

    The k-th use of a modality costs k units, so the cheapest total is the most even split that availability
    allows; a unit outweighs all completed counts together, and these outweigh the random part.
    """
    from scipy.optimize import linear_sum_assignment  # 0.4 s: not for every page that reads a schedule

    drawn = [Modality.NONE] * len(batch)
    rows = [i for i, slot in enumerate(batch) if slot.available.intersection(modalities)]
    if not rows:
        return drawn
    n, m = len(rows), len(modalities)
    counts = np.array([[completed.get((batch[i].case_id, mod), 0) for mod in modalities] for i in rows], float)
    # Only differences within a case matter, and small numbers keep the sums exact.
    counts -= counts.min(axis=1, keepdims=True)
    ties = rng.random((n, m)) / (n + 1)
    unit = (counts.max() + 1) * (n + 1)
    place = unit * (used[:, None] + np.arange(n)[None, :])
    cost = (counts + ties)[:, :, None] + place[None, :, :]
    blocked = np.array([[mod not in batch[i].available for mod in modalities] for i in rows])
    cost[blocked] = unit * (used.max() + n + 1) * (n + 1)
    for row, column in zip(*linear_sum_assignment(cost.reshape(n, m * n)), strict=True):
        modality = column // n
        drawn[rows[row]] = modalities[modality]
        used[modality] += 1
    return drawn
