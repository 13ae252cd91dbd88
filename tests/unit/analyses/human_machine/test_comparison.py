"""A model beside readers: by hand, against scikit-learn and brute force, and at the edges."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score
from tests.readings_factory import make_readings
from tests.unit.analysis.evaluation_factories import make_probabilities

from dermdash.analyses.human_machine.comparison import HumanMachine
from dermdash.analyses.human_machine.mean_position import AIDED, ALL
from dermdash.analyses.human_machine.reader_position import place_readers
from dermdash.analyses.human_machine.run import analyse_human_machine
from dermdash.analyses.model_predictions import ModelScores
from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.reader_calls import ReaderCalls
from dermdash.analysis.reader_comparison import compare_with_readers
from dermdash.analysis.scored_cases import MALIGNANCY, make_cases
from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.readings_table import ReadingsTable, make_readings_table
from dermdash.records.taxonomy import HAM7


def scores_for(table: ReadingsTable, *, seed: int = 5, skill: float = 1.2) -> ModelScores:
    truth = table.frame.drop_duplicates("case").set_index("case")["truth_dx"]
    p = make_probabilities(np.array([HAM7.codes.index(dx) for dx in truth]), 7, seed=seed, skill=skill)
    bad = np.array([c.is_malignant for c in HAM7.classes])
    return ModelScores("net", tuple(truth.index), np.minimum(p[:, bad].sum(axis=1), 1.0), p)


def two_class(rows: list[tuple[str, str, str, str]], **columns: Any) -> ReadingsTable:
    """Unaided readings: (reader, case, truth, answer)."""
    frame = pd.DataFrame(rows, columns=["reader", "case", "truth_dx", "dx"])
    frame = frame.assign(phase="unaided", modality="none", **columns)
    return make_readings_table(frame, source="By hand", format="test", taxonomy="ham7")


def scores(values: dict[str, float], **more: Any) -> ModelScores:
    return ModelScores("net", tuple(values), np.array(list(values.values())), **more)


def analysed(table: ReadingsTable, model: ModelScores, replicates: int = 50) -> HumanMachine:
    found = analyse_human_machine(table, model, replicates=replicates)
    json.dumps(found.as_dict(), allow_nan=False)  # finite or None, everywhere
    return found


def test_four_cases_and_one_reader_by_hand() -> None:
    """Melanomas score 0.9 and 0.4, nevi 0.6 and 0.1; the reader calls the first melanoma and the second nevus."""
    table = two_class(
        [("x", "a", "mel", "mel"), ("x", "b", "mel", "nv"), ("x", "c", "nv", "nv"), ("x", "d", "nv", "mel")]
    )
    found = analysed(table, scores({"a": 0.9, "b": 0.4, "c": 0.6, "d": 0.1}))
    target = found.target(MALIGNANCY)
    reader = target.readers[0]
    assert (reader.place.point.sensitivity, reader.place.point.specificity) == (0.5, 0.5)
    # At specificity 0.5 the model reaches both melanomas (threshold 0.4), at sensitivity 0.5 both nevi (threshold 0.9).
    assert (reader.place.vertical.model, reader.place.horizontal.model) == (1.0, 1.0)
    assert (reader.place.vertical.difference, reader.place.horizontal.difference) == (0.5, 0.5)
    # Pairs ranked right: (a, c), (a, d), (b, d) of four; of the reader's calls: ties (a, d), (b, c), right (a, c).
    assert target.auc.estimate.value == 0.75
    assert (reader.area.area, reader.area.model, reader.area.difference) == (0.5, 0.75, 0.25)
    assert not reader.area.from_ratings
    assert [t.code for t in found.targets] == [MALIGNANCY]  # the model says nothing of single classes


def test_points_and_differences_are_those_of_the_comparison_page() -> None:
    table = make_readings(readers=5, cases=42)
    model = scores_for(table)
    found = analysed(table, model, 200)
    unaided = table.frame[table.frame["phase"] == "unaided"]
    truth = unaided.drop_duplicates("case").set_index("case")["truth_dx"]
    assert model.probabilities is not None
    cases = make_cases(
        taxonomy=HAM7, case_ids=model.cases, truth=[truth[c] for c in model.cases], probabilities=model.probabilities
    )
    other = compare_with_readers(cases, unaided[["reader", "case", "dx"]], model="net", replicates=200, seed=1)
    for target in found.targets:
        assert [r.place.point for r in target.readers] == [r.points[target.code] for r in other.readers]
        mean = target.mean(ALL)
        assert mean is not None
        assert mean.mean.sensitivity.value == other.mean_points[target.code].sensitivity
    everyone = found.target(MALIGNANCY).mean(ALL)
    assert everyone is not None
    ours = {d.metric: d.difference for d in everyone.mean.differences}
    assert ours == {d.metric: d.difference for d in other.differences if d.metric != "accuracy"}
    below = sum((r.place.vertical.difference or 0) > 0 for r in found.target(MALIGNANCY).readers)
    assert below == other.readers_below_curve


def test_areas_are_those_of_scikit_learn() -> None:
    """roc_auc_score of scikit-learn on the same ratings and scores; agreement to 1e-12."""
    table = make_readings(readers=4, cases=35)
    model = scores_for(table)
    found = analysed(table, model)
    score = dict(zip(model.cases, model.malignancy, strict=True))
    unaided = table.frame[table.frame["phase"] == "unaided"]
    for reader in found.target(MALIGNANCY).readers:
        own = unaided[unaided["reader"] == reader.reader]
        truth = own["truth_malignant"].astype(bool)
        assert reader.area.from_ratings
        assert reader.area.area == pytest.approx(
            roc_auc_score(truth, own["malignancy_rating"].astype(float)), abs=1e-12
        )
        assert reader.area.model == pytest.approx(roc_auc_score(truth, own["case"].map(score)), abs=1e-12)
    melanoma = found.target("mel").readers[0]
    own = unaided[unaided["reader"] == melanoma.reader]
    rating = np.where(own["dx"] == "mel", 1.0, -1.0) * own["confidence"].astype(float)
    assert melanoma.area.area == pytest.approx(roc_auc_score(own["truth_dx"] == "mel", rating), abs=1e-12)
    mean = found.target(MALIGNANCY).mean(ALL)
    assert mean is not None
    assert mean.area is not None
    areas = [r.area.area for r in found.target(MALIGNANCY).readers]
    assert mean.area.readers == pytest.approx(np.mean([a for a in areas if a is not None]), abs=1e-12)


def test_the_interval_of_a_distance_is_that_of_a_bootstrap_written_out() -> None:
    """A loop over its own draws of the cases; both ends within 4 points of 2,000 draws' quantiles."""
    table = make_readings(readers=1, cases=105, unaided_accuracy=0.5)
    model = scores_for(table, skill=2.5)
    reader = analysed(table, model, 2000).target(MALIGNANCY).readers[0]
    unaided = table.frame[table.frame["phase"] == "unaided"].set_index("case").loc[list(model.cases)]
    ill, called = unaided["truth_malignant"].to_numpy(bool), unaided["malignant_answer"].to_numpy(bool)
    rng = np.random.default_rng(77)
    values = []
    for _ in range(500):
        at = rng.integers(0, len(ill), len(ill))
        truth, call, score = ill[at], called[at], model.malignancy[at]
        specificity = (~call[~truth]).mean()
        best = max(
            (score[truth] >= t).mean() for t in [*score, 2.0] if (score[~truth] < t).mean() >= specificity - 1e-12
        )
        values.append(best - call[truth].mean())
    vertical = reader.place.vertical
    assert vertical.low is not None
    assert vertical.high is not None
    assert np.quantile(values, [0.025, 0.975]) == pytest.approx([vertical.low, vertical.high], abs=0.04)
    assert reader.place.position == "below"


def test_readers_above_and_below_are_told_from_those_who_cannot_be_told_apart() -> None:
    rows = []
    for c in range(80):
        truth = "mel" if c % 2 else "nv"
        wrong = "nv" if c % 2 else "mel"
        rows += [
            ("always right", f"c{c}", truth, truth),
            ("mostly wrong", f"c{c}", truth, truth if c % 8 > 5 else wrong),
            ("as the model", f"c{c}", truth, wrong if c % 8 < 2 else truth),
        ]
    table = two_class(rows)
    right, wrong_score = {0: 0.1, 1: 0.8}, {0: 0.75, 1: 0.05}
    score = {f"c{c}": (wrong_score if c % 8 < 2 else right)[c % 2] for c in range(80)}
    target = analysed(table, scores(score), 400).target(MALIGNANCY)
    assert {r.reader: r.place.position for r in target.readers} == {
        "always right": "above", "as the model": "undecided", "mostly wrong": "below",
    }  # fmt: skip
    equal = next(r for r in target.readers if r.reader == "as the model")
    assert (equal.place.vertical.difference, equal.place.vertical.low) == (0.0, None)
    assert "every draw" in (equal.place.vertical.reason or "")
    assert target.nominally_above == 1


def test_readers_who_truly_stand_on_the_curve_are_rarely_called_above_or_below_it() -> None:
    """Reader and model with the same two normal distributions: at most 5 % of 150 readers, give or take (binomial)."""
    rng = np.random.default_rng(11)
    target = np.arange(100) < 40
    places = []
    for i in range(150):
        score, suspicion = rng.normal(1.5 * target, 1), rng.normal(1.5 * target, 1)
        calls = ReaderCalls(target, score, (suspicion > 0.75)[None], np.ones((1, 100), bool))
        places.append(place_readers(calls, GroupedBootstrap(np.arange(100), 200, i))[0].position)
    assert sum(p != "undecided" for p in places) <= 14  # the 99th percentile at 5 %


def test_order_of_rows_and_names_of_readers_change_nothing() -> None:
    table = make_readings(readers=4, cases=28)
    model = scores_for(table)
    one = analysed(table, model).as_dict()
    shuffled = table.frame.sample(frac=1, random_state=3)
    again = make_readings_table(shuffled, source=table.source, format="study", taxonomy="ham7", seed=table.seed)
    assert analysed(again, model).as_dict() == one
    backwards = np.arange(len(model.cases))[::-1]
    assert model.probabilities is not None
    turned = ModelScores(
        "net",
        tuple(model.cases[i] for i in backwards),
        model.malignancy[backwards],
        model.probabilities[backwards],
    )
    other = analysed(table, turned).as_dict()
    assert other["targets"][0]["means"][0]["differences"][0]["difference"] == pytest.approx(
        one["targets"][0]["means"][0]["differences"][0]["difference"], abs=1e-12
    )


def test_a_duplicated_reader_stands_where_his_twin_does() -> None:
    table = make_readings(readers=3, cases=28)
    twin = table.frame[table.frame["reader"] == "r01"].assign(reader="r01 twin")
    both = make_readings_table(pd.concat([table.frame, twin]), source="Twins", format="study", taxonomy="ham7")
    readers = {r.reader: r for r in analysed(both, scores_for(table)).target(MALIGNANCY).readers}
    assert readers["r01"].place == readers["r01 twin"].place
    assert readers["r01"].area == readers["r01 twin"].area


def test_images_of_one_patient_are_drawn_together() -> None:
    """Every case twice under one patient: the same point, and an interval of the single cases' width, not narrower."""
    table = make_readings(readers=1, cases=84, modalities=("none",))
    single = scores_for(table)
    frame = table.frame
    doubled = make_readings_table(
        pd.concat([frame, frame.assign(case=frame["case"] + " again")]), source="Twice", format="study", taxonomy="ham7"
    )
    names = (*single.cases, *(f"{c} again" for c in single.cases))
    twice = ModelScores(
        "net", names, np.tile(single.malignancy, 2), None, tuple(f"patient {n.split()[0]}" for n in names)
    )
    alone = analysed(table, single, 1000).target(MALIGNANCY).readers[0].place.vertical
    pairs = analysed(doubled, twice, 1000).target(MALIGNANCY).readers[0].place.vertical
    assert pairs.difference == alone.difference
    assert None not in (pairs.low, pairs.high, alone.low, alone.high)
    assert pairs.high - pairs.low == pytest.approx(alone.high - alone.low, abs=0.08)  # type: ignore[operator]


def test_assistance_moves_points_on_the_cases_read_both_ways() -> None:
    table = make_readings(readers=5, cases=42, advice_accuracy=1.0, followed=1.0)
    found = analysed(table, scores_for(table))
    target = found.target(MALIGNANCY)
    assert all(r.after is not None and r.after.sensitivity == 1.0 for r in target.readers)
    assert [r.before for r in target.readers] == [r.place.point for r in target.readers]
    aided = target.mean(AIDED)
    assert aided is not None
    assert aided.mean.sensitivity.value == 1.0
    assert aided.mean.sensitivity.interval is None  # 100 % in every draw is no certainty
    by_modality = [m for m in target.means if m.kind == AIDED and m.name != ALL]
    assert {m.name for m in by_modality} == set(table.modalities)
    assert sum(m.readings for m in by_modality) == aided.readings


def test_what_does_not_count_is_counted() -> None:
    table = make_readings(readers=3, cases=14)
    frame = table.frame
    unaided = frame[frame["phase"] == "unaided"]
    again = unaided[unaided["case"] == "c003"].assign(repeat=1, dx="df", malignancy_rating=None)
    again = again.assign(malignant_answer=None, correct=None)
    robot = unaided[unaided["reader"] == "r00"].assign(reader="robot", simulated=True)
    more = make_readings_table(
        pd.concat([frame.assign(simulated=False), again, robot]), source="More", format="study", taxonomy="ham7", seed=1
    )
    model = scores_for(table)
    kept = np.array([c != "c005" for c in model.cases])
    assert model.probabilities is not None
    fewer = ModelScores("net", tuple(np.array(model.cases)[kept]), model.malignancy[kept], model.probabilities[kept])
    found = analysed(more, fewer)
    assert found.left_out == {"no_score": 6, "simulated": 14, "repeated": 3}
    assert (found.readers, found.cases, found.readings) == (3, 13, 39)
    assert not found.simulated


def test_one_class_leaves_the_curve_open_and_says_why() -> None:
    table = two_class([("x", "a", "nv", "nv"), ("x", "b", "nv", "mel"), ("y", "a", "nv", "nv")])
    target = analysed(table, scores({"a": 0.2, "b": 0.7})).target(MALIGNANCY)
    assert target.curve is None
    assert target.reason == "none of the 2 cases is positive"
    assert target.placed == 0
    assert target.readers[0].place.point.specificity == 0.5
    mean = target.mean(ALL)
    assert mean is not None
    assert all(d.difference is None and "positive" in (d.reason or "") for d in mean.mean.differences)


def test_one_case_one_reader_and_a_constant_score_have_no_interval() -> None:
    table = two_class([("x", "a", "nv", "nv"), ("x", "b", "mel", "mel")])
    target = analysed(table, scores({"a": 0.5, "b": 0.5})).target(MALIGNANCY)
    assert target.auc.estimate.value == 0.5
    assert target.auc.estimate.interval is None
    assert target.readers[0].place.position == "undecided" or target.readers[0].place.vertical.low is not None
    mean = target.mean(ALL)
    assert mean is not None
    assert all(d.low is None and "two readers" in (d.reason or "") for d in mean.mean.differences)
    one = analysed(two_class([("x", "a", "nv", "nv")]), scores({"a": 0.5}))
    assert (one.readers, one.cases) == (1, 1)


def test_what_cannot_be_compared_is_refused() -> None:
    table = two_class([("x", "a", "nv", "nv")])
    with pytest.raises(InvalidInput, match="no reader has answered"):
        analyse_human_machine(table, scores({"other": 0.5}))
    rows = [{"reader": "x", "case": "a", "phase": "unaided", "modality": "none", "malignant_answer": True}]
    without_truth = make_readings_table(rows, source="Log", format="test")
    with pytest.raises(MissingColumns, match="truth_malignant"):
        analyse_human_machine(without_truth, scores({"a": 0.5}))


def test_scores_and_ratings_that_run_the_other_way_are_said() -> None:
    table = make_readings(readers=5, cases=42, seed=3)
    model = scores_for(table, skill=4)
    assert not any("reversed" in text for text in analysed(table, model).warnings)
    turned = ModelScores("net", model.cases, 1 - model.malignancy, None)
    said = analysed(table, turned).warnings
    assert said[0].startswith("Scores of net seem reversed: AUC 0.")
    assert not any("Ratings" in text for text in said)
    frame = table.frame.assign(malignancy_rating=-table.frame["malignancy_rating"])
    upside_down = make_readings_table(frame, source="Turned", format="test", taxonomy="ham7")
    assert analysed(upside_down, model).warnings[0].startswith("Ratings seem reversed: mean AUC of 5 readers 0.")
