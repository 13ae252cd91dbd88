"""Arms of a parallel study, sequences and periods of a crossover: who is compared with whom, and what is said."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score
from tests.readings_factory import make_crossover, make_parallel_arms, make_readings

from dermdash.analyses.arms.declaration import ARMS
from dermdash.analyses.arms.options import ArmsOptions
from dermdash.analyses.arms.run import analyse_arms
from dermdash.analyses.arms.section import arms_section
from dermdash.analyses.mrmc.run import analyse_mrmc_readings
from dermdash.analysis.mrmc.effect import Inference
from dermdash.errors import InvalidInput
from dermdash.readings.readings_table import ReadingsTable


def test_arms_are_compared_by_the_mean_of_their_readers() -> None:
    table = make_parallel_arms(readers=12, cases=28)
    result = analyse_arms(table)
    right = result.comparisons[0]
    shares = table.frame.groupby(["arm", "reader"])["correct"].mean().astype(float)
    means = shares.groupby("arm").mean()
    assert [(v.arm, v.mean.value) for v in right.values] == [
        ("with", pytest.approx(means["with"])),
        ("without", pytest.approx(means["without"])),
    ]
    (difference,) = right.differences
    assert (difference.arm, difference.reference) == ("with", "without")
    assert difference.test.difference == pytest.approx(means["with"] - means["without"])
    assert difference.test.low is not None
    sick = table.frame[table.frame["truth_malignant"]]
    sensitivity = sick.groupby(["arm", "reader"])["malignant_answer"].mean().astype(float).groupby("arm").mean()
    assert result.comparisons[1].values[0].mean.value == pytest.approx(sensitivity["with"])
    assert [c.measure.key for c in result.comparisons] == ["correct", "sensitivity", "specificity", "auc"]


def test_arms_that_are_too_small_have_values_and_no_interval() -> None:
    result = analyse_arms(make_parallel_arms(readers=6))
    for comparison in result.comparisons:
        for value in comparison.values:
            assert value.mean.low is None
        assert comparison.differences[0].test.p is None
    section = arms_section(result)
    assert any("Fewer than 5 readers" in text for text in section.warnings)
    assert "(no interval)" in section.summary[1]


def test_a_second_period_is_no_second_arm() -> None:
    table = make_crossover(readers=12)
    # Two readers stop after their first period.
    left = table.frame["reader"].isin(["r00", "r01"]) & (table.frame["period"] == 2)
    result = analyse_arms(table.subset(~left))
    assert result.arms == ()
    assert result.sequences == {"without_first": 5, "with_first": 5}
    assert result.excluded["without the other period's answer to the case"] == 56


def test_a_crossover_is_read_by_sequence_and_period() -> None:
    table = make_crossover(readers=12)
    right = analyse_arms(table).crossover[0]
    shares = table.frame.groupby(["arm", "period", "reader"])["correct"].mean().astype(float)
    cell = shares.groupby(["arm", "period"]).mean()
    of = {(v.sequence, v.period): (v.value.mean.value, v.assisted) for v in right.values}
    assert of["without_first", 1] == (pytest.approx(cell["without-first", 1]), False)
    assert of["without_first", 2] == (pytest.approx(cell["without-first", 2]), True)
    assert of["with_first", 1] == (pytest.approx(cell["with-first", 1]), True)
    gain_first = cell["without-first", 2] - cell["without-first", 1]
    gain_second = cell["with-first", 1] - cell["with-first", 2]
    assert right.assistance.difference == pytest.approx((gain_first + gain_second) / 2)
    assert right.period.difference == pytest.approx((gain_first - gain_second) / 2)


def test_with_three_arms_the_reference_can_be_chosen_and_p_is_corrected() -> None:
    table = make_parallel_arms(readers=24)
    arm = table.frame["arm"].where((table.frame["arm"] == "without") | (table.frame["reader"] < "r12"), "other")
    three = replace(table, frame=table.frame.assign(arm=arm))
    assert [d.reference for d in analyse_arms(three).comparisons[0].differences] == ["without", "without"]
    chosen = analyse_arms(three, ArmsOptions(reference="other")).comparisons[0]
    assert [(d.arm, d.reference) for d in chosen.differences] == [("with", "other"), ("without", "other")]
    assert all(d.test.p_holm is not None and d.test.p_holm >= d.test.p for d in chosen.differences)
    with pytest.raises(InvalidInput, match="there is no arm nobody"):
        analyse_arms(three, ArmsOptions(reference="nobody"))


def test_a_last_answer_after_assistance_is_the_one_that_counts() -> None:
    table = make_readings(readers=12, cases=28)
    arm = np.where(table.frame["reader"].str[1:].astype(int) % 2 == 1, "b", "a")
    result = analyse_arms(replace(table, frame=table.frame.assign(arm=arm)))
    aided = table.frame[table.frame["phase"] == "aided"].assign(arm=arm[(table.frame["phase"] == "aided").to_numpy()])
    means = aided.groupby(["arm", "reader"])["correct"].mean().astype(float).groupby("arm").mean()
    assert [v.mean.value for v in result.comparisons[0].values] == pytest.approx(list(means))
    assert result.arms[0].condition.startswith("without, then with")


def test_one_arm_says_what_to_take_instead() -> None:
    table = make_readings()
    with pytest.raises(InvalidInput, match="Benefit of assistance"):
        analyse_arms(table)
    lack = ARMS.lacks(table)
    assert lack is not None
    assert "Benefit of assistance" in lack.text
    assert ARMS.lacks(make_parallel_arms()) is None
    assert ARMS.lacks(make_crossover()) is None


def test_what_is_left_out_is_counted_under_its_reason() -> None:
    """Of parallel arms beside a crossover nothing waits for a second period; a case shown again is a later reading."""
    crossed, parallel = make_crossover(readers=12), make_parallel_arms(readers=12)
    frame = parallel.frame.assign(reader="p" + parallel.frame["reader"])
    both = replace(crossed, frame=pd.concat([crossed.frame, frame], ignore_index=True))
    result = analyse_arms(both)
    assert [arm.key for arm in result.arms] == ["with", "without"]
    assert "without the other period's answer to the case" not in result.excluded
    again = parallel.frame.iloc[:9].assign(repeat=1)
    repeated = analyse_arms(replace(parallel, frame=pd.concat([parallel.frame, again], ignore_index=True)))
    assert repeated.excluded == {"later reading of a case by the same reader": 9}
    assert repeated.comparisons[0].differences == analyse_arms(parallel).comparisons[0].differences


def rated_alone(table: ReadingsTable) -> ReadingsTable:
    """The same readers of a study that asks for a rating of 0 to 100 and for nothing else."""
    frame = table.frame.copy()
    rng = np.random.default_rng(4)
    truth, aided = frame["truth_malignant"].astype(float), (frame["phase"] == "aided").astype(float)
    rating = (40 + (15 + 10 * aided) * truth + rng.normal(0, 20, len(frame))).round().clip(0, 100)
    frame["malignancy_rating"] = rating.astype(frame["malignancy_rating"].dtype)
    for name in ("dx", "correct", "malignant_answer", "confidence"):
        frame[name] = pd.array([None] * len(frame), dtype=frame[name].dtype)
    return replace(table, frame=frame)


def test_ratings_alone_are_compared_by_their_area() -> None:
    """scikit-learn's area of each reader; what needs an answer says so, and several readers and cases say the same."""
    table = rated_alone(make_parallel_arms(readers=12, cases=60))
    result = analyse_arms(table)
    assert [c.reason is None for c in result.comparisons] == [False, False, False, True]
    area = {
        key: roc_auc_score(rows["truth_malignant"].astype(bool), rows["malignancy_rating"].astype(float))
        for key, rows in table.frame.groupby(["arm", "reader"])
    }
    means = {arm: np.mean([a for (own, _), a in area.items() if own == arm]) for arm in ("with", "without")}
    (difference,) = result.comparisons[-1].differences
    assert difference.test.difference == pytest.approx(means["with"] - means["without"])
    other = analyse_mrmc_readings(table).comparisons[0].result
    assert other is not None
    assert other.overall[Inference.RRRC].difference == pytest.approx(difference.test.difference)
    assert any(text.startswith("Right answers: not computed") for text in arms_section(result).warnings)
    crossed = analyse_arms(rated_alone(make_crossover(readers=12, cases=60))).crossover
    assert [c.reason is None for c in crossed] == [False, False, False, True]
    assert crossed[-1].assistance.p is not None
