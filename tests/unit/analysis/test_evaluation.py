import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.unit.analysis.evaluation_factories import make_probabilities, make_scored

from dermdash.analysis.calibration import apply_temperature, negative_log_likelihood, reliability
from dermdash.analysis.evaluation import Evaluation, EvaluationOptions, dataset_curves, evaluate
from dermdash.analysis.model_comparison import compare_models
from dermdash.analysis.reader_comparison import compare_with_readers
from dermdash.analysis.repeats import summarise_repeats
from dermdash.analysis.scaled_calibration import TemperatureSource, scale_calibration
from dermdash.analysis.scored_cases import ScoredCases, make_cases
from dermdash.errors import InvalidInput
from dermdash.records.taxonomy import ASAN12, CLINICAL9, HAM7

FAST = EvaluationOptions(bootstrap=60)


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """Through JSON and back; NaN and infinity are refused."""
    read: dict[str, Any] = json.loads(json.dumps(evaluation.as_dict(), allow_nan=False))
    return read


def one_class(n: int = 6) -> ScoredCases:
    truth = np.full(n, 5)
    return make_cases(
        taxonomy=HAM7, case_ids=[f"i{i}" for i in range(n)], truth=["nv"] * n,
        probabilities=make_probabilities(truth, 7, seed=0),
    )  # fmt: skip


@pytest.mark.parametrize("taxonomy", [HAM7, CLINICAL9, ASAN12], ids=lambda t: t.name)
def test_every_taxonomy_is_evaluated_class_by_class(taxonomy: Any) -> None:
    found = as_json(evaluate(make_scored(400, taxonomy=taxonomy), FAST))
    assert [c["code"] for c in found["classes"]] == list(taxonomy.codes)
    assert all(0.6 < c["auc"]["low"] < c["auc"]["value"] < c["auc"]["high"] <= 1 for c in found["classes"])
    assert found["malignancy"]["positives"] == sum(
        c["positives"] for c in found["classes"] if c["status"] == "malignant"
    )
    assert sum(map(sum, found["confusion"]["counts"])) == found["images"] == 400


@pytest.mark.parametrize(
    "cases",
    [
        one_class(),
        one_class(1),
        make_scored(30).with_probabilities(np.full((30, 7), 1 / 7)),
        make_scored(30).with_probabilities(np.eye(7)[make_scored(30).truth]),
        make_scored(30, patient_ids=["P"] * 30),
        make_scored(2),
    ],
    ids=["one class", "one image", "all alike", "perfect", "one patient", "two images"],
)
@pytest.mark.parametrize("draws", [0, 30])
def test_degenerate_cases_give_reasons_and_plain_json(cases: ScoredCases, draws: int) -> None:
    scaled = scale_calibration(cases)
    found = as_json(evaluate(cases, EvaluationOptions(bootstrap=draws), scaled=scaled))
    for row in [*found["classes"], found["malignancy"]]:
        assert (row["auc"]["value"] is None) == (row["roc"] is None)
        assert row["threshold"] is not None or row["threshold_reason"]


def test_order_of_cases_changes_no_figure_without_draws() -> None:
    cases = make_scored(200)
    backward = cases.take(np.arange(200)[::-1])
    plain = EvaluationOptions(bootstrap=0)
    one, other = as_json(evaluate(cases, plain)), as_json(evaluate(backward, plain))
    for a, b in zip(one["classes"], other["classes"], strict=True):
        assert a["auc"]["value"] == pytest.approx(b["auc"]["value"])
        assert a["auc"]["grouped_low"] == pytest.approx(b["auc"]["grouped_low"])
        assert (a["threshold"], a["specificity"]["hits"]) == (b["threshold"], b["specificity"]["hits"])
    assert one["calibration"]["brier"] == pytest.approx(other["calibration"]["brier"])


def test_equal_input_and_seed_give_equal_results() -> None:
    cases = make_scored(150)
    assert as_json(evaluate(cases, FAST)) == as_json(evaluate(cases, FAST))
    other = as_json(evaluate(cases, EvaluationOptions(bootstrap=60, seed=1)))
    assert other["mean_recall"]["bootstrap_low"] != as_json(evaluate(cases, FAST))["mean_recall"]["bootstrap_low"]


def test_given_thresholds_are_applied_and_unknown_ones_refused() -> None:
    cases = make_scored(200)
    options = EvaluationOptions(bootstrap=0, thresholds={"mel": 0.25, "malignancy": 0.5}, threshold_source="t.json")
    found = as_json(evaluate(cases, options))
    rules = {c["code"]: c["threshold_rule"] for c in [*found["classes"], found["malignancy"]]}
    assert {code for code, rule in rules.items() if rule == "given"} == {"mel", "malignancy"}
    mel = next(c for c in found["classes"] if c["code"] == "mel")
    called = cases.probabilities[:, 4] >= 0.25
    assert mel["sensitivity"]["value"] == pytest.approx(called[cases.truth == 4].mean())
    with pytest.raises(InvalidInput, match="'scc'"):
        evaluate(cases, EvaluationOptions(thresholds={"scc": 0.5}))
    with pytest.raises(InvalidInput, match="0 to 1"):
        evaluate(cases, EvaluationOptions(thresholds={"mel": 1.5}))


def test_the_average_is_the_mean_over_classes_that_can_be_judged() -> None:
    cases = make_scored(300)
    cases = cases.subset(cases.truth != 3)
    found = as_json(evaluate(cases, EvaluationOptions(bootstrap=0)))
    known = [c for c in found["classes"] if c["code"] != "df"]
    assert found["average"]["classes"] == 6
    for key in ("auc", "sensitivity", "specificity_malignant"):
        assert found["average"][key] == pytest.approx(np.mean([c[key]["value"] for c in known]))


def test_the_average_says_how_many_classes_have_a_threshold() -> None:
    cases = make_scored(140)
    probabilities = cases.probabilities.copy()
    probabilities[cases.truth == 2, 2] = 0.0  # less than every other case has: no threshold beats chance
    found = as_json(evaluate(replace(cases, probabilities=probabilities), EvaluationOptions(bootstrap=0)))
    with_threshold = [c for c in found["classes"] if c["threshold"] is not None]
    assert (found["average"]["classes"], found["average"]["classes_with_threshold"]) == (7, 6)
    for key in ("sensitivity", "specificity"):
        assert found["average"][key] == pytest.approx(np.mean([c[key]["value"] for c in with_threshold]))
    assert found["average"]["auc"] == pytest.approx(np.mean([c["auc"]["value"] for c in found["classes"]]))


def test_several_data_sets_have_curves_of_their_own() -> None:
    names = pd.DataFrame({"dataset_id": ["asan"] * 120 + ["edinburgh"] * 80})
    cases = make_scored(200, attributes=names)
    curves = dataset_curves(cases, FAST)
    assert [(c.dataset, c.images) for c in curves] == [("asan", 120), ("edinburgh", 80)]
    alone = evaluate(cases.subset(np.arange(200) < 120), EvaluationOptions(bootstrap=0))
    assert curves[0].classes[5].auc.estimate.value == alone.classes[5].auc.estimate.value
    assert dataset_curves(make_scored(50), FAST) == ()


def test_repeats_have_the_mean_and_sd_of_their_figures() -> None:
    cases = make_scored(300)
    repeats = [cases.with_probabilities(make_probabilities(cases.truth, 7, seed=s)) for s in (1, 2, 3)]
    found = summarise_repeats(["a", "b", "c"], repeats, FAST)
    singly = [evaluate(r, EvaluationOptions(bootstrap=0, subgroups=False)) for r in repeats]
    mel = [s.classes[4].auc.estimate.value for s in singly]
    assert found.classes["mel"]["auc"].mean == pytest.approx(np.mean(mel))  # type: ignore[arg-type]
    assert found.classes["mel"]["auc"].sd == pytest.approx(np.std(mel, ddof=1))  # type: ignore[arg-type]
    thresholds = [s.classes[4].threshold for s in singly]
    assert found.classes["mel"]["threshold"].values == tuple(thresholds)
    recalls = [s.classification.mean_recall.value for s in singly]
    assert found.overall["mean_recall"].sd == pytest.approx(np.std(recalls, ddof=1))  # type: ignore[arg-type]


def test_repeats_on_other_images_or_a_single_one_are_refused() -> None:
    cases = make_scored(50)
    with pytest.raises(InvalidInput, match="not on the same images"):
        summarise_repeats(["a", "b"], [cases, cases.take(np.arange(50)[::-1])], FAST)
    with pytest.raises(InvalidInput, match="at least two"):
        summarise_repeats(["a"], [cases], FAST)


def test_a_temperature_changes_calibration_and_no_top_call() -> None:
    cases = make_scored(200)
    sharp = cases.with_probabilities(apply_temperature(cases.probabilities, 0.3))
    one, other = evaluate(cases, FAST), evaluate(sharp, FAST)
    assert one.classification.accuracy.value == other.classification.accuracy.value
    assert one.calibration.log_loss != other.calibration.log_loss


@pytest.mark.parametrize(
    "changes", [{"confidence": 1.0}, {"bootstrap": -1}, {"bootstrap": 10**6}, {"bins": 1}, {"seed": -1}]
)
def test_unusable_options_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        EvaluationOptions(**changes)


def keys_of(value: Any) -> set[str]:
    """Every key of nested objects; what is named by the data (classes, k, kinds of groups) is left out."""
    if isinstance(value, list):
        return set().union(*map(keys_of, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    named_by_data = {*HAM7.codes, "malignancy", "patient", "lesion", "image", "1", "2", "3", "t"}
    return (set(value) - named_by_data).union(*map(keys_of, value.values()))


def test_every_key_of_the_json_is_explained_in_the_documentation() -> None:
    cases = make_scored(200, attributes=pd.DataFrame({"dataset_id": ["a"] * 100 + ["b"] * 100}))
    other = cases.with_probabilities(make_probabilities(cases.truth, 7, seed=9))
    answers = pd.DataFrame({"reader": "r", "case": cases.case_ids, "dx": [HAM7.codes[i] for i in cases.predicted]})
    found = replace(
        evaluate(cases, FAST, scaled=scale_calibration(cases)),
        datasets=dataset_curves(cases, FAST),
        repeats=summarise_repeats(["a", "b"], [cases, other], FAST),
        comparison=compare_models(cases, other, names=("a", "b"), replicates=20),
    )
    readers = replace(found, comparison=compare_with_readers(cases, answers, model="m", replicates=20))
    keys = keys_of(as_json(found)) | keys_of(as_json(readers))
    text = (Path(__file__).parents[3] / "docs" / "evaluation.md").read_text()
    assert len(keys) > 120
    assert {key for key in keys if f"`{key}`" not in text} == set()


def test_reliability_curves_count_the_patients_of_the_cases_before_and_after_scaling() -> None:
    pairs = make_scored(200, patient_ids=[f"p{i // 20}" for i in range(200)])
    alone = make_scored(200, lesion_ids=[f"L{i}" for i in range(200)])
    options = EvaluationOptions(bootstrap=0, subgroups=False)
    grouped, single = evaluate(pairs, options), evaluate(alone, options)
    assert grouped.groups == 10
    expected = reliability(pairs.predicted == pairs.truth, pairs.probabilities.max(axis=1), groups=pairs.groups)
    assert grouped.calibration.top_class == expected != single.calibration.top_class
    assert grouped.calibration.top_class.expected_error == single.calibration.top_class.expected_error
    fitted = TemperatureSource("other", make_scored(200, seed=3, lesion_ids=[f"other{i}" for i in range(200)]))
    after, before = (scale_calibration(c, fitted_elsewhere=fitted) for c in (pairs, alone))
    assert after is not None
    assert before is not None
    assert after.temperatures == before.temperatures
    assert [b.high for b in after.measures.top_class.bins] != [b.high for b in before.measures.top_class.bins]


def test_probabilities_that_are_all_equal_are_said_to_decide_nothing() -> None:
    cases = make_scored(120)
    equal = cases.with_probabilities(np.full_like(cases.probabilities, 1 / 7))
    found = evaluate(equal, EvaluationOptions(bootstrap=0, subgroups=False))
    said = [text for text in found.warnings if "share the greatest probability" in text]
    assert said
    assert "120 images of 120" in said[0]
    one = cases.probabilities.copy()
    one[0] = 1 / 7
    told = evaluate(cases.with_probabilities(one), EvaluationOptions(bootstrap=0, subgroups=False)).warnings
    assert any("1 image of 120" in text for text in told)
    own = evaluate(cases, EvaluationOptions(bootstrap=0, subgroups=False)).warnings
    assert not any("share the greatest" in text for text in own)


def test_a_temperature_at_the_end_of_its_range_is_said_to_be_none() -> None:
    cases = make_scored(140, seed=3)
    wrong = np.roll(np.eye(7)[cases.truth], 1, axis=1) * 0.94 + 0.01
    sure = cases.with_probabilities(wrong / wrong.sum(axis=1, keepdims=True))
    scaled = scale_calibration(sure)
    assert scaled is not None
    told = evaluate(sure, EvaluationOptions(bootstrap=0, subgroups=False), scaled=scaled).warnings
    assert any("temperature stopped at 20" in text for text in told)
    usual = scale_calibration(cases)
    told = evaluate(cases, EvaluationOptions(bootstrap=0, subgroups=False), scaled=usual).warnings
    assert not any("temperature" in text for text in told)


def test_certainty_that_is_right_has_no_negative_loss() -> None:
    loss = negative_log_likelihood(np.array([0, 1]), np.array([[1.0 + 1e-12, 0.0], [0.0, 1.0]]))
    assert str(loss) == "0.0"
