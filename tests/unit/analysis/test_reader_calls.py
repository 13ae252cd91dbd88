"""The vectorised means of readers against loops over single draws, and against scikit-learn's weighted areas."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.reader_calls import (
    SENSITIVITY_AT_SPECIFICITY,
    SPECIFICITY_AT_SENSITIVITY,
    ReaderCalls,
    mean_and_score,
    mean_of_readers,
)


def make_calls(*, readers: int = 4, cases: int = 30, seed: int = 0) -> ReaderCalls:
    rng = np.random.default_rng(seed)
    target = np.arange(cases) % 3 == 0
    score = np.round(rng.normal(target * 1.5, 1), 1)  # with ties
    seen = rng.random((readers, cases)) < 0.7
    called = (rng.random((readers, cases)) < np.where(target, 0.8, 0.3)) & seen
    return ReaderCalls(target, score, called, seen)


def by_loop(calls: ReaderCalls, readers: np.ndarray, weight: np.ndarray) -> dict[str, tuple[float, float]]:
    """One draw, written out: mean rates, the weight of each case in them, the step curve at these weights."""
    rates: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    counted = {True: np.zeros(len(calls.target)), False: np.zeros(len(calls.target))}
    for r, times in enumerate(readers):
        for side in (True, False):
            cases = calls.seen[r] & (calls.target == side)
            total = weight[cases].sum()
            if times and total:
                right = (calls.called[r] == side) & cases
                rates[side].append((times, weight[right].sum() / total))
                counted[side][cases] += times * weight[cases] / total
    means = {side: sum(n * v for n, v in found) / sum(n for n, _ in found) for side, found in rates.items()}
    best = {SENSITIVITY_AT_SPECIFICITY: 0.0, SPECIFICITY_AT_SENSITIVITY: 0.0}
    for threshold in [*np.unique(calls.score), np.inf]:
        up = calls.score >= threshold
        sensitivity = counted[True][up].sum() / counted[True].sum()
        specificity = counted[False][~up].sum() / counted[False].sum()
        if specificity >= means[False] - 1e-12:
            best[SENSITIVITY_AT_SPECIFICITY] = max(best[SENSITIVITY_AT_SPECIFICITY], sensitivity)
        if sensitivity >= means[True] - 1e-12:
            best[SPECIFICITY_AT_SENSITIVITY] = max(best[SPECIFICITY_AT_SENSITIVITY], specificity)
    return {
        SENSITIVITY_AT_SPECIFICITY: (best[SENSITIVITY_AT_SPECIFICITY], means[True]),
        SPECIFICITY_AT_SENSITIVITY: (best[SPECIFICITY_AT_SENSITIVITY], means[False]),
    }


def test_every_draw_is_what_a_loop_gives() -> None:
    calls = make_calls()
    rng = np.random.default_rng(1)
    readers = rng.multinomial(4, np.full(4, 0.25), size=20).astype(float)
    weight = rng.multinomial(30, np.full(30, 1 / 30), size=20).astype(float)
    found = mean_and_score(calls, readers, weight.astype(np.float32))
    for i in range(20):
        expected = by_loop(calls, readers[i], weight[i])
        for name, (score, mean) in found.items():
            assert (score[i], mean[i]) == pytest.approx(expected[name], abs=1e-12)


def test_drawn_areas_of_some_cases_are_weighted_areas_of_scikit_learn() -> None:
    """roc_auc_score with sample weights on the drawn cases; agreement to 1e-6 (draws are counted in float32)."""
    calls = make_calls(cases=40)
    bootstrap = GroupedBootstrap(np.arange(40) // 2, 15, 7)
    among = calls.seen[1]
    areas = bootstrap.areas(calls.target, calls.score, among)
    weights = np.concatenate(list(bootstrap.case_counts()))
    for area, weight in zip(areas, weights, strict=True):
        expected = roc_auc_score(calls.target[among], calls.score[among], sample_weight=weight[among])
        assert area == pytest.approx(expected, abs=1e-6)


def test_readers_in_another_order_have_the_same_mean() -> None:
    calls = make_calls()
    turned = calls.for_readers(np.ones(4, bool))
    turned = ReaderCalls(calls.target, calls.score, turned.called[::-1], turned.seen[::-1])
    groups = np.arange(30)
    one = mean_of_readers(calls, GroupedBootstrap(groups, 0, 1), groups, seed=1)
    other = mean_of_readers(turned, GroupedBootstrap(groups, 0, 1), groups, seed=1)
    assert [d.difference for d in one.differences] == pytest.approx([d.difference for d in other.differences])
    assert one.sensitivity.value == pytest.approx(other.sensitivity.value)


def test_swapping_the_sides_turns_sensitivity_into_specificity() -> None:
    """Calling health instead of illness with the score turned round exchanges both rates and both differences."""
    calls = make_calls()
    swapped = ReaderCalls(~calls.target, -calls.score, ~calls.called & calls.seen, calls.seen)
    groups = np.arange(30)
    one = mean_of_readers(calls, GroupedBootstrap(groups, 0, 1), groups, seed=1)
    other = mean_of_readers(swapped, GroupedBootstrap(groups, 0, 1), groups, seed=1)
    assert one.sensitivity.value == pytest.approx(other.specificity.value)
    found, mirrored = ({d.metric: d.difference for d in m.differences} for m in (one, other))
    assert found[SENSITIVITY_AT_SPECIFICITY] == pytest.approx(mirrored[SPECIFICITY_AT_SENSITIVITY])
