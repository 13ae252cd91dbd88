"""How agreement changes with assistance: the same raters and items before and after, in the same draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dermdash.analysis.agreement.coefficients import NOMINAL, Coefficient, make_bootstrap, measured
from dermdash.analysis.agreement.ratings import Ratings
from dermdash.analysis.bootstrap import NO_DRAWS, GroupedBootstrap
from dermdash.analysis.distributions import t_quantile, t_two_sided
from dermdash.analysis.estimates import FloatArray, IntArray, json_number
from dermdash.errors import InvalidInput

FEW_GROUPS = 20
"""Below so many groups of items the percentiles are too narrow: in 300 null studies each of 5 to 15 items 9 to 12 % of
changes were significant at 5 %, with the t distribution 1 to 5 %."""


@dataclass(frozen=True, slots=True)
class AgreementChange:
    """A coefficient before and after assistance; ``difference`` is after minus before (higher = more agreement).

    ``low`` and ``high``: percentile interval of the difference over paired draws; ``p``: two-sided, from the share of
    draws on the other side of zero. Of fewer than ``FEW_GROUPS`` drawn groups both are those of the t distribution with
    the draws' standard error. ``p_holm`` is filled where several comparisons stand beside each other.
    """

    before: Coefficient
    after: Coefficient | None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_holm: float | None = None
    reason: str | None = None

    @property
    def statistic(self) -> str:
        """Key of the coefficient."""
        return self.before.statistic

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "statistic": self.statistic,
            "before": self.before.as_dict(),
            "after": None if self.after is None else self.after.as_dict(),
            "difference": json_number(self.difference),
            "ci": None if self.low is None or self.high is None else [self.low, self.high],
            "p": json_number(self.p),
            "p_holm": json_number(self.p_holm),
            "reason": self.reason,
        }


def compare_agreement(
    before: Ratings,
    after: Ratings | None,
    statistics: Sequence[str] = NOMINAL,
    *,
    groups: IntArray | None = None,
    replicates: int = 2000,
    seed: int = 2020,
    confidence: float = 0.95,
) -> tuple[AgreementChange, ...]:
    """Agreement before and after, and the difference with the interval of a paired bootstrap over items.

    Parameters
    ----------
    before, after
        The same raters (rows) and items (columns) on the same scale; None: there is no after.
    groups, replicates, seed, confidence
        As for `measure_agreement`.

    Raises
    ------
    InvalidInput
        The two tables differ in shape or scale.
    """
    if after is not None and (before.codes.shape != after.codes.shape or before.categories != after.categories):
        raise InvalidInput("agreement before and after must be of the same raters, items and scale")
    bootstrap = make_bootstrap(before.codes.shape[1], groups, replicates, seed, confidence)
    return tuple(_change(key, before, after, bootstrap) for key in statistics)


def _change(key: str, before: Ratings, after: Ratings | None, bootstrap: GroupedBootstrap) -> AgreementChange:
    first, first_draws = measured(key, before, bootstrap)
    if after is None:
        return AgreementChange(first, None, reason="there are no answers with assistance")
    second, second_draws = measured(key, after, bootstrap)
    return paired_change(first, second, first_draws, second_draws, bootstrap)


def paired_change(
    first: Coefficient,
    second: Coefficient,
    first_draws: FloatArray,
    second_draws: FloatArray,
    bootstrap: GroupedBootstrap,
) -> AgreementChange:
    """The difference of two coefficients computed in the same draws."""
    if first.value is None or second.value is None:
        return AgreementChange(first, second, reason=first.reason or second.reason)
    difference = second.value - first.value
    drawn = min(len(first_draws), len(second_draws))
    draws = second_draws[:drawn] - first_draws[:drawn]
    interval = bootstrap.interval(draws)
    if interval is None:
        why = "no interval: every draw changes by the same" if drawn else NO_DRAWS
        reason = first.reason or second.reason or why
        return AgreementChange(first, second, difference, reason=reason)
    if (groups := len(np.unique(bootstrap.groups))) < FEW_GROUPS:
        return AgreementChange(first, second, difference, *_of_few(difference, draws, groups, bootstrap.confidence))
    return AgreementChange(first, second, difference, *interval, p=bootstrap_p(draws))


def _of_few(difference: float, draws: FloatArray, groups: int, confidence: float) -> tuple[float, float, float]:
    """Interval and p with groups - 1 degrees of freedom; draws of n groups vary by (n - 1) / n of the variance."""
    error = float(np.std(draws[np.isfinite(draws)])) * np.sqrt(groups / (groups - 1))
    half = t_quantile((1 + confidence) / 2, groups - 1) * error
    return difference - half, difference + half, t_two_sided(difference / error, groups - 1)


def bootstrap_p(draws: FloatArray) -> float:
    """Two-sided p of "no difference": twice the smaller share of draws at or beyond zero.

    One draw is added to both counts, so that p is never 0 (Davison and Hinkley, Bootstrap Methods and their
    Application, 1997, section 4.2).
    """
    usable = draws[np.isfinite(draws)]
    beyond = min((usable <= 1e-12).sum(), (usable >= -1e-12).sum())
    return float(min(1.0, 2 * (beyond + 1) / (len(usable) + 1)))
