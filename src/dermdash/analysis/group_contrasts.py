"""Tests between groups of readings that share readers and cases: none is shown where a group has too few clusters.

The means of groups are compared by Wald statistics from the influence of every row, summed within clusters (readers,
cases, lesions). With one kind of cluster the covariance is that of Liang and Zeger; with two it is what the cells of a
reader and a case show, plus what readers and what cases show beyond that where it is positive (Cameron, Gelbach and
Miller, J Bus Econ Stat 2011, without their subtraction below zero).

What a test may claim depends on the group with the fewest clusters and not on all clusters together. The degrees of
freedom are Satterthwaite's: those of one group's variance are its clusters - 1 where a cluster lies in one group
(Welch, Biometrika 1951), and the smallest group's clusters - 1 where groups share clusters; a statistic of several
contrasts is referred to Hotelling's T squared with the degrees of freedom of a Wishart matrix of the same total
variance (Zhang, Open J Stat 2012). Clusters of unequal weight count for (sum of weights)^2 / sum of squared
weights (Kish, Survey Sampling, 1965). Groups with fewer than `MINIMUM_CASES` cases (unequal ones: worth fewer than
`MINIMUM_EQUAL`) or `MINIMUM_READERS` readers are left out and named: below that, tests of true null hypotheses rejected
too often in simulations (docs/analysis/error_rates.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dermdash.analysis.arrays import FloatArray, IntArray
from dermdash.analysis.clusters import cluster_sums, clustering
from dermdash.analysis.distributions import f_above, t_quantile
from dermdash.wording import counted, number

MINIMUM_CASES, MINIMUM_READERS = 10, 3
"""Cases (or lesions) and readers that each group of a test needs."""
ALIKE, MINIMUM_EQUAL = 0.9, 13
"""Cases worth less than ``ALIKE`` of their number in equal ones weigh unequally: they must be worth so many then."""
_NOTHING = 1e-12
_LEAST_DEGREES = 1.0


@dataclass(frozen=True, slots=True)
class ContrastTest:
    """Whether the means of groups differ, and the last minus the first; ``error`` is the standard error of that."""

    f: float
    df1: int
    df2: float
    p_value: float
    contrast: float
    error: float
    degrees: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Grouped:
    """Groups of rows, ready to be compared.

    Parameters
    ----------
    means
        (groups,).
    influence
        (rows, groups): of each row on each mean, 0 where a row is of another group.
    weight
        (rows, groups): how much a row weighs in the group, 0 where it is of another group.
    clusters
        One array of numbers 0, 1, ... per kind of cluster: one kind, or readers and cases.
    """

    means: FloatArray
    influence: FloatArray
    weight: FloatArray
    clusters: tuple[IntArray, ...]

    def of(self, keep: list[int]) -> "Grouped":
        """The same with some of the groups, in this order."""
        return Grouped(self.means[keep], self.influence[:, keep], self.weight[:, keep], self.clusters)


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of cluster: what each group's sums show, and how many clusters stand behind each group."""

    covariance: FloatArray
    own: FloatArray
    clusters: FloatArray
    effective: FloatArray
    nested: bool


def few_clusters(grouped: Grouped, names: Sequence[str]) -> dict[int, str]:
    """Groups that no test can include, each with the reason: too few clusters, or nothing varies within it.

    ``names`` of the kinds of cluster in the singular, e.g. ("reader", "case").
    """
    found: dict[int, str] = {}
    for labels, name in zip(grouped.clusters, names, strict=True):
        kind, needed = _kind(grouped, labels), MINIMUM_READERS if name == "reader" else MINIMUM_CASES
        for group, (clusters, equal) in enumerate(zip(kind.clusters, kind.effective, strict=True)):
            if clusters < needed:
                found.setdefault(group, f"{counted(clusters, name)} of the {needed} that a test needs")
            elif name != "reader" and equal < min(MINIMUM_EQUAL, ALIKE * clusters):
                weigh = f"{counted(clusters, name)} that weigh as {number(equal, 1)} equal ones would"
                found.setdefault(group, f"{weigh}, of the {MINIMUM_EQUAL} that a test needs")
    for group, column in enumerate(grouped.influence.T):
        if float(np.abs(column).max(initial=0.0)) < _NOTHING:
            found.setdefault(group, "nothing varies within it")
    return found


def compare_groups(grouped: Grouped, *, confidence: float) -> ContrastTest | None:
    """Test that all means are equal; None where the clusters do not show enough variation for it."""
    k = len(grouped.means)
    kinds = [_kind(grouped, labels) for labels in grouped.clusters]
    both = clustering(*grouped.clusters).cells
    cells = None if both is None else _kind(grouped, both).covariance
    last = np.zeros((1, k))
    last[0, 0], last[0, -1] = -1.0, 1.0
    every = _wald(grouped.means, kinds, cells, np.hstack([-np.ones((k - 1, 1)), np.eye(k - 1)]))
    single = _wald(grouped.means, kinds, cells, last)
    if every is None or single is None:
        return None
    q = k - 1
    df2 = every.degrees - q + 1
    if df2 < _LEAST_DEGREES:
        return None
    f = every.statistic * df2 / (every.degrees * q)
    contrast = float(grouped.means[-1] - grouped.means[0])
    reach = t_quantile((1 + confidence) / 2, single.degrees) * single.error
    p = f_above(f, q, df2)
    return ContrastTest(f, q, df2, p, contrast, single.error, single.degrees, contrast - reach, contrast + reach)


@dataclass(frozen=True, slots=True)
class _Wald:
    """A Wald statistic, the standard error of its last contrast, and its degrees of freedom."""

    statistic: float
    error: float
    degrees: float


def _wald(means: FloatArray, kinds: Sequence[_Kind], cells: FloatArray | None, contrasts: FloatArray) -> _Wald | None:
    found = [contrasts @ kind.covariance @ contrasts.T for kind in kinds]
    whole = [True] * len(kinds)
    if cells is None:
        covariance, parts = found[0], found
    else:
        both = contrasts @ cells @ contrasts.T
        beyond = [_positive(part - both) for part in found]
        covariance = both + beyond[0] + beyond[1]
        # What is seen within cells is known as well as the clusters let it be that show more of it.
        larger = int(np.trace(found[1]) >= np.trace(found[0]))
        whole[1 - larger] = False
        parts = [found[i] if whole[i] else beyond[i] for i in (0, 1)]
    if np.linalg.matrix_rank(covariance, tol=1e-14) < len(contrasts):
        return None
    inverse = np.linalg.inv(covariance)
    spread = 0.0
    for part, kind, entire in zip(parts, kinds, whole, strict=True):
        degrees = np.maximum(kind.effective - 1, _LEAST_DEGREES)
        if kind.nested and entire:
            of_groups = [v * np.outer(column, column) for v, column in zip(kind.own, contrasts.T, strict=True)]
            spread += sum(_square(inverse @ s) / d for s, d in zip(of_groups, degrees, strict=True))
        else:
            spread += _square(inverse @ part) / float(degrees.min())
    q = len(contrasts)
    difference = contrasts @ means
    statistic = float(difference @ inverse @ difference)
    return _Wald(statistic, float(np.sqrt(covariance[-1, -1])), q * (q + 1) / spread)


def _kind(grouped: Grouped, labels: IntArray) -> _Kind:
    numbers = int(labels.max()) + 1
    sums, weights = (cluster_sums(columns, labels, numbers) for columns in (grouped.influence, grouped.weight))
    clusters = (weights > 0).sum(axis=0).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = weights / weights.sum(axis=0)
        effective = np.nan_to_num(1 / (share**2).sum(axis=0))
    # Leaving out a cluster moves the mean by its sum / (1 - its share): the jackknife, which knows that the mean lies
    # nearest to the clusters that weigh most. With equal weights it is the sum of squares times G / (G - 1). Of two
    # estimates the covariance takes the geometric mean of both factors.
    sums = sums / np.maximum(1 - share, _NOTHING) * np.sqrt(np.maximum(clusters - 1, 1) / np.maximum(clusters, 1))
    nested = bool(((weights > 0).sum(axis=1) <= 1).all())
    return _Kind(sums.T @ sums, (sums**2).sum(axis=0), clusters, effective, nested)


def _positive(matrix: FloatArray) -> FloatArray:
    """The symmetric matrix without what is negative of it."""
    values, vectors = np.linalg.eigh(matrix)
    kept: FloatArray = (vectors * np.maximum(values, 0.0)) @ vectors.T
    return kept


def _square(matrix: FloatArray) -> float:
    """Total variance of a Wishart matrix of one degree of freedom with this expectation."""
    return float(np.trace(matrix @ matrix) + np.trace(matrix) ** 2)
