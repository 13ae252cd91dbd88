import math

import numpy as np
import pytest
from sklearn import metrics
from statsmodels.stats.proportion import proportion_confint

from dermdash.analysis.classification import most_probable, score_diagnoses, wilson_interval
from dermdash.errors import InvalidInput
from dermdash.records.taxonomy import HAM7


def make_diagnoses(seed: int, count: int = 300) -> tuple[list[str], list[str]]:
    generator = np.random.default_rng(seed)
    truth = generator.choice(HAM7.codes, count, p=[0.1, 0.1, 0.15, 0.05, 0.15, 0.4, 0.05])
    guess = generator.choice(HAM7.codes, count)
    return truth.tolist(), np.where(generator.random(count) < 0.6, truth, guess).tolist()


@pytest.mark.parametrize("seed", range(3))
def test_scores_are_those_of_scikit_learn(seed: int) -> None:
    truth, predicted = make_diagnoses(seed)
    scores = score_diagnoses(truth=truth, predicted=predicted, codes=HAM7.codes)
    np.testing.assert_array_equal(scores.confusion, metrics.confusion_matrix(truth, predicted, labels=list(HAM7.codes)))
    assert scores.accuracy.value == pytest.approx(metrics.accuracy_score(truth, predicted))
    assert scores.mean_recall == pytest.approx(metrics.balanced_accuracy_score(truth, predicted))
    recalls = metrics.recall_score(truth, predicted, labels=list(HAM7.codes), average=None)
    np.testing.assert_allclose([scores.recalls[code].value for code in HAM7.codes], recalls)


@pytest.mark.parametrize(("successes", "total"), [(0, 10), (1, 7), (37, 80), (10, 10), (1413, 1511)])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_wilson_intervals_are_those_of_statsmodels(successes: int, total: int, confidence: float) -> None:
    expected = proportion_confint(successes, total, alpha=1 - confidence, method="wilson")
    np.testing.assert_allclose(
        wilson_interval(successes, total, confidence=confidence), expected, rtol=1e-12, atol=1e-12
    )


def test_a_class_that_does_not_occur_has_no_recall_and_does_not_count() -> None:
    scores = score_diagnoses(truth=["nv", "nv", "mel"], predicted=["nv", "df", "mel"], codes=HAM7.codes)
    assert scores.mean_recall == pytest.approx(0.75)
    assert math.isnan(scores.recalls["vasc"].value)
    assert (scores.recalls["vasc"].low, scores.recalls["vasc"].high) == (0.0, 1.0)


def test_order_of_cases_changes_nothing() -> None:
    truth, predicted = make_diagnoses(4)
    forward = score_diagnoses(truth=truth, predicted=predicted, codes=HAM7.codes)
    backward = score_diagnoses(truth=truth[::-1], predicted=predicted[::-1], codes=HAM7.codes)
    np.testing.assert_array_equal(forward.confusion, backward.confusion)
    assert forward.mean_recall == backward.mean_recall


def test_the_most_probable_class_is_named_and_ties_go_to_the_first() -> None:
    assert most_probable(np.array([[0.2, 0.5, 0.3], [0.4, 0.4, 0.2]]), ("a", "b", "c")) == ["b", "a"]


def test_images_without_prediction_must_be_left_out() -> None:
    with pytest.raises(InvalidInput, match="no prediction"):
        most_probable(np.array([[np.nan, np.nan]]), ("a", "b"))
    with pytest.raises(InvalidInput, match="3 classes"):
        most_probable(np.ones((1, 2)), ("a", "b", "c"))


def test_unusable_input_is_named() -> None:
    with pytest.raises(InvalidInput, match="unknown diagnoses nevus"):
        score_diagnoses(truth=["nevus"], predicted=["nv"], codes=HAM7.codes)
    with pytest.raises(InvalidInput, match="2 true and 1 given"):
        score_diagnoses(truth=["nv", "nv"], predicted=["nv"], codes=HAM7.codes)
    with pytest.raises(InvalidInput, match="5 of 3"):
        wilson_interval(5, 3)
