"""Area under a part of the empirical ROC curve, with and without each case.

- ``partial_area(target, score, low=, high=) -> (area, areas without each case)``
"""

import numpy as np

from dermdash.analysis.arrays import BoolArray, FloatArray


def partial_area(target: BoolArray, score: FloatArray, *, low: float, high: float) -> tuple[float, FloatArray]:
    """Mean sensitivity of the trapezoidal ROC curve over a range of false positive rates.

    The area under that part divided by its width (Jiang, Metz & Nishikawa, Radiology 1996).

    Parameters
    ----------
    target, score
        (cases,); higher scores speak for the target. Both sides occur.
    low, high
        Range of the false positive rate, 0 <= low < high <= 1.

    Returns
    -------
    float
        The area between ``low`` and ``high`` divided by ``high - low``: 0..1, at chance (low + high) / 2.
    array
        The same without each case, (cases,); NaN where its side would be empty.

    Notes
    -----
    The curve is the mean over positives of the curve that each has alone: a ramp from 0 to 1 between the shares of
    negatives above it and at or above it. Leaving out a positive therefore leaves out its ramp, and leaving out a
    negative moves each ramp to one of three places, by whether that negative stands above, level with or below the
    positive: all deletions together cost a sort.
    """
    positive, negative = np.sort(score[target]), np.sort(score[~target])
    m, n = len(positive), len(negative)
    above = (n - np.searchsorted(negative, positive, "right")).astype(float)
    level = (n - np.searchsorted(negative, positive, "left")).astype(float)
    credit = _ramp(above, level, n, low, high)
    area = float(credit.mean())
    deleted = np.full(len(score), np.nan)
    if m > 1:
        own = _ramp(
            (n - np.searchsorted(negative, score[target], "right")).astype(float),
            (n - np.searchsorted(negative, score[target], "left")).astype(float),
            n,
            low,
            high,
        )
        deleted[target] = (m * area - own) / (m - 1)
    if n > 1:
        # Running sums over positives in rising order of what each would earn with one negative less.
        below_it = _running(_ramp(np.maximum(above - 1, 0), np.maximum(level - 1, 0), n - 1, low, high))
        level_with_it = _running(_ramp(np.minimum(above, n - 1), np.maximum(level - 1, 0), n - 1, low, high))
        above_it = _running(_ramp(np.minimum(above, n - 1), np.minimum(level, n - 1), n - 1, low, high))
        first = np.searchsorted(positive, score[~target], "left")
        last = np.searchsorted(positive, score[~target], "right")
        deleted[~target] = (
            below_it[first] + (level_with_it[last] - level_with_it[first]) + (above_it[-1] - above_it[last])
        ) / m
    return area, deleted


def _ramp(above: FloatArray, level: FloatArray, n: int, low: float, high: float) -> FloatArray:
    """Mean height between ``low`` and ``high`` of the curve that rises from 0 at above/n to 1 at level/n."""
    start, end = above / n, np.maximum(level, above) / n

    def integral(x: float) -> FloatArray:
        inside = np.clip(x, start, end) - start
        width = end - start
        rising = np.divide(inside**2, 2 * width, out=np.zeros_like(inside), where=width > 0)
        return np.asarray(rising + np.maximum(x - end, 0.0))

    return np.asarray((integral(high) - integral(low)) / (high - low))


def _running(values: FloatArray) -> FloatArray:
    return np.concatenate([[0.0], np.cumsum(values)])
