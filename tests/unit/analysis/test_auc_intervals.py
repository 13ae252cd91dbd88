"""Areas of few cases: which interval and test is shown, and how often it holds the true area."""

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import brentq
from tests.null_studies import rejections

from dermdash.analysis.auc_intervals import LEAST_SIDE, newcombe_interval, paired_area_test, too_few
from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.delong import paired_auc_test
from dermdash.analysis.one_vs_rest import AucEstimate, estimate_auc


def scored(positives: int, negatives: int, auc: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Truth and normal scores with this true area."""
    target = np.arange(positives + negatives) < positives
    return target, rng.normal(size=len(target)) + target * stats.norm.ppf(auc) * 2**0.5


def estimated(target: np.ndarray, score: np.ndarray, draws: int = 300, images: int = 1) -> AucEstimate:
    groups = np.arange(len(target)) // images
    bootstrap = GroupedBootstrap(groups, draws, 1)
    areas = bootstrap.areas(target, score) if draws else None
    return estimate_auc(target, score, groups, drawn_areas=areas, bootstrap=bootstrap)


@pytest.mark.parametrize("positives", [1, 2, 4])
def test_an_area_of_fewer_than_five_positives_has_no_interval_of_any_kind(positives: int) -> None:
    found = estimated(*scored(positives, 150, 0.85, np.random.default_rng(1)))
    assert found.estimate.value is not None
    assert found.estimate.interval is None
    assert "positive case" in str(found.estimate.reason)
    assert f"of the {LEAST_SIDE} that" in str(found.estimate.reason)
    numbers = found.as_dict()
    assert [k for k, v in numbers.items() if k.endswith(("low", "high")) and v is not None] == []


def test_between_five_and_twenty_positives_the_logit_interval_is_shown_and_the_percentiles_are_not() -> None:
    found = estimated(*scored(8, 150, 0.85, np.random.default_rng(2)))
    assert found.estimate.bootstrap_low is None
    assert found.estimate.interval == found.grouped
    assert found.logit is not None
    assert found.grouped is not None
    # Student's t with 7 degrees of freedom reaches farther than the normal on either side.
    assert found.grouped[0] < found.logit[0] < found.logit[1] < found.grouped[1]
    low, high = newcombe_interval(found.estimate.value or 0, (8, 150))
    assert found.grouped[0] <= low < high <= found.grouped[1]


def test_from_twenty_positives_on_percentiles_are_computed_and_from_a_hundred_on_shown() -> None:
    few = estimated(*scored(40, 150, 0.85, np.random.default_rng(3)))
    assert few.estimate.bootstrap_low is not None
    assert few.estimate.interval == few.grouped
    target, score = scored(100, 150, 0.85, np.random.default_rng(3))
    drawn = estimated(target, score).estimate
    assert drawn.interval == (drawn.bootstrap_low, drawn.bootstrap_high)
    alone = estimated(target, score, draws=0)
    assert alone.estimate.interval == alone.grouped == pytest.approx(alone.logit)


def test_few_patients_with_many_images_count_as_few() -> None:
    target, score = scored(16, 160, 0.85, np.random.default_rng(4))
    assert estimated(target, score, images=4).estimate.interval is None
    assert too_few((4, 40)) == "no interval: 4 positive cases of the 5 that an area needs"
    assert too_few((40, 1)) == "no interval: 1 negative case of the 5 that an area needs"


@pytest.mark.parametrize(("auc", "sides"), [(0.72, (8, 150)), (0.95, (12, 145)), (0.5, (6, 6)), (0.999, (20, 40))])
def test_newcombes_limits_are_where_the_error_of_hanley_and_mcneil_reaches(auc: float, sides: tuple[int, int]) -> None:
    """Solved by bisection on the definition, with m = n in its terms but not in its denominator."""
    m, n = sides
    more = (m + n) / 2 - 1

    def beyond(a: float) -> float:
        variance = a * (1 - a) * (1 + more * (1 - a) / (2 - a) + more * a / (1 + a)) / (m * n)
        return (auc - a) ** 2 - stats.norm.ppf(0.975) ** 2 * variance

    low, high = newcombe_interval(auc, sides)
    assert low == pytest.approx(brentq(beyond, 1e-9, auc), abs=1e-9)
    assert high == pytest.approx(brentq(beyond, auc, 1 - 1e-12), abs=1e-9)


@pytest.mark.parametrize(("positives", "negatives"), [(8, 145), (12, 145), (145, 8), (10, 10)])
def test_an_area_near_one_with_few_cases_is_held_as_often_as_said(positives: int, negatives: int) -> None:
    """Of an area of 0.95 the logit interval alone missed 7 % with 8 to 20 positives beside 145."""
    rng, runs = np.random.default_rng(6), 400
    missed = 0
    for _ in range(runs):
        target, score = scored(positives, negatives, 0.95, rng)
        interval = estimated(target, score, draws=0).estimate.interval
        missed += interval is None or not interval[0] <= 0.95 <= interval[1]
    assert missed <= stats.binom.ppf(0.975, runs, 0.05)


@pytest.mark.slow
@pytest.mark.parametrize("positives", [5, 8, 12])
def test_the_interval_of_few_positives_holds_the_true_area_where_percentiles_do_not(positives: int) -> None:
    """Percentiles held an area of 0.85 in 83 to 90 of 100 studies with 5 to 12 positives."""
    rng, held, drawn_held, runs = np.random.default_rng(5), 0, 0, 300
    for _ in range(runs):
        target, score = scored(positives, 100, 0.85, rng)
        interval = estimated(target, score, draws=0).estimate.interval
        assert interval is not None
        held += interval[0] <= 0.85 <= interval[1]
        bootstrap = GroupedBootstrap(np.arange(len(target)), 200, 1)
        low, high = bootstrap.interval(bootstrap.areas(target, score)) or (0.0, 1.0)
        drawn_held += low <= 0.85 <= high
    assert held >= stats.binom.ppf(0.001, runs, 0.9)
    assert held > drawn_held


def test_equal_areas_of_few_positives_are_rejected_at_the_level_and_of_fewer_than_five_not_tested() -> None:
    def p(positives: int, rng: np.random.Generator) -> float | None:
        target, first = scored(positives, 100, 0.8, rng)
        return paired_area_test(target, first, first + rng.normal(size=len(first))).p_value

    def same(rng: np.random.Generator) -> float | None:
        target, shared = scored(6, 100, 0.8, rng)
        first, second = (shared + rng.normal(size=len(shared)) for _ in range(2))
        return paired_area_test(target, first, second).p_value

    assert rejections(same, 400).holds
    assert p(4, np.random.default_rng(1)) is None


def test_the_paired_test_of_many_cases_is_delongs() -> None:
    target, first = scored(30, 60, 0.8, np.random.default_rng(6))
    second = first + np.random.default_rng(7).normal(size=90)
    assert paired_area_test(target, first, second) == paired_auc_test(target, first, second)
