"""One number with its interval, or the reason why there is none: what every table of an evaluation is made of.

- ``Estimate``: value, interval, counts, reason; ``as_dict()`` is what goes into JSON
- ``clustered_proportion(hits, groups)``: a share with a Wilson interval that knows of several images per patient
- ``equal_clusters(weights)``: how many clusters of equal weight unequal ones stand for
- ``json_number(value)``: a finite float, or None
"""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dermdash.analysis.arrays import BoolArray, IntArray
from dermdash.analysis.classification import wilson_interval
from dermdash.analysis.distributions import t_quantile
from dermdash.errors import InvalidInput
from dermdash.wording import counted

LEAST_DEGREES = 1.0
"""Degrees of freedom are never fewer, however unequal clusters are."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval.

    ``value`` None means not estimable, and ``reason`` says why. ``low`` and ``high`` are the analytic interval
    (Wilson of shares, DeLong of AUCs), ``bootstrap_low`` and ``bootstrap_high`` the percentile interval of the
    grouped bootstrap; None where there is none. ``hits`` and ``total`` are the counts behind a share. ``chosen`` is the
    interval to show where a rule prefers another than the usual one (`auc_intervals`).
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    bootstrap_low: float | None = None
    bootstrap_high: float | None = None
    hits: int | None = None
    total: int | None = None
    reason: str | None = None
    chosen: tuple[float, float] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Every field by name, numbers finite or None."""
        return {
            "value": json_number(self.value),
            "low": json_number(self.low),
            "high": json_number(self.high),
            "bootstrap_low": json_number(self.bootstrap_low),
            "bootstrap_high": json_number(self.bootstrap_high),
            "hits": self.hits,
            "total": self.total,
            "reason": self.reason,
        }

    @property
    def interval(self) -> tuple[float, float] | None:
        """The interval to show: that of a rule, else the grouped bootstrap's, else the analytic one."""
        if self.chosen is not None:
            return self.chosen
        if self.bootstrap_low is not None and self.bootstrap_high is not None:
            return self.bootstrap_low, self.bootstrap_high
        return None if self.low is None or self.high is None else (self.low, self.high)


def not_estimable(reason: str, *, total: int | None = None) -> Estimate:
    """An estimate that says why there is no number."""
    return Estimate(None, total=total, reason=reason)


def json_number(value: float | None) -> float | None:
    """A plain finite float, or None: JSON knows neither NaN nor infinity."""
    return None if value is None or not math.isfinite(value) else float(value)


def check_confidence(confidence: float) -> None:
    """Refuse a level of intervals that is none, such as 95 for 0.95.

    Raises
    ------
    InvalidInput
        It does not lie between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise InvalidInput(f"the confidence level is {confidence}: expected a number between 0 and 1")


def check_draws(replicates: int) -> None:
    """Refuse a number of bootstrap draws below 0 (InvalidInput); 0 asks for none."""
    if replicates < 0:
        raise InvalidInput(f"{counted(replicates, 'bootstrap draw')}: expected 0 or more")


def equal_clusters(weights: ArrayLike) -> float:
    """How many clusters of equal weight these stand for: (sum)^2 / sum of squares (Kish, Survey Sampling, 1965).

    Degrees of freedom count these. One patient with half of the images says half of what is known and shows nothing of
    how patients differ: with clusters - 1 degrees of freedom intervals of 40 patients, of whom one had 40 of 79 images,
    missed a share in 15 to 26 % of simulated studies (docs/analysis/error_rates.md).

    Parameters
    ----------
    weights
        Of each cluster, e.g. its number of images; at least one above 0.
    """
    each = np.asarray(weights, float)
    found = float(each.sum() ** 2 / (each**2).sum())
    return float(round(found)) if abs(found - round(found)) < 1e-9 else found


def equal_clusters_of(labels: NDArray[Any]) -> float:
    """The same from the cluster of each row, which weighs as many rows as it has."""
    return equal_clusters(np.unique(labels, return_counts=True)[1])


def clustered_proportion(
    hits: BoolArray, groups: IntArray, *, confidence: float = 0.95, empty: str = "no case to count"
) -> Estimate:
    """Share of True with a Wilson interval on the effective number of cases.

    Images of one patient resemble each other, so n images say less than n patients would. The variance of the share
    is taken between groups, its ratio to the binomial variance is the design effect (never below 1), and Wilson's
    interval is computed for ``n / design effect`` cases (Rao & Scott, Biometrics 1992), with Student's t as the effect
    is estimated (degrees of freedom: `equal_clusters` - 1). With one image per group this is Wilson's interval itself.
    At 0 %, at 100 % and with one group no variance between groups can be seen: the number of groups then counts as the
    number of cases.

    Parameters
    ----------
    hits, groups
        One entry per case: what is counted, and the index of its patient (or lesion, or image).
    """
    n = len(hits)
    if n == 0:
        return not_estimable(empty, total=0)
    successes = int(hits.sum())
    share = successes / n
    _, index = np.unique(groups, return_inverse=True)
    sizes = np.bincount(index)
    if len(sizes) == n:
        low, high = wilson_interval(successes, n, confidence=confidence)
        return Estimate(share, low, high, hits=successes, total=n)
    quantile = NormalDist().inv_cdf(0.5 + confidence / 2)
    if successes in (0, n) or len(sizes) == 1:
        effective = float(len(sizes))
    else:
        residual = np.bincount(index, weights=hits.astype(float)) - share * sizes
        clusters = len(sizes)
        variance = clusters / max(clusters - 1, 1) * float((residual**2).sum()) / n**2
        effective = n / max(1.0, variance / (share * (1 - share) / n))
        quantile = t_quantile(0.5 + confidence / 2, max(equal_clusters(sizes) - 1, LEAST_DEGREES))
    low, high = _wilson(share, effective, quantile)
    return Estimate(share, low, high, hits=successes, total=n)


def _wilson(share: float, n: float, z: float) -> tuple[float, float]:
    denominator = 1 + z * z / n
    centre = (share + z * z / (2 * n)) / denominator
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / denominator
    return (0.0 if share == 0 else max(0.0, centre - half)), (1.0 if share == 1 else min(1.0, centre + half))
