"""Cohen's kappa of two raters, of every pair of several, and its mean over pairs.

Cohen, Educ Psychol Meas 20, 37, 1960; weighted: Psychol Bull 70, 213, 1968; standard error: Fleiss, Cohen and Everitt,
Psychol Bull 72, 323, 1969.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermdash.analysis.agreement.ratings import Ratings, agreement_weights
from dermdash.analysis.estimates import FloatArray, IntArray

MINIMUM_COMMON = 10
"""Cases two readers must have in common for their kappa to count in the mean over pairs."""
_CHUNK_CELLS = 4_000_000


@dataclass(frozen=True, slots=True)
class CohenKappa:
    """Kappa of a table of two raters; None where chance agreement is certain (``reason`` says so).

    ``se`` is the large-sample standard error, for intervals, not for testing kappa = 0.
    """

    value: float | None
    se: float | None
    total: int
    reason: str | None = None


def cohen_kappa(table: FloatArray, scheme: str = "unweighted") -> CohenKappa:
    """Cohen's kappa of a square table of counts: rows one rater, columns the other."""
    total = float(table.sum())
    if total == 0:
        return CohenKappa(None, None, 0, "no case was rated twice")
    weights = agreement_weights(scheme, len(table))
    shares = table / total
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    observed = float((weights * shares).sum())
    chance = float(rows @ weights @ columns)
    if chance > 1 - 1e-12:
        return CohenKappa(None, None, int(total), "all ratings are the same: agreement beyond chance is undefined")
    kappa = (observed - chance) / (1 - chance)
    spread = (weights @ columns)[:, None] + (rows @ weights)[None, :]
    variance = (shares * (weights - spread * (1 - kappa)) ** 2).sum() - (kappa - chance * (1 - kappa)) ** 2
    return CohenKappa(kappa, float(np.sqrt(max(variance, 0.0) / total) / (1 - chance)), int(total))


def pair_table(first: IntArray, second: IntArray, categories: int) -> FloatArray:
    """Counts of the pairs of two raters' codes (-1 missing): (categories, categories)."""
    both = (first >= 0) & (second >= 0)
    pairs = first[both] * categories + second[both]
    return np.bincount(pairs, minlength=categories**2).reshape(categories, categories).astype(float)


def pairwise_kappas(ratings: Ratings, scheme: str = "unweighted") -> tuple[FloatArray, FloatArray]:
    """Kappa of every pair of raters, and how many items they have in common: both (raters, raters).

    Kappa is NaN on the diagonal and where it is undefined.
    """
    common = _common(ratings)
    kappas = _kappas(ratings, scheme)
    np.fill_diagonal(kappas, np.nan)
    return kappas, common


def mean_pairwise_kappa(
    ratings: Ratings, item_weights: FloatArray, scheme: str = "unweighted", *, minimum_common: int = MINIMUM_COMMON
) -> FloatArray:
    """Mean over pairs of raters with at least so many items in common: (draws,); NaN where there is no such pair.

    A pair whose kappa is undefined in a draw is left out of it.
    """
    first, second = np.nonzero(np.triu(_common(ratings) >= minimum_common, 1))
    if not len(first):
        return np.full(len(item_weights), np.nan)
    if len(item_weights) == 1:
        return np.array([_mean_of_known(_kappas(ratings, scheme)[first, second][:, None])[0]])
    codes, categories = ratings.codes, len(ratings.categories)
    weights = agreement_weights(scheme, categories).astype(np.float32)
    given = np.stack([codes == k for k in range(categories)], axis=1)
    seen = codes >= 0
    drawn = np.ascontiguousarray(item_weights.T, dtype=np.float32)
    step = max(1, _CHUNK_CELLS // (categories * max(drawn.shape)))
    total, known = np.zeros(len(item_weights)), np.zeros(len(item_weights))
    # Draws are of single precision: they end in percentiles.
    for start in range(0, len(first), step):
        one, other = first[start : start + step], second[start : start + step]
        both = seen[one] & seen[other]
        rows = (given[one] & both[:, None]).astype(np.float32)
        columns = (given[other] & both[:, None]).astype(np.float32)
        agreeing = np.einsum("pkn,pkn->pn", np.einsum("kl,pln->pkn", weights, columns), rows)
        shape = (len(one), categories, len(item_weights))
        count = both.astype(np.float32) @ drawn
        row_use = (rows.reshape(-1, len(drawn)) @ drawn).reshape(shape)
        column_use = (columns.reshape(-1, len(drawn)) @ drawn).reshape(shape)
        with np.errstate(invalid="ignore", divide="ignore"):
            chance = _chance(row_use, column_use, weights) / count**2
            kappa = (agreeing @ drawn) / count
            kappa -= chance
            kappa /= 1 - chance
        usable = np.isfinite(kappa) & (chance <= 1 - 1e-6)
        total += kappa.sum(axis=0, where=usable, dtype=np.float32)
        known += usable.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return total / known


def _chance(
    row_use: NDArray[np.float32], column_use: NDArray[np.float32], weights: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Sum over both categories of weight times use in rows times use in columns: (pairs, draws)."""
    unweighted = np.array_equal(weights, np.eye(len(weights)))
    expected = column_use if unweighted else np.tensordot(weights, column_use, axes=(1, 1)).transpose(1, 0, 2)
    total = np.zeros((row_use.shape[0], row_use.shape[2]), np.float32)
    for k in range(len(weights)):  # not a sum over a product as large as all of it
        total += row_use[:, k] * expected[:, k]
    return total


def _mean_of_known(values: FloatArray) -> FloatArray:
    known = np.isfinite(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: FloatArray = np.where(known, values, 0.0).sum(axis=0) / known.sum(axis=0)
    return mean


def pairwise_cost(ratings: Ratings) -> float:
    """Multiplications that one draw of `mean_pairwise_kappa` takes."""
    raters, items = ratings.codes.shape
    return 2.0 * raters**2 * items * (len(ratings.categories) + 1)


def usable_pairs(ratings: Ratings, minimum_common: int = MINIMUM_COMMON) -> tuple[int, int]:
    """Pairs of raters with enough items in common, and all pairs."""
    common = _common(ratings)
    raters = len(common)
    return int(np.triu(common >= minimum_common, 1).sum()), raters * (raters - 1) // 2


def _common(ratings: Ratings) -> FloatArray:
    seen = (ratings.codes >= 0).astype(float)
    common: FloatArray = seen @ seen.T
    return common


def _kappas(ratings: Ratings, scheme: str) -> FloatArray:
    """(raters, raters); margins are those of the items both have rated."""
    codes, categories = ratings.codes, len(ratings.categories)
    weights = agreement_weights(scheme, categories)
    given = np.stack([(codes == k).astype(float) for k in range(categories)])
    seen = (codes >= 0).astype(float)
    total = seen @ seen.T
    margins = given @ seen.T
    others = np.swapaxes(margins, 1, 2)
    agreeing = np.tensordot(weights, given, axes=1)
    expected = np.tensordot(weights, others, axes=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        observed = np.einsum("kij->ij", given @ np.swapaxes(agreeing, 1, 2)) / total
        chance = (margins * expected).sum(axis=0) / total**2
        return np.where(chance > 1 - 1e-9, np.nan, (observed - chance) / (1 - chance))
