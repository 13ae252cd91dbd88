"""How agreement changes with assistance: the same raters and items before and after, in the same draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dermdash.analysis.agreement.coefficients import NOMINAL, Coefficient, make_bootstrap, measured
from dermdash.analysis.agreement.ratings import Ratings
from dermdash.analysis.arrays import FloatArray, IntArray
from dermdash.analysis.as_json import to_json
from dermdash.analysis.bootstrap import NO_DRAWS, GroupedBootstrap
from dermdash.analysis.drawn_intervals import drawn_interval
from dermdash.analysis.estimates import equal_clusters_of, json_number
from dermdash.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class AgreementChange:
    """A coefficient before and after assistance; ``difference`` is after minus before (higher = more agreement).

    ``low``, ``high`` and ``p`` are those of Student's t with the standard error of the difference over paired draws
    (`drawn_intervals`). ``p_holm`` is filled where several comparisons stand beside each other.
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
            "before": to_json(self.before),
            "after": to_json(self.after),
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
    found = drawn_interval(difference, draws, equal_clusters_of(bootstrap.groups), confidence=bootstrap.confidence)
    if found is None:
        why = "no interval: every draw changes by the same" if drawn else NO_DRAWS
        reason = first.reason or second.reason or why
        return AgreementChange(first, second, difference, reason=reason)
    return AgreementChange(first, second, difference, found.low, found.high, p=found.p_value)
