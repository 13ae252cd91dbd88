"""Bootstrap over groups of cases: whole patients (else lesions, else images) are drawn with replacement.

Two images of one patient are not two independent observations; drawing images one by one would give intervals that are
too narrow. All figures of an evaluation use the same draws, so that differences between them are paired.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dermdash.analysis.estimates import BoolArray, FloatArray, IntArray, check_confidence, check_draws

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
            rng = np.random.default_rng([self.seed, start])
            drawn = rng.integers(0, self._count, (size, self._count))
            drawn += np.arange(size)[:, None] * self._count
            counts = np.bincount(drawn.ravel(), minlength=size * self._count)
            chunk = counts.reshape(size, self._count).astype(np.float32)
            if keep:
                kept.append(chunk)
            yield chunk
        if keep:
            self._kept = kept

    def case_counts(self) -> Iterator[NDArray[np.float32]]:
        """How often each case was drawn: float32 (draws, n), in the chunks of `group_counts`."""
        for chunk in self.group_counts():
            yield chunk[:, self._index]

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

    def areas(
        self, target: BoolArray, score: FloatArray, among: BoolArray | None = None
    ) -> tuple[FloatArray, FloatArray]:
        """Area under the ROC curve and average precision of each draw; NaN where a side was not drawn.

        Ties count half in the area, and as one threshold in the precision, as in `roc.area` and
        `roc.average_precision`. ``among`` bool (n,): only these cases count, in the same draws.
        """
        ill, well = (target, ~target) if among is None else (target & among, ~target & among)
        positive, negative = score[ill], score[well]
        up, down = np.argsort(positive, kind="stable"), np.argsort(negative, kind="stable")
        positive, negative = positive[up], negative[down]
        positive_groups, negative_groups = self._index[ill][up], self._index[well][down]
        below = np.searchsorted(negative, positive, "left")
        up_to = np.searchsorted(negative, positive, "right")
        first = np.searchsorted(positive, positive, "left")
        areas, precisions = [], []
        with np.errstate(invalid="ignore", divide="ignore"):
            for counts in self.group_counts():
                weight = counts[:, positive_groups]
                ahead = _running(weight)
                others = _running(counts[:, negative_groups])
                under = others[:, below]
                total, rest = ahead[:, -1], others[:, -1]
                pairs = np.einsum("ij,ij->i", weight, under + others[:, up_to], dtype=float) / 2
                areas.append(pairs / (total * rest))
                called = total[:, None] - ahead[:, first]
                precision = called / (called + (rest[:, None] - under))
                # A positive that was not drawn may have no call at its threshold: 0 / 0, of weight 0.
                precision[weight == 0] = 0.0
                found = np.einsum("ij,ij->i", weight, precision, dtype=float) / total
                precisions.append(np.where(rest > 0, found, np.nan))
        empty = np.empty(0)
        return (np.concatenate(areas), np.concatenate(precisions)) if areas else (empty, empty)

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


def _running(weights: NDArray[np.float32]) -> FloatArray:
    """Cumulated weights with a leading zero; exact in float64."""
    total = np.zeros((weights.shape[0], weights.shape[1] + 1))
    np.cumsum(weights, axis=1, dtype=float, out=total[:, 1:])
    return total
