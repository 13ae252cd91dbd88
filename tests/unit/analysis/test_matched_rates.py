"""The score at the rates of readers, against a loop over every threshold of every draw."""

import numpy as np
import pytest

from dermdash.analysis.matched_rates import matched_to_mean, matched_to_readers, steps_of


def best(
    score: np.ndarray, ill: np.ndarray, well: np.ndarray, sensitivity: float, specificity: float
) -> tuple[float, float]:
    """Greatest sensitivity at that specificity and the reverse over all thresholds, with weights of the cases."""
    at_specificity = at_sensitivity = -1.0
    for threshold in [*np.unique(score), np.inf]:
        up = score >= threshold
        reached, kept = ill[up].sum() / ill.sum(), well[~up].sum() / well.sum()
        if kept >= specificity - 1e-12:
            at_specificity = max(at_specificity, reached)
        if reached >= sensitivity - 1e-12:
            at_sensitivity = max(at_sensitivity, kept)
    return at_specificity, at_sensitivity


@pytest.mark.parametrize("decimals", [0, 1, 6])
def test_every_reader_in_every_draw_is_matched_as_a_loop_over_thresholds_does(decimals: int) -> None:
    rng = np.random.default_rng(4)
    target = rng.random(40) < 0.3
    score = np.round(rng.normal(target * 1.2, 1), decimals)
    called = rng.random((3, 40)) < np.where(target, 0.8, 0.3)
    called[2] = target  # no mistake: the score must call all that is ill, and may call nothing that is well
    weight = rng.multinomial(40, np.full(40, 1 / 40), size=25).astype(np.float32)
    found = matched_to_readers(weight, target, score, called)
    for d, w in enumerate(weight.astype(float)):
        for r in range(3):
            sensitivity = w[target & called[r]].sum() / w[target].sum()
            specificity = w[~target & ~called[r]].sum() / w[~target].sum()
            assert (found.sensitivity[d, r], found.specificity[d, r]) == pytest.approx((sensitivity, specificity))
            expected = best(score, w * target, w * ~target, sensitivity, specificity)
            assert (found.score_sensitivity[d, r], found.score_specificity[d, r]) == pytest.approx(expected)


def test_wanted_rates_of_weighted_cases_are_reached_as_a_loop_over_thresholds_does() -> None:
    rng = np.random.default_rng(5)
    target = rng.random(30) < 0.4
    score = np.round(rng.normal(target, 1), 1)
    steps = steps_of(target, score)
    weight = rng.random((30, 12))
    wanted = rng.random((2, 12))
    wanted[:, 0], wanted[:, 1] = 0.0, 1.0
    found = matched_to_mean(steps, weight[steps.positive], weight[steps.negative], *wanted)
    for d in range(12):
        expected = best(score, weight[:, d] * target, weight[:, d] * ~target, *wanted[:, d])
        assert (found[0][d], found[1][d]) == pytest.approx(expected)


def test_a_draw_without_a_side_has_no_rate() -> None:
    target, score = np.array([True, False]), np.array([0.9, 0.1])
    none = np.array([[0.0, 1.0]], np.float32)  # the ill case was not drawn
    of_readers = matched_to_readers(none, target, score, np.array([[True, False]]))
    assert np.isnan([of_readers.score_sensitivity, of_readers.score_specificity, of_readers.sensitivity]).all()
    of_mean = matched_to_mean(
        steps_of(target, score), np.array([[0.0]]), np.array([[1.0]]), np.array([0.5]), np.array([0.5])
    )
    assert np.isnan(of_mean).all()
