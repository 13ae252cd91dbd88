"""From power to a choice: the least readers, the least cases, and curves of equal power."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from dermdash.errors import InvalidInput
from dermdash.wording import percent

READERS = (3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 300)
CASES = (20, 30, 50, 75, 100, 150, 200, 300, 500, 1000)
MOST_READERS, MOST_CASES = 1000, 100_000
POWERS = (0.7, 0.8, 0.9)


class PlannedDesign(Protocol):
    """Anything that knows its power."""

    @property
    def too_few_cases(self) -> str:
        """Why a number of cases has no test, however many read them."""
        ...

    def power(self, readers: int, cases: float) -> float | None:
        """Probability of the finding with so many readers and cases."""
        ...


@dataclass(frozen=True, slots=True)
class EqualPower:
    """Least cases for a power, by number of readers: one curve to choose from. None: no number of cases is enough."""

    power: float
    readers: tuple[int, ...]
    cases: tuple[int | None, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "power": self.power,
            "points": [{"readers": r, "cases": c} for r, c in zip(self.readers, self.cases, strict=True)],
        }


@dataclass(frozen=True, slots=True)
class Need:
    """What a power takes when the other number is given; ``needed`` None where nothing is enough, with the reason."""

    given: int
    needed: int | None
    power: float | None
    reason: str | None = None

    def as_dict(self, given: str, needed: str) -> dict[str, Any]:
        """For JSON, with the names of both numbers."""
        return {given: self.given, needed: self.needed, "power": self.power, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Plan:
    """Sample sizes for one design.

    ``grid``: power by (readers, cases), None where the test does not exist. ``for_cases``: readers needed for given
    cases; ``for_readers``: cases needed for given readers. ``at``: power of the study asked about.
    """

    target: float
    grid_readers: tuple[int, ...]
    grid_cases: tuple[int, ...]
    grid: tuple[tuple[float | None, ...], ...]
    curves: tuple[EqualPower, ...]
    for_cases: tuple[Need, ...]
    for_readers: tuple[Need, ...]
    readers: int | None = None
    cases: int | None = None
    at: float | None = field(default=None)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "target_power": self.target,
            "power_table": [
                {"readers": r, "cases": c, "power": self.grid[i][j]}
                for i, r in enumerate(self.grid_readers)
                for j, c in enumerate(self.grid_cases)
            ],
            "equal_power": [c.as_dict() for c in self.curves],
            "readers_needed": [n.as_dict("cases", "readers") for n in self.for_cases],
            "cases_needed": [n.as_dict("readers", "cases") for n in self.for_readers],
            "asked": {"readers": self.readers, "cases": self.cases, "power": self.at},
        }


def make_plan(
    design: PlannedDesign,
    *,
    target: float = 0.8,
    readers: int | None = None,
    cases: int | None = None,
    grid_readers: Sequence[int] = READERS,
    grid_cases: Sequence[int] = CASES,
) -> Plan:
    """Compute the tables and curves; ``readers`` and ``cases``, where given, join them.

    Raises
    ------
    InvalidInput
        The target is no power, or a number of readers or cases is out of range.
    """
    if not 0 < target < 1:
        raise InvalidInput(f"the power aimed at is {target:g}: expected a number above 0 and below 1, e.g. 0.8")
    for name, value, most in (("readers", readers, MOST_READERS), ("cases", cases, MOST_CASES)):
        if value is not None and not 1 <= value <= most:
            raise InvalidInput(f"{value} {name}: expected 1 to {most:,}")
    rows = tuple(sorted({*grid_readers, *([] if readers is None else [readers])}))
    columns = tuple(sorted({*grid_cases, *([] if cases is None else [cases])}))
    powers = sorted({*POWERS, target})
    return Plan(
        target=target,
        grid_readers=rows,
        grid_cases=columns,
        grid=tuple(tuple(design.power(r, c) for c in columns) for r in rows),
        curves=tuple(EqualPower(p, rows, tuple(least_cases(design, r, p).needed for r in rows)) for p in powers),
        for_cases=tuple(least_readers(design, c, target) for c in ([cases] if cases is not None else columns)),
        for_readers=tuple(least_cases(design, r, target) for r in ([readers] if readers is not None else rows)),
        readers=readers,
        cases=cases,
        at=None if readers is None or cases is None else design.power(readers, cases),
    )


def least_cases(design: PlannedDesign, readers: int, target: float) -> Need:
    """Fewest cases with which so many readers reach the power."""
    most = design.power(readers, MOST_CASES)
    if most is None or most < target:
        limit = design.power(readers, math.inf)
        why = (
            "the test does not exist for so few readers"
            if limit is None
            else f"even with any number of cases the power stays at {percent(limit)}"
            if limit < target
            else f"it takes more than {MOST_CASES:,} cases"
        )
        return Need(readers, None, most, why)
    found = _least(lambda c: (design.power(readers, c) or 0.0) >= target, MOST_CASES)
    return Need(readers, found, design.power(readers, found))


def least_readers(design: PlannedDesign, cases: int, target: float) -> Need:
    """Fewest readers with whom so many cases reach the power."""
    most = design.power(MOST_READERS, cases)
    if most is None or most < target:
        why = (
            design.too_few_cases
            if most is None
            else f"with {MOST_READERS:,} readers the power is {percent(most)}: more cases are needed"
        )
        return Need(cases, None, most, why)
    found = _least(lambda r: (design.power(r, cases) or 0.0) >= target, MOST_READERS)
    return Need(cases, found, design.power(found, cases))


def _least(enough: "_Enough", most: int) -> int:
    """Smallest whole number that is enough, by halving: power rises with both numbers."""
    low, high = 1, most
    while low < high:
        middle = (low + high) // 2
        if enough(middle):
            high = middle
        else:
            low = middle + 1
    return low


class _Enough(Protocol):
    def __call__(self, number: int, /) -> bool: ...
