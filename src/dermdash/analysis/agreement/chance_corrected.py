"""Percent agreement, Fleiss' kappa, Gwet's AC1 and AC2 of any number of raters.

All are (observed - chance) / (1 - chance) with the same observed agreement of two raters drawn for an item, and differ
in what they call chance: Fleiss (Psychol Bull 76, 378, 1971) what follows from how often each category is used, Gwet
(Br J Math Stat Psychol 61, 29, 2008; AC2: Handbook of Inter-Rater Reliability, 2014) what follows if only hard items
are rated at random.
"""

import numpy as np

from dermdash.analysis.agreement.ratings import agreement_weights
from dermdash.analysis.arrays import FloatArray
from dermdash.wording import number


def percent_agreement(counts: FloatArray, item_weights: FloatArray, scheme: str = "unweighted") -> FloatArray:
    """Mean over items of the agreement of two of an item's raters; items with fewer than two do not count.

    Parameters
    ----------
    counts
        (items, categories) from `Ratings.counts`.
    item_weights
        (draws, items): how often each item counts in each draw.

    Returns
    -------
    array
        (draws,), 0..1; NaN where no item of the draw has two raters.
    """
    observed, twice = _observed(counts, agreement_weights(scheme, counts.shape[1]))
    with np.errstate(invalid="ignore", divide="ignore"):
        share: FloatArray = (item_weights @ observed) / (item_weights @ twice)
    return share


def fleiss_kappa(counts: FloatArray, item_weights: FloatArray, scheme: str = "unweighted") -> FloatArray:
    """Fleiss' kappa (draws,), -1..1; NaN where all ratings are of one category. See `same_number_of_raters`."""
    agreed = percent_agreement(counts, item_weights, scheme)
    return _corrected(agreed, _fleiss_chance(_use(counts, item_weights), agreement_weights(scheme, counts.shape[1])))


def gwet_ac(counts: FloatArray, item_weights: FloatArray, scheme: str = "unweighted") -> FloatArray:
    """Gwet's AC1 (unweighted) or AC2 (weighted) (draws,); NaN where the scale has one category."""
    agreed = percent_agreement(counts, item_weights, scheme)
    return _corrected(agreed, _gwet_chance(_use(counts, item_weights), agreement_weights(scheme, counts.shape[1])))


def same_number_of_raters(counts: FloatArray) -> str | None:
    """Why Fleiss' kappa cannot be had: None, or a sentence that says what can."""
    raters = counts.sum(axis=1)
    raters = raters[raters > 0]
    if not len(raters) or raters.max() < 2:
        return "no case was rated by two readers"
    if raters.min() == raters.max():
        return None
    return (
        f"Fleiss' kappa needs the same number of readers for every case, and here it is {number(raters.min(), 0)} to "
        f"{number(raters.max(), 0)}: Krippendorff's alpha allows that"
    )


def linearised_standard_error(counts: FloatArray, coefficient: str, scheme: str = "unweighted") -> float | None:
    """Standard error of Fleiss' kappa (``fleiss``) or Gwet's AC (``gwet``) over items, raters fixed.

    Gwet's linearisation (2008; 2014, chapter 5), without finite population correction. None where the coefficient or
    its variance cannot be seen.
    """
    counts = counts[counts.sum(axis=1) > 0]
    n, categories = counts.shape
    if n < 2:
        return None
    weights = agreement_weights(scheme, categories)
    observed, twice = _observed(counts, weights)
    every = np.ones((1, n))
    use = _use(counts, every)[0]
    shares = counts / counts.sum(axis=1, keepdims=True)
    if coefficient == "fleiss":
        chance = float(_fleiss_chance(use[None], weights)[0])
        of_item = shares @ ((weights @ use + weights.T @ use) / 2)
    else:
        chance = float(_gwet_chance(use[None], weights)[0])
        with np.errstate(invalid="ignore", divide="ignore"):
            of_item = (shares @ (1 - use)) * weights.sum() / (categories * (categories - 1))
    if not np.isfinite(chance) or chance > 1 - 1e-12 or not twice.any():
        return None
    value = float((observed.sum() / twice.sum() - chance) / (1 - chance))
    own = np.where(twice, n / twice.sum() * (observed - chance) / (1 - chance), 0.0)
    linear = own - 2 * (1 - value) * (of_item - chance) / (1 - chance)
    return float(np.sqrt(((linear - value) ** 2).sum() / (n * (n - 1))))


def _observed(counts: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Agreement of two raters of each item (0 where there are fewer), and whether there are two."""
    raters = counts.sum(axis=1)
    twice = raters >= 2
    agreed = (counts * (counts @ weights.T - 1)).sum(axis=1)
    pairs = np.where(twice, raters * (raters - 1), 1.0)
    return np.where(twice, agreed / pairs, 0.0), twice.astype(float)


def _use(counts: FloatArray, item_weights: FloatArray) -> FloatArray:
    """Mean over items of the share of each category: (draws, categories)."""
    raters = counts.sum(axis=1, keepdims=True)
    shares = np.where(raters > 0, counts / np.maximum(raters, 1), 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        use: FloatArray = (item_weights @ shares) / (item_weights @ (raters > 0))
    return use


def _fleiss_chance(use: FloatArray, weights: FloatArray) -> FloatArray:
    chance: FloatArray = ((use @ weights) * use).sum(axis=1)
    return chance


def _gwet_chance(use: FloatArray, weights: FloatArray) -> FloatArray:
    categories = len(weights)
    if categories < 2:
        return np.full(len(use), np.nan)
    chance: FloatArray = weights.sum() / (categories * (categories - 1)) * (use * (1 - use)).sum(axis=1)
    return chance


def _corrected(agreed: FloatArray, chance: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(chance > 1 - 1e-9, np.nan, (agreed - chance) / (1 - chance))
