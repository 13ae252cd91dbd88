"""Variance, interval and paired test of areas under ROC curves (DeLong, DeLong & Clarke-Pearson, Biometrics 1988).

With several images per patient the variance is taken between patients (Obuchowski, Biometrics 1997), which is
DeLong's where every case is a group of its own.

- ``auc_covariance(target, scores, groups=None) -> AucCovariance``: areas of several scores on the same cases
- ``variance_seen(auc, variance)``
- ``auc_interval(auc, variance, method="logit" | "wald")``
- ``paired_auc_test(target, first, second, groups=None) -> AucDifference``
"""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np

from dermdash.analysis.arrays import BoolArray, FloatArray, IntArray
from dermdash.analysis.distributions import midranks
from dermdash.analysis.estimates import check_confidence
from dermdash.analysis.roc import missing_side
from dermdash.errors import InvalidInput
from dermdash.wording import counted

Method = Literal["wald", "logit"]

# Rounding alone leaves about this much.
NO_VARIANCE = 1e-15


@dataclass(frozen=True, slots=True)
class AucCovariance:
    """Areas (scores,), their covariance matrix (scores, scores), and how many cases there were on each side.

    ``covariance`` is None when a side has fewer than two cases (or groups): no variance can be seen then.
    """

    areas: FloatArray
    covariance: FloatArray | None
    positives: int
    negatives: int


@dataclass(frozen=True, slots=True)
class AucDifference:
    """``first`` minus ``second`` area on the same cases, with the paired interval and the two-sided p value.

    ``low``, ``high``, ``p_value`` are None where the variance is not known. Two scores that rank all cases alike have
    the difference 0, the interval (0, 0) and p = 1. ``reason`` says why there is no test.
    """

    first: float
    second: float
    difference: float
    low: float | None
    high: float | None
    z: float | None
    p_value: float | None
    reason: str | None = None


def placement_values(target: BoolArray, scores: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Structural components of each score: of the positives (scores, m) and of the negatives (scores, n).

    The component of a positive is the share of negatives it beats (ties half); that of a negative the share of
    positives that beat it. Both average to the area.
    """
    positive, negative = scores[:, target], scores[:, ~target]
    m, n = positive.shape[1], negative.shape[1]
    v10, v01 = np.empty_like(positive), np.empty_like(negative)
    for i in range(len(scores)):
        together = midranks(np.concatenate([positive[i], negative[i]]))
        v10[i] = (together[:m] - midranks(positive[i])) / n
        v01[i] = 1.0 - (together[m:] - midranks(negative[i])) / m
    return v10, v01


def auc_covariance(target: BoolArray, scores: FloatArray, *, groups: IntArray | None = None) -> AucCovariance:
    """Areas of several scores of the same cases with their covariance.

    Parameters
    ----------
    target
        bool (n,).
    scores
        float (scores, n), finite.
    groups
        int (n,), patient or lesion of each case; None: every case is independent (DeLong).

    Raises
    ------
    InvalidInput
        Shapes that do not match, scores that are not finite, or no case on one side.
    """
    scores = np.atleast_2d(np.asarray(scores, float))
    if scores.shape[1] != len(target) or not np.isfinite(scores).all():
        raise InvalidInput(
            f"scores of shape {scores.shape} for {counted(len(target), 'case')}: expected finite (scores, cases)"
        )
    if reason := missing_side(target):
        raise InvalidInput(f"no area under the curve: {reason}")
    v10, v01 = placement_values(target, scores)
    m, n = v10.shape[1], v01.shape[1]
    areas = v10.mean(axis=1)
    covariance: FloatArray | None
    if groups is None:
        covariance = None if min(m, n) < 2 else np.atleast_2d(np.cov(v10)) / m + np.atleast_2d(np.cov(v01)) / n
    else:
        covariance = _between_groups(v10 - areas[:, None], v01 - areas[:, None], target, groups)
    return AucCovariance(areas, covariance, m, n)


def _between_groups(d10: FloatArray, d01: FloatArray, target: BoolArray, groups: IntArray) -> FloatArray | None:
    """Obuchowski's clustered covariance from the centred structural components."""
    _, index = np.unique(groups, return_inverse=True)
    clusters = int(index.max()) + 1
    m, n = d10.shape[1], d01.shape[1]
    of_positives, of_negatives = index[target], index[~target]
    with_positive, with_negative = (
        int(np.count_nonzero(np.bincount(of, minlength=clusters))) for of in (of_positives, of_negatives)
    )
    if min(with_positive, with_negative) < 2:
        return None
    sums10 = np.stack([np.bincount(of_positives, weights=row, minlength=clusters) for row in d10])
    sums01 = np.stack([np.bincount(of_negatives, weights=row, minlength=clusters) for row in d01])
    s10 = with_positive / ((with_positive - 1) * m) * (sums10 @ sums10.T)
    s01 = with_negative / ((with_negative - 1) * n) * (sums01 @ sums01.T)
    cross = clusters / (clusters - 1) * (sums10 @ sums01.T)
    return s10 / m + s01 / n + (cross + cross.T) / (m * n)


def variance_seen(auc: float, variance: float | None) -> bool:
    """Whether a variance says how sure an area is: known, and above 0 unless the area is exactly 0 or 1."""
    return variance is not None and (auc in (0.0, 1.0) or variance > NO_VARIANCE)


def auc_interval(
    auc: float,
    variance: float | None,
    *,
    positives: int,
    negatives: int,
    confidence: float = 0.95,
    method: Method = "logit",
    quantile: float | None = None,
) -> tuple[float, float] | None:
    """Two-sided interval of an area; None when the variance is not known or cannot be seen.

    A variance of 0 at an area between 0 and 1 (a constant score, patients that are copies of each other) is no
    certainty: the cases do not show any.

    ``wald`` is area ± z·SE clipped to 0..1. ``logit`` is the same on the log odds, which stays inside 0..1 and covers
    better near 1 (Qin & Hotilovac 2008). At an area of exactly 1 (or 0) the variance is 0 and would pretend certainty:
    the interval then is that of a share of min(positives, negatives) cases of which all were right (Wilson), since a
    perfect separation of five positives is no proof of perfection. ``quantile`` replaces the normal one.

    Which interval is shown, if any, is decided in `auc_intervals`.
    """
    check_confidence(confidence)
    if variance is None:
        return None
    z = NormalDist().inv_cdf(0.5 + confidence / 2) if quantile is None else quantile
    if auc in (0.0, 1.0):
        smaller = min(positives, negatives)
        bound = smaller / (smaller + z * z)  # Wilson's bound of n out of n
        return (bound, 1.0) if auc == 1.0 else (0.0, 1.0 - bound)
    if not variance_seen(auc, variance):
        return None
    error = math.sqrt(variance)
    if method == "wald":
        return max(0.0, auc - z * error), min(1.0, auc + z * error)
    centre, half = math.log(auc / (1 - auc)), z * error / (auc * (1 - auc))
    return _logistic(centre - half), _logistic(centre + half)


def paired_auc_test(
    target: BoolArray,
    first: FloatArray,
    second: FloatArray,
    *,
    groups: IntArray | None = None,
    confidence: float = 0.95,
) -> AucDifference:
    """Difference of two areas on the same cases with DeLong's paired z test; parameters as `auc_covariance`."""
    return auc_difference(auc_covariance(target, np.stack([first, second]), groups=groups), confidence=confidence)


def auc_difference(result: AucCovariance, *, confidence: float = 0.95) -> AucDifference:
    """The first minus the second of two areas, with DeLong's paired z test."""
    a, b = float(result.areas[0]), float(result.areas[1])
    if result.covariance is None:
        return AucDifference(a, b, a - b, None, None, None, None)
    c = result.covariance
    variance = float(c[0, 0] + c[1, 1] - 2 * c[0, 1])
    if variance <= NO_VARIANCE:
        same = abs(a - b) < 1e-12
        return AucDifference(a, b, a - b, *((0.0, 0.0, 0.0, 1.0) if same else (None, None, None, None)))
    error = math.sqrt(variance)
    z = (a - b) / error
    half = NormalDist().inv_cdf(0.5 + confidence / 2) * error
    return AucDifference(a, b, a - b, a - b - half, a - b + half, z, math.erfc(abs(z) / math.sqrt(2)))


def _logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x)) if x >= 0 else math.exp(x) / (1.0 + math.exp(x))
