from typing import Any

import pytest

from dermdash.records.details import DETAIL_NAMES, DETAILS
from dermdash.records.field_values import measured_in_words, parse_field
from dermdash.records.fields import FIELD_NAMES, FIELDS, Block, FieldSpec, Filter, Kind, completeness, fields_of
from dermdash.records.record_columns import AFTER_FIELDS, BEFORE_FIELDS, KEPT_INSIDE, column_title
from dermdash.storage import tables

ONE_GAP = (len(FIELD_NAMES) - 1) / len(FIELD_NAMES)
FILLED = dict.fromkeys(FIELD_NAMES, "x") | {"verification_stage": 2, "dominant_colors": ["red"]}


def test_the_fields_of_the_methodology_are_there_each_in_one_of_six_blocks():
    assert len(FIELD_NAMES) == len(set(FIELD_NAMES)) >= 16
    assert all(n <= len(fields_of(block)) for n, block in zip([3, 2, 5, 1, 3, 2], Block, strict=True))
    assert fields_of(*Block) == FIELDS


def test_an_empty_record_and_a_full_one():
    assert completeness({}) == 0
    assert completeness(FILLED) == 1


@pytest.mark.parametrize(
    ("stage", "malignant", "expected"),
    [(2, False, 1), (1, False, 1), (2, True, ONE_GAP), (3, False, ONE_GAP), (3, True, ONE_GAP)],
)
def test_missing_histology_is_a_gap_only_where_a_biopsy_is_expected(stage, malignant, expected):
    values = FILLED | {"verification_stage": stage, "histopathology_result": None}
    assert completeness(values, malignant=malignant) == expected


def test_empty_text_and_empty_lists_are_not_filled():
    assert completeness(FILLED | {"sex": "", "dominant_colors": []}) == (len(FIELD_NAMES) - 2) / len(FIELD_NAMES)


def test_a_word_that_means_missing_elsewhere_is_a_value_where_the_field_has_it() -> None:
    itch = FieldSpec(
        name="itch", title="Itch", block=Block.ANAMNESTIC, kind=Kind.TEXT, choices=("none", "severe"), meaning=""
    )
    assert parse_field(itch, " None ") == "none"
    assert parse_field(itch, "unknown") is None
    assert parse_field(FIELDS[1], "none") is None


def test_a_field_has_one_title_and_no_name_is_of_two_fields() -> None:
    names = [name for spec in (*FIELDS, *DETAILS) for name in spec.names]
    assert len(names) == len(set(names))
    others = [column.name for column in (*BEFORE_FIELDS, *AFTER_FIELDS)]
    titles = [column_title(name) for name in (*FIELD_NAMES, *DETAIL_NAMES, *others)]
    assert len(titles) == len(set(titles))
    heads = [spec.table_head for spec in (*FIELDS, *DETAILS)]
    assert len(heads) == len(set(heads))


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": Kind.NUMBER, "filter": Filter.RANGE},
        {"kind": Kind.TEXT, "filter": Filter.RANGE, "minimum": 0, "maximum": 1},
        {"kind": Kind.LIST, "filter": Filter.OPTIONS},
        {"kind": Kind.LIST, "subgroup": "x"},
    ],
)
def test_a_field_that_cannot_be_filtered_as_it_says_is_refused_where_it_is_declared(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="toy"):
        FieldSpec(name="toy", title="Toy", block=Block.SERVICE, meaning="", **wrong)


def test_the_columns_of_the_table_are_those_of_the_registry_in_its_order() -> None:
    columns = [c.name for c in tables.record.c]
    stored = [*(c.name for c in BEFORE_FIELDS), *FIELD_NAMES, *DETAIL_NAMES, *(c.name for c in AFTER_FIELDS)]
    assert [name for name in columns if name not in KEPT_INSIDE] == stored


def test_every_field_says_itself_in_words() -> None:
    samples = {
        Kind.INTEGER: 3,
        Kind.NUMBER: 7.5,
        Kind.TEXT: "a_b",
        Kind.BOOLEAN: True,
        Kind.LIST: ["a_b", "c"],
    }
    words = {spec.name: measured_in_words(spec, samples[spec.kind]) for spec in FIELDS}
    assert words["verification_stage"] == "3 · Histology"
    assert words["lesion_diameter_mm"] == "7.5 mm"
    assert words["image_quality_score"] == "3 of 5"
    assert words["dominant_colors"] == "a b, c"
    assert words["examiner_id"] == "a_b"
    assert (words["elevation"], words["sunburn_history"]) == ("a b", "yes")
