"""Arms of a parallel study, sequences and periods of a crossover: who is compared with whom, and what is said."""

from dataclasses import replace

import numpy as np
import pytest
from tests.readings_factory import make_crossover, make_parallel_arms, make_readings

from dermdash.analyses.arms.declaration import ARMS
from dermdash.analyses.arms.options import ArmsOptions
from dermdash.analyses.arms.run import analyse_arms
from dermdash.analyses.arms.section import arms_section
from dermdash.errors import InvalidInput


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
