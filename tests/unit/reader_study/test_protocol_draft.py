"""Entries of a protocol in the making: what they make, what is wrong with them, and what differs from the template."""

from datetime import date
from typing import Any

import pytest

from dermdash.errors import InvalidEntry, InvalidInput
from dermdash.reader_study.before_freezing import warnings_before_freezing
from dermdash.reader_study.protocol import NATURE_MEDICINE_2020
from dermdash.reader_study.protocol_draft import (
    DraftEntries,
    DraftFault,
    check_entries,
    differences,
    entries_of_protocol,
    entries_of_template,
    entries_of_values,
    entry_at,
    faults_of_entries,
    protocol_of_entries,
    with_entry,
    without_what_needs_a_model,
)
from dermdash.reader_study.templates import STUDY_TEMPLATES

NAMED = {"name": "S", "dataset_id": "d", "taxonomy": "ham7"}


def made(template: str = NATURE_MEDICINE_2020, **changed: object) -> DraftEntries:
    entries = entries_of_template(template, dataset_id="d", taxonomy="ham7", model_id="m", seed=1)
    return entries | {"name": "S"} | changed


@pytest.mark.parametrize("key", list(STUDY_TEMPLATES))
def test_the_entries_of_a_template_make_its_protocol_and_differ_in_nothing(key: str) -> None:
    entries = made(key)
    assert faults_of_entries(entries) == ()
    assert differences(entries) == ()
    template = STUDY_TEMPLATES[key].protocol(name="S", dataset_id="d", model_id="m", taxonomy="ham7", seed=1)
    assert protocol_of_entries(entries).to_json() == template.to_json()
    assert entries_of_protocol(template) == entries


def test_a_name_is_the_only_thing_that_a_new_draft_lacks() -> None:
    assert faults_of_entries(made(name=" ")) == (DraftFault("name", "the protocol's name is empty: fill it in"),)


def test_everything_that_is_wrong_is_found_where_it_lies() -> None:
    entries = made(class_mix={"mel": 500}, cases_per_round=10, name="", time_limit_s=0)
    entries = with_entry(entries, "design.washout_days", 5)
    entries = with_entry(entries, "conduct.closes_on", "tomorrow")
    found = {fault.entry: fault.message for fault in faults_of_entries(entries)}
    assert set(found) == {"design", "conduct", "name", "time_limit_s", "class_mix"}
    assert found["class_mix"] == "the class mix sums to 500 but a round has 10 cases: change one of them"
    assert found["conduct"] == "conduct: 'tomorrow' is no day: expected one like 2027-03-31"
    assert found["design"] == "design: a washout needs an arm with two periods"


@pytest.mark.parametrize("quota", [-3, 2.5, "3", True])
def test_an_impossible_quota_is_blamed_itself_and_not_its_sum(quota: Any) -> None:
    faults = faults_of_entries(made(class_mix={"mel": quota, "nv": 4}))
    assert [fault.entry for fault in faults] == ["class_mix"]
    assert f"class mix of mel is {quota!r}: expected a whole number from 0" in faults[0].message


def test_a_last_day_that_is_over_is_said_before_the_freeze() -> None:
    protocol = protocol_of_entries(made(conduct={"closes_on": "2027-03-31"}))
    assert warnings_before_freezing(protocol, today=date(2027, 3, 31)) == ()
    (said,) = warnings_before_freezing(protocol, today=date(2027, 4, 1))
    assert said.startswith("The last day, 2027-03-31, is over already")


def test_more_modalities_than_cases_are_a_fault_of_the_modalities() -> None:
    (fault,) = faults_of_entries(made(cases_per_round=2))
    assert fault.entry == "modalities"
    assert "4 modalities and 2 cases with assistance" in fault.message


def test_a_mix_by_hand_says_how_many_cases_a_round_has() -> None:
    entries = made(class_mix={"mel": 3, "nv": 4})
    assert protocol_of_entries(entries).cases_per_round == 7
    assert entries_of_protocol(protocol_of_entries(entries))["cases_per_round"] is None
    assert {c.entry for c in differences(entries)} == {"class_mix", "cases_per_round"}


def test_what_somebody_changed_differs_and_what_is_of_every_study_does_not() -> None:
    entries = with_entry(made(rounds=2, seed=77, dataset_id="other"), "checks.hidden_repeats", 2)
    assert [(c.entry, c.before, c.after) for c in differences(entries)] == [
        ("rounds", 1, 2), ("checks.hidden_repeats", 0, 2),
    ]  # fmt: skip


def test_the_error_of_a_protocol_says_where_it_lies() -> None:
    with pytest.raises(InvalidEntry) as caught:
        protocol_of_entries(made(model_id=None))
    assert caught.value.entry == "model_id"


def test_without_a_model_the_forms_are_left_that_need_none() -> None:
    assert without_what_needs_a_model(made())["modalities"] == ["crowd_probability"]
    # Of a template that shows nothing else they stay, and are a fault that says so.
    assert without_what_needs_a_model(made("crossover"))["modalities"] == ["multiclass_probability"]


def test_kept_entries_of_an_older_version_get_what_there_was_not() -> None:
    entries = made()
    del entries["borderline"], entries["view"], entries["conduct"]["blinded"]
    assert check_entries(entries) == made()
    for broken in (None, [], {"name": "x"}):
        with pytest.raises(InvalidInput, match="no entries of a protocol"):
            check_entries(broken)


def test_a_file_of_an_impossible_design_is_a_draft() -> None:
    entries = entries_of_values(NAMED | {"class_mix": {"mel": 500}, "cases_per_round": 10, "rounds": 0})
    assert entries is not None
    assert {fault.entry for fault in faults_of_entries(entries)} == {"model_id", "rounds", "class_mix"}
    assert check_entries(entries) == entries


@pytest.mark.parametrize(
    "values",
    [
        {"rounds": "three"}, {"modalities": 5}, {"checks": {"hidden": 1}}, {"checks": "none"}, {"taxonomy": "nobody"},
        {"design": {"arms": [{"key": "A B"}]}}, {"template": ["x"]}, {"frozen_crowd": [1]}, {"view": {"fields": 3}},
        {"pages": {"translations": {"de": 5}}}, {"record_filter": {"dx": "mel"}}, {"conduct": {"blinded": 1}},
    ],
)  # fmt: skip
def test_a_file_whose_entries_no_form_can_show_is_none(values: dict[str, object]) -> None:
    assert entries_of_values(NAMED | values) is None


def test_paths_lead_into_parts_and_lists() -> None:
    entries = made("crossover")
    assert entry_at(entries, "design.arms.1.periods.0.reading") == "aided"
    assert entry_at(entries, "checks.screening.cases") is None
    changed = with_entry(entries, "design.washout_days", 14)
    assert (entry_at(changed, "design.washout_days"), entry_at(entries, "design.washout_days")) == (14, 28)
