"""A trial run of a protocol: drawn as the study draws, in memory, and the same every time."""

from collections import Counter
from typing import Any

import pytest

from dermdash.errors import InvalidInput
from dermdash.reader_study.design import AssignmentMethod, StudyDesign
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.protocol_parts import Checks
from dermdash.reader_study.reading_time import reading_times
from dermdash.reader_study.templates import STUDY_TEMPLATES
from dermdash.reader_study.trial_readers import TrialReaders, parse_strata
from dermdash.readings.modality import Modality
from dermdash.workflows.reader_study.trial_run import expected_seconds, run_trial

TWO = (Modality.MALIGNANCY_PROBABILITY, Modality.MULTICLASS_PROBABILITY)


def protocol(key: str = "nature-medicine-2020", **choices: Any) -> Protocol:
    choices = {"cases_per_round": 14, "practice_cases": 1} | choices
    if key == "nature-medicine-2020":
        choices = {"modalities": TWO} | choices
    return STUDY_TEMPLATES[key].protocol(name="s", dataset_id="d", model_id="m", seed=1, **choices)


def test_the_same_protocol_and_seed_give_the_same_run_and_another_seed_another() -> None:
    first, again = (run_trial(protocol("crossover"), TrialReaders(9, 0.3, seed=4)) for _ in range(2))
    assert first.as_dict() == again.as_dict()
    assert first.as_dict() != run_trial(protocol("crossover"), TrialReaders(9, 0.3, seed=5)).as_dict()


@pytest.mark.parametrize("key", ["crossover", "parallel-arms"])
def test_arms_come_out_even_overall_and_within_every_stratum(key: str) -> None:
    balance = run_trial(protocol(key), TrialReaders(24)).balance
    first, second = balance.of_arms()
    assert abs(first.completed - second.completed) <= 1
    assert first.completed + second.completed == balance.completed == 24
    by_stratum: dict[str, list[int]] = {}
    for tally in balance.of_strata():
        by_stratum.setdefault(tally.stratum, []).append(tally.begun)
    assert len(by_stratum) == 4
    assert all(max(counts) - min(counts) <= 1 for counts in by_stratum.values())


def test_modalities_are_even_within_readers_and_over_cases() -> None:
    balance = run_trial(protocol(), TrialReaders(10)).balance
    assert [tally.modality for tally in balance.of_modalities()] == list(map(str, TWO))
    for tally in balance.of_modalities():
        assert (tally.fewest_of_reader, tally.most_of_reader, tally.readings) == (7, 7, 70)
        assert tally.most_of_case - tally.fewest_of_case <= 2
        assert sum(tally.along_order) == tally.readings
    assert sum(balance.of_cases().values()) == 140
    assert len(balance.of_cases()) == 14 * 2


def test_exactly_the_share_that_drops_out_leaves_and_what_they_did_not_reach_is_counted() -> None:
    run = run_trial(protocol(), TrialReaders(20, 0.25, seed=2))
    balance = run.balance
    assert balance.completed == 15
    (arm,) = balance.of_arms()
    assert arm.readings + balance.not_counted["not_reached"] == 20 * 14
    of_reader = Counter(one.reader_id for one in balance.readings)
    assert sorted(of_reader.values())[-15:] == [14] * 15


def test_leavers_make_way_in_their_arm_for_others_as_in_the_study() -> None:
    many = run_trial(protocol("parallel-arms"), TrialReaders(40, 0.5, seed=3)).balance
    first, second = many.of_arms()
    assert first.begun + second.begun == 40
    # Balance is kept over what was read, so that who leaves early is made up for.
    assert abs(first.readings - second.readings) <= 3 * 14


def test_practice_checks_and_repeats_are_no_results() -> None:
    checks = Checks(attention_checks=1, hidden_repeats=2)
    balance = run_trial(protocol(checks=checks), TrialReaders(3)).balance
    assert balance.not_counted == {"practice": 3, "check": 3, "hidden_repeat": 6, "not_reached": 0}
    assert len(balance.readings) == 3 * 14


@pytest.mark.parametrize("key", STUDY_TEMPLATES)
def test_a_complete_reader_reads_as_many_cases_as_the_minutes_are_made_of(key: str) -> None:
    wanted = STUDY_TEMPLATES[key].protocol(name="s", dataset_id="d", model_id="m", seed=1)
    balance = run_trial(wanted, TrialReaders(2)).balance
    cases = {time.arm: time.cases for time in reading_times(wanted)}
    for reader, arm, _ in balance.readers:
        assert sum(one.reader_id == reader.id for one in balance.readings) == cases[arm]


def test_a_growing_crowd_is_there_from_the_reader_on_that_the_protocol_says() -> None:
    crowd = protocol(modalities=(Modality.CROWD_PROBABILITY,), minimum_crowd_readers=2)
    run = run_trial(crowd, TrialReaders(5))
    none, shown = run.balance.of_modalities()
    assert (none.modality, none.readings, shown.readings) == ("none", 2 * 14, 3 * 14)
    assert any("nothing to show" in warning for warning in run.warnings)


def test_strata_are_as_many_as_said() -> None:
    asked = TrialReaders(8, strata=parse_strata(["dermatologist=3", "medical_student = 1"]))
    balance = run_trial(protocol("parallel-arms"), asked).balance
    found = Counter(reader.stratum for reader, _, _ in balance.readers)
    assert found == {"dermatologist": 6, "medical_student": 2}


def test_what_cannot_be_balanced_is_said() -> None:
    few = run_trial(protocol("crossover"), TrialReaders(5))
    assert any("Arms cannot be balanced within" in warning for warning in few.warnings)
    assert run_trial(protocol("crossover"), TrialReaders(1)).warnings[0].startswith("1 reader cannot fill 2 arms")
    batches = protocol("lancet-oncology-2019", cases_per_round=150)
    assert "read by nobody" in run_trial(batches, TrialReaders(2)).warnings[0]
    many = protocol(modalities=tuple(m for m in Modality if m.form.offered and m is not Modality.NONE)[:4])
    assert any("never read with" in warning for warning in run_trial(many, TrialReaders(2)).warnings)
    square = protocol(design=StudyDesign(method=AssignmentMethod.LATIN_SQUARE))
    assert any("multiple of 2 readers" in warning for warning in run_trial(square, TrialReaders(5)).warnings)
    assert run_trial(square, TrialReaders(6)).warnings == ()


def test_more_modalities_than_cases_is_said_and_does_not_stop_the_run() -> None:
    tiny = protocol(cases_per_round=1)
    run = run_trial(tiny, TrialReaders(4))
    assert "2 modalities and 1 case" in run.warnings[0]
    assert run.balance.completed == 4


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"count": 0}, "expected 1 to 1,000"),
        ({"count": 5, "dropout": 1.0}, "dropout of 1"),
        ({"count": 5, "seed": -1}, "seed is -1"),
        ({"count": 5, "strata": {"a": 0}}, "not all of them 0"),
    ],
)
def test_readers_that_cannot_be_are_refused(wanted: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        TrialReaders(**wanted)


def test_strata_that_the_protocol_does_not_have_are_refused() -> None:
    with pytest.raises(InvalidInput, match="within no strata"):
        run_trial(protocol(), TrialReaders(5, strata={"dermatologist": 1}))
    with pytest.raises(InvalidInput, match="'dermatologst' is no stratum"):
        run_trial(protocol("crossover"), TrialReaders(5, strata={"dermatologst": 1}))
    with pytest.raises(InvalidInput, match="says no readers of a stratum"):
        parse_strata(["dermatologist"])
    with pytest.raises(InvalidInput, match="named twice"):
        parse_strata(["nurse=1", "nurse=2"])


def test_what_takes_long_is_known_beforehand() -> None:
    assert expected_seconds(protocol(), 20) < 1
    large = protocol(cases_per_round=500)
    assert 30 < expected_seconds(large, 50) < 60
    in_turn = protocol(cases_per_round=500, design=StudyDesign(method=AssignmentMethod.LATIN_SQUARE))
    assert expected_seconds(in_turn, 50) < 5


@pytest.mark.parametrize(
    ("choices", "readers", "said"),
    [
        ({"cases_per_round": 10**9}, 1, "take fewer readers, or try a smaller round"),
        ({"cases_per_round": 1000, "rounds": 1000}, 1, "take fewer readers, or try a smaller round"),
        ({"rounds": 10**9, "cases_per_round": 14}, 1, "take fewer readers"),
        ({"practice_cases": 10**9}, 5, "more than 1,000,000 readings"),
        ({"checks": Checks(attention_checks=100_000)}, 20, "more than 1,000,000 readings"),
    ],
)
def test_numbers_without_end_are_refused_before_anything_is_made_of_them(
    choices: dict[str, Any], readers: int, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        run_trial(protocol(**choices), TrialReaders(readers))
