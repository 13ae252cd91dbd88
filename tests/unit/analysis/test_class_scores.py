import numpy as np
import pytest
from sklearn import metrics
from tests.unit.analysis.evaluation_factories import make_scored

from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.class_scores import class_sizes, measure_classification, rank_of_truth
from dermdash.analysis.drawn_intervals import MANY, drawn_interval


@pytest.mark.parametrize("seed", range(3))
def test_scores_by_class_and_top_k_are_those_of_scikit_learn(seed: int) -> None:
    cases = make_scored(seed=seed)
    found = measure_classification(cases, bootstrap=GroupedBootstrap(cases.groups, 0, seed=1))
    p, r, f, _ = metrics.precision_recall_fscore_support(cases.truth, cases.predicted, labels=range(7))
    codes = cases.taxonomy.codes
    assert [found.precisions[c].value for c in codes] == pytest.approx(list(p))
    assert [found.recalls[c].value for c in codes] == pytest.approx(list(r))
    assert [found.f1[c].value for c in codes] == pytest.approx(list(f))
    assert found.macro_f1.value == pytest.approx(f.mean())
    assert found.accuracy.value == pytest.approx(metrics.accuracy_score(cases.truth, cases.predicted))
    assert found.mean_recall.value == pytest.approx(metrics.balanced_accuracy_score(cases.truth, cases.predicted))
    for k in (1, 2, 3):
        assert found.top_k[k].value == pytest.approx(
            metrics.top_k_accuracy_score(cases.truth, cases.probabilities, k=k, labels=range(7))
        )
    np.testing.assert_array_equal(found.confusion, metrics.confusion_matrix(cases.truth, cases.predicted))


def test_equal_probabilities_rank_in_the_order_of_the_taxonomy_as_the_top_call_does() -> None:
    p = np.array([[0.4, 0.4, 0.2], [0.4, 0.4, 0.2], [0.2, 0.4, 0.4]])
    assert rank_of_truth(np.array([0, 1, 2]), p).tolist() == [0, 1, 1]


def test_bootstrap_intervals_are_those_of_the_drawn_cases() -> None:
    cases = make_scored(400, seed=5)
    bootstrap = GroupedBootstrap(cases.groups, 80, seed=2)
    found = measure_classification(cases, bootstrap=bootstrap)
    recalls, f1 = [], []
    for counts in np.concatenate(list(bootstrap.case_counts())):
        at = np.repeat(np.arange(400), counts.astype(int))
        truth, called = cases.truth[at], cases.predicted[at]
        seen = np.unique(truth)
        recalls.append(metrics.recall_score(truth, called, labels=seen, average="macro"))
        f1.append(metrics.f1_score(truth, called, labels=seen, average="macro"))
    smallest = int(class_sizes(cases).min())
    assert smallest >= 5
    for one, drawn in ((found.mean_recall, recalls), (found.macro_f1, f1)):
        expected = drawn_interval(
            float(one.value or 0), np.array(drawn), smallest, confidence=0.95, bounds=(0.0, 1.0), log_odds=True
        )  # fmt: skip
        assert expected is not None
        assert one.interval == pytest.approx((expected.low, expected.high))
    # Shares of few show Wilson's interval; the percentiles stand beside it.
    for code, size in zip(cases.taxonomy.codes, class_sizes(cases), strict=True):
        recall = found.recalls[code]
        assert recall.bootstrap_low is not None or recall.value == 1
        if size < MANY:
            assert recall.interval == (recall.low, recall.high)


def test_means_over_classes_need_five_of_each_and_say_so() -> None:
    cases = make_scored(300, seed=5)
    few = cases.take(np.concatenate([np.flatnonzero(cases.truth != 2), np.flatnonzero(cases.truth == 2)[:4]]))
    found = measure_classification(few, bootstrap=GroupedBootstrap(few.groups, 50, seed=2))
    for one in (found.mean_recall, found.macro_f1):
        assert one.value is not None
        assert (one.interval, one.reason) == (None, "no interval: 4 cases of a class, of the 5 that each needs")


def test_a_class_without_cases_is_not_estimable_and_does_not_count() -> None:
    cases = make_scored(200, seed=1)
    part = cases.subset(cases.truth != 4)
    found = measure_classification(part, bootstrap=GroupedBootstrap(part.groups, 50, seed=1))
    assert found.recalls["mel"].value is None
    assert found.recalls["mel"].reason == "no case of the class"
    known = [e.value for c, e in found.recalls.items() if c != "mel"]
    assert found.mean_recall.value == pytest.approx(np.mean(known))  # type: ignore[arg-type]
