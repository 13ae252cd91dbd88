"""Evaluations under each policy of borderline diagnoses, and of classes that say nothing about malignancy."""

import numpy as np
import pytest
from tests.unit.analysis.evaluation_factories import make_scored

from dermdash.analysis.borderline_cases import borderline_warnings, neither_malignant_nor_benign
from dermdash.analysis.evaluation import EvaluationOptions, evaluate
from dermdash.analysis.model_comparison import compare_models
from dermdash.analysis.operating_point import Rule, choose_thresholds
from dermdash.analysis.roc import area
from dermdash.analysis.scored_cases import ScoredCases
from dermdash.records.taxonomy import CLINICAL9, HAM7, ISIC2019, BorderlinePolicy

QUICK = {"bootstrap": 50}


def own_area(cases: ScoredCases, positive: set[str], left_out: set[str]) -> float:
    """The AUC from its definition: the share of pairs in which the positive case has the greater sum."""
    codes = cases.taxonomy.codes
    score = cases.probabilities[:, [c in positive for c in codes]].sum(axis=1)
    truth = np.array(codes)[cases.truth]
    ill, well = score[np.isin(truth, list(positive))], score[~np.isin(truth, list(positive | left_out))]
    pairs = np.sign(ill[:, None] - well[None, :])
    return float((pairs > 0).mean() + (pairs == 0).mean() / 2)


MALIGNANT = {"melanoma", "basal_cell_carcinoma", "squamous_cell_carcinoma"}
BORDERLINE = {"dysplastic_nevus"}


@pytest.mark.parametrize(
    ("policy", "positive", "left_out"),
    [
        (BorderlinePolicy.BENIGN, MALIGNANT, set()),
        (BorderlinePolicy.MALIGNANT, MALIGNANT | BORDERLINE, set()),
        (BorderlinePolicy.OWN, MALIGNANT, BORDERLINE),
    ],
)
def test_the_auc_of_malignancy_is_that_of_the_policy_and_the_classes_stay_as_they_are(
    policy: BorderlinePolicy, positive: set[str], left_out: set[str]
) -> None:
    cases = make_scored(180, taxonomy=CLINICAL9, skill=1.0)
    found = evaluate(cases, EvaluationOptions(borderline=policy, **QUICK))
    usual = evaluate(cases, EvaluationOptions(**QUICK))
    assert found.malignancy is not None
    assert found.malignancy.auc.estimate.value == pytest.approx(own_area(cases, positive, left_out))
    truth = np.array(cases.taxonomy.codes)[cases.truth]
    assert found.malignancy.positives == int(np.isin(truth, list(positive)).sum())
    assert found.malignancy.negatives == int((~np.isin(truth, list(positive | left_out))).sum())
    assert found.images == 180
    for one, other in zip(found.classes, usual.classes, strict=True):
        assert one.auc.estimate.value == other.auc.estimate.value
    assert found.as_dict()["settings"]["borderline"] == policy.value


def test_what_borderline_cases_counted_as_is_said_and_those_left_out_are_counted() -> None:
    cases = make_scored(90, taxonomy=CLINICAL9)
    n = int((cases.truth == CLINICAL9.codes.index("dysplastic_nevus")).sum())
    own = evaluate(cases, EvaluationOptions(borderline=BorderlinePolicy.OWN, **QUICK))
    assert own.left_out_of_malignancy == {"dysplastic_nevus": n}
    assert any(f"Dysplastic nevus ({n} images)" in w and "left out" in w for w in own.warnings)
    usual = evaluate(cases, EvaluationOptions(**QUICK))
    assert usual.left_out_of_malignancy == {}
    assert any("counted as benign" in w for w in usual.warnings)
    assert borderline_warnings(make_scored(90, taxonomy=HAM7)) == ()


def test_none_of_the_others_is_held_against_nothing_under_any_policy() -> None:
    cases = make_scored(180, taxonomy=ISIC2019, skill=1.0)
    unknown = int((cases.truth == ISIC2019.codes.index("unk")).sum())
    assert neither_malignant_nor_benign(cases) == {"unk": unknown}
    found = evaluate(cases, EvaluationOptions(borderline=BorderlinePolicy.MALIGNANT, **QUICK))
    assert found.malignancy is not None
    expected = own_area(cases, {"mel", "bcc", "scc", "ak"}, {"unk"})
    assert found.malignancy.auc.estimate.value == pytest.approx(expected)
    assert found.malignancy.positives + found.malignancy.negatives == 180 - unknown


def test_two_models_are_compared_under_the_policy_that_their_cases_count_by() -> None:
    first = make_scored(180, taxonomy=CLINICAL9, skill=1.5)
    second = first.with_probabilities(make_scored(180, seed=3, taxonomy=CLINICAL9, skill=0.5).probabilities)
    for policy in BorderlinePolicy:
        a, b = (cases.counting_borderline_as(policy) for cases in (first, second))
        found = compare_models(a, b, names=("a", "b"), replicates=50)
        assert found.malignancy is not None
        assert found.malignancy.delong is not None
        assert found.malignancy.delong.first == pytest.approx(area(a.sided.malignant, a.sided.malignancy))
        by_metric = {m.metric: m.first for m in found.metrics}
        assert by_metric["malignancy_auc"] == pytest.approx(found.malignancy.delong.first)


def test_a_threshold_of_malignancy_is_chosen_on_cases_that_have_a_side() -> None:
    cases = make_scored(180, taxonomy=CLINICAL9, skill=1.0).counting_borderline_as(BorderlinePolicy.OWN)
    assert (
        choose_thresholds(cases, Rule.YOUDEN)["malignancy"] == choose_thresholds(cases.sided, Rule.YOUDEN)["malignancy"]
    )
