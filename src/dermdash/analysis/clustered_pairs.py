"""Change of a share by generalised estimating equations, robust to readers and cases that share readings.

With an identity link, one indicator for the phase and an independence working correlation the equations have a closed
solution: the pooled difference. Its variance comes from the influence of each pair, summed within readers and within
cases (`clusters`).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from dermdash.analysis.arrays import FloatArray, IntArray
from dermdash.analysis.clusters import Clustering, cluster_covariance, clustering
from dermdash.analysis.distributions import t_quantile, t_two_sided
from dermdash.analysis.estimates import json_number
from dermdash.analysis.group_contrasts import Grouped, compare_groups, few_clusters
from dermdash.wording import counted

_NOTHING = 1e-12
Clusters = tuple[IntArray, ...] | Clustering
"""Labels of one kind of cluster or of two, or these numbered already: whoever asks twice numbers them once."""


@dataclass(frozen=True, slots=True)
class ClusteredDifference:
    """Aided minus unaided share of all pairs (0..1); each pair weighs the same.

    ``low``, ``high`` and ``p_value`` follow from ``error`` (standard error) and the t distribution with ``df`` degrees
    of freedom, the smallest number of clusters - 1. ``odds_ratio`` with its interval is the same with a logit link.
    What cannot be computed is None, and ``reason`` says why.
    """

    unaided: float
    aided: float
    difference: float
    error: float | None = None
    df: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    odds_ratio: float | None = None
    odds_low: float | None = None
    odds_high: float | None = None
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON: numbers finite or None."""
        return {
            "accuracy_without": json_number(self.unaided),
            "accuracy_with": json_number(self.aided),
            "difference": json_number(self.difference),
            "ci": interval_or_none(self.low, self.high),
            "p": json_number(self.p_value),
            "standard_error": json_number(self.error),
            "df": self.df,
            "odds_ratio": json_number(self.odds_ratio),
            "odds_ratio_ci": interval_or_none(self.odds_low, self.odds_high),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class GroupDifferences:
    """Test that the change is equal in the groups tested, and the last of these groups' change minus the first's.

    ``f`` has ``df1`` and ``df2`` degrees of freedom (`group_contrasts`). ``left_out`` holds the number of each group
    that is not tested, with the reason, ``first`` and ``last`` the numbers of the groups contrasted. None with a
    ``reason`` where nothing can be computed.
    """

    f: float | None = None
    df1: int | None = None
    df2: float | None = None
    p_value: float | None = None
    contrast: float | None = None
    contrast_low: float | None = None
    contrast_high: float | None = None
    reason: str | None = None
    left_out: Mapping[int, str] = field(default_factory=dict)
    first: int | None = None
    last: int | None = None


def interval_or_none(low: float | None, high: float | None) -> list[float] | None:
    """Both ends as a list, or None where one is missing or no finite number."""
    ends = json_number(low), json_number(high)
    return None if ends[0] is None or ends[1] is None else [ends[0], ends[1]]


def clustered_difference(
    unaided: npt.ArrayLike,
    aided: npt.ArrayLike,
    *,
    clusters: Clusters,
    n_unaided: npt.ArrayLike | None = None,
    n_aided: npt.ArrayLike | None = None,
    stratum: npt.ArrayLike | None = None,
    confidence: float = 0.95,
) -> ClusteredDifference:
    """Change of a share over pairs, or over rows that count several answers.

    Parameters
    ----------
    unaided, aided
        Per row: the outcome (0..1), or how many of ``n_unaided`` and ``n_aided`` answers had it.
    clusters
        One array of labels (rows of one cluster depend on each other), or two: readers and cases.
    n_unaided, n_aided
        Answers behind each row; None: one.
    stratum
        Label per row; the shares are then means over the strata of the share in each (balanced accuracy).
    confidence
        Level of the intervals, 0..1.
    """
    before, after = np.asarray(unaided, float), np.asarray(aided, float)
    counts = tuple(np.ones(len(before)) if n is None else np.asarray(n, float) for n in (n_unaided, n_aided))
    labels = np.zeros(len(before), int) if stratum is None else np.asarray(stratum)
    share_before, influence_before = _share(before, counts[0], labels)
    share_after, influence_after = _share(after, counts[1], labels)
    difference = share_after - share_before
    rows = clusters if isinstance(clusters, Clustering) else clustering(*clusters)
    covariance, df, reason = cluster_covariance(
        (influence_after - influence_before)[:, None], rows, counts[0] + counts[1]
    )
    if covariance is None or df is None:
        return ClusteredDifference(share_before, share_after, difference, reason=reason)
    error = math.sqrt(covariance[0, 0])
    if error < _NOTHING:
        why = "every pair changed by the same amount: no variance can be seen"
        return ClusteredDifference(share_before, share_after, difference, reason=why)
    quantile = t_quantile((1 + confidence) / 2, df)
    odds = _odds_ratio(share_before, share_after, influence_before, influence_after, rows, quantile)
    return ClusteredDifference(
        share_before,
        share_after,
        difference,
        error,
        df,
        max(-1.0, difference - quantile * error),
        min(1.0, difference + quantile * error),
        t_two_sided(difference / error, df),
        *odds,
    )


def group_differences(
    change: npt.ArrayLike,
    group: npt.ArrayLike,
    *,
    clusters: Clusters,
    weight: npt.ArrayLike | None = None,
    stratum: npt.ArrayLike | None = None,
    names: Sequence[str] = ("reader", "case"),
    confidence: float = 0.95,
) -> GroupDifferences:
    """Test whether the mean change differs between groups of pairs (phase x group interaction of the equations).

    Parameters
    ----------
    change
        Aided minus unaided per row; with ``weight``, the sum over that many answers.
    group
        Number of the group (0, 1, ...) per row; a group without rows is an error of the caller.
    clusters, stratum, confidence
        As for `clustered_difference`.
    names
        What a cluster of each kind is called: one for each kind.

    Notes
    -----
    See `group_contrasts` for covariance and degrees of freedom. Groups with too few clusters are left out and named.
    """
    changes, groups = np.asarray(change, float), np.asarray(group, int)
    weights = np.ones(len(changes)) if weight is None else np.asarray(weight, float)
    labels = np.zeros(len(changes), int) if stratum is None else np.asarray(stratum)
    k = int(groups.max()) + 1 if len(groups) else 0
    if k < 2:
        return GroupDifferences(reason="one group: nothing to compare")
    means, columns = np.zeros(k), np.zeros((len(changes), k))
    members = groups[:, None] == np.arange(k)
    lacking: dict[int, str] = {}
    strata = np.unique(labels)
    for j in range(k):
        inside = members[:, j]
        if len(np.unique(labels[inside])) < len(strata):
            lacking[j] = "it lacks malignant or benign cases"
        means[j], columns[inside, j] = _share(changes[inside], weights[inside], labels[inside])
    numbers = (clusters if isinstance(clusters, Clustering) else clustering(*clusters)).kinds
    every = Grouped(means, columns, members * weights[:, None], numbers)
    left_out = dict(sorted((few_clusters(every, names) | lacking).items()))
    kept = [j for j in range(k) if j not in left_out]
    if len(kept) < 2:
        return GroupDifferences(reason="fewer than two groups are large enough for a test", left_out=left_out)
    test = compare_groups(every.of(kept), confidence=confidence)
    if test is None:
        why = f"too few readers or cases, or no variation, for a test between {counted(len(kept), 'group')}"
        return GroupDifferences(reason=why, left_out=left_out)
    return GroupDifferences(
        test.f, test.df1, test.df2, test.p_value, test.contrast, test.low, test.high,
        left_out=left_out, first=kept[0], last=kept[-1],
    )  # fmt: skip


def _share(values: FloatArray, counts: FloatArray, strata: npt.NDArray[Any]) -> tuple[float, FloatArray]:
    """Mean over the strata of sum(values) / sum(counts), and the influence of each row on it."""
    influence = np.zeros(len(values))
    shares = []
    labels = np.unique(strata)
    for label in labels:
        inside = strata == label
        total = counts[inside].sum()
        share = values[inside].sum() / total
        influence[inside] = (values[inside] - share * counts[inside]) / total / len(labels)
        shares.append(share)
    return float(np.mean(shares)), influence


def _odds_ratio(
    before: float,
    after: float,
    influence_before: FloatArray,
    influence_after: FloatArray,
    rows: Clustering,
    quantile: float,
) -> tuple[float | None, float | None, float | None]:
    """exp of the logit difference with its interval (delta method, which is exact for these two parameters)."""
    if not (0 < before < 1 and 0 < after < 1):
        return None, None, None
    logit = math.log(after / (1 - after)) - math.log(before / (1 - before))
    influence = influence_after / (after * (1 - after)) - influence_before / (before * (1 - before))
    covariance, _, _ = cluster_covariance(influence[:, None], rows)
    if covariance is None or covariance[0, 0] < _NOTHING**2:
        return math.exp(logit), None, None
    reach = quantile * math.sqrt(covariance[0, 0])
    return math.exp(logit), math.exp(logit - reach), math.exp(logit + reach)
