"""Which interval of an area under a ROC curve is shown, and which test of two areas: the one home of the rule.

What decides is the smaller side of positives and negatives, counted in patients or lesions where they are known.

- below `LEAST_SIDE`: no interval and no test; draws of a bootstrap repeat the same few cases, and its percentiles held
  the true area in a fifth of simulated studies with one positive
- below `FEW_SIDE`: DeLong's interval on the log odds with the variance between groups (Obuchowski 1997) and Student's t
  with the smaller side - 1 degrees of freedom, at each end no narrower than Newcombe's: near 1 few cases show too
  little of the variance, and the first alone missed 0.95 in 7 % of studies of 8 to 20 positives, Newcombe's alone in
  20 % of ten beside ten. Percentiles missed 0.95 in a tenth of studies of 40 positives
- from `FEW_SIDE` on: percentiles of the bootstrap, without draws the logit interval
- the paired test has the same t below `FEW_FOR_TEST`, else it is DeLong's z test; patients with unequal numbers of
  images count in it as so many equal ones

Percentiles below `FEW_FOR_TEST` are left out altogether.

The measured coverage is in docs/analysis/error_rates.md.
"""

import math
from dataclasses import replace

import numpy as np
from numpy.polynomial.polynomial import polyroots

from dermdash.analysis.arrays import BoolArray, FloatArray, IntArray
from dermdash.analysis.delong import AucCovariance, AucDifference, auc_covariance, auc_difference, auc_interval
from dermdash.analysis.distributions import normal_quantile, t_quantile, t_two_sided
from dermdash.analysis.estimates import equal_clusters_of
from dermdash.wording import counted, number

FEW_SIDE, FEW_FOR_TEST, LEAST_SIDE = 100, 20, 5
RULE = (
    f"Areas with fewer than {FEW_SIDE} positive or negative cases (patients or lesions where known) carry DeLong's "
    f"interval on the log odds instead, at each end no narrower than Newcombe's (2006), with fewer than {LEAST_SIDE} "
    "none."
)


def sides_of(target: BoolArray, groups: IntArray | None = None) -> tuple[int, int]:
    """Positives and negatives; with ``groups`` how many groups have one."""
    if groups is None:
        return int(target.sum()), int((~target).sum())
    return len(np.unique(groups[target])), len(np.unique(groups[~target]))


def equal_sides(target: BoolArray, groups: IntArray | None = None) -> tuple[float, float]:
    """The same as equal ones: what the degrees of freedom of a test count, a patient with most images among them."""
    if groups is None:
        return sides_of(target)
    positive, negative = groups[target], groups[~target]
    if not len(positive) or not len(negative):
        return sides_of(target, groups)
    return equal_clusters_of(positive), equal_clusters_of(negative)


def too_few(sides: tuple[float, float]) -> str | None:
    """Why an area with so few positives or negatives has neither interval nor test; None where it may."""
    if min(sides) >= LEAST_SIDE:
        return None
    what = "positive case" if sides[0] <= sides[1] else "negative case"
    least = min(sides)
    many = counted(int(least), what) if least == int(least) else f"{what}s that count for {number(least, 1)} equal ones"
    return f"no interval: {many} of the {LEAST_SIDE} that an area needs"


def analytic_interval(
    auc: float, variance: float | None, sides: tuple[int, int], *, confidence: float
) -> tuple[float, float] | None:
    """The logit interval, below `FEW_SIDE` with Student's t and Newcombe's limits; None below `LEAST_SIDE`.

    None also where no variance is seen.
    """
    if too_few(sides):
        return None
    quantile = t_quantile((1 + confidence) / 2, min(sides) - 1) if min(sides) < FEW_SIDE else None
    found = auc_interval(
        auc, variance, positives=sides[0], negatives=sides[1], confidence=confidence, quantile=quantile
    )
    if found is None or quantile is None or auc in (0.0, 1.0):
        return found
    low, high = newcombe_interval(auc, sides, confidence=confidence)
    return min(found[0], low), max(found[1], high)


def newcombe_interval(auc: float, sides: tuple[int, int], *, confidence: float = 0.95) -> tuple[float, float]:
    """Limits of an area from its value and the number of cases alone, method 5 of Newcombe (Stat Med 2006;25:559-73).

    Those areas a for which |auc - a| is z times the standard error that Hanley and McNeil (Radiology 1982) give for two
    exponential distributions with that area and equal numbers of cases on both sides.
    """
    z = float(normal_quantile((1 + confidence) / 2))
    m, n = sides
    more = (m + n) / 2 - 1
    # Coefficients by rising powers of a: (auc - a)^2 (2 - a) (1 + a) m n = z^2 a (1 - a) (...), Hanley and McNeil's.
    off = np.convolve([auc * auc, -2 * auc, 1.0], [2.0, 1.0, -1.0]) * (m * n)
    error = np.convolve([0.0, 1.0, -1.0], [2 + more, 1 + 2 * more, -(1 + 2 * more)])
    roots = polyroots(off - z**2 * error)
    found = np.sort(roots.real[np.abs(roots.imag) < 1e-9])
    inside = found[(found >= 0) & (found <= 1)]
    lower, upper = inside[inside <= auc], inside[inside >= auc]
    return float(lower.max()) if lower.size else 0.0, float(upper.min()) if upper.size else 1.0


def paired_area_test(
    target: BoolArray,
    first: FloatArray,
    second: FloatArray,
    *,
    groups: IntArray | None = None,
    confidence: float = 0.95,
) -> AucDifference:
    """The difference of two areas with the paired test that the rule allows; parameters as `paired_auc_test`."""
    areas = auc_covariance(target, np.stack([first, second]), groups=groups)
    return paired_test_of(areas, equal_sides(target, groups), confidence=confidence)


def paired_test_of(areas: AucCovariance, sides: tuple[float, float], *, confidence: float = 0.95) -> AucDifference:
    """`paired_area_test` of two areas whose covariance is known."""
    found = auc_difference(areas, confidence=confidence)
    if reason := too_few(sides):
        return replace(found, low=None, high=None, z=None, p_value=None, reason=reason)
    if min(sides) >= FEW_FOR_TEST or not found.z or found.low is None or found.high is None:
        return found
    degrees = min(sides) - 1
    half = t_quantile((1 + confidence) / 2, degrees) * math.fabs(found.difference / found.z)
    return replace(
        found,
        low=found.difference - half,
        high=found.difference + half,
        p_value=t_two_sided(found.z, degrees),
    )
