"""Choosing thresholds, against brute force over every possible threshold; and what happens when they travel."""

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from dermdash.analysis.as_json import to_json
from dermdash.analysis.classification import wilson_interval
from dermdash.analysis.differential import list_differential
from dermdash.analysis.estimates import Estimate
from dermdash.analysis.operating_point import (
    Rule,
    ThresholdFigures,
    choose_threshold,
    choose_thresholds,
    compare_figures,
    difference,
    measure_thresholds,
    score_of,
    target_of,
)
from dermdash.analysis.roc import roc_curve
from dermdash.analysis.scored_cases import MALIGNANCY, ScoredCases
from dermdash.analysis.scored_cases import make_cases as make_scored_cases
from dermdash.errors import InvalidInput
from dermdash.records.taxonomy import HAM7


def make_scores(seed: int, *, n: int = 120, digits: int = 2) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Overlapping scores with many ties."""
    rng = np.random.default_rng(seed)
    truth = rng.random(n) < 0.3
    score = np.round(np.clip(rng.normal(0.35 + 0.25 * truth, 0.2), 0, 1), digits)
    return truth, score


def make_cases(seed: int = 0, *, n: int = 400, shift: float = 0.0, codes: tuple[str, ...] = HAM7.codes) -> ScoredCases:
    """Cases whose true class is favoured; ``shift`` makes the model less sure, as another camera would."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(codes, n)
    logits = rng.normal(0, 1, (n, 7))
    logits[np.arange(n), [HAM7.codes.index(t) for t in truth]] += 2.5 - shift
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return build_cases(np.round(probabilities, 6), list(truth))


def build_cases(
    probabilities: NDArray[np.float64], truth: list[str], patients: list[str | None] | None = None
) -> ScoredCases:
    ids = [f"case {i}" for i in range(len(truth))]
    return make_scored_cases(
        taxonomy=HAM7, case_ids=ids, truth=truth, probabilities=probabilities, patient_ids=patients
    )


def reached(truth: NDArray[np.bool_], score: NDArray[np.float64], threshold: float) -> tuple[float, float]:
    over = score >= threshold
    return float(over[truth].mean()), float((~over[~truth]).mean())


@pytest.mark.parametrize("seed", range(12))
def test_youden_is_the_best_of_all_thresholds(seed: int) -> None:
    truth, score = make_scores(seed)
    chosen = choose_threshold(roc_curve(truth, score), Rule.YOUDEN)
    assert chosen is not None
    every = {t: sum(reached(truth, score, t)) for t in np.unique(score)}
    assert sum(reached(truth, score, chosen)) == pytest.approx(max(every.values()))
    assert chosen == max(t for t, total in every.items() if total == pytest.approx(max(every.values())))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("target", [0.5, 0.8, 0.95, 1.0])
def test_a_sensitivity_is_reached_by_the_highest_threshold_that_can(seed: int, target: float) -> None:
    truth, score = make_scores(seed)
    chosen = choose_threshold(roc_curve(truth, score), Rule.SENSITIVITY, target)
    assert chosen == max(t for t in np.unique(score) if reached(truth, score, t)[0] >= target)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("target", [0.5, 0.8, 0.95])
def test_a_specificity_is_reached_by_the_lowest_threshold_that_can(seed: int, target: float) -> None:
    truth, score = make_scores(seed)
    chosen = choose_threshold(roc_curve(truth, score), Rule.SPECIFICITY, target)
    assert chosen == min(t for t in np.unique(score) if reached(truth, score, t)[1] >= target)


def test_a_specificity_that_only_silence_reaches_gives_no_threshold() -> None:
    truth, score = np.array([True, False, True]), np.array([0.2, 0.9, 0.4])
    assert choose_threshold(roc_curve(truth, score), Rule.SPECIFICITY, 1.0) is None


def test_a_score_that_points_the_wrong_way_has_no_youden_threshold() -> None:
    truth, score = np.array([True, False]), np.array([0.1, 0.9])
    assert choose_threshold(roc_curve(truth, score), Rule.YOUDEN) is None


@pytest.mark.parametrize(
    ("rule", "target"),
    [(Rule.YOUDEN, 0.5), (Rule.SENSITIVITY, None), (Rule.SENSITIVITY, 0.0), (Rule.SPECIFICITY, 1.5), (Rule.VALUE, -1)],
)
def test_a_target_that_does_not_fit_the_rule_is_refused(rule: Rule, target: float | None) -> None:
    with pytest.raises(InvalidInput, match="target"):
        choose_thresholds(make_cases(), rule, target)


def test_every_class_and_malignancy_get_a_threshold_with_the_counts_behind_it() -> None:
    cases = make_cases()
    thresholds = choose_thresholds(cases, Rule.SENSITIVITY, 0.9)
    figures = measure_thresholds(cases, thresholds)
    assert tuple(figures) == (*HAM7.codes, MALIGNANCY)
    for name, figure in figures.items():
        truth, score = target_of(cases, name), score_of(cases, name)
        sensitivity, specificity = reached(truth, score, thresholds[name] or 0)
        assert figure.sensitivity.value == pytest.approx(sensitivity)
        assert figure.specificity.value == pytest.approx(specificity)
        assert sensitivity >= 0.9
        assert (figure.sensitivity.total, figure.specificity.total) == (truth.sum(), (~truth).sum())
        hits, total = figure.sensitivity.hits, figure.sensitivity.total
        assert hits is not None
        assert total is not None
        assert (figure.sensitivity.low, figure.sensitivity.high) == wilson_interval(hits, total)


def test_malignancy_is_the_sum_of_the_malignant_classes() -> None:
    cases = make_cases(n=50)
    expected = cases.probabilities[:, [0, 1, 4]].sum(axis=1)
    np.testing.assert_allclose(score_of(cases, MALIGNANCY), expected)
    assert target_of(cases, MALIGNANCY).tolist() == [t in (0, 1, 4) for t in cases.truth]


def test_a_class_without_cases_has_no_threshold_and_says_so() -> None:
    cases = make_cases(codes=("nv", "mel"))
    thresholds = choose_thresholds(cases, Rule.YOUDEN)
    assert thresholds["df"] is None
    assert thresholds["mel"] is not None
    figure = measure_thresholds(cases, thresholds)["df"]
    assert figure.sensitivity.value is None
    assert figure.sensitivity.reason == "no threshold"


def test_several_images_of_a_patient_widen_the_interval() -> None:
    alone = make_cases(3)
    truth = sorted(HAM7.codes[i] for i in alone.truth)
    grouped = build_cases(alone.probabilities, truth, [f"patient {i // 20}" for i in range(400)])
    single = build_cases(alone.probabilities, truth)
    thresholds = {MALIGNANCY: 0.4}

    def width(cases: ScoredCases) -> float:
        estimate = measure_thresholds(cases, thresholds)[MALIGNANCY].specificity
        assert estimate.low is not None
        assert estimate.high is not None
        return estimate.high - estimate.low

    assert width(grouped) >= width(single)


def test_figures_survive_json() -> None:
    figures = measure_thresholds(make_cases(), choose_thresholds(make_cases(), Rule.YOUDEN))
    for figure in figures.values():
        assert ThresholdFigures.from_dict(json.loads(json.dumps(to_json(figure)))) == figure


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    # Newcombe, Statistics in Medicine 17 (1998), table II, method 10: (56/70) - (48/80) and (9/10) - (3/10)
    [((48, 80), (56, 70), (0.0524, 0.3339)), ((3, 10), (9, 10), (0.1705, 0.8090))],
)
def test_the_difference_of_two_shares_has_the_published_interval(
    one: tuple[int, int], other: tuple[int, int], expected: tuple[float, float]
) -> None:
    def share(hits: int, total: int) -> Estimate:
        return Estimate(hits / total, *wilson_interval(hits, total), hits=hits, total=total)

    found = difference(share(*one), share(*other))
    assert (found.low, found.high) == pytest.approx(expected, abs=5e-5)
    back = difference(share(*other), share(*one))
    assert (back.low, back.high) == pytest.approx((-expected[1], -expected[0]), abs=5e-5)


def test_a_threshold_does_not_travel_to_a_shifted_data_set() -> None:
    home, away = make_cases(1, n=3000), make_cases(2, n=3000, shift=1.2)
    thresholds = choose_thresholds(home, Rule.SENSITIVITY, 0.9)
    there, here = measure_thresholds(home, thresholds), measure_thresholds(away, thresholds)
    report = compare_figures(there, here, choose_thresholds(away, Rule.SENSITIVITY, 0.9))
    mel = report["mel"]
    assert mel.sensitivity_change.value == pytest.approx(
        (here["mel"].sensitivity.value or 0) - (there["mel"].sensitivity.value or 0)
    )
    assert mel.sensitivity_change.high is not None
    assert mel.sensitivity_change.high < 0
    assert mel.own_threshold is not None
    assert mel.own_threshold < (thresholds["mel"] or 0)


def test_a_threshold_travels_to_a_data_set_of_the_same_kind() -> None:
    home, away = make_cases(1, n=3000), make_cases(5, n=3000)
    thresholds = choose_thresholds(home, Rule.YOUDEN)
    report = compare_figures(measure_thresholds(home, thresholds), measure_thresholds(away, thresholds), {})
    change = report[MALIGNANCY].sensitivity_change
    assert change.low is not None
    assert change.high is not None
    assert change.low < 0 < change.high


def test_the_differential_lists_classes_over_their_thresholds_by_probability() -> None:
    probabilities = {"akiec": 0.05, "bcc": 0.3, "bkl": 0.04, "df": 0.01, "mel": 0.4, "nv": 0.2, "vasc": 0.0}
    thresholds = {"akiec": 0.05, "bcc": 0.1, "bkl": 0.2, "df": None, "mel": 0.45, "nv": 0.5, "vasc": 0.1}
    found = list_differential(probabilities, thresholds, taxonomy=HAM7)
    assert [c.code for c in found.listed] == ["bcc", "akiec"]
    assert not found.none_over
    assert [c.code for c in found.classes][:3] == ["mel", "bcc", "nv"]
    assert [c.code for c in found.unjudged] == ["df"]


@pytest.mark.parametrize("thresholds", [dict.fromkeys(HAM7.codes, 0.9), {}])
def test_the_differential_is_never_empty(thresholds: dict[str, float | None]) -> None:
    probabilities = dict.fromkeys(HAM7.codes, 0.1) | {"nv": 0.4}
    found = list_differential(probabilities, thresholds, taxonomy=HAM7)
    assert [c.code for c in found.listed] == ["nv"]
    assert found.none_over
