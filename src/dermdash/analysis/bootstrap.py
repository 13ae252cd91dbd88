"""Bootstrap over groups of cases: whole patients (else lesions, else images) are drawn with replacement.

Two images of one patient are not two independent observations; drawing images one by one would give intervals that are
too narrow. All figures of an evaluation use the same draws, so that differences between them are paired.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dermdash.analysis.arrays import BoolArray, FloatArray, IntArray
from dermdash.analysis.draws import times_drawn
from dermdash.analysis.estimates import check_confidence, check_draws
from dermdash.analysis.running_counts import running_counts

_CHUNK_CELLS = 2_000_000
_KEPT_CELLS = 50_000_000
MINIMUM_USABLE = 0.5
NO_DRAWS = "no draws requested"


@dataclass(slots=True)
class GroupedBootstrap:
    """Draws of groups, made once and used for every figure.

    Parameters
    ----------
    groups
        int (n,), group of each case.
    replicates
        How many draws; 0 switches the bootstrap off (intervals are then None).
    seed
        Equal groups and seed give equal draws.
    confidence
        Level of the percentile intervals.
    """

    groups: IntArray
    replicates: int
    seed: int
    confidence: float = 0.95
    _index: IntArray = field(init=False, repr=False)
    _count: int = field(init=False)
    _kept: list[NDArray[np.float32]] | None = field(init=False, default=None, repr=False)

    def __post_init__(self) -> None:
        check_confidence(self.confidence)
        check_draws(self.replicates)
        labels, self._index = np.unique(self.groups, return_inverse=True)
        self._count = len(labels)

    def group_counts(self) -> Iterator[NDArray[np.float32]]:
        """How often each group was drawn: float32 (draws, groups), in chunks that fit memory."""
        if self._kept is not None:
            yield from self._kept
            return
        keep = self.replicates * self._count <= _KEPT_CELLS
        kept = []
        step = max(1, min(self.replicates, _CHUNK_CELLS // max(self._count, 1)))
        for start in range(0, self.replicates, step):
            size = min(step, self.replicates - start)
            # A generator per chunk: the chunks can be made again where they are too large to keep.
            chunk = times_drawn(self._count, size, np.random.default_rng([self.seed, start]))
            if keep:
                kept.append(chunk)
            yield chunk
        if keep:
            self._kept = kept

    def case_counts(self, cases: IntArray | None = None) -> Iterator[NDArray[np.float32]]:
        """How often each case (each of these) was drawn: float32 (draws, cases), in the chunks of `group_counts`."""
        index = self._index if cases is None else self._index[cases]
        for chunk in self.group_counts():
            yield np.take(chunk, index, axis=1)

    def sums(self, columns: FloatArray) -> FloatArray:
        """Sum of each column over the drawn cases.

        Parameters
        ----------
        columns
            float or bool (n, m).

        Returns
        -------
        array
            (draws, m).
        """
        table = np.asarray(columns, float)
        by_group = np.stack(
            [np.bincount(self._index, weights=table[:, j], minlength=self._count) for j in range(table.shape[1])],
            axis=1,
        )
        parts = [chunk @ by_group for chunk in self.group_counts()]
        return np.concatenate(parts) if parts else np.empty((0, table.shape[1]))

    def shares(self, hits: BoolArray, among: BoolArray | None = None) -> FloatArray:
        """Share of ``hits`` (n, or n x m) among the cases marked; NaN where a draw has none of these."""
        among = np.ones(len(self.groups), bool) if among is None else among
        table = np.asarray(hits, float)
        table = table[:, None] if table.ndim == 1 else table
        both = self.sums(np.column_stack([table * among[:, None], among]))
        with np.errstate(invalid="ignore", divide="ignore"):
            shares = both[:, :-1] / both[:, -1:]
        return shares[:, 0] if np.ndim(hits) == 1 else shares

    def areas(self, target: BoolArray, score: FloatArray, among: BoolArray | None = None) -> FloatArray:
        """Area under the ROC curve of each draw, ties counting half as in `roc.area`; NaN where a side was not drawn.

        ``among`` bool (n,): only these cases count, in the same draws.
        """
        sides = _ranked(target, score, among)
        areas = []
        with np.errstate(invalid="ignore", divide="ignore"):
            for counts in self.group_counts():
                weight = np.take(counts, self._index[sides.positive], axis=1).astype(np.int64)
                others = running_counts(counts, self._index[sides.negative])
                beaten = np.take(others, sides.below, axis=1) + np.take(others, sides.up_to, axis=1)
                twice = np.einsum("ij,ij->i", weight, beaten)
                areas.append(twice / (2 * weight.sum(axis=1) * others[:, -1].astype(float)))
        return np.concatenate(areas) if areas else np.empty(0)

    def precisions(self, target: BoolArray, score: FloatArray) -> FloatArray:
        """Average precision of each draw, ties as one threshold as in `roc.average_precision`; NaN without a side."""
        sides = _ranked(target, score, None)
        found = []
        with np.errstate(invalid="ignore", divide="ignore"):
            for counts in self.group_counts():
                weight = np.take(counts, self._index[sides.positive], axis=1)
                ahead = running_counts(counts, self._index[sides.positive])
                others = running_counts(counts, self._index[sides.negative])
                total, rest = ahead[:, -1], others[:, -1]
                called = total[:, None] - np.take(ahead, sides.first, axis=1)
                precision = called / (called + (rest[:, None] - np.take(others, sides.below, axis=1)))
                # A positive that was not drawn may have no call at its threshold: 0 / 0, of weight 0.
                precision[weight == 0] = 0.0
                found.append(np.where(rest > 0, np.einsum("ij,ij->i", weight, precision, dtype=float) / total, np.nan))
        return np.concatenate(found) if found else np.empty(0)

    def interval(self, values: FloatArray) -> tuple[float, float] | None:
        """Percentile interval of one figure over the draws.

        None without draws, where fewer than half of them allow the figure, or where all give the same value: a share
        of 100 % stays 100 % in every draw, and an interval of no width would pretend certainty.
        """
        usable = values[np.isfinite(values)]
        if len(usable) == 0 or len(usable) < MINIMUM_USABLE * len(values):
            return None
        tail = (1 - self.confidence) / 2
        low, high = np.quantile(usable, [tail, 1 - tail])
        return None if np.ptp(usable) < 1e-12 else (float(low), float(high))


@dataclass(frozen=True, slots=True)
class _Sides:
    """Cases of both sides by rising score; of each positive how many negatives lie below it, how many up to it.

    ``first`` of the positives: how many lie below it.
    """

    positive: IntArray
    negative: IntArray
    below: IntArray
    up_to: IntArray
    first: IntArray


def _ranked(target: BoolArray, score: FloatArray, among: BoolArray | None) -> _Sides:
    sides = (target, ~target) if among is None else (target & among, ~target & among)
    positive, negative = (np.flatnonzero(side) for side in sides)
    positive = positive[np.argsort(score[positive], kind="stable")]
    negative = negative[np.argsort(score[negative], kind="stable")]
    high, low = score[positive], score[negative]
    below, up_to = (np.searchsorted(low, high, side) for side in ("left", "right"))
    return _Sides(positive, negative, below, up_to, np.searchsorted(high, high, "left"))
