"""Every coefficient of agreement by its key: value, intervals over items, and the reason where there is none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from dermdash.analysis.agreement import chance_corrected as corrected
from dermdash.analysis.agreement import cohen
from dermdash.analysis.agreement.few_items import MINIMUM_GROUPS, too_few
from dermdash.analysis.agreement.krippendorff import krippendorff_alpha
from dermdash.analysis.agreement.ratings import Ratings
from dermdash.analysis.arrays import FloatArray, IntArray
from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.distributions import t_quantile
from dermdash.analysis.drawn_intervals import drawn_interval
from dermdash.analysis.estimates import equal_clusters_of
from dermdash.errors import InvalidInput
from dermdash.wording import counted

LABELS = {
    "alpha": "Krippendorff's alpha",
    "alpha_ordinal": "Krippendorff's alpha, ordinal",
    "alpha_interval": "Krippendorff's alpha, interval",
    "percent": "Percent agreement",
    "cohen": "Cohen's kappa, mean over pairs",
    "cohen_linear": "Cohen's kappa, linear weights",
    "cohen_quadratic": "Cohen's kappa, quadratic weights",
    "fleiss": "Fleiss' kappa",
    "ac1": "Gwet's AC1",
    "ac2": "Gwet's AC2, quadratic weights",
}
NOMINAL = ("alpha", "percent", "cohen", "fleiss", "ac1")
ORDINAL = ("alpha_ordinal", "alpha_interval", "percent", "cohen", "cohen_linear", "cohen_quadratic", "fleiss", "ac2")
MINIMUM_DRAWS = 200
_PAIRWISE_BUDGET = 6e10

_SCHEMES = {"cohen": "unweighted", "cohen_linear": "linear", "cohen_quadratic": "quadratic"}
_LEVELS = {"alpha": "nominal", "alpha_ordinal": "ordinal", "alpha_interval": "interval"}


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One coefficient of agreement.

    ``low`` and ``high``: Student's t with the standard error of so many ``draws`` of items (`drawn_intervals`), where
    these are enough (`few_items`). ``se``: published analytic standard error over items, of Fleiss' kappa, Gwet's
    coefficients and, of two raters, Cohen's kappa; ``analytic_low`` and ``analytic_high`` follow from it, with t, where
    items stand alone. None where it cannot be had; ``reason`` says why.
    """

    statistic: str
    value: float | None
    low: float | None = None
    high: float | None = None
    se: float | None = None
    analytic_low: float | None = None
    analytic_high: float | None = None
    reason: str | None = None
    draws: int = 0


def measure_agreement(
    ratings: Ratings,
    statistics: Sequence[str] = NOMINAL,
    *,
    groups: IntArray | None = None,
    replicates: int = 2000,
    seed: int = 2020,
    confidence: float = 0.95,
) -> tuple[Coefficient, ...]:
    """Agreement of several raters on the same items.

    Parameters
    ----------
    ratings
        From `make_ratings`.
    statistics
        Keys of ``LABELS``.
    groups
        int (items,), which items belong together (images of one patient); None: each stands alone.
    replicates
        Bootstrap draws of whole groups; 0 for no bootstrap.

    Raises
    ------
    InvalidInput
        An unknown statistic.
    """
    bootstrap = make_bootstrap(ratings.codes.shape[1], groups, replicates, seed, confidence)
    return tuple(measured(key, ratings, bootstrap)[0] for key in statistics)


def make_bootstrap(
    items: int, groups: IntArray | None, replicates: int, seed: int, confidence: float
) -> GroupedBootstrap:
    """Draws of groups of items; none where there are fewer than `MINIMUM_GROUPS` to draw from."""
    groups = np.arange(items) if groups is None else groups
    enough = len(np.unique(groups)) >= MINIMUM_GROUPS
    return GroupedBootstrap(groups, replicates if enough else 0, seed, confidence)


def measured(key: str, ratings: Ratings, bootstrap: GroupedBootstrap) -> tuple[Coefficient, FloatArray]:
    """A coefficient and its value in every draw (fewer, or none, where a draw takes too long)."""
    if key not in LABELS:
        raise InvalidInput(f"agreement statistic {key!r}: expected {', '.join(LABELS)}")
    if (refusal := why_not(key, ratings)) is not None:
        return Coefficient(key, None, reason=refusal), np.empty(0)
    compute = _function(key, ratings)
    value = float(compute(np.ones((1, ratings.codes.shape[1])))[0])
    if not np.isfinite(value):
        return Coefficient(key, None, reason=_undefined(ratings)), np.empty(0)
    wanted, reason = _draws(key, ratings, bootstrap.replicates)
    drawn: list[FloatArray] = []
    if wanted:
        left = wanted
        for chunk in bootstrap.case_counts():
            drawn.append(compute(chunk[:left].astype(float)))
            left -= len(drawn[-1])
            if left <= 0:
                break
    draws = np.concatenate(drawn) if drawn else np.empty(0)
    groups = len(np.unique(bootstrap.groups))
    few = too_few(key, ratings, bootstrap.groups)
    found = None
    if not few:
        found = drawn_interval(
            value,
            draws,
            equal_clusters_of(bootstrap.groups),
            confidence=bootstrap.confidence,
            bounds=_bounds(key),
            log_odds=True,
        )
    if found is None and reason is None:
        reason = (few if len(draws) else None) or no_interval(draws, items=groups)
    se = _standard_error(key, ratings)
    shown = se and not few and groups == len(bootstrap.groups)
    half = t_quantile((1 + bootstrap.confidence) / 2, groups - 1) * (se or 0.0) if shown else None
    return (
        Coefficient(
            key,
            value,
            None if found is None else found.low,
            None if found is None else found.high,
            se or None,
            None if half is None else max(-1.0, value - half),
            None if half is None else min(1.0, value + half),
            reason,
            len(draws),
        ),
        draws,
    )


def _bounds(key: str) -> tuple[float, float]:
    return (0.0, 1.0) if key == "percent" else (-1.0, 1.0)


def why_not(key: str, ratings: Ratings) -> str | None:
    """Why a coefficient cannot be computed from these ratings at all."""
    counts = ratings.counts
    if ratings.raters < 2:
        return "one reader: agreement needs at least two" if ratings.raters else "there are no ratings"
    if counts.sum(axis=1).max() < 2:
        return "no case was rated by two readers"
    if key == "fleiss":
        return corrected.same_number_of_raters(counts)
    if key == "alpha_interval" and ratings.values is None:
        return "the interval alpha needs ratings that are numbers"
    if key in _SCHEMES and not cohen.usable_pairs(ratings, _common_needed(ratings))[0]:
        return (
            f"no two readers have {counted(_common_needed(ratings), 'case')} in common: "
            "Krippendorff's alpha uses what few they share"
        )
    return None


def no_interval(draws: FloatArray, *, items: int) -> str | None:
    """Why draws give no interval; None where none were asked for."""
    if items < MINIMUM_GROUPS:
        return f"{counted(items, 'case')}: an interval needs at least {MINIMUM_GROUPS} to redraw"
    if not len(draws):
        return None
    usable = draws[np.isfinite(draws)]
    if len(usable) < len(draws) / 2:
        return "no interval: most draws of cases leave the coefficient undefined"
    return "no interval: every draw of cases gives the same"


def _function(key: str, ratings: Ratings) -> Callable[[FloatArray], FloatArray]:
    counts = ratings.counts
    if key == "percent":
        return lambda weights: corrected.percent_agreement(counts, weights)
    if key == "fleiss":
        return lambda weights: corrected.fleiss_kappa(counts, weights)
    if key in ("ac1", "ac2"):
        scheme = "unweighted" if key == "ac1" else "quadratic"
        return lambda weights: corrected.gwet_ac(counts, weights, scheme)
    if key in _LEVELS:
        return lambda weights: krippendorff_alpha(counts, weights, _LEVELS[key], ratings.values)
    needed = _common_needed(ratings)
    return lambda weights: cohen.mean_pairwise_kappa(ratings, weights, _SCHEMES[key], minimum_common=needed)


def _common_needed(ratings: Ratings) -> int:
    """Fewer than ten cases in all cannot share ten."""
    return min(cohen.MINIMUM_COMMON, max(2, ratings.items))


def _draws(key: str, ratings: Ratings, replicates: int) -> tuple[int, str | None]:
    if key not in _SCHEMES:
        return replicates, None
    affordable = int(_PAIRWISE_BUDGET / cohen.pairwise_cost(ratings))
    if affordable < min(replicates, MINIMUM_DRAWS):
        return (
            0,
            f"no interval: {counted(ratings.raters, 'reader')} make too many pairs to redraw; Krippendorff's alpha has "
            "one",
        )
    return min(replicates, affordable), None


def _standard_error(key: str, ratings: Ratings) -> float | None:
    counts = ratings.counts
    if key == "fleiss":
        return corrected.linearised_standard_error(counts, "fleiss")
    if key in ("ac1", "ac2"):
        return corrected.linearised_standard_error(counts, "gwet", "unweighted" if key == "ac1" else "quadratic")
    rated = np.flatnonzero((ratings.codes >= 0).any(axis=1))
    if key in _SCHEMES and len(rated) == 2:
        table = cohen.pair_table(ratings.codes[rated[0]], ratings.codes[rated[1]], len(ratings.categories))
        return cohen.cohen_kappa(table, _SCHEMES[key]).se
    return None


def _undefined(ratings: Ratings) -> str:
    if int((ratings.counts.sum(axis=0) > 0).sum()) == 1:
        return "all ratings are the same: agreement beyond chance is undefined"
    return "agreement beyond chance is undefined: the ratings that can be paired do not vary"
