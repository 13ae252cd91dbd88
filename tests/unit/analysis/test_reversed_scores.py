"""Scores that run the other way round are noticed, and guessing is not taken for it."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from dermdash.analysis.reversed_scores import (
    RATINGS_WAY_OUT,
    _permutation_variance,
    _ranks_within,
    reversed_area,
    reversed_area_of_rows,
    reversed_warnings,
)

TRUTH = np.arange(40) < 15


def readers(number: int, *, separation: float, seed: int = 0, truth: np.ndarray = TRUTH) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return separation * truth + 0.6 * rng.normal(size=len(truth)) + rng.normal(size=(number, len(truth)))


def test_the_area_is_the_mean_of_an_independent_implementation() -> None:
    scores = readers(4, separation=-1.5)
    expected = np.mean([roc_auc_score(TRUTH, row) for row in scores])
    assert reversed_area(scores, TRUTH) == pytest.approx(expected, abs=1e-12)
    assert reversed_area(-scores, TRUTH) is None
    assert reversed_area(scores[0], TRUTH) == pytest.approx(roc_auc_score(TRUTH, scores[0]))


def test_what_nobody_scored_and_readers_of_one_side_are_left_out() -> None:
    scores = readers(3, separation=-2)
    scores[0, ::3] = np.nan
    scores[2, TRUTH] = np.nan
    seen = np.isfinite(scores[0])
    expected = np.mean([roc_auc_score(TRUTH[seen], scores[0, seen]), roc_auc_score(TRUTH, scores[1])])
    assert reversed_area(scores, TRUTH) == pytest.approx(expected)
    assert reversed_area(np.full((2, 40), np.nan), TRUTH) is None
    assert reversed_area(np.ones((2, 40)), TRUTH) is None
    assert reversed_area(scores, np.zeros(40, bool)) is None


def test_permuting_readers_and_cases_changes_nothing_and_rows_are_the_same_as_a_matrix() -> None:
    scores = np.round(readers(3, separation=-1.5))
    scores[1, 5:9] = np.nan
    order = np.random.default_rng(1).permutation(40)
    area = reversed_area(scores, TRUTH)
    assert area is not None
    assert reversed_area(scores[::-1][:, order], TRUTH[order]) == pytest.approx(area)
    rater, case = np.nonzero(np.isfinite(scores))
    assert reversed_area_of_rows(rater, case, scores[rater, case], TRUTH) == pytest.approx(area)


def test_ranks_within_raters_are_those_of_scipy() -> None:
    rng = np.random.default_rng(3)
    for _ in range(30):
        rater, score = rng.integers(0, 4, 25), rng.integers(0, 5, 25).astype(float)
        ranks = _ranks_within(rater, score)
        for who in np.unique(rater):
            assert ranks[rater == who] == pytest.approx(stats.rankdata(score[rater == who]))


def test_the_variance_is_that_of_every_way_to_deal_out_the_truth() -> None:
    parts = np.array([0.3, -0.1, 0.5, 0.0, -0.9, 0.2, 0.1])
    sums = [parts[list(chosen)].sum() for chosen in combinations(range(7), 3)]
    truth = np.arange(7) < 3
    assert _permutation_variance(parts, truth.astype(float), None) == pytest.approx(np.var(sums))


def test_many_images_of_one_lesion_count_as_one() -> None:
    scores, truth = readers(1, separation=-4, truth=np.arange(16) < 8)[0], np.arange(16) < 8
    assert reversed_area(scores, truth) is not None
    two_lesions = np.where(truth, 0, 1)
    assert reversed_area(scores, truth, two_lesions) is None
    assert reversed_area(np.repeat(scores, 3), np.repeat(truth, 3), np.repeat(np.arange(16), 3)) is not None


@pytest.mark.parametrize(("positive", "negative"), [(3, 3), (5, 5), (5, 20), (10, 10)])
@pytest.mark.parametrize(("number", "alike"), [(1, 0.0), (5, 0.0), (5, 2.0)])
def test_readers_who_guess_are_rarely_taken_for_reversed(
    positive: int, negative: int, number: int, alike: float
) -> None:
    rng = np.random.default_rng(20 * positive + negative + number)
    truth = np.arange(positive + negative) < positive
    studies = 500
    called = 0
    for _ in range(studies):
        latent = alike * rng.normal(size=len(truth)) + rng.normal(size=(number, len(truth)))
        called += reversed_area(np.clip(np.round(latent + 3), 1, 5), truth) is not None
    assert called / studies < 0.025


def test_a_turned_scale_of_good_readers_is_found() -> None:
    truth = np.arange(20) < 10
    found = [reversed_area(readers(5, separation=-2, seed=s, truth=truth), truth) is not None for s in range(100)]
    assert np.mean(found) > 0.85


def test_of_very_many_cases_an_area_near_chance_is_no_turned_scale() -> None:
    rng = np.random.default_rng(5)
    truth = np.arange(40_000) < 20_000
    scores = -0.04 * truth + rng.normal(size=len(truth))
    assert 0.48 < roc_auc_score(truth, scores) < 0.5
    assert reversed_area(scores, truth) is None


def test_the_warning_names_the_area_and_the_way_out() -> None:
    assert reversed_warnings(None) == ()
    assert reversed_warnings(0.1, readers=5) == (
        "Ratings seem reversed: mean AUC of 5 readers 0.10, further below 0.5 than chance explains.",
        RATINGS_WAY_OUT,
    )
    assert reversed_warnings(0.2, what="Scores of X")[0].startswith("Scores of X seem reversed: AUC 0.20")
