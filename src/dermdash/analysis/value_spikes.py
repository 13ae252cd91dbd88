"""Values of a numeric field that look like defaults: one that stands out of its neighbours, or at the field's limit.

Ages are often rounded to five or ten years, and lengths to whole millimetres: a value is therefore compared with its
neighbours on every lattice (1, 5, 10 steps) that it belongs to, and with the fullest of them. A spike has at least
`RATIO` times as many records as its neighbours let expect, by more than chance allows (a Poisson tail below `CHANCE`
over the number of values looked at). What a form fills in by itself is mostly a limit of what it allows: such a value
is named also without a spike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATIO = 2.5
CHANCE = 1e-3
LEAST_RECORDS = 5
"""Fewer records of one value are looked at one by one, not as a default."""
LIMIT_SCORE = 0.5
_LATTICES = (1, 5, 10)
_NEIGHBOURS = 2
_MOST_VALUES = 2000
_LEAST_VALUES = 6


@dataclass(frozen=True, slots=True)
class Spike:
    """A value that looks like a default.

    ``count`` records have it, ``expected`` what its neighbours let expect; ``chance`` the Poisson tail; ``at_limit``:
    it is the lowest or highest that the field allows; ``score`` 0 to 1.
    """

    value: float
    count: int
    expected: float
    chance: float
    at_limit: bool
    score: float

    @property
    def is_spike(self) -> bool:
        """Whether the neighbours do not explain it."""
        return self.score > LIMIT_SCORE or not self.at_limit


def find_spikes(
    values: NDArray[np.float64],
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    step: float | None = None,
) -> list[Spike]:
    """Values that stand out, best first.

    Parameters
    ----------
    values
        Of the records; NaN where missing.
    minimum, maximum
        What the field allows.
    step
        Smallest difference between values; None: found from them.
    """
    known = values[np.isfinite(values)]
    if len(known) < LEAST_RECORDS:
        return []
    distinct, counts = np.unique(known, return_counts=True)
    if len(distinct) > _MOST_VALUES:
        # A measured number with many digits: only values that repeat can be defaults, and their neighbours are few.
        kept = counts >= LEAST_RECORDS
        return [
            spike for value, n in zip(distinct[kept], counts[kept], strict=True)
            if (spike := _continuous(known, float(value), int(n), minimum, maximum)) is not None
        ]  # fmt: skip
    step = step or _step(distinct)
    of = dict(zip(np.round(distinct / step).astype(np.int64).tolist(), counts.tolist(), strict=True))
    found = []
    for value, n in zip(distinct.tolist(), counts.tolist(), strict=True):
        if n < LEAST_RECORDS:
            continue
        at_limit = value in (minimum, maximum)
        expected = _expected(of, round(value / step)) if len(distinct) >= _LEAST_VALUES else float(n)
        spike = _spike(float(value), n, expected, at_limit, len(distinct))
        if spike is not None:
            found.append(spike)
    return sorted(found, key=lambda spike: -spike.score)


def _spike(value: float, n: int, expected: float, at_limit: bool, tests: int) -> Spike | None:
    expected = max(expected, 1.0)
    chance = poisson_tail(n, expected) * tests
    stands_out = n >= RATIO * expected and chance < CHANCE
    if not stands_out and not at_limit:
        return None
    score = max(1 - expected / n, LIMIT_SCORE) if stands_out else LIMIT_SCORE
    return Spike(value, n, round(expected, 2), min(1.0, chance), at_limit, round(score, 4))


def _expected(of: dict[int, int], place: int) -> float:
    """What the neighbours of a value let expect, on the lattice that lets expect most."""
    best = 0.0
    for lattice in _LATTICES:
        if place % lattice:
            continue
        near = [
            of.get(place + side * lattice * far, 0)
            for side in (-1, 1)
            for far in range(1, _NEIGHBOURS + 1)
            if lattice == 1 or min(of) <= place + side * lattice * far <= max(of)
        ]
        inside = [n for n in near if n] or [0]
        best = max(best, float(np.mean(inside)) if lattice > 1 else float(np.mean(near)) if near else 0.0)
    return best


def _continuous(
    known: NDArray[np.float64], value: float, n: int, minimum: float | None, maximum: float | None
) -> Spike | None:
    spread = float(np.subtract(*np.quantile(known, (0.75, 0.25)))) or float(known.std()) or 1.0
    near = int((np.abs(known - value) < spread / 50).sum()) - n
    return _spike(value, n, near / 10, value in (minimum, maximum), _MOST_VALUES)


def _step(distinct: NDArray[np.float64]) -> float:
    if len(distinct) < 2:
        return 1.0
    gaps = np.diff(distinct)
    return float(max(gaps.min(), 1e-6)) if (distinct != np.round(distinct)).any() else 1.0


def poisson_tail(count: int, expected: float) -> float:
    """Probability of ``count`` or more where ``expected`` are expected (Poisson)."""
    if count <= 0:
        return 1.0
    from scipy.special import gammainc

    return float(gammainc(count, expected)) if math.isfinite(expected) else 1.0
