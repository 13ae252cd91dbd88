"""One class against the rest, on ten cases that can be counted by hand."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.one_vs_rest import OneVsRest, estimate_auc, one_vs_rest

# Cases: 3 of the class (malignant), 3 of another malignant class, 4 benign.
TARGET = np.array([1, 1, 1, 0, 0, 0, 0, 0, 0, 0], bool)
MALIGNANT = np.array([1, 1, 1, 1, 1, 1, 0, 0, 0, 0], bool)
SCORE = np.array([0.9, 0.8, 0.3, 0.85, 0.4, 0.1, 0.35, 0.2, 0.1, 0.05])


def judge(**changes: object) -> OneVsRest:
    values: dict[str, object] = {
        "code": "mel", "name": "Melanoma", "status": "malignant", "target": TARGET, "score": SCORE,
        "malignant": MALIGNANT, "groups": np.arange(10),
    }  # fmt: skip
    return one_vs_rest(**(values | changes))  # type: ignore[arg-type]


def test_wrong_cancers_and_false_alarms_are_told_apart() -> None:
    found = judge(threshold=0.33)
    assert found.threshold_rule == "given"
    counts = {
        key: (getattr(found, key).hits, getattr(found, key).total)
        for key in ("sensitivity", "specificity", "specificity_malignant", "specificity_benign")
    }
    assert counts == {
        "sensitivity": (2, 3), "specificity": (4, 7), "specificity_malignant": (1, 3), "specificity_benign": (3, 4),
    }  # fmt: skip


def test_without_a_threshold_youdens_is_used_and_both_are_named() -> None:
    found = judge()
    fpr, tpr, thresholds = metrics.roc_curve(TARGET, SCORE)
    assert found.threshold == thresholds[(tpr - fpr).argmax()]
    assert (found.threshold_rule, found.youden_threshold) == ("youden", found.threshold)
    given = judge(threshold=0.99)
    assert (given.threshold, given.youden_threshold) == (0.99, found.threshold)
    assert given.sensitivity.value == 0.0
    assert given.specificity.value == 1.0


def test_a_case_at_the_threshold_is_called() -> None:
    assert judge(threshold=0.3).sensitivity.value == 1.0
    assert judge(threshold=np.nextafter(0.3, 1)).sensitivity.hits == 2


@pytest.mark.parametrize(("target", "reason"), [(np.zeros(10, bool), "none of the 10"), (np.ones(10, bool), "all 10")])
def test_a_class_that_cannot_be_judged_says_why(target: np.ndarray, reason: str) -> None:
    found = judge(target=target, bootstrap=GroupedBootstrap(np.arange(10), 20, seed=1))
    assert found.auc.estimate.value is None
    assert found.auc.estimate.reason is not None
    assert reason in found.auc.estimate.reason
    assert (found.threshold, found.roc, found.precision_recall, found.sensitivity.value) == (None, None, None, None)
    assert found.threshold_reason is not None
    assert reason in found.threshold_reason


def test_a_given_threshold_still_gives_the_rate_that_can_be_known() -> None:
    found = judge(target=np.zeros(10, bool), threshold=0.5)
    assert found.specificity.value == pytest.approx(0.7)
    assert found.sensitivity.value is None
    assert found.sensitivity.reason == "no case of the class"


def test_a_score_that_points_the_wrong_way_has_an_area_and_no_youden_threshold() -> None:
    found = judge(score=1 - TARGET.astype(float))
    assert found.auc.estimate.value == 0.0
    assert found.threshold is None
    assert found.specificity.reason == "no threshold is better than chance"


def test_malignancy_has_no_specificity_among_malignant_cases() -> None:
    found = judge(code="malignancy", target=MALIGNANT, threshold=0.33)
    assert found.specificity_malignant.value is None
    assert found.specificity_benign.value == found.specificity.value == pytest.approx(0.75)


def test_perfect_separation_has_intervals_that_do_not_pretend_certainty() -> None:
    target = np.repeat([True, False], [6, 14])
    found = judge(
        target=target, malignant=target, score=target.astype(float), groups=np.arange(20),
        bootstrap=GroupedBootstrap(np.arange(20), 200, seed=1),
    )  # fmt: skip
    auc = found.auc.estimate
    assert auc.value == 1.0
    assert auc.bootstrap_low is None
    assert auc.interval == (pytest.approx(6 / (6 + stats.t.ppf(0.975, 5) ** 2), abs=1e-6), 1.0)
    given = judge(target=target, malignant=target, score=target.astype(float), groups=np.arange(20), threshold=0.5)
    assert given.sensitivity.interval is not None
    assert given.sensitivity.interval[0] < 0.65


def test_rates_at_a_threshold_that_these_cases_chose_have_no_interval_and_say_why() -> None:
    chosen, given = judge(), judge(threshold=0.5)
    for rate in ("sensitivity", "specificity"):
        found = getattr(chosen, rate)
        assert found.value is not None
        assert found.interval is found.bootstrap_low is None
        assert found.reason == "the threshold was chosen on these same cases"
        assert getattr(given, rate).interval is not None


def test_one_positive_has_an_area_and_says_that_there_is_no_interval() -> None:
    found = judge(target=np.arange(10) == 0)
    assert found.auc.estimate.value == 1.0
    assert found.auc.estimate.low is None
    assert found.auc.estimate.reason == "no interval: 1 positive case of the 5 that an area needs"


def test_a_constant_score_has_an_area_and_no_interval_of_any_kind() -> None:
    groups = np.arange(40)
    bootstrap = GroupedBootstrap(groups, 200, 1)
    target, score = groups < 10, np.zeros(40)
    areas = bootstrap.areas(target, score)
    found = estimate_auc(target, score, groups, bootstrap=bootstrap, drawn_areas=areas)
    assert (found.estimate.value, found.estimate.interval) == (0.5, None)
    assert found.estimate.reason == "no interval: no variance can be seen"
    table = found.as_dict()
    for key in ("low", "high", "logit_low", "grouped_low", "grouped_high", "standard_error", "grouped_standard_error"):
        assert table[key] is None


def test_patients_that_are_copies_of_each_other_show_no_variance_between_patients() -> None:
    groups, target = np.repeat(np.arange(10), 3), np.tile([True, False, False], 10)
    found = estimate_auc(target, np.tile([0.5, 0.4, 0.6], 10), groups)
    assert found.estimate.value == 0.5
    assert (found.grouped, found.grouped_standard_error) == (None, None)
    # Taken as independent cases they do vary, but these are not.
    assert found.standard_error is not None
    assert found.logit is not None
    assert found.estimate.interval is None
