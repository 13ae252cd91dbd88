import numpy as np

from dermdash.analysis.roc import roc_curve
from dermdash.analysis.threshold_rates import rates_at, threshold_grid


def test_rates_at_any_threshold_are_those_of_counting_the_calls():
    rng = np.random.default_rng(4)
    target = rng.random(300) < 0.3
    score = np.round(np.clip(rng.normal(0.3 + 0.2 * target, 0.2), 0, 1), 2)  # many ties, scores of 0 and 1
    grid = np.unique(np.concatenate([threshold_grid(50), score]))
    rates = rates_at(roc_curve(target, score), grid)
    counted = [((score >= t)[target].mean(), (score < t)[~target].mean()) for t in grid]
    assert np.allclose(np.column_stack([rates.sensitivity, rates.specificity]), counted)


def test_above_the_highest_score_nothing_is_called():
    rates = rates_at(roc_curve(np.array([True, False]), np.array([0.4, 0.2])), np.array([0.0, 0.3, 0.41, 1.0]))
    assert rates.sensitivity.tolist() == [1, 1, 0, 0]
    assert rates.specificity.tolist() == [0, 1, 1, 1]


def test_the_grid_has_points_where_the_thresholds_of_rare_classes_lie():
    grid = threshold_grid(100, smallest=1e-4)
    assert grid[0] == 0
    assert grid[-1] == 1
    assert (grid < 0.01).sum() > 40
    assert (np.diff(grid) > 0).all()
