"""What checks of findings compute: outliers, spikes, presence, label errors, and when one may stop looking."""

import numpy as np
import pytest
from scipy import stats

from dermdash.analysis import label_errors, presence, robust_outliers, stopping_rule, value_spikes


def test_the_stopping_rule_bounds_what_the_exact_binomial_bounds() -> None:
    for n in (1, 10, 58, 300):
        exact = stats.binomtest(0, n, 0.5).proportion_ci(0.9, "exact").high  # one-sided 95 %
        assert stopping_rule.upper_bound(n) == pytest.approx(exact, abs=1e-9)
    assert stopping_rule.upper_bound(58) == pytest.approx(0.05, abs=0.001)
    assert stopping_rule.upper_bound(0) == 1.0


def test_one_may_stop_after_58_negatives_in_a_row_from_the_top_and_not_over_a_gap() -> None:
    at = stopping_rule.standing([True, *[False] * 58, "open", "open"])
    assert (at.looked_at, at.negatives, at.confirmed, at.left, at.may_stop) == (59, 58, 1, 2, True)
    assert not stopping_rule.standing([True, *[False] * 57, "open"]).may_stop
    assert stopping_rule.standing([*[False] * 30, "open", *[False] * 40]).negatives == 30
    assert stopping_rule.standing([*[False] * 30, None, *[False] * 5, "open"]).negatives == 5
    assert stopping_rule.standing([]).may_stop


def test_outliers_are_told_from_the_side_that_is_poor_and_do_not_hide_one_another() -> None:
    rng = np.random.default_rng(1)
    values = np.append(rng.normal(0.6, 0.05, 300), [0.1] * 40)
    low = robust_outliers.robust_distance(values, side="low")
    assert (low[-40:] > robust_outliers.THRESHOLD).all()
    assert (low[:300] > robust_outliers.THRESHOLD).mean() < 0.02
    assert robust_outliers.robust_distance(values, side="high").max() < 6
    mostly_zero = np.append(np.zeros(200), 0.3)
    assert robust_outliers.robust_distance(mostly_zero, side="high", least_scale=0.01)[-1] > 20
    assert not robust_outliers.robust_distance(np.full(9, np.nan), side="low").any()
    assert not robust_outliers.robust_distance(np.full(50, 0.4), side="low", least_scale=0.01).any()


def test_a_planted_spike_is_found_and_rounded_ages_are_not() -> None:
    rng = np.random.default_rng(2)
    ages = np.round(rng.normal(52, 16, 4000).clip(1, 90) / 5) * 5
    assert value_spikes.find_spikes(ages, minimum=0, maximum=120) == []
    (spike,) = value_spikes.find_spikes(np.append(ages, [99.0] * 60), minimum=0, maximum=120)
    assert (spike.value, spike.count, spike.is_spike) == (99, 60, True)
    (limit,) = value_spikes.find_spikes(np.append(ages, [0.0] * 39), minimum=0, maximum=120)
    assert (limit.value, limit.count, limit.at_limit) == (0, 39 + int((ages == 0).sum()), True)
    assert value_spikes.find_spikes(np.array([]), minimum=0, maximum=120) == []
    lengths = np.append(rng.gamma(4, 1.7, 3000).round(3), [10.0] * 80)
    assert [s.value for s in value_spikes.find_spikes(lengths)] == [10.0]


def test_the_poisson_tail_is_that_of_scipy() -> None:
    for count, expected in ((1, 0.3), (12, 4.0), (80, 55.5)):
        assert value_spikes.poisson_tail(count, expected) == pytest.approx(stats.poisson.sf(count - 1, expected))


def test_presence_that_tells_a_class_is_found_in_lesions_and_chance_is_not() -> None:
    rng = np.random.default_rng(3)
    labels = np.array(["mel", "nv", "bkl"], dtype=object)[rng.integers(3, size=300)]
    lesions = np.array([f"L{i}" for i in range(300)], dtype=object)
    held = []
    for _ in range(200):
        filled = np.where(labels == "mel", rng.random(300) < 0.9, rng.random(300) < 0.1)
        effect = presence.presence_effect(filled, labels, lesions)
        assert effect is not None
        assert effect.label == "mel"
        held.append(effect.low < 0.8 < effect.high)
    assert 0.91 < np.mean(held) < 0.99
    assert effect.auc == pytest.approx(0.5 + effect.youden / 2)
    chance = presence.presence_effect(rng.random(300) < 0.5, labels, lesions)
    assert chance is not None
    assert abs(chance.youden) < presence.THRESHOLD
    one_lesion = presence.presence_effect(filled, labels, np.array(["L"] * 300, dtype=object))
    assert one_lesion is None  # three hundred photographs of one lesion say nothing


def test_wrong_labels_come_first_and_groups_stay_together() -> None:
    rng = np.random.default_rng(4)
    truth = rng.integers(3, size=600)
    features = (np.eye(3)[truth] * 3 + rng.normal(0, 1, (600, 3))).astype(np.float32)
    groups = np.repeat(np.arange(300), 2)
    flipped = rng.permutation(600)[:18]
    labels = truth.copy()
    labels[flipped] = (labels[flipped] + 1) % 3
    folds = label_errors.grouped_folds(labels, groups)
    assert all(len(set(folds[groups == g])) == 1 for g in range(300))
    found = label_errors.label_margins(label_errors.out_of_fold_probabilities(features, labels, groups), labels)
    first = np.argsort(-found.score)[:18]
    assert np.isin(first, flipped).mean() > 0.7
    right = found.proposed[flipped] == truth[flipped]
    assert right.mean() > 0.9


def test_one_class_has_no_other_to_propose() -> None:
    margins = label_errors.label_margins(np.ones((5, 1)), np.zeros(5, dtype=np.intp))
    assert not margins.likely.any()
    assert margins.score.max() < 0.5
