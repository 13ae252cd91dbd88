"""Tests between groups hold their level at the smallest groups they are shown for, and are refused below."""

import numpy as np
import pytest
from scipy import stats
from tests.null_studies import QUICK, Counts, Readings, class_counts, class_readings, rejections

from dermdash.analysis.clustered_pairs import GroupDifferences, group_differences
from dermdash.analysis.two_way import ReaderCaseInference


def of_counts(made: Counts) -> GroupDifferences:
    image = np.arange(len(made.change))
    return group_differences(made.change, made.group, clusters=(image,), weight=made.answers, names=("image",))


def of_readings(made: Readings) -> GroupDifferences:
    return group_differences(made.change, made.group, clusters=(made.reader, made.case))


@pytest.mark.parametrize(
    ("sizes", "least"), [((24, 6, 4, 3, 3), 1), ((60, 10, 10), 20), ((10,) * 7, 20), ((60, 20, 20), 1)]
)
def test_equal_changes_in_classes_of_images_are_rejected_at_the_level_or_not_tested(
    sizes: tuple[int, ...], least: int
) -> None:
    """Counts per image of 40 and more; degrees of freedom of all images together rejected 29 % of the first."""
    found = rejections(lambda rng: of_counts(class_counts(sizes, rng, least=least)).p_value, QUICK)
    assert found.holds, found
    assert found.refused == (QUICK if sizes[1] < 10 else 0)


@pytest.mark.slow
def test_equal_changes_in_classes_of_many_readers_are_rejected_at_the_level_or_not_tested() -> None:
    """100 readers, classes of 3 to 12 cases: degrees of freedom of all cases rejected 19 %."""
    found = rejections(lambda rng: of_readings(class_readings((20, 12, 10, 8, 5, 3), 100, rng)).p_value, QUICK // 2)
    assert found.holds, found


@pytest.mark.slow
@pytest.mark.parametrize(("readers", "wrong", "cases"), [(30, 5, 40), (100, 3, 60), (30, 10, 40), (100, 10, 60)])
def test_wrong_and_right_advice_without_a_difference_are_rejected_at_the_level_or_not_tested(
    readers: int, wrong: int, cases: int
) -> None:
    """Degrees of freedom of all cases rejected 12 % (5 of 40) and 22 % (3 of 60)."""

    def p(rng: np.random.Generator) -> float | None:
        made = class_readings((cases - wrong, wrong), readers, rng)
        draws = ReaderCaseInference(made.reader, made.case, replicates=0, seed=1)
        return draws.difference((made.change, made.group == 0), (made.change, made.group == 1)).p_value

    found = rejections(p, QUICK // 2)
    assert found.holds, found
    assert found.refused == (QUICK // 2 if wrong < 10 else 0)


def test_groups_with_too_few_cases_are_left_out_of_the_test_and_named() -> None:
    made = class_counts((30, 12, 4), np.random.default_rng(1), least=20)
    found = of_counts(made)
    assert found.left_out == {2: "4 images of the 10 that a test needs"}
    assert (found.first, found.last, found.df1) == (0, 1, 1)
    alone = of_counts(class_counts((30, 9, 4), np.random.default_rng(1)))
    assert alone.p_value is None
    assert list(alone.left_out) == [1, 2]
    assert "fewer than two groups" in str(alone.reason)


def test_images_with_few_answers_count_less_than_images_with_many() -> None:
    made = class_counts((40, 12), np.random.default_rng(5), least=20)
    answers = np.where(made.group == 1, [40, 1] * 26, 20)
    found = of_counts(Counts(made.change, answers.astype(float), made.group))
    assert found.p_value is None
    assert found.left_out == {1: "12 images that weigh as 6.3 equal ones would, of the 13 that a test needs"}


def test_two_groups_of_images_are_compared_as_welch_does() -> None:
    """scipy ttest_ind with unequal variances, to 1e-10: statistic, degrees of freedom, p and interval."""
    rng = np.random.default_rng(4)
    change, group = rng.normal(size=45), np.repeat([0, 1], [12, 33])
    found = group_differences(change, group, clusters=(np.arange(45),), names=("image",))
    welch = stats.ttest_ind(change[group == 1], change[group == 0], equal_var=False)
    assert found.f == pytest.approx(welch.statistic**2, rel=1e-10)
    assert found.df2 == pytest.approx(welch.df, rel=1e-10)
    assert found.p_value == pytest.approx(welch.pvalue, rel=1e-10)
    interval = welch.confidence_interval()
    assert (found.contrast_low, found.contrast_high) == pytest.approx((interval.low, interval.high), rel=1e-10)


def test_a_difference_that_is_not_tested_says_how_many_cases_each_group_has() -> None:
    made = class_readings((36, 4), 20, np.random.default_rng(2))
    draws = ReaderCaseInference(made.reader, made.case, replicates=100, seed=1)
    found = draws.difference(
        (made.change, made.group == 0), (made.change, made.group == 1), names=("right advice", "wrong advice")
    )
    assert found.reason == "wrong advice: 4 cases of the 10 that a test needs"
    assert found.value is not None
    assert (found.low, found.p_value, found.bootstrap_low) == (None, None, None)


def test_a_group_in_which_nothing_varies_is_not_tested() -> None:
    change, group = np.concatenate([np.zeros(12), np.arange(20.0)]), np.repeat([0, 1], [12, 20])
    found = group_differences(change, group, clusters=(np.arange(32),), names=("image",))
    assert found.left_out == {0: "nothing varies within it"}
    assert found.p_value is None
