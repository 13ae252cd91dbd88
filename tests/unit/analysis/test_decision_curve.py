import numpy as np
import pytest

from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.decision_curve import decision_curve, net_benefit
from dermdash.analysis.drawn_intervals import drawn_interval
from dermdash.errors import InvalidInput


def test_net_benefit_by_hand() -> None:
    # 10 cases, 4 ill. At 20 % the model calls 5, of whom 3 are ill: 3/10 - 2/10 * 0.2/0.8 = 0.25.
    target = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 0], bool)
    probability = np.array([0.9, 0.6, 0.2, 0.1, 0.5, 0.3, 0.1, 0.1, 0.1, 0.1])
    assert net_benefit(target, probability, 0.2) == pytest.approx(0.25)
    curve = decision_curve(target, probability, thresholds=np.array([0.2, 0.5]))
    # Treat all at 20 %: 0.4 - 0.6 / 4 = 0.25; at 50 %: 0.4 - 0.6 = -0.2. Model at 50 %: 2/10 - 1/10 = 0.1.
    assert curve.model == pytest.approx([0.25, 0.1])
    assert curve.treat_all == pytest.approx([0.25, -0.2])
    assert curve.advantage == pytest.approx([0.0, 0.1])
    assert curve.prevalence == pytest.approx(0.4)
    assert curve.low is None


def test_a_perfect_model_gains_the_prevalence_at_every_threshold_and_one_that_calls_all_is_treating_all() -> None:
    target = np.random.default_rng(0).random(200) < 0.3
    perfect = decision_curve(target, target.astype(float))
    assert perfect.model == pytest.approx(np.full(99, target.mean()))
    everyone = decision_curve(target, np.ones(200))
    assert everyone.model == pytest.approx(everyone.treat_all)
    assert decision_curve(target, np.zeros(200)).model == pytest.approx(np.zeros(99))


def test_the_band_is_that_of_the_drawn_cases() -> None:
    rng = np.random.default_rng(1)
    groups = rng.integers(0, 40, 120)
    target = rng.random(120) < 0.4
    probability = np.clip(rng.normal(0.3 + 0.3 * target, 0.2), 0, 1)
    bootstrap = GroupedBootstrap(groups, 60, seed=5)
    curve = decision_curve(target, probability, bootstrap=bootstrap, thresholds=np.array([0.3]))
    values, gains = [], []
    for counts in np.concatenate(list(bootstrap.case_counts())):
        at = np.repeat(np.arange(120), counts.astype(int))
        values.append(net_benefit(target[at], probability[at], 0.3))
        gains.append(values[-1] - max(net_benefit(target[at], np.ones(len(at)), 0.3), 0))
    assert curve.low is not None
    assert curve.advantage_high is not None
    smaller = min(len(np.unique(groups[target])), len(np.unique(groups[~target])))
    ends = [drawn_interval(v, np.array(d), smaller, confidence=0.95) for v, d in
            ((curve.model[0], values), (curve.advantage[0], gains))]  # fmt: skip
    assert ends[0] is not None
    assert ends[1] is not None
    assert curve.low[0] == pytest.approx(ends[0].low)
    assert curve.advantage_high[0] == pytest.approx(ends[1].high)


def test_thresholds_outside_are_refused() -> None:
    with pytest.raises(InvalidInput):
        net_benefit(np.array([True]), np.array([0.5]), 1.0)
    with pytest.raises(InvalidInput):
        decision_curve(np.array([], bool), np.array([]))
