"""Krippendorff's alpha: any number of raters, missing ratings, nominal, ordinal and interval scales.

Alpha is one minus observed over expected disagreement of all pairable values (Krippendorff, Content Analysis, 2004,
chapter 11; Hayes and Krippendorff, Commun Methods Meas 1, 77, 2007).
"""

import numpy as np

from dermdash.analysis.arrays import FloatArray
from dermdash.errors import InvalidInput

LEVELS = ("nominal", "ordinal", "interval")


def krippendorff_alpha(
    counts: FloatArray, item_weights: FloatArray, level: str = "nominal", values: FloatArray | None = None
) -> FloatArray:
    """Krippendorff's alpha of each draw.

    Parameters
    ----------
    counts
        (items, categories) from `Ratings.counts`, categories in their order.
    item_weights
        (draws, items): how often each item counts in each draw.
    level
        ``nominal``, ``ordinal`` (distance of categories by the values between them) or ``interval`` (by ``values``).
    values
        (categories,) numbers, for ``interval``.

    Returns
    -------
    array
        (draws,), at most 1; NaN where no two values can be paired or all are the same.
    """
    if level not in LEVELS:
        raise InvalidInput(f"level {level!r}: expected {', '.join(LEVELS)}")
    raters = counts.sum(axis=1)
    pairable = raters >= 2
    kept = counts[pairable]
    items, categories = kept.shape
    pairs = kept[:, :, None] * kept[:, None, :]
    diagonal = np.arange(categories)
    pairs[:, diagonal, diagonal] -= kept
    pairs /= (raters[pairable] - 1)[:, None, None]
    coincidences = (item_weights[:, pairable] @ pairs.reshape(items, -1)).reshape(-1, categories, categories)
    use = coincidences.sum(axis=2)
    total = use.sum(axis=1)
    distance = _distance(use, level, values)
    with np.errstate(invalid="ignore", divide="ignore"):
        observed = (coincidences * distance).sum(axis=(1, 2)) / total
        expected = np.einsum("bi,bj,bij->b", use, use, distance) / (total * (total - 1))
        return np.where(expected > 1e-12, 1 - observed / expected, np.nan)


def _distance(use: FloatArray, level: str, values: FloatArray | None) -> FloatArray:
    """Squared distance of categories: (draws, categories, categories)."""
    draws, categories = use.shape
    if level == "nominal":
        return np.broadcast_to(1 - np.eye(categories), (draws, categories, categories))
    if level == "ordinal":
        # The values between two categories, half of their own included, are the difference of their mid-ranks.
        place = np.cumsum(use, axis=1) - use / 2
    else:
        if values is None:
            raise InvalidInput("the interval alpha needs numbers: use nominal or ordinal for words")
        place = np.broadcast_to(values, use.shape)
    squared: FloatArray = (place[:, :, None] - place[:, None, :]) ** 2
    return squared
