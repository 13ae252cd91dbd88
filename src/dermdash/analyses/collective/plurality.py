"""How often a panel's plurality is right, exactly: the mean over every panel that could be drawn.

A panel of k is drawn without replacement among the readers who read a case. Its answer is the class with most votes;
a tie is broken at random, so a true class that shares the lead with t others counts 1/(t+1). Instead of drawing panels,
their number is counted: the votes of a panel follow a multivariate hypergeometric distribution, and the generating
function of the votes that stay below (or tie with) those of the true class gives the probability for every k at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dermdash.analysis.arrays import FloatArray, IntArray
from dermdash.errors import InvalidInput

Size = tuple[int, ...]
"""Members that a panel takes from each stratum of readers."""
_TIE = 1e-9
_STATES_AT_ONCE = 4000


def plurality_share(
    counts: IntArray, truth: IntArray, sizes: Sequence[Size], offsets: FloatArray | None = None
) -> FloatArray:
    """Probability that the plurality of a random panel is the true class.

    Parameters
    ----------
    counts
        int (cases, strata, classes): how many readers of each stratum gave each diagnosis. One or two strata.
    truth
        int (cases,): index of the true class.
    sizes
        Panels to compute, as members per stratum.
    offsets
        float (cases, classes): votes that every panel has besides, e.g. 1 for the class of a model that votes with it.

    Returns
    -------
    array
        (cases, sizes), 0..1; NaN where a case has too few readers for the panel.

    Raises
    ------
    InvalidInput
        More than two strata, or a negative size.
    """
    cases, strata = counts.shape[:2]
    if strata > 2 or any(len(s) != strata or min(s) < 0 for s in sizes):
        raise InvalidInput(f"panels {list(sizes)} of {strata} strata: expected one or two, and members from each")
    if strata == 1:
        counts = np.concatenate([counts, np.zeros_like(counts)], axis=1)
    both = np.array([(*s, 0)[:2] for s in sizes], dtype=np.int64).reshape(len(sizes), 2)
    if cases == 0 or not len(both):
        return np.zeros((cases, len(both)))
    states, back = _distinct_states(counts, truth, offsets)
    found = np.concatenate(
        [
            _states_share(states[start : start + _STATES_AT_ONCE], both, whole=offsets is None)
            for start in range(0, len(states), _STATES_AT_ONCE)
        ]
    )
    return found[back]


def _distinct_states(counts: IntArray, truth: IntArray, offsets: FloatArray | None) -> tuple[FloatArray, IntArray]:
    """Cases reduced to what matters: the true class first, the others in a fixed order, equal ones once.

    Returns (states, classes, 3) with the counts of both strata and the offset, and the state of each case.
    """
    cases, _, classes = counts.shape
    table = np.zeros((cases, classes, 3))
    table[:, :, 0], table[:, :, 1] = counts[:, 0], counts[:, 1]
    if offsets is not None:
        table[:, :, 2] = offsets
    rows = np.arange(cases)
    true = table[rows, truth]
    others = table[np.arange(classes)[None, :] != truth[:, None]].reshape(cases, classes - 1, 3)
    order = np.lexsort((others[..., 2], others[..., 1], others[..., 0]), axis=-1)
    others = np.take_along_axis(others, order[..., None], axis=1)
    flat = np.concatenate([true[:, None], others], axis=1).reshape(cases, -1)
    distinct, back = np.unique(flat, axis=0, return_inverse=True)
    return distinct.reshape(-1, classes, 3), back.reshape(-1).astype(np.int64)


def _states_share(states: FloatArray, sizes: IntArray, *, whole: bool) -> FloatArray:
    n, classes, _ = states.shape
    most = sizes.max(axis=0)
    first, second = states[..., 0].astype(np.int64), states[..., 1].astype(np.int64)
    # Ways to take y of a class's votes, by stratum: (classes, y, states). States are last, so that each step runs over
    # all of them at once.
    ways1, ways2 = _ways(first, int(most[0])), _ways(second, int(most[1]))
    # Of a class that no case has more than m votes of, more than m cannot be taken: most classes have few anywhere.
    given1, given2 = first.max(axis=0) + 1, second.max(axis=0) + 1
    total = np.zeros((len(sizes), n))
    for x in range(int(most.sum()) + 1):
        if not (parts := _parts(sizes, x)):
            continue
        lead = x + states[:, 0, 2]
        # What is left for the other classes once the true one has x votes.
        room1, room2 = (max(left[i] for left in parts) for i in (2, 3))
        # (votes of stratum 1, of stratum 2, classes that tie, states): panels in which no other class has more.
        ways = np.zeros((room1 + 1, room2 + 1, 1, n))
        ways[0, 0, 0] = 1.0
        for j in range(1, classes):
            ways = _with_class(ways, ways1[j, : given1[j]], ways2[j, : given2[j]], states[:, j, 2], lead)
        if whole and x == 0:
            ways[:] = 0.0  # without a vote the true class cannot lead, but for the panel of nobody
        luck = sum(ways[:, :, tied] / (tied + 1) for tied in range(1, ways.shape[2])) + ways[:, :, 0]
        for s, x1, left1, left2 in parts:
            total[s] += ways1[0, x1] * ways2[0, x - x1] * luck[left1, left2]
    readers1, readers2 = first.sum(axis=1), second.sum(axis=1)
    panels = np.stack([_choose(readers1, int(k1)) * _choose(readers2, int(k2)) for k1, k2 in sizes], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(panels > 0, np.minimum(total.T / panels, 1.0), np.nan)


def _parts(sizes: IntArray, x: int) -> list[tuple[int, int, int, int]]:
    """Every panel and how x votes for the true class can come: (panel, of stratum 1, left of stratum 1, of 2)."""
    return [
        (s, x1, k1 - x1, k2 - (x - x1))
        for s, (k1, k2) in enumerate(sizes.tolist())
        for x1 in range(max(0, x - k2), min(x, k1) + 1)
    ]


def _with_class(
    ways: FloatArray, ways1: FloatArray, ways2: FloatArray, offset: FloatArray, lead: FloatArray
) -> FloatArray:
    """Join the votes of one more class, as long as it does not pass the lead; ties move on in an axis of their own."""
    deep1, deep2, ties, n = ways.shape
    joined = np.zeros((deep1, deep2, ties + 1, n))
    tied = False
    for y1 in range(min(len(ways1), deep1)):
        for y2 in range(min(len(ways2), deep2)):
            score = y1 + y2 + offset
            weight = ways1[y1] * ways2[y2]
            kept = ways[: deep1 - y1, : deep2 - y2]
            below, even = score < lead - _TIE, np.abs(score - lead) <= _TIE
            if below.any():
                joined[y1:, y2:, :-1] += weight * below * kept
            if even.any():
                joined[y1:, y2:, 1:] += weight * even * kept
                tied = True
    return joined if tied and joined[:, :, -1].any() else joined[:, :, :-1]


def _ways(available: IntArray, most: int) -> FloatArray:
    """Binomial coefficients of each entry (states, classes) over 0..most: (classes, most + 1, states)."""
    table = np.array([[comb(m, y) for m in range(int(available.max(initial=0)) + 1)] for y in range(most + 1)], float)
    return np.ascontiguousarray(table[:, available.T].transpose(1, 0, 2))


def _choose(available: IntArray, taken: int) -> FloatArray:
    return np.array([float(comb(m, taken)) for m in range(int(available.max(initial=0)) + 1)])[available]


@dataclass(frozen=True, slots=True)
class CaseValues:
    """A statistic of each case, and what it would be without one of its votes.

    ``value``: (cases, columns). ``without``: (cases, strata x classes, columns), the value when one vote of that
    stratum and class is taken away; NaN where there is none to take or too few would be left.
    """

    value: FloatArray
    without: FloatArray


def case_values(counts: IntArray, measure: Callable[[IntArray, IntArray], FloatArray]) -> CaseValues:
    """Compute a statistic for every case, and again without one vote of each class.

    Parameters
    ----------
    counts
        int (cases, strata, classes).
    measure
        Takes counts of some rows and the index of the case behind each row; returns (rows, columns).
    """
    cases, strata, classes = counts.shape
    flat = counts.reshape(cases, strata * classes)
    case, vote = np.nonzero(flat)
    fewer = flat[case].copy()
    fewer[np.arange(len(case)), vote] -= 1
    rows: NDArray[Any] = np.concatenate([flat, fewer]).reshape(-1, strata, classes)
    found = measure(rows, np.concatenate([np.arange(cases), case]))
    without = np.full((cases, strata * classes, found.shape[1]), np.nan)
    without[case, vote] = found[cases:]
    return CaseValues(found[:cases], without)
