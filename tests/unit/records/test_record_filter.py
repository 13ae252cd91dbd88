from dataclasses import replace
from typing import Any

import pytest

from dermdash.errors import InvalidInput
from dermdash.records.fields import FIELDS, Filter, Kind
from dermdash.records.record_filter import (
    FACETS,
    FILTERS,
    PARAMETERS,
    RANGES,
    UNKNOWN,
    QualitySource,
    RecordFilter,
    filter_of_field,
)

FULL: dict[str, Any] = {
    "dx": ("mel", "nv"), "sex": (UNKNOWN,), "age_min": 3, "age_max": 60, "text": "a b",
    "quality_source": QualitySource.HUMAN,
}  # fmt: skip


def test_a_filter_survives_its_address_whatever_order_it_was_made_in() -> None:
    full = RecordFilter(**FULL)
    assert RecordFilter.from_query(full.to_query()) == full
    assert RecordFilter(**dict(reversed(FULL.items()))) == full
    assert hash(RecordFilter(**FULL)) == hash(full)
    assert full.to_query()["age_min"] == ["3"]


def test_an_address_keeps_its_parameters() -> None:
    assert set(PARAMETERS) >= {
        "dataset_id", "verification_stage", "quality", "dx", "dx_type", "sex", "anatomical_site", "completeness",
        "age_min", "age_max", "text", "quality_source",
    }  # fmt: skip
    assert len(PARAMETERS) == len(set(PARAMETERS))


def test_what_an_address_says_that_is_nothing_is_dropped() -> None:
    wrong = {"age_min": ["x"], "age_max": ["121"], "quality_source": ["?"], "foo": ["1"], "dx": []}
    assert RecordFilter.from_query(wrong) == RecordFilter()
    assert RecordFilter.from_query({"age_min": ["4.5"]}) == RecordFilter()


def test_the_words_of_a_command_are_those_of_the_address_and_wrong_ones_are_answered() -> None:
    words = ["dx=mel", "dx=nv", "sex=unknown", "age_min=3", "age_max=60", "text=a b", "quality_source=human"]
    assert RecordFilter.from_words(words) == RecordFilter(**FULL)
    for word, named in [
        ("colour=red", "expected NAME=VALUE with one of .*dataset_id"),
        ("dx", "expected NAME=VALUE"),
        ("age_max=old", "expected a whole number 0 to 120"),
        ("quality_source=mine", "expected best, human, estimated"),
    ]:
        with pytest.raises(InvalidInput, match=named):
            RecordFilter.from_words([word])


def test_one_list_is_opened_and_the_others_stay() -> None:
    full = RecordFilter(**FULL)
    assert full.without("dx") == RecordFilter(**{name: value for name, value in FULL.items() if name != "dx"})
    assert full.with_options("dx", ["bcc"]).chosen("dx") == ("bcc",)
    assert (full.bound("age_min"), RecordFilter().bound("age_min"), RecordFilter().chosen("dx")) == (3, None, ())


def test_an_unknown_filter_is_named() -> None:
    with pytest.raises(InvalidInput, match="no filter 'fitzpatrick'"):
        RecordFilter(fitzpatrick=("I",))


def test_every_field_that_says_so_is_a_filter_under_its_own_title() -> None:
    by_column = {f.column: f for f in FILTERS}
    for spec in FIELDS:
        assert (spec.name in by_column) == (spec.filter is not None)
        if spec.filter is not None:
            assert by_column[spec.name].title == spec.title
    assert set(FACETS) | set(RANGES) == {f.name for f in FILTERS}


def test_yes_and_no_and_numbers_are_filters_of_their_kind() -> None:
    by_name = {spec.name: spec for spec in FIELDS}
    burnt = filter_of_field(replace(by_name["sunburn_history"], filter=Filter.OPTIONS))
    assert [burnt.value_of(o) for o in ("true", "false", "maybe")] == [True, False, None]
    assert [burnt.option_in_words(o) for o in ("true", "false", UNKNOWN)] == ["Yes", "No", "Not recorded"]
    wide = filter_of_field(replace(by_name["lesion_diameter_mm"], filter=Filter.RANGE))
    assert (wide.kind, wide.parameters) == (Kind.NUMBER, ("lesion_diameter_mm_min", "lesion_diameter_mm_max"))
    assert [wide.number_of(t) for t in ("7.5", "0.05", "nan", "x")] == [7.5, None, None, None]
