"""Agreement of several raters against published tables and independent implementations."""

import numpy as np
import pytest
from statsmodels.stats.inter_rater import fleiss_kappa as statsmodels_fleiss

from dermdash.analysis.agreement.chance_corrected import (
    fleiss_kappa,
    gwet_ac,
    linearised_standard_error,
    percent_agreement,
    same_number_of_raters,
)
from dermdash.analysis.agreement.krippendorff import krippendorff_alpha
from dermdash.analysis.agreement.ratings import agreement_weights, make_ratings
from dermdash.errors import InvalidInput

N = np.nan
FOUR_OBSERVERS = make_ratings(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
        [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
    ]
)
"""Four observers and twelve units: Hayes and Krippendorff 2007; the same table is in Gwet's Handbook (2014)."""
# Diagnoses of 30 psychiatric patients by six raters each: Fleiss 1971, table 1. Depression, personality disorder,
# schizophrenia, neurosis, other.
PSYCHIATRIC = np.array([int(digit) for digit in (
    "000600300301401000060303020400004022031020040000061005011040033001005002031"
    "005013001251000020401020300006010500201320040100410501040002020401050000006"
)], float).reshape(30, 5)  # fmt: skip


def once(items: int) -> np.ndarray:
    return np.ones((1, items))


def brute_force_alpha(table: np.ndarray, squared: np.ndarray) -> float:
    """Alpha straight from its definition: every pair of values within a unit, and every pair of all values."""
    units = [[int(v) for v in column if v >= 0] for column in table.T]
    units = [u for u in units if len(u) >= 2]
    values = [v for u in units for v in u]
    observed = sum(
        squared[u[i], u[j]] / (len(u) - 1) for u in units for i in range(len(u)) for j in range(len(u)) if i != j
    )
    expected = sum(squared[a, b] for a in values for b in values) / (len(values) - 1)
    return 1 - observed / expected


@pytest.mark.parametrize(("level", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_of_the_four_observers_is_the_published_one(level: str, published: float) -> None:
    """Hayes and Krippendorff 2007, printed to three digits."""
    alpha = krippendorff_alpha(FOUR_OBSERVERS.counts, once(12), level, FOUR_OBSERVERS.values)
    assert alpha[0] == pytest.approx(published, abs=5e-4)


def test_alpha_is_the_mean_over_all_pairs_of_values() -> None:
    rng = np.random.default_rng(3)
    table = rng.integers(-1, 4, (5, 14))
    use = np.array([sum(1 for c in table.T if (c >= 0).sum() > 1 for v in c if v == k) for k in range(4)])
    ranks = np.cumsum(use) - use / 2
    distances = {
        "nominal": 1 - np.eye(4),
        "ordinal": np.subtract.outer(ranks, ranks) ** 2,
        "interval": np.subtract.outer(np.arange(4.0), np.arange(4.0)) ** 2,
    }
    ratings = make_ratings(np.where(table < 0, np.nan, table), range(4))
    for level, squared in distances.items():
        alpha = krippendorff_alpha(ratings.counts, once(14), level, ratings.values)
        assert alpha[0] == pytest.approx(brute_force_alpha(table, squared), abs=1e-12)


def test_fleiss_kappa_of_the_psychiatric_diagnoses_is_the_published_one() -> None:
    """Fleiss 1971 prints 0.430; statsmodels agrees to machine precision."""
    assert PSYCHIATRIC.sum(axis=0).tolist() == [26, 26, 30, 55, 43]
    kappa = fleiss_kappa(PSYCHIATRIC, once(30))[0]
    assert kappa == pytest.approx(0.430, abs=5e-4)
    assert kappa == pytest.approx(statsmodels_fleiss(PSYCHIATRIC), abs=1e-12)


def test_gwets_figures_of_the_four_observers() -> None:
    """Gwet, Handbook of Inter-Rater Reliability (2014), as their own program prints them, to five digits."""
    counts = FOUR_OBSERVERS.counts
    assert percent_agreement(counts, once(12))[0] == pytest.approx(0.81818, abs=5e-6)
    assert gwet_ac(counts, once(12))[0] == pytest.approx(0.77544, abs=5e-6)
    assert linearised_standard_error(counts, "gwet") == pytest.approx(0.14295, abs=5e-6)
    assert fleiss_kappa(counts, once(12))[0] == pytest.approx(0.76117, abs=5e-6)
    assert linearised_standard_error(counts, "fleiss") == pytest.approx(0.15302, abs=5e-6)


@pytest.mark.parametrize("scheme", ["unweighted", "quadratic"])
@pytest.mark.parametrize(("coefficient", "function"), [("fleiss", fleiss_kappa), ("gwet", gwet_ac)])
def test_the_standard_error_is_the_infinitesimal_jackknife(coefficient: str, function: object, scheme: str) -> None:
    """Its influence values are the derivatives by the weight of each item, here by central differences."""
    counts = np.random.default_rng(5).multinomial(4, [0.5, 0.3, 0.2], size=25).astype(float)
    n, step = len(counts), 1e-5
    weights = np.vstack([np.ones((n, n)) + step * np.eye(n), np.ones((n, n)) - step * np.eye(n)])
    values = function(counts, weights, scheme)  # type: ignore[operator]
    influence = n * (values[:n] - values[n:]) / (2 * step)
    expected = np.sqrt((influence**2).sum() / (n * (n - 1)))
    assert linearised_standard_error(counts, coefficient, scheme) == pytest.approx(expected, rel=1e-6)


def test_percent_agreement_is_the_share_of_agreeing_pairs() -> None:
    table = np.array([[0, 1, 2, 0], [0, 1, 1, 1], [0, 2, 1, -1]])
    ratings = make_ratings(np.where(table < 0, np.nan, table), range(3))
    assert percent_agreement(ratings.counts, once(4))[0] == pytest.approx((1 + 1 / 3 + 1 / 3 + 0) / 4)


def test_the_weights_of_a_draw_count_like_repeated_items() -> None:
    rng = np.random.default_rng(6)
    counts = rng.multinomial(3, [0.4, 0.4, 0.2], size=8).astype(float)
    drawn = rng.multinomial(8, np.full(8, 1 / 8)).astype(float)
    repeated = np.repeat(counts, drawn.astype(int), axis=0)
    for function in (percent_agreement, fleiss_kappa, gwet_ac, krippendorff_alpha):
        assert function(counts, drawn[None])[0] == pytest.approx(function(repeated, once(len(repeated)))[0], abs=1e-12)


def test_gwet_counts_the_categories_nobody_used() -> None:
    narrow, wide = make_ratings([[0, 1, 1], [0, 1, 0]]), make_ratings([[0, 1, 1], [0, 1, 0]], range(7))
    assert gwet_ac(wide.counts, once(3))[0] > gwet_ac(narrow.counts, once(3))[0]
    assert fleiss_kappa(wide.counts, once(3))[0] == pytest.approx(fleiss_kappa(narrow.counts, once(3))[0])


def test_the_paradox_of_prevalence_spares_gwets_coefficient() -> None:
    """Feinstein and Cicchetti 1990: two raters agree on 118 of 125 cases, and kappa is near zero."""
    counts = np.array([[2, 0]] * 118 + [[1, 1]] * 7, float)
    assert percent_agreement(counts, once(125))[0] == pytest.approx(0.944)
    assert fleiss_kappa(counts, once(125))[0] < 0
    assert gwet_ac(counts, once(125))[0] > 0.93


def test_fleiss_kappa_says_when_the_numbers_of_raters_differ() -> None:
    assert same_number_of_raters(PSYCHIATRIC) is None
    assert "1 to 4" in str(same_number_of_raters(FOUR_OBSERVERS.counts))
    assert same_number_of_raters(np.array([[1.0, 0.0]])) == "no case was rated by two readers"


def test_constant_ratings_have_no_agreement_beyond_chance() -> None:
    counts = np.array([[3.0, 0.0]] * 6)
    assert np.isnan(fleiss_kappa(counts, once(6))[0])
    assert np.isnan(krippendorff_alpha(counts, once(6))[0])
    assert gwet_ac(counts, once(6))[0] == 1


def test_a_rating_outside_the_scale_is_named() -> None:
    with pytest.raises(InvalidInput, match="rater 2 gave item 3 'nevus'"):
        make_ratings([["a", "b", None], ["a", "b", "nevus"]], ["a", "b"])
    with pytest.raises(InvalidInput, match="raters x items"):
        make_ratings(["a", "b"])
    with pytest.raises(InvalidInput, match="at most 101"):
        make_ratings([np.arange(200.0)])
    with pytest.raises(InvalidInput, match="words and numbers"):
        make_ratings(np.array([["a", 1]], dtype=object))
    with pytest.raises(InvalidInput, match="unweighted, linear or quadratic"):
        agreement_weights("cubic", 3)
