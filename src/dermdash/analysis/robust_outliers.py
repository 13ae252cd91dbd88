"""How far a measurement lies from what is usual, where outliers must not widen what counts as usual.

The distance is that of Iglewicz & Hoaglin (How to Detect and Handle Outliers, 1993): from the median, in units of the
median absolute deviation scaled to a standard deviation, with their threshold of 3.5. Each side is measured by the
deviations of its own side, as sharpness and glare are skew.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from dermdash.analysis.arrays import FloatArray

THRESHOLD = 3.5
_TO_SD = 1.4826
_MEAN_TO_SD = 1.2533
"""Where more than half of the values are equal the median deviation is 0, and the mean one takes its place."""


def robust_distance(values: FloatArray, *, side: Literal["low", "high"], least_scale: float = 0.0) -> FloatArray:
    """How far each value lies beyond the median on one side, in robust standard deviations; 0 on the other side.

    Missing values (NaN) have distance 0 and count for nothing.

    Parameters
    ----------
    least_scale
        A standard deviation below which differences are noise: nearly equal values have no outliers.
    """
    beyond = np.zeros(len(values))
    known = np.isfinite(values)
    if not known.any():
        return beyond
    away = values - np.median(values[known])
    away = -away if side == "low" else away
    # Deviations of one side alone, with those of the values that are the median: of a skew measurement the other side
    # says nothing, and where most are 0 (glare) anything else is far.
    of_side = away[known & (away >= 0)]
    scale = _TO_SD * float(np.median(of_side)) or _MEAN_TO_SD * float(of_side.mean())
    scale = max(scale, least_scale)
    beyond[known] = np.maximum(away[known], 0) / scale
    return beyond


def as_score(distance: FloatArray, *, threshold: float = THRESHOLD) -> FloatArray:
    """A distance as a score from 0 to 1, 0.5 at the threshold."""
    return np.asarray(distance / (distance + threshold), np.float64)
