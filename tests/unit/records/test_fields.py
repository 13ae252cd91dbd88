import pytest

from dermdash.records.fields import FIELD_NAMES, Block, completeness, fields_of

FILLED = dict.fromkeys(FIELD_NAMES, "x") | {"verification_stage": 2, "dominant_colors": ["red"]}


def test_there_are_sixteen_fields_in_six_blocks():
    assert len(FIELD_NAMES) == len(set(FIELD_NAMES)) == 16
    assert [len(fields_of(block)) for block in Block] == [3, 2, 5, 1, 3, 2]


def test_an_empty_record_and_a_full_one():
    assert completeness({}) == 0
    assert completeness(FILLED) == 1


@pytest.mark.parametrize(
    ("stage", "malignant", "expected"),
    [(2, False, 1), (1, False, 1), (2, True, 15 / 16), (3, False, 15 / 16), (3, True, 15 / 16)],
)
def test_missing_histology_is_a_gap_only_where_a_biopsy_is_expected(stage, malignant, expected):
    values = FILLED | {"verification_stage": stage, "histopathology_result": None}
    assert completeness(values, malignant=malignant) == expected


def test_empty_text_and_empty_lists_are_not_filled():
    assert completeness(FILLED | {"sex": "", "dominant_colors": []}) == 14 / 16
