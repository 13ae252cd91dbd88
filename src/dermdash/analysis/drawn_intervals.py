"""Intervals from the draws of a bootstrap: Student's t with the draws' standard error where few clusters were drawn.

Percentiles of draws of few clusters (cases, lesions, readers) are too narrow: of 10 cases they missed a kappa in 9 to
15 % of simulated studies, of 20 in 7 to 8 % (docs/analysis/error_rates.md). The draws' standard deviation says how much
a figure varies, times sqrt(n / (n - 1)) as n clusters drawn with replacement vary by (n - 1) / n of the variance; the t
distribution with n - 1 degrees of freedom says how well that is known. Clusters of unequal size count as so many equal
ones (`estimates.equal_clusters`).

A figure near its bound (a share, kappa, an average precision) varies more to the side away from it: t on the figure
missed the mean sensitivity of 100 readers of 7 cases in 9 %, the average precision of 20 of 40 cases in 16 %, at the
far end. So each end of a bounded figure is no narrower than that of t on its log odds between the bounds.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

from dermdash.analysis.arrays import FloatArray
from dermdash.analysis.bootstrap import MINIMUM_USABLE, GroupedBootstrap
from dermdash.analysis.distributions import t_quantile, t_two_sided
from dermdash.analysis.estimates import LEAST_DEGREES, Estimate
from dermdash.wording import counted

MANY = 100
"""Clusters from which on percentiles are as good."""
LEAST_CLUSTERS = 7
"""Cases (lesions, patients) below which a mean over them has no interval."""
_NOTHING = 1e-12


def too_few(clusters: int, what: str, least: int = LEAST_CLUSTERS, *, plural: str | None = None) -> str | None:
    """Why a figure over so few clusters (``what`` in the singular) has no interval; None where it may have one."""
    return None if clusters >= least else f"no interval: {counted(clusters, what, plural)} of the {least} that it needs"


def share_with_draws(estimate: Estimate, drawn: tuple[float, float] | None) -> Estimate:
    """A share with its percentiles beside Wilson's interval, which is the one to show.

    Shares of n cases have n + 1 values: their percentiles missed up to 11 % at 105 cases and 8 % at 200, Wilson's at
    most 6 %, on average 5 %.
    """
    if drawn is None:
        return estimate
    chosen = (estimate.low, estimate.high) if estimate.low is not None and estimate.high is not None else None
    return replace(estimate, bootstrap_low=drawn[0], bootstrap_high=drawn[1], chosen=chosen)


def standard_error(draws: FloatArray, clusters: float) -> FloatArray:
    """Of each figure in (draws, ...): what `clusters` drawn with replacement vary by, for as many new ones."""
    return np.asarray(np.std(draws, axis=0) * (clusters / (clusters - 1)) ** 0.5)


def interval_of(
    value: float, draws: FloatArray, clusters: float, bootstrap: GroupedBootstrap, *, level: bool = False
) -> tuple[float, float] | None:
    """Percentiles of the draws from `MANY` clusters on, `drawn_interval` below; ``level``: of a figure from 0 to 1."""
    if clusters >= MANY:
        return bootstrap.interval(draws)
    return ends_of(value, draws, clusters, confidence=bootstrap.confidence, level=level)


def ends_of(
    value: float, draws: FloatArray, clusters: float, *, confidence: float, level: bool
) -> tuple[float, float] | None:
    """Both ends of `drawn_interval`; ``level``: of a figure from 0 to 1, and so on its log odds too."""
    bounds = (0.0, 1.0) if level else (-np.inf, np.inf)
    found = drawn_interval(value, draws, clusters, confidence=confidence, bounds=bounds, log_odds=level)
    return None if found is None else (found.low, found.high)


@dataclass(frozen=True, slots=True)
class DrawnInterval:
    """Interval of a figure, and the p value of "it is zero" that agrees with it."""

    low: float
    high: float
    p_value: float


def drawn_interval(
    value: float,
    draws: FloatArray,
    clusters: float,
    *,
    confidence: float,
    bounds: tuple[float, float] = (-np.inf, np.inf),
    log_odds: bool = False,
) -> DrawnInterval | None:
    """The interval of a figure from its draws.

    Parameters
    ----------
    value
        The figure itself.
    draws
        (draws,), NaN where a draw does not allow it.
    clusters
        How many were drawn, of the kind that has fewest, as equal ones.
    bounds
        The interval does not leave these.
    log_odds
        For a figure between ``bounds``, not for a difference: each end is no narrower than on the log odds. The p value
        stays that of t on the figure.

    Returns
    -------
    DrawnInterval or None
        None with one cluster, where fewer than half of the draws allow the figure, or where all draws give the same.
    """
    usable = draws[np.isfinite(draws)]
    if clusters <= 1 or len(usable) < 2 or len(usable) < MINIMUM_USABLE * len(draws) or np.ptp(usable) < _NOTHING:
        return None
    error = float(standard_error(usable, clusters))
    degrees = max(clusters - 1, LEAST_DEGREES)
    half = t_quantile((1 + confidence) / 2, degrees) * error
    low, high = max(bounds[0], value - half), min(bounds[1], value + half)
    if log_odds:
        ends = _on_log_odds(value, usable, clusters, confidence, bounds)
        low, high = min(low, ends[0]), max(high, ends[1])
    return DrawnInterval(low, high, t_two_sided(value / error, degrees))


def _on_log_odds(
    value: float, draws: FloatArray, clusters: float, confidence: float, bounds: tuple[float, float]
) -> tuple[float, float]:
    """Student's t on log((x - low) / (high - x)); a draw at a bound counts as half as far as the nearest."""
    everything = np.append(draws, value)
    low, high = bounds

    def distance(off: FloatArray) -> FloatArray:
        return np.maximum(off, 0.5 * np.min(off, where=off > _NOTHING, initial=high - low))

    odds = np.log(distance(everything - low)) - np.log(distance(high - everything))
    half = t_quantile((1 + confidence) / 2, max(clusters - 1, LEAST_DEGREES)) * float(
        standard_error(odds[:-1], clusters)
    )
    return tuple(low + (high - low) * float(expit(odds[-1] + side * half)) for side in (-1, 1))  # type: ignore[return-value]
