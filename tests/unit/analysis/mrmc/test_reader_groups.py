"""Contrasts of groups of readers: against loops over the definition, scipy, statsmodels and simulated studies."""

from itertools import product

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from tests.benchmarks.error_rates_of_arms import (
    SHARE,
    arms_of_readers,
    crossover_readings,
    difference_of_shares,
    effect_of_crossover,
    modalities_of_own_readers,
    rated_arms,
)
from tests.null_studies import QUICK, rejections

from dermdash.analysis.mrmc import own_readers
from dermdash.analysis.mrmc.analysis import analyse_mrmc
from dermdash.analysis.mrmc.choices import Covariance
from dermdash.analysis.mrmc.data import MrmcData
from dermdash.analysis.mrmc.effect import Inference
from dermdash.analysis.mrmc.figure_of_merit import FigureOfMerit
from dermdash.analysis.mrmc.reader_groups import ReaderFigures, figures_of_readers, group_contrast, group_mean

EVEN = (0.4, 0.4)


def halves(*sizes: int) -> list[np.ndarray]:
    where = np.repeat(np.arange(len(sizes)), sizes)
    return [where == i for i in range(len(sizes))]


def without_shared_cases(values: np.ndarray, cases: int = 10_000) -> ReaderFigures:
    """Figures of so many cases that nothing varies by them."""
    n, every = len(values), np.ones(cases, bool)
    read = np.ones((n, cases), bool)
    return ReaderFigures(
        tuple(map(str, range(n))), values, np.zeros((n, n)), read, (every,), np.arange(cases), Covariance.JACKKNIFE
    )


def test_the_variance_is_that_of_loops_over_its_definition() -> None:
    data = arms_of_readers((6, 7), 40, np.random.default_rng(1), spread=EVEN)
    found = group_contrast(figures_of_readers(data, SHARE), halves(6, 7), (1.0, -1.0))
    right = data.ratings[:, 0]
    means, r, c = right.mean(axis=1), len(right), right.shape[1]

    def covariance(j: int, k: int) -> float:
        return sum((right[j, i] - means[j]) * (right[k, i] - means[k]) for i in range(c)) / (c - 1) / c

    signs = np.repeat([1.0, -1.0], [6, 7])
    of_cases = 0.0
    for arm_j, arm_k in product((1.0, -1.0), repeat=2):
        pairs = [
            covariance(j, k) for j in range(r) for k in range(r) if j != k and (signs[j], signs[k]) == (arm_j, arm_k)
        ]
        of_cases += arm_j * arm_k * sum(pairs) / len(pairs)
    a, b = means[:6], means[6:]
    of_readers = a.var(ddof=1) / 6 + b.var(ddof=1) / 7
    assert found.difference == pytest.approx(a.mean() - b.mean())
    assert found.se == pytest.approx((of_readers + max(of_cases, 0.0)) ** 0.5, rel=1e-12)


def test_equal_arms_have_the_standard_error_of_the_split_plot_analysis() -> None:
    """Hillis (2014), readers nested in modalities: with as many readers in both, pooled and own variances are one."""
    nested = rated_arms((6, 6), 20, 30, np.random.default_rng(3))
    figures = figures_of_readers(nested, FigureOfMerit())
    found = group_contrast(figures, halves(6, 6), (1.0, -1.0))
    ratings = np.full((12, 2, 50), np.nan)
    ratings[:6, 0], ratings[6:, 1] = nested.ratings[:6, 0], nested.ratings[6:, 0]
    crossed = MrmcData(ratings, nested.truth, nested.readers, ("a", "b"), nested.cases)
    from dermdash.analysis.mrmc.analysis import MrmcOptions

    oracle = analyse_mrmc(crossed, MrmcOptions(covariance=Covariance.JACKKNIFE)).overall[Inference.RRRC]
    assert figures.method is Covariance.JACKKNIFE
    assert (found.difference, found.se) == pytest.approx((oracle.difference, oracle.se), rel=1e-12)
    mean = group_mean(figures, halves(6, 6)[0])
    other = analyse_mrmc(crossed, MrmcOptions(covariance=Covariance.JACKKNIFE)).means[0][Inference.RRRC]
    assert (mean.value, mean.se) == pytest.approx((other.value, other.se), rel=1e-12)


def test_without_shared_cases_it_is_welchs_test() -> None:
    rng = np.random.default_rng(5)
    values = rng.normal(0.7, 0.1, 11)
    figures = without_shared_cases(values)
    found = group_contrast(figures, halves(5, 6), (1.0, -1.0))
    oracle = stats.ttest_ind(values[:5], values[5:], equal_var=False)
    assert found.p == pytest.approx(oracle.pvalue, rel=1e-9)
    assert (found.low, found.high) == pytest.approx(tuple(oracle.confidence_interval()), rel=1e-9)


def test_of_uneven_groups_the_smaller_decides_the_degrees_of_freedom() -> None:
    values = np.random.default_rng(6).normal(0.7, 0.1, 20)
    figures = without_shared_cases(values)
    assert group_contrast(figures, halves(5, 15), (1.0, -1.0)).df2 == pytest.approx(4)


def test_the_group_that_read_the_fewest_cases_decides_what_is_shown() -> None:
    """A third arm with 60 cases of its own lends the two arms with 8, or 12, none of them."""
    rng = np.random.default_rng(4)
    data = arms_of_readers((10, 6), 60, rng, spread=EVEN)
    groups = halves(5, 5, 6)
    for cases, df in ((8, None), (12, 11)):
        ratings = data.ratings.copy()
        ratings[:10, :, cases:] = np.nan
        figures = figures_of_readers(MrmcData(ratings, data.truth, data.readers, ("a",), data.cases), SHARE)
        assert [figures.cases([group]) for group in groups] == [cases, cases, 60]
        found = group_contrast(figures, groups[:2], (1.0, -1.0))
        assert (found.p is None) == (df is None)
        assert group_mean(figures, groups[2]).low is not None
        if df is not None:
            assert found.df2 is not None
            assert found.df2 <= df


def test_effects_of_a_crossover_are_those_of_a_linear_model() -> None:
    """Readers' differences on an intercept and the sequence: estimates, and of equal sequences standard errors, too."""
    data = crossover_readings((8, 8), 60, np.random.default_rng(2))
    change = figures_of_readers(data, SHARE, (1.0, -1.0))
    alone = without_shared_cases(change.values)
    sign = np.repeat([1.0, -1.0], 8)
    fit = sm.OLS(change.values, np.column_stack([np.ones(16), sign])).fit()
    assistance = group_contrast(alone, halves(8, 8), (0.5, 0.5))
    period = group_contrast(alone, halves(8, 8), (0.5, -0.5))
    assert (assistance.difference, assistance.se) == pytest.approx((fit.params[0], fit.bse[0]), rel=1e-10)
    assert (period.difference, period.se) == pytest.approx((fit.params[1], fit.bse[1]), rel=1e-10)
    both = np.mean(data.ratings, axis=(1, 2))
    middle = figures_of_readers(data, SHARE, (0.5, 0.5))
    assert group_contrast(middle, halves(8, 8), (1.0, -1.0)).difference == pytest.approx(
        both[:8].mean() - both[8:].mean()
    )


def test_a_change_between_periods_is_taken_out_of_the_effect() -> None:
    """Of 6 and 18 readers with a second period that is easier, the mean of all changes is biased, and this is not."""
    rng = np.random.default_rng(8)
    adjusted, plain = [], []
    for _ in range(150):
        change = figures_of_readers(crossover_readings((6, 18), 60, rng, period=0.8), SHARE, (1.0, -1.0))
        adjusted.append(group_contrast(change, halves(6, 18), (0.5, 0.5)).difference)
        plain.append(change.values.mean())
    error = np.std(adjusted) / 150**0.5
    assert abs(np.mean(adjusted)) < 3 * error
    assert np.mean(plain) < -0.08


def test_the_standard_error_is_the_spread_over_studies() -> None:
    rng = np.random.default_rng(4)
    found = [
        group_contrast(
            figures_of_readers(arms_of_readers((8, 8), 30, rng, spread=EVEN), SHARE), halves(8, 8), (1.0, -1.0)
        )
        for _ in range(300)
    ]
    spread = np.std([f.difference for f in found], ddof=1)
    assert np.mean([f.se**2 for f in found]) ** 0.5 == pytest.approx(spread, rel=0.12)


@pytest.mark.parametrize("sizes", [(5, 5), (5, 20)])
def test_it_keeps_to_its_level_at_the_smallest_sizes(sizes: tuple[int, int]) -> None:
    found = rejections(difference_of_shares(sizes, 28, EVEN), QUICK)
    assert found.refused == 0
    assert found.holds
    assert rejections(effect_of_crossover(sizes, 28, "assistance"), QUICK // 2).holds


def test_modalities_with_readers_of_their_own_keep_the_level_where_a_pooled_variance_does_not() -> None:
    """5 readers who are twice as far apart as the 20 beside them, 100 cases: pooled, 15 % of null studies rejected."""
    found = rejections(modalities_of_own_readers((5, 20), 100, (0.6, 0.3)), QUICK)
    assert found.refused == 0
    assert found.holds
    assert rejections(modalities_of_own_readers((4, 10), 60, (0.4, 0.4)), 20).shown == 0


def test_below_the_simulated_sizes_there_is_a_value_and_a_reason() -> None:
    few = group_contrast(
        figures_of_readers(arms_of_readers((4, 6), 30, np.random.default_rng(1), spread=EVEN), SHARE),
        halves(4, 6),
        (1.0, -1.0),
    )
    assert few.difference is not None
    assert (few.low, few.p) == (None, None)
    assert few.reason is not None
    assert "4 readers" in few.reason
    cases = group_contrast(
        figures_of_readers(arms_of_readers((6, 6), 9, np.random.default_rng(1), spread=EVEN), SHARE),
        halves(6, 6),
        (1.0, -1.0),
    )
    assert "9 cases of a side" in str(cases.reason)
    assert own_readers.FEWEST_READERS == 5


def test_the_same_answers_in_both_arms_have_no_difference() -> None:
    data = arms_of_readers((6, 0), 30, np.random.default_rng(9), spread=EVEN)
    twice = MrmcData(
        np.repeat(data.ratings, 2, axis=0), data.truth, tuple(map(str, range(12))), data.modalities, data.cases
    )
    odd = np.arange(12) % 2 == 1
    found = group_contrast(figures_of_readers(twice, SHARE), (odd, ~odd), (1.0, -1.0))
    assert found.difference == pytest.approx(0.0, abs=1e-15)
