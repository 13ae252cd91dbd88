"""Variance of estimates whose rows share readers and cases: the one home of cluster sums and their covariances.

An estimate is a sum over rows of what each row adds to it (its influence). Rows of one cluster depend on each other, so
the influence is summed within clusters first. With one kind of cluster the covariance is that of Liang and Zeger
(Biometrika 1986); with readers and cases at once V = V(readers) + V(cases) - V(reader and case) (Cameron, Gelbach and
Miller, J Bus Econ Stat 2011), each part times G / (G - 1). Where the subtraction goes too far the largest part is kept
(MacKinnon, Nielsen and Webb, J Bus Econ Stat 2021). Degrees of freedom are those of the kind with the fewest clusters,
counted as equal ones (`estimates.equal_clusters`) - 1.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from dermdash.analysis.arrays import FloatArray, IntArray
from dermdash.analysis.estimates import LEAST_DEGREES, equal_clusters
from dermdash.wording import counted

_NOTHING = 1e-12
_DENSE_CELLS = 10
"""Cells of a table per row up to which counting them all is faster than sorting those that occur."""


@dataclass(frozen=True, slots=True)
class Clustering:
    """Rows by their clusters: one kind of cluster, or two and what lies in both.

    ``kinds``: int (rows,) each, numbers 0, 1, ... of which every one occurs. ``cells``: the same of pairs of numbers,
    None with one kind. ``sizes``: how many clusters each kind has.
    """

    kinds: tuple[IntArray, ...]
    cells: IntArray | None = None
    sizes: tuple[int, ...] = field(default=())


def clustering(*labels: npt.NDArray[Any]) -> Clustering:
    """Number the clusters of rows: of one kind, or of two (readers and cases). Labels may be anything."""
    kinds = tuple(numbered(kind) for kind in labels)
    sizes = tuple(int(kind.max(initial=-1)) + 1 for kind in kinds)
    cells = numbered(kinds[0] * sizes[1] + kinds[1]) if len(kinds) == 2 else None
    return Clustering(kinds, cells, sizes)


def numbered(labels: npt.NDArray[Any]) -> IntArray:
    """Labels as numbers 0, 1, ... in their order; every number occurs."""
    if labels.dtype.kind in "iu" and len(labels) and labels.min() >= 0:
        most = int(labels.max()) + 1
        if most <= _DENSE_CELLS * len(labels):
            there = np.bincount(labels, minlength=most) > 0
            if there.all():
                return labels.astype(np.int64, copy=False)
            return (np.cumsum(there) - 1)[labels].astype(np.int64)
    return np.unique(labels, return_inverse=True)[1].reshape(-1).astype(np.int64)


def taken_as_independent(cases: int, units: int, what: str) -> str:
    """The warning where cases of one lesion or patient count as if they were of several; ``what`` is too narrow."""
    of = counted(units, "lesion or patient", "lesions or patients")
    return f"{counted(cases, 'case')} of {of} were taken as independent{what} are too narrow."


def cluster_sums(columns: FloatArray, numbers: IntArray, clusters: int | None = None) -> FloatArray:
    """Sum of each column (rows, columns) within each cluster: (clusters, columns)."""
    n = int(numbers.max(initial=-1)) + 1 if clusters is None else clusters
    found: FloatArray = np.column_stack([np.bincount(numbers, weights=c, minlength=n) for c in columns.T])
    return found


def squared_sums(columns: FloatArray, numbers: IntArray) -> FloatArray:
    """Sum over clusters of the outer product of their sums: (columns, columns)."""
    clusters = int(numbers.max(initial=-1)) + 1
    # Where every row is a cluster of its own, as a reader's one answer to a case, there is nothing to sum.
    sums = columns if clusters == len(columns) else cluster_sums(columns, numbers, clusters)
    found: FloatArray = sums.T @ sums
    return found


def cluster_covariance(
    influence: FloatArray, rows: Clustering, weight: FloatArray | None = None
) -> tuple[FloatArray | None, float | None, str | None]:
    """Covariance of estimates from the influence of each row on them, with degrees of freedom, or a reason.

    Parameters
    ----------
    influence
        (rows, estimates); sums to 0 over the rows.
    rows
        With two kinds of cluster, what lies in both is subtracted once. Where that leaves no covariance, or a variance
        below that of one part alone, the subtraction went too far: the larger part is kept.
    weight
        (rows,), e.g. how many answers a row counts; None: all rows weigh the same.
    """
    if not rows.sizes or min(rows.sizes) < 2:
        many = len(rows.sizes) > 1
        return None, None, "the variance needs at least two readers and two cases" if many else "one case: no variance"
    parts = [_one_way(influence, numbers) for numbers in rows.kinds]
    counts = [np.bincount(numbers, weights=weight) for numbers in rows.kinds]
    df = max(min(equal_clusters(each) for each in counts) - 1, LEAST_DEGREES)
    if rows.cells is None:
        return parts[0], df, None
    kept = parts[0] + parts[1] - _one_way(influence, rows.cells)
    if np.linalg.eigvalsh(kept).min() < -_NOTHING:
        kept = max(parts, key=lambda part: float(np.trace(part)))
    floor = np.maximum(np.diag(parts[0]), np.diag(parts[1]))
    # Larger variances with unchanged correlations keep the matrix a covariance.
    variances = np.diag(kept)
    scale = np.sqrt(np.maximum(variances, floor) / np.where(variances > 0, variances, 1.0))
    scaled: FloatArray = kept * np.outer(scale, scale)
    np.fill_diagonal(scaled, np.maximum(variances, floor))
    return scaled, df, None


def _one_way(influence: FloatArray, numbers: IntArray) -> FloatArray:
    n = int(numbers.max()) + 1
    return n / max(n - 1, 1) * squared_sums(influence, numbers)
