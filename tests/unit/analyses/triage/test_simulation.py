"""Second opinions against every choice of readers, and triage against counting."""

import itertools

import numpy as np
import pytest

from dermdash.analyses.collective.malignancy_panels import MALIGNANT, SIDES
from dermdash.analyses.collective.votes import Votes
from dermdash.analyses.model_predictions import ModelOpinions
from dermdash.analyses.triage.rates import PathwayInput
from dermdash.analyses.triage.second_opinion import (
    MODEL_ALONE,
    MODEL_SECOND,
    ONE_READER,
    TWO_READERS,
    _two_of_three,
    diagnosis_second_opinion,
    second_opinion,
)
from dermdash.analyses.triage.simulation import Thresholds, simulate_triage
from dermdash.errors import InvalidInput


def make_cases(*, readers: int = 5, cases: int = 40, seed: int = 0, replicates: int = 100) -> PathwayInput:
    rng = np.random.default_rng(seed)
    truth = np.arange(cases) % 2
    chosen = np.where(rng.random((readers, cases)) < 0.75, truth, 1 - truth)
    votes = Votes(
        tuple(f"r{i}" for i in range(readers)), tuple(f"c{i:02}" for i in range(cases)), chosen, truth, SIDES,
        ("all",), np.zeros(readers, dtype=np.int64),
    )  # fmt: skip
    names = tuple(("mel" if i % 4 == 1 else "bcc") if t else "nv" for i, t in enumerate(truth))
    return PathwayInput(votes, truth == 1, names, 1, replicates)


def scores(cases: PathwayInput, seed: int = 2) -> np.ndarray:
    return np.clip(np.random.default_rng(seed).normal(np.where(cases.malignant, 0.7, 0.35), 0.2), 0, 1)


def test_second_opinions_equal_the_mean_over_every_choice_of_readers() -> None:
    cases = make_cases(readers=5, cases=24)
    model = np.random.default_rng(3).random(24) < 0.5
    found = {p.name: p for p in second_opinion(cases, model, threshold=0.5, left_out=0).pathways}
    expected: dict[str, list[float]] = {ONE_READER: [], TWO_READERS: [], MODEL_SECOND: []}
    readings: dict[str, list[float]] = {ONE_READER: [], TWO_READERS: [], MODEL_SECOND: []}
    for c in range(24):
        said = cases.votes.chosen[:, c]
        called: dict[str, list[float]] = {name: [] for name in expected}
        used: dict[str, list[float]] = {name: [] for name in expected}
        for a, b, third in itertools.permutations(range(5), 3):
            called[ONE_READER].append(said[a])
            used[ONE_READER].append(1)
            called[TWO_READERS].append(said[a] if said[a] == said[b] else said[third])
            used[TWO_READERS].append(2 if said[a] == said[b] else 3)
            called[MODEL_SECOND].append(said[a] if said[a] == model[c] else said[b])
            used[MODEL_SECOND].append(1 if said[a] == model[c] else 2)
        for name in expected:
            expected[name].append(float(np.mean(called[name])))
            readings[name].append(float(np.mean(used[name])))
    for name, values in expected.items():
        calls = np.array(values)
        assert found[name].sensitivity.value == pytest.approx(calls[cases.malignant].mean(), abs=1e-12)
        assert found[name].specificity.value == pytest.approx(1 - calls[~cases.malignant].mean(), abs=1e-12)
        assert found[name].readings_per_case == pytest.approx(np.mean(readings[name]), abs=1e-12)
        assert found[name].missed == pytest.approx((1 - calls[cases.malignant]).sum())
        assert sum(found[name].missed_by_class.values()) == pytest.approx(found[name].missed)
    assert found[MODEL_ALONE].sensitivity.value == pytest.approx(model[cases.malignant].mean())
    assert found[ONE_READER].sensitivity_change.value == 0


@pytest.mark.filterwarnings("error")
def test_cases_without_three_readers_have_no_opinion_of_three_and_no_warning() -> None:
    """Rows of no, one, two and three answers, all malignant, all benign and split."""
    rows = np.zeros((7, 1, len(SIDES)), np.int64)
    malignant, benign = SIDES.index(MALIGNANT), 1 - SIDES.index(MALIGNANT)
    rows[:, 0, malignant], rows[:, 0, benign] = [0, 1, 2, 0, 1, 3, 2], [0, 0, 0, 2, 1, 0, 1]
    assert _two_of_three(rows).tolist() == pytest.approx([np.nan] * 5 + [1.0, 1.0], nan_ok=True)


def test_the_second_opinion_on_diagnoses_equals_the_mean_over_every_pair() -> None:
    rng = np.random.default_rng(5)
    classes = ("mel", "nv", "bkl", "df")
    truth = rng.integers(0, 4, 20)
    chosen = np.where(rng.random((5, 20)) < 0.5, truth, rng.integers(0, 4, (5, 20)))
    said = np.where(rng.random(20) < 0.7, truth, rng.integers(0, 4, 20))
    cases = tuple(f"c{i:02}" for i in range(20))
    votes = Votes(tuple("abcde"), cases, chosen, truth, classes, ("all",), np.zeros(5, dtype=np.int64))
    model = ModelOpinions("Model", {c: classes[k] for c, k in zip(cases, said, strict=True)}, {}, {}, "a test")
    found = diagnosis_second_opinion(votes, model, seed=1, replicates=50)
    assert found is not None
    right = [
        np.mean(
            [
                (chosen[a, c] if chosen[a, c] == said[c] else chosen[b, c]) == truth[c]
                for a, b in itertools.permutations(range(5), 2)
            ]
        )
        for c in range(20)
    ]
    assert found.with_model.value == pytest.approx(np.mean(right), abs=1e-12)
    assert found.disagreement == pytest.approx((chosen != said).mean())
    assert found.difference.value == pytest.approx(np.mean(right) - (chosen == truth).mean())


def test_a_triage_is_what_counting_the_cases_says() -> None:
    cases = make_cases()
    probability = scores(cases)
    found = simulate_triage(cases, probability, Thresholds(0.3, 0.8))
    away, referred = probability < 0.3, probability >= 0.8
    share = cases.votes.chosen.mean(axis=0)
    called = np.where(away, 0.0, np.where(referred, 1.0, share))
    alone, triage = found.pathways
    assert alone.sensitivity.value == pytest.approx(share[cases.malignant].mean())
    assert triage.sensitivity.value == pytest.approx(called[cases.malignant].mean())
    assert triage.specificity.value == pytest.approx(1 - called[~cases.malignant].mean())
    assert found.saved.value == pytest.approx((away | referred).mean())
    assert found.sent_away_malignant.value == pytest.approx(away[cases.malignant].mean())
    assert triage.sensitivity_change.value == pytest.approx((called - share)[cases.malignant].mean())
    for flow in found.flows:
        of = np.array(cases.classes) == flow.name
        assert (flow.cases, flow.sent_away, flow.referred) == (of.sum(), (of & away).sum(), (of & referred).sum())
        assert flow.cases == flow.sent_away + flow.read + flow.referred
    chosen = next(p for p in found.curve if p.rule_out == 0.3)
    assert (chosen.sensitivity, chosen.missed) == (
        pytest.approx(called[cases.malignant].mean()),
        int((away & cases.malignant).sum()),
    )


def test_thresholds_that_let_every_case_be_read_change_nothing() -> None:
    cases = make_cases()
    found = simulate_triage(cases, scores(cases), Thresholds(0.0))
    assert found.pathways[1].sensitivity_change.value == 0
    assert found.pathways[1].sensitivity_change.low is None
    assert found.saved.value == 0
    assert found.saved.high is not None
    assert 0 < found.saved.high < 0.2


def test_sending_everybody_away_misses_every_malignant_case() -> None:
    cases = make_cases()
    found = simulate_triage(cases, np.minimum(scores(cases), 0.99), Thresholds(1.0))
    assert found.pathways[1].sensitivity.value == 0
    assert found.pathways[1].specificity.value == 1
    assert found.pathways[1].missed == cases.malignant.sum()


def test_a_higher_rule_out_threshold_never_sends_fewer_away() -> None:
    cases = make_cases()
    curve = simulate_triage(cases, scores(cases), Thresholds(0.2)).curve
    read, missed = [p.read for p in curve], [p.missed for p in curve]
    assert read == sorted(read, reverse=True)
    assert missed == sorted(missed)


def test_a_prevalence_reweighs_malignant_and_benign_cases() -> None:
    cases = make_cases()
    probability = scores(cases)
    found = simulate_triage(cases, probability, Thresholds(0.3), prevalence=0.02)
    at = found.prevalence
    assert at is not None
    away = probability < 0.3
    read = 20 * (~away)[cases.malignant].mean() + 980 * (~away)[~cases.malignant].mean()
    assert at.read == pytest.approx(read)
    assert at.sent_away_malignant == pytest.approx(20 * away[cases.malignant].mean())
    # At the prevalence of the cases themselves it is the share that they have.
    same = simulate_triage(cases, probability, Thresholds(0.3), prevalence=0.5).prevalence
    assert same is not None
    assert same.read == pytest.approx(1000 * (~away).mean())


def test_permuting_readers_changes_no_figure() -> None:
    cases = make_cases(replicates=0)
    other = PathwayInput(
        Votes(
            cases.votes.readers, cases.votes.cases, cases.votes.chosen[::-1], cases.votes.truth, SIDES, ("all",),
            cases.votes.stratum,
        ),
        cases.malignant, cases.classes, 1, 0,
    )  # fmt: skip
    first, second = (simulate_triage(c, scores(cases), Thresholds(0.3)) for c in (cases, other))
    assert first.as_dict() == second.as_dict()


def test_cases_of_one_side_leave_the_other_uncomputed() -> None:
    votes = Votes(
        ("a", "b", "c"), ("1", "2"), np.array([[1, 0], [1, 1], [0, 1]]), np.ones(2, dtype=np.int64), SIDES, ("all",),
        np.zeros(3, dtype=np.int64),
    )  # fmt: skip
    found = simulate_triage(
        PathwayInput(votes, np.array([True, True]), ("mel", "mel"), 1, 50), np.array([0.2, 0.9]), Thresholds(0.5),
        prevalence=0.1,
    )  # fmt: skip
    assert found.pathways[1].specificity.value is None
    assert found.pathways[1].specificity_change.value is None
    assert found.prevalence is None
    assert found.sent_away_benign.reason == "no such case"


@pytest.mark.parametrize(
    ("low", "high", "words"), [(-0.1, None, "rule-out"), (0.5, 0.4, "rule-in"), (0.5, 1.2, "at most 1")]
)
def test_thresholds_that_cannot_be_are_refused(low: float, high: float | None, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        Thresholds(low, high)


def test_probabilities_and_prevalences_out_of_range_are_refused() -> None:
    cases = make_cases()
    with pytest.raises(InvalidInput, match="outside 0 to 1"):
        simulate_triage(cases, np.full(40, 1.5), Thresholds(0.5))
    with pytest.raises(InvalidInput, match="prevalence is 1"):
        simulate_triage(cases, scores(cases), Thresholds(0.5), prevalence=1.0)
