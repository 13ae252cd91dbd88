import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar
from statsmodels.stats.multitest import multipletests
from tests.unit.analysis.evaluation_factories import make_probabilities, make_scored

from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.delong import paired_auc_test
from dermdash.analysis.drawn_intervals import drawn_interval
from dermdash.analysis.model_comparison import compare_models, mcnemar, metric_differences
from dermdash.errors import InvalidInput

A = make_scored(300, lesion_ids=None)
B = A.with_probabilities(make_probabilities(A.truth, 7, seed=8, skill=1.5))


@pytest.mark.parametrize("seed", range(4))
def test_mcnemar_is_that_of_statsmodels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.random(60) < 0.8, rng.random(60) < 0.6
    found = mcnemar(a, b)
    table = [[found.both_right, found.only_first], [found.only_second, found.both_wrong]]
    assert found.p_value == pytest.approx(statsmodels_mcnemar(table, exact=True).pvalue)
    assert sum(map(sum, table)) == 60


def test_holm_is_that_of_statsmodels_and_malignancy_stands_apart() -> None:
    found = compare_models(A, B, names=("a", "b"), replicates=0)
    p = [c.grouped.p_value for c in found.classes if c.grouped]
    assert [c.p_holm for c in found.classes] == pytest.approx(list(multipletests(p, method="holm")[1]))
    assert found.malignancy is not None
    assert found.malignancy.p_holm is None
    expected = paired_auc_test(A.truth == 4, A.probabilities[:, 4], B.probabilities[:, 4])
    assert found.classes[4].delong == expected


def test_a_model_does_not_differ_from_itself() -> None:
    found = compare_models(A, A, names=("a", "a"), replicates=50)
    assert all(c.delong is not None and c.delong.p_value == 1.0 for c in found.classes)
    assert all(m.difference == 0 for m in found.metrics)
    assert found.mcnemar.p_value == 1.0


def test_swapping_the_models_turns_the_signs() -> None:
    forward = compare_models(A, B, names=("a", "b"), replicates=80)
    backward = compare_models(B, A, names=("b", "a"), replicates=80)
    for one, other in zip(forward.metrics, backward.metrics, strict=True):
        assert one.difference == pytest.approx(-(other.difference or 0))
        assert (one.low, one.high) == pytest.approx((-(other.high or 0), -(other.low or 0)))
    assert forward.mcnemar.p_value == backward.mcnemar.p_value


def test_paired_intervals_are_those_of_the_drawn_cases() -> None:
    a, b = make_scored(80), make_scored(80).with_probabilities(make_probabilities(make_scored(80).truth, 7, seed=9))
    bootstrap = GroupedBootstrap(a.groups, 60, seed=4)
    found = {m.metric: m for m in metric_differences(a, b, bootstrap)}
    accuracy, brier = [], []
    for counts in np.concatenate(list(bootstrap.case_counts())):
        at = np.repeat(np.arange(80), counts.astype(int))
        right = [(m.predicted == m.truth)[at].mean() for m in (a, b)]
        squares = [((m.probabilities - np.eye(7)[m.truth]) ** 2).sum(axis=1)[at].mean() for m in (a, b)]
        accuracy.append(right[0] - right[1])
        brier.append(squares[0] - squares[1])
    for name, drawn in (("accuracy", accuracy), ("brier", brier)):
        one = found[name]
        expected = drawn_interval(
            float(one.difference or 0), np.array(drawn), len(np.unique(a.groups)), confidence=0.95
        )
        assert expected is not None
        assert (one.low, one.high) == pytest.approx((expected.low, expected.high))
    assert not found["brier"].higher_is_better
    recalls = [np.mean([(m.predicted == m.truth)[m.truth == c].mean() for c in np.unique(m.truth)]) for m in (a, b)]
    assert found["mean_recall"].first == pytest.approx(recalls[0])
    assert found["mean_recall"].second == pytest.approx(recalls[1])


def test_a_class_without_cases_says_so_and_does_not_count_in_holm() -> None:
    kept = A.truth != 4
    found = compare_models(A.subset(kept), B.subset(kept), names=("a", "b"), replicates=0)
    assert (found.classes[4].grouped, found.classes[4].p_holm) == (None, None)
    assert "none of the" in (found.classes[4].reason or "")
    p = [c.grouped.p_value for c in found.classes if c.grouped]
    assert min(c.p_holm for c in found.classes if c.p_holm is not None) == pytest.approx(min(1, 6 * min(p)))  # type: ignore[type-var, operator]


def test_other_cases_cannot_be_compared() -> None:
    with pytest.raises(InvalidInput, match="same cases"):
        compare_models(A, B.take(np.arange(300)[::-1]), names=("a", "b"))


def test_images_of_a_lesion_do_not_count_as_several_in_mcnemars_test() -> None:
    rng = np.random.default_rng(2)
    a, b = rng.random(40) < 0.8, rng.random(40) < 0.5
    once, twice = mcnemar(a, b, np.arange(40)), mcnemar(np.tile(a, 2), np.tile(b, 2), np.tile(np.arange(40), 2))
    assert once == mcnemar(a, b)
    assert (twice.clustered, twice.only_first) == (True, 2 * once.only_first)
    naive = mcnemar(np.tile(a, 2), np.tile(b, 2))
    assert float(twice.p_value or 0) > 3 * float(naive.p_value or 0)
    # A paired t test over lesions, of twice the same image.
    assert twice.p_value == pytest.approx(stats.ttest_rel(a.astype(float), b.astype(float)).pvalue)


def test_a_mean_over_classes_has_no_interval_where_a_class_is_small() -> None:
    a = make_scored(300)
    kept = np.concatenate([np.flatnonzero(a.truth != 0), np.flatnonzero(a.truth == 0)[:4]])
    small = a.take(kept)
    other = small.with_probabilities(make_probabilities(small.truth, 7, seed=9))
    found = {m.metric: m for m in metric_differences(small, other, GroupedBootstrap(small.groups, 60, seed=4))}
    assert (found["mean_recall"].low, found["mean_auc"].low) == (None, None)
    assert None not in (found["accuracy"].low, found["brier"].low, found["mean_auc"].difference)
