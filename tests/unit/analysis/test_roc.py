import numpy as np
import pytest
from sklearn import metrics

from dermdash.analysis import roc
from dermdash.errors import InvalidInput


def draw(seed: int, *, n: int = 200, digits: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Few digits make ties."""
    rng = np.random.default_rng(seed)
    target = rng.random(n) < 0.3
    return target, np.round(rng.normal(target * 1.0, 1), digits)


@pytest.mark.parametrize("digits", [1, 8])
@pytest.mark.parametrize("seed", range(4))
def test_curves_and_areas_are_those_of_scikit_learn(seed: int, digits: int) -> None:
    target, score = draw(seed, digits=digits)
    curve = roc.roc_curve(target, score)
    fpr, tpr, thresholds = metrics.roc_curve(target, score, drop_intermediate=False)
    np.testing.assert_allclose(curve.sensitivity, tpr)
    np.testing.assert_allclose(1 - curve.specificity, fpr, atol=1e-15)
    np.testing.assert_array_equal(curve.thresholds, thresholds)
    assert roc.area(target, score) == pytest.approx(metrics.roc_auc_score(target, score), abs=1e-12)
    assert roc.average_precision(target, score) == pytest.approx(metrics.average_precision_score(target, score))
    pr = roc.precision_recall_curve(target, score)
    precision, recall, at = metrics.precision_recall_curve(target, score)
    np.testing.assert_allclose(pr.precision[::-1], precision[:-1])
    np.testing.assert_allclose(pr.recall[::-1], recall[:-1])
    np.testing.assert_array_equal(pr.thresholds[::-1], at)


@pytest.mark.parametrize("seed", range(6))
def test_the_youden_threshold_is_that_of_scikit_learn(seed: int) -> None:
    target, score = draw(seed, digits=6)
    fpr, tpr, thresholds = metrics.roc_curve(target, score)
    best = roc.youden(roc.roc_curve(target, score))
    assert best is not None
    assert best.index == pytest.approx((tpr - fpr).max())
    assert best.threshold == thresholds[(tpr - fpr).argmax()]
    called = score >= best.threshold
    assert best.sensitivity == pytest.approx(called[target].mean())
    assert best.specificity == pytest.approx((~called)[~target].mean())


def test_among_equal_youden_thresholds_the_highest_is_taken() -> None:
    # At 0.8 and at 0.4 the index is 1/2 alike.
    target = np.array([True, False, True, False])
    score = np.array([0.8, 0.6, 0.4, 0.2])
    best = roc.youden(roc.roc_curve(target, score))
    assert best is not None
    assert (best.threshold, best.sensitivity, best.specificity) == (0.8, 0.5, 1.0)


@pytest.mark.parametrize("score", [[0.5, 0.5, 0.5, 0.5], [0.1, 0.2, 0.8, 0.9]])
def test_a_score_no_better_than_chance_has_no_youden_threshold(score: list[float]) -> None:
    assert roc.youden(roc.roc_curve(np.array([True, True, False, False]), np.array(score))) is None


def test_perfect_separation_has_the_lowest_positive_score_as_threshold() -> None:
    best = roc.youden(roc.roc_curve(np.array([True, True, False]), np.array([0.9, 0.7, 0.3])))
    assert best is not None
    assert (best.threshold, best.index) == (0.7, 1.0)


def test_area_and_curve_do_not_depend_on_order_or_on_a_monotone_transform() -> None:
    target, score = draw(3)
    at = np.random.default_rng(9).permutation(len(target))
    assert roc.area(target[at], score[at]) == pytest.approx(roc.area(target, score), abs=1e-12)
    assert roc.area(target, np.exp(3 * score)) == pytest.approx(roc.area(target, score), abs=1e-12)
    assert roc.area(~target, -score) == pytest.approx(roc.area(target, score), abs=1e-12)
    np.testing.assert_array_equal(
        roc.roc_curve(target[at], score[at]).sensitivity, roc.roc_curve(target, np.exp(score)).sensitivity
    )


def test_a_thinned_curve_keeps_its_ends_its_area_and_only_points_of_the_curve() -> None:
    target, score = draw(1, n=3000, digits=8)
    curve = roc.roc_curve(target, score)
    thin = curve.thinned(200)
    assert len(thin.thresholds) <= 200
    assert (thin.sensitivity[0], thin.sensitivity[-1], thin.specificity[0]) == (0.0, 1.0, 1.0)
    assert set(thin.thresholds) <= set(curve.thresholds)
    area = np.trapezoid(thin.sensitivity, 1 - thin.specificity)
    assert area == pytest.approx(roc.area(target, score), abs=0.003)
    assert np.trapezoid(curve.thinned(10_000).sensitivity, 1 - curve.thinned(10_000).specificity) == pytest.approx(
        roc.area(target, score), abs=1e-12
    )


def test_the_threshold_for_a_sensitivity_is_the_highest_that_reaches_it() -> None:
    target, score = draw(2)
    curve = roc.roc_curve(target, score)
    threshold = roc.threshold_at_sensitivity(curve, 0.8)
    assert (score[target] >= threshold).mean() >= 0.8
    higher = score[score > threshold].min()
    assert (score[target] >= higher).mean() < 0.8


def test_one_sided_truth_and_unusable_scores_are_refused_with_the_reason() -> None:
    score = np.array([0.1, 0.2])
    assert roc.missing_side(np.array([False, False])) == "none of the 2 cases is positive"
    with pytest.raises(InvalidInput, match="all 2 cases are positive"):
        roc.area(np.array([True, True]), score)
    with pytest.raises(InvalidInput, match="finite"):
        roc.roc_curve(np.array([True, False]), np.array([0.1, np.nan]))
    with pytest.raises(InvalidInput, match="as many"):
        roc.roc_curve(np.array([True, False]), np.array([0.1]))
