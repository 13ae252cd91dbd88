"""Cohen's kappa against scikit-learn and statsmodels."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa

from dermdash.analysis.agreement.cohen import (
    cohen_kappa,
    mean_pairwise_kappa,
    pair_table,
    pairwise_kappas,
    usable_pairs,
)
from dermdash.analysis.agreement.ratings import make_ratings

SCHEMES = {"unweighted": None, "linear": "linear", "quadratic": "quadratic"}


@pytest.fixture
def codes() -> np.ndarray:
    rng = np.random.default_rng(11)
    truth = rng.integers(0, 4, 40)
    codes = np.where(rng.random((5, 40)) < 0.6, truth, rng.integers(0, 4, (5, 40)))
    return np.where(rng.random((5, 40)) < 0.15, -1, codes)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_each_pair_has_the_kappa_of_scikit_learn_on_its_common_cases(codes: np.ndarray, scheme: str) -> None:
    ratings = make_ratings(np.where(codes < 0, np.nan, codes), range(4))
    kappas, common = pairwise_kappas(ratings, scheme)
    found = []
    for i in range(5):
        for j in range(i + 1, 5):
            both = (codes[i] >= 0) & (codes[j] >= 0)
            expected = cohen_kappa_score(codes[i][both], codes[j][both], labels=range(4), weights=SCHEMES[scheme])
            assert [kappas[i, j], kappas[j, i]] == pytest.approx([expected] * 2, abs=1e-12)
            assert common[i, j] == both.sum()
            found.append(expected)
    assert mean_pairwise_kappa(ratings, np.ones((1, 40)), scheme)[0] == pytest.approx(np.mean(found), abs=1e-12)
    assert np.isnan(np.diag(kappas)).all()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_standard_error_is_that_of_statsmodels(codes: np.ndarray, scheme: str) -> None:
    """Fleiss, Cohen and Everitt 1969; statsmodels calls quadratic weights Fleiss-Cohen."""
    table = pair_table(codes[0], codes[1], 4)
    found = cohen_kappa(table, scheme)
    weighting = {"unweighted": None, "linear": "ca", "quadratic": "fc"}[scheme]
    expected = cohens_kappa(table, wt=weighting)
    assert found.value == pytest.approx(expected.kappa, abs=1e-12)
    assert found.se == pytest.approx(np.sqrt(expected.var_kappa), abs=1e-12)


def test_a_draw_counts_like_repeated_cases(codes: np.ndarray) -> None:
    drawn = np.random.default_rng(2).multinomial(40, np.full(40, 1 / 40))
    table = np.where(codes < 0, np.nan, codes)
    ratings, repeated = make_ratings(table, range(4)), make_ratings(np.repeat(table, drawn, axis=1), range(4))
    every = mean_pairwise_kappa(ratings, np.vstack([np.ones(40), drawn]), minimum_common=1)
    assert every[1] == pytest.approx(mean_pairwise_kappa(repeated, np.ones((1, drawn.sum())), minimum_common=1)[0])


def test_pairs_with_few_common_cases_do_not_count() -> None:
    table = np.full((3, 12), np.nan)
    table[0], table[1], table[2, :3] = np.tile([0, 1], 6), np.tile([0, 1], 6), [1, 0, 1]
    ratings = make_ratings(table)
    assert usable_pairs(ratings) == (1, 3)
    assert mean_pairwise_kappa(ratings, np.ones((1, 12)))[0] == 1
    assert np.isnan(mean_pairwise_kappa(ratings, np.ones((1, 12)), minimum_common=13)[0])


def test_two_constant_raters_have_no_kappa_and_a_reason() -> None:
    found = cohen_kappa(np.array([[7.0, 0.0], [0.0, 0.0]]))
    assert (found.value, found.se) == (None, None)
    assert "all ratings are the same" in str(found.reason)
    assert "no case" in str(cohen_kappa(np.zeros((2, 2))).reason)
