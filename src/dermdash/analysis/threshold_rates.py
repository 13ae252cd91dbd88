"""Sensitivity and specificity of one score at any threshold, for plots against the threshold."""

from dataclasses import dataclass

import numpy as np

from dermdash.analysis.arrays import FloatArray
from dermdash.analysis.estimates import Estimate
from dermdash.analysis.roc import RocCurve
from dermdash.wording import level

YOUDENS = "Youden's thresholds (greatest sensitivity + specificity)"


def chosen_here(thresholds: str) -> str:
    """What limits rates at thresholds that were chosen on the images they are measured on; said wherever they are."""
    return (
        f"{thresholds} were chosen on these same images: sensitivity and specificity there are too high on average, "
        "and carry no intervals. In simulations intervals of "
        f"{level(0.95)} missed the sensitivity that Youden's threshold reaches on other images in {level(0.08)} to "
        f"{level(0.1)}, those of cross-fitted rates in {level(0.1)} to {level(0.25)}. Measure a threshold on images "
        "that had no part in choosing it."
    )


def without_interval(rate: Estimate) -> Estimate:
    """A rate at a threshold that its own cases chose: the figure alone, and why (docs/analysis/error_rates.md)."""
    if rate.interval is None:
        return rate
    return Estimate(rate.value, hits=rate.hits, total=rate.total, reason="the threshold was chosen on these same cases")


@dataclass(frozen=True, slots=True)
class ThresholdRates:
    """Sensitivity and specificity (0..1) at each threshold; arrays of equal length, thresholds rising."""

    thresholds: FloatArray
    sensitivity: FloatArray
    specificity: FloatArray


def threshold_grid(points: int = 400, *, smallest: float = 1e-4) -> FloatArray:
    """Thresholds from 0 to 1: evenly spaced, and evenly on a logarithmic scale down to ``smallest``.

    Published thresholds of rare classes (Han et al. 2018) lie below 1 %, where an even grid would have no point.
    """
    return np.unique(np.concatenate([np.linspace(0, 1, points + 1), np.geomspace(smallest, 1, points + 1)]))


def rates_at(curve: RocCurve, thresholds: FloatArray) -> ThresholdRates:
    """Read the step functions of a ROC curve at given thresholds.

    A case is called at or above the threshold, so between two scores the values of the higher one hold.

    Parameters
    ----------
    curve
        From `roc.roc_curve`, not thinned.
    thresholds
        float (n,), in rising order.
    """
    rising = curve.thresholds[::-1]
    # The smallest score that is still called; above the highest score that is the point "nothing is called".
    at = len(rising) - 1 - np.minimum(np.searchsorted(rising, thresholds, side="left"), len(rising) - 1)
    return ThresholdRates(thresholds, curve.sensitivity[at], curve.specificity[at])
