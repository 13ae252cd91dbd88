"""Cohen's kappa of two raters, of every pair of several, and its mean over pairs.

Cohen, Educ Psychol Meas 20, 37, 1960; weighted: Psychol Bull 70, 213, 1968; standard error: Fleiss, Cohen and Everitt,
Psychol Bull 72, 323, 1969.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermdash.analysis.agreement.ratings import Ratings, agreement_weights
from dermdash.analysis.arrays import FloatArray, IntArray, SingleArray

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
    drawn = np.ascontiguousarray(item_weights.T, dtype=np.float32)
    pairs = _Pairs.of(ratings, scheme, drawn)
    step = max(1, _CHUNK_CELLS // (len(ratings.categories) * max(drawn.shape)))
    total, known = np.zeros(len(item_weights)), np.zeros(len(item_weights))
    # Raters of the same items use the categories alike beside whomever they stand; else only what both rated counts.
    alike = (pairs.seen[first] == pairs.seen[second]).all(axis=1)
    for which, uses in ((alike, pairs.own_uses), (~alike, pairs.common_uses)):
        chosen = np.flatnonzero(which)
        for start in range(0, len(chosen), step):
            one, other = (side[chosen[start : start + step]] for side in (first, second))
            kappa, usable = pairs.kappas(one, other, *uses(one, other))
            total += kappa.sum(axis=0, where=usable, dtype=np.float32)
            known += usable.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return total / known


@dataclass(frozen=True, slots=True)
class _Pairs:
    """What kappas of pairs in every draw are made of; draws are of single precision, as they end in percentiles.

    ``codes``: (raters, items), the number of categories where not rated. ``given``: (raters, categories, items).
    ``use``: how often each rater uses each category in each draw (raters, categories, draws), and ``weighted`` the same
    times the ``weights``, of which a last row and column of zeros stands for what was not rated.
    """

    codes: IntArray
    seen: NDArray[np.bool_]
    given: NDArray[np.bool_]
    weights: SingleArray
    drawn: SingleArray
    use: SingleArray
    weighted: SingleArray

    @classmethod
    def of(cls, ratings: Ratings, scheme: str, drawn: SingleArray) -> "_Pairs":
        categories, seen = len(ratings.categories), ratings.codes >= 0
        given = np.stack([ratings.codes == k for k in range(categories)], axis=1)
        weights = np.zeros((categories + 1, categories + 1), np.float32)
        weights[:-1, :-1] = agreement_weights(scheme, categories)
        use = _times(given, drawn)
        codes = np.where(seen, ratings.codes, categories)
        return cls(codes, seen, given, weights, drawn, use, _expected(weights[:-1, :-1], use))

    def own_uses(self, one: IntArray, other: IntArray) -> tuple[SingleArray, SingleArray]:
        """Use of the first and weighted use of the second of each pair, of all that they rated."""
        return self.use[one], self.weighted[other]

    def common_uses(self, one: IntArray, other: IntArray) -> tuple[SingleArray, SingleArray]:
        """The same of the items that both rated."""
        both = (self.seen[one] & self.seen[other])[:, None]
        rows, columns = _times(self.given[one] & both, self.drawn), _times(self.given[other] & both, self.drawn)
        return rows, _expected(self.weights[:-1, :-1], columns)

    def kappas(
        self, one: IntArray, other: IntArray, use: SingleArray, expected: SingleArray
    ) -> tuple[SingleArray, NDArray[np.bool_]]:
        """Kappa of each pair in each draw, and whether it is defined: (pairs, draws)."""
        count = _times(self.seen[one] & self.seen[other], self.drawn)
        agreeing = self.weights[self.codes[one], self.codes[other]] @ self.drawn
        chance = use[:, 0] * expected[:, 0]
        for k in range(1, use.shape[1]):  # not a sum over a product as large as all of it
            chance += use[:, k] * expected[:, k]
        with np.errstate(invalid="ignore", divide="ignore"):
            chance /= count**2
            kappa = agreeing / count
            kappa -= chance
            kappa /= 1 - chance
        return kappa, np.isfinite(kappa) & (chance <= 1 - 1e-6)


def _times(marked: NDArray[np.bool_], drawn: SingleArray) -> SingleArray:
    """How often what is marked in the last axis, the items, was drawn; the draws are the new last axis."""
    found = marked.reshape(-1, len(drawn)).astype(np.float32) @ drawn
    return found.reshape(*marked.shape[:-1], drawn.shape[1])


def _expected(weights: SingleArray, use: SingleArray) -> SingleArray:
    """Weights times use over the categories, which stand in the middle axis."""
    if np.array_equal(weights, np.eye(len(weights))):
        return use
    return np.tensordot(weights, use, axes=(1, 1)).transpose(1, 0, 2)


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
