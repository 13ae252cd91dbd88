import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.readings_factory import make_readings

from dermdash.analyses.benefit.benefit import Benefit, benefit
from dermdash.analyses.benefit.breakdown import permutation_test
from dermdash.analyses.benefit.grouping import GROUPINGS, group_pairs
from dermdash.analyses.benefit.measures import MEASURES, Measure, Outcome
from dermdash.analyses.benefit.outcomes import outcome_pairs
from dermdash.analyses.benefit.rubric import DEFAULT_RUBRIC
from dermdash.analysis.drawn_intervals import drawn_interval
from dermdash.analysis.paired_accuracy import paired_changes
from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.modality import ALL_MODALITIES
from dermdash.readings.pairs import reading_pairs
from dermdash.readings.readings_table import ReadingsTable


def analysed(table: ReadingsTable, **changes: Any) -> Benefit:
    options: dict[str, Any] = {
        "outcome": Outcome.DIAGNOSIS, "rubric": DEFAULT_RUBRIC, "source": "Made-up", "seed": 3,
        "modalities": table.modalities, "replicates": 200, "group_replicates": 50,
    }  # fmt: skip
    return benefit(reading_pairs(table), **(options | changes))


def by_hand(table: ReadingsTable, modality: str, name: str, keep: pd.Series | None = None) -> dict[str, np.ndarray]:
    """Each reader's share before and after, from the readings one by one."""
    frame = table.frame if keep is None else table.frame[keep]
    found: dict[str, np.ndarray] = {}
    for phase in ("unaided", "aided"):
        shares = []
        for reader in sorted(frame["reader"].unique()):
            part = frame[(frame["reader"] == reader) & (frame["phase"] == phase) & (frame["modality"] == modality)]
            shares.append(np.mean([float(v) for v in part[name]]))
        found[phase] = np.array(shares)
    return found


@pytest.mark.parametrize("modality", ["malignancy_probability", "multiclass_probability"])
def test_a_row_is_the_paired_t_test_of_the_readers_shares(modality: str) -> None:
    """scipy.stats.ttest_rel on shares counted reading by reading, to 1e-10."""
    table = make_readings(readers=7, cases=21)
    (row,) = [r for r in analysed(table).main.rows if r.modality == modality]
    hand = by_hand(table, modality, "correct")
    test = stats.ttest_rel(hand["aided"], hand["unaided"])
    interval = test.confidence_interval(0.95)
    assert (row.change.unaided, row.change.aided) == pytest.approx((hand["unaided"].mean(), hand["aided"].mean()))
    assert (row.change.t, row.change.p_value) == pytest.approx((test.statistic, test.pvalue), rel=1e-10)
    assert row.as_dict()["ci"] == pytest.approx([interval.low, interval.high], rel=1e-10)
    assert (row.change.readers, row.change.readings) == (7, len(table.frame[table.frame["modality"] == modality]) // 2)


def test_sensitivity_and_specificity_are_shares_on_their_side_and_balanced_is_their_mean() -> None:
    table = make_readings(readers=6, cases=28)
    found = {m.measure: m for m in analysed(table, outcome=Outcome.MALIGNANCY).measures}
    assert tuple(found) == MEASURES[Outcome.MALIGNANCY]
    frame = table.frame.assign(benign=~table.frame["malignant_answer"].astype(bool))
    ill = table.frame["truth_malignant"].astype(bool)
    modality = table.modalities[0]
    hand = {
        Measure.SENSITIVITY: by_hand(table, modality, "malignant_answer", ill),
        Measure.SPECIFICITY: by_hand(ReadingsTable(frame, "x", "x"), modality, "benign", ~ill),
        Measure.REFERRAL: by_hand(table, modality, "malignant_answer"),
    }
    for measure, shares in hand.items():
        row = found[measure].rows[0]
        assert row.change.aided == pytest.approx(shares["aided"].mean())
        assert row.change.p_value == pytest.approx(stats.ttest_rel(shares["aided"], shares["unaided"]).pvalue)
    balanced = {p: (hand[Measure.SENSITIVITY][p] + hand[Measure.SPECIFICITY][p]) / 2 for p in ("unaided", "aided")}
    row = found[Measure.BALANCED].rows[0]
    assert (row.change.unaided, row.change.aided) == pytest.approx(
        (balanced["unaided"].mean(), balanced["aided"].mean())
    )
    assert row.change.p_value == pytest.approx(stats.ttest_rel(balanced["aided"], balanced["unaided"]).pvalue)
    assert row.discordant is None


def test_all_modalities_together_weigh_a_readers_cases_the_same() -> None:
    table = make_readings(readers=5, cases=14)
    overall = analysed(table).main.overall
    assert overall is not None
    frame = table.frame
    for phase, value in (("unaided", overall.change.unaided), ("aided", overall.change.aided)):
        part = frame[frame["phase"] == phase]
        assert value == pytest.approx(part.groupby("reader")["correct"].mean().astype(float).mean())
    assert overall.modality == ALL_MODALITIES


def test_several_pairs_of_a_reader_and_case_are_averaged_and_still_counted() -> None:
    rows = [("cbir", "a", "c0", 0.0, 1.0), ("cbir", "a", "c0", 1.0, 1.0), ("cbir", "a", "c1", 0.0, 0.0)]
    rows += [("cbir", "b", "c0", 0.0, 1.0), ("cbir", "b", "c1", 1.0, 1.0)]
    pairs = pd.DataFrame(rows, columns=["modality", "reader", "case", "unaided", "aided"])
    (found,) = paired_changes(pairs, seed=1, replicates=50)
    # Reader a: (0.5 + 0) / 2 before, (1 + 0) / 2 after.
    assert (found.unaided, found.aided) == (pytest.approx((0.25 + 0.5) / 2), pytest.approx((0.5 + 1.0) / 2))
    assert (found.readings, found.cases, found.readers) == (5, 2, 2)


def test_the_balanced_bootstrap_agrees_with_a_brute_force_loop() -> None:
    """Readers and cases drawn one by one; ends within Monte Carlo error (0.02)."""
    rng = np.random.default_rng(4)
    readers, cases = 7, 24
    ill = np.arange(cases) % 3 == 0
    change = rng.integers(-1, 2, (readers, cases)).astype(float)
    reader, case = np.nonzero(rng.random((readers, cases)) < 0.85)
    values = change[reader, case]
    pairs = pd.DataFrame(
        {"modality": "cbir", "reader": [f"r{r}" for r in reader], "case": [f"c{c:02}" for c in case],
         "unaided": np.where(values < 0, 1.0, 0.0), "aided": np.where(values > 0, 1.0, 0.0), "stratum": ill[case]}
    )  # fmt: skip
    (found,) = paired_changes(pairs, seed=1, replicates=6000)
    matrix = np.full((readers, cases), np.nan)
    matrix[reader, case] = values
    brute = []
    for _ in range(3000):
        columns = rng.integers(0, cases, cases)
        means = []
        for r in rng.integers(0, readers, readers):
            sides = [matrix[r, columns[ill[columns] == side]] for side in (True, False)]
            sides = [s[np.isfinite(s)] for s in sides]
            if all(len(s) for s in sides):
                means.append(np.mean([s.mean() for s in sides]))
        brute.append(np.mean(means))
    assert found.bootstrap_interval is not None
    expected = drawn_interval(found.difference, np.array(brute), readers, confidence=0.95)
    assert expected is not None
    ends = found.bootstrap_interval.low, found.bootstrap_interval.high
    assert ends == pytest.approx((expected.low, expected.high), abs=0.02)


def test_readers_of_one_side_only_are_left_out_of_the_balanced_accuracy_and_counted() -> None:
    table = make_readings(readers=4, cases=14, modalities=("cbir",))
    benign_only = (table.frame["reader"] == "r00") & table.frame["truth_malignant"].astype(bool)
    kept = table.subset(~benign_only)
    found = {m.measure: m for m in analysed(kept, outcome=Outcome.MALIGNANCY).measures}
    assert found[Measure.BALANCED].rows[0].change.readers == 3
    assert found[Measure.BALANCED].rows[0].change.readers_left_out == 1
    assert found[Measure.SPECIFICITY].rows[0].change.readers == 4
    nobody = table.subset(table.frame["truth_malignant"].astype(bool) == (table.frame["reader"] == "r01"))
    balanced = {m.measure: m for m in analysed(nobody, outcome=Outcome.MALIGNANCY).measures}[Measure.BALANCED]
    assert balanced.rows == ()
    assert "no reader has both" in balanced.missing["cbir"]


def test_management_is_judged_by_the_rubric_and_what_it_does_not_know_is_counted() -> None:
    table = make_readings(readers=4, cases=7, modalities=("cbir",))
    frame = table.frame
    action = np.where(frame["malignant_answer"].astype(bool), "manage_biopsy", "manage_dismiss").astype(object)
    action[(frame["reader"] == "r00") & (frame["case"] == "c000")] = "pray"
    managed = ReadingsTable(frame.assign(management=action), "x", "x", taxonomy="ham7")
    found = {m.measure: m for m in analysed(managed, outcome=Outcome.MANAGEMENT).measures}
    right = frame["malignant_answer"].astype(bool) == frame["truth_malignant"].astype(bool)
    kept = action != "pray"
    aided = frame["phase"] == "aided"
    expected = right[kept & aided].groupby(frame["reader"]).mean().mean()
    assert found[Measure.APPROPRIATE].rows[0].change.aided == pytest.approx(expected)
    of_all = (Measure.APPROPRIATE, Measure.UNDERTREATMENT, Measure.OVERTREATMENT)
    assert sum(found[m].rows[0].change.aided for m in of_all) == pytest.approx(1.0)
    assert found[Measure.APPROPRIATE].excluded == {"the rubric has no row for the truth and the management": 1}


def test_every_breakdown_covers_all_pairs_of_its_modality_once() -> None:
    table = make_readings(readers=9, cases=21, prespecified=())
    keys = ("experience_group", "profession", "truth_dx", "truth_malignant", "confidence", "advice_correct", "round")
    found = analysed(table, keys=keys)
    assert {b.modality for b in found.breakdowns} == {ALL_MODALITIES, *table.modalities}
    for part in found.breakdowns:
        if part.key == "round":
            assert part.rows == ()
            assert "not recorded" in str(part.reason)
            continue
        pairs = {r.modality: r.change.readings for r in found.main.rows}
        pairs[ALL_MODALITIES] = sum(pairs.values())
        assert sum(row.change.readings for row in part.rows) + part.unknown == pairs[part.modality]
        assert part.interaction is not None
        between = part.key in ("experience_group", "profession")
        assert part.interaction.test == ("permutation" if between else "wald")


def test_advice_that_is_followed_shows_as_an_interaction_and_noise_does_not() -> None:
    table = make_readings(readers=12, cases=42, followed=0.8, seed=5)
    found = analysed(table, keys=("advice_correct", "profession"))
    tests = {b.key: b.interaction for b in found.breakdowns if b.modality == ALL_MODALITIES}
    advice, profession = tests["advice_correct"], tests["profession"]
    assert advice is not None
    assert profession is not None
    assert advice.p_holm is not None
    assert advice.p_holm < 0.001
    assert advice.contrast is not None
    assert advice.contrast > 0.3
    assert profession.p_value is not None
    assert profession.p_value > 0.01


def test_the_permutation_test_agrees_with_every_arrangement_of_the_labels() -> None:
    """All 70 ways to part 8 readers into two groups of four; Monte Carlo error at 4,999 draws below 0.02."""
    from itertools import combinations

    change = np.array([0.1, 0.3, 0.25, 0.4, 0.0, 0.05, 0.2, -0.1])
    group = np.array([0, 0, 0, 0, 1, 1, 1, 1])

    def f_of(members: tuple[int, ...]) -> float:
        inside = np.isin(np.arange(8), members)
        return float(stats.f_oneway(change[inside], change[~inside]).statistic)

    observed = f_of((0, 1, 2, 3))
    exact = np.mean([f_of(m) >= observed - 1e-12 for m in combinations(range(8), 4)])
    found = permutation_test(change, group, seed=1)
    assert found.f == pytest.approx(observed)
    assert found.p_value == pytest.approx(exact, abs=0.02)
    welch = stats.ttest_ind(change[4:], change[:4], equal_var=False).confidence_interval(0.95)
    assert (found.contrast_low, found.contrast_high) == pytest.approx((welch.low, welch.high))
    assert permutation_test(change, np.array([0] + [1] * 7), seed=1).p_value is None
    assert permutation_test(np.full(8, 0.1), group, seed=1).p_value is None


def test_swapping_the_phases_turns_every_sign() -> None:
    table = make_readings(readers=6, cases=14)
    swapped = table.frame.assign(phase=table.frame["phase"].map({"aided": "unaided", "unaided": "aided"}))
    there, back = analysed(table), analysed(ReadingsTable(swapped, "x", "x"))
    for one, other in zip(there.main.rows, back.main.rows, strict=True):
        assert other.change.difference == pytest.approx(-one.change.difference)
        assert other.change.p_value == pytest.approx(one.change.p_value)
        assert one.pooled is not None
        assert other.pooled is not None
        assert other.pooled.difference == pytest.approx(-one.pooled.difference)


def test_readers_in_another_order_and_twice_give_the_same_difference() -> None:
    table = make_readings(readers=6, cases=14)
    again = table.frame.assign(reader=table.frame["reader"].map(lambda r: f"x{9 - int(r[1:])}"))
    twice = ReadingsTable(pd.concat([table.frame, again]), "x", "x")
    one = analysed(table).main.rows[0]
    renamed, double = (analysed(t).main.rows[0] for t in (ReadingsTable(again, "x", "x"), twice))
    assert renamed.change.p_value == pytest.approx(one.change.p_value)
    assert renamed.pooled is not None
    assert one.pooled is not None
    assert renamed.pooled.p_value == pytest.approx(one.pooled.p_value)
    assert double.change.difference == pytest.approx(one.change.difference)
    assert double.discordant is not None
    assert one.discordant is not None
    assert double.discordant.gained == 2 * one.discordant.gained


@pytest.mark.parametrize(
    "changes",
    [
        {"readers": 1},
        {"cases": 1, "readers": 5},
        {"readers": 1, "cases": 1},
        {"unaided_accuracy": 1.0, "followed": 0.0},
        {"followed": 0.0},
        {"readers": 2, "cases": 2},
    ],
)
def test_nothing_degenerate_gives_a_number_that_is_none_or_an_interval_of_no_width(changes: dict[str, Any]) -> None:
    table = make_readings(**{"readers": 4, "cases": 7, "modalities": ("cbir",)} | changes)
    for outcome, keys in ((Outcome.DIAGNOSIS, tuple(GROUPINGS)), (Outcome.MALIGNANCY, ())):
        found = analysed(table, outcome=outcome, keys=keys).as_dict()
        json.dumps(found, allow_nan=False)
        for part in _dicts(found):
            for name, ends in part.items():
                if name.endswith("ci") and ends is not None:
                    assert ends[1] > ends[0]
            if part.get("p") is not None and "difference" in part:
                assert part["ci"] is not None
                assert math.isfinite(part["difference"])


def _dicts(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [value, *(d for v in value.values() for d in _dicts(v))]
    return [d for v in value for d in _dicts(v)] if isinstance(value, list) else []


def test_an_outcome_that_nobody_answered_or_an_unknown_measure_is_refused() -> None:
    table = make_readings(readers=3, cases=7)
    with pytest.raises(MissingColumns, match="Appropriate management: no pair"):
        analysed(table, outcome=Outcome.MANAGEMENT)
    with pytest.raises(InvalidInput, match="has no measure"):
        analysed(table, breakdown_measure=Measure.SENSITIVITY)
    with pytest.raises(InvalidInput, match="no breakdown 'shoe_size'"):
        analysed(table, keys=("shoe_size",))


def test_pairs_without_an_answer_or_a_truth_are_counted_by_reason() -> None:
    table = make_readings(readers=3, cases=7, modalities=("cbir",))
    frame = table.frame.copy()
    frame.loc[frame["case"] == "c001", "truth_malignant"] = pd.NA
    frame.loc[(frame["case"] == "c002") & (frame["phase"] == "aided"), "malignant_answer"] = pd.NA
    found = outcome_pairs(reading_pairs(ReadingsTable(frame, "x", "x")), Measure.ACCURACY, rubric=DEFAULT_RUBRIC)
    assert sorted(found.excluded.values()) == [3, 3]
    assert len(found.frame) == 21 - 6


def test_many_numbers_become_thirds_and_rare_words_one_group() -> None:
    frame = pd.DataFrame(
        {"confidence_unaided": pd.array(range(30), "Float64"), "round": pd.array([1, 2] * 15, "Int64")}
    )
    thirds = group_pairs(frame, "confidence")
    assert thirds.levels == ("up to 9.66667", "over 9.66667 to 19.3333", "over 19.3333")
    assert thirds.labels.value_counts().tolist() == [10, 10, 10]
    assert group_pairs(frame, "round").levels == ("1", "2")
    words = pd.DataFrame({"profession": [f"p{i % 20:02}" for i in range(100)] + ["p00", None]})
    grouped = group_pairs(words, "profession", order=("p03", "unheard of"))
    assert len(grouped.levels) == 12
    assert grouped.levels[-1] == "other"
    assert grouped.labels.isna().sum() == 1


def test_merged_groups_stand_once_and_last() -> None:
    """Also where the order to show names them, as it does of a table without small groups."""
    frame = pd.DataFrame({"experience_group": ["other", "3 to 5 years", "other", "under 1 year"]})
    found = group_pairs(frame, "experience_group", order=("under 1 year", "other", "3 to 5 years"))
    assert found.levels == ("under 1 year", "3 to 5 years", "other")
