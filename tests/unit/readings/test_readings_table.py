"""The one form of readings: what is checked, what is derived, and how pairs are made."""

from typing import Any

import pandas as pd
import pytest
from tests.readings_factory import make_readings

from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.pairs import reading_pairs, unpaired
from dermdash.readings.readings_table import ReadingsTable, confidence_weighted_rating, make_readings_table

UNAIDED = {"reader": "a", "case": "1", "phase": "unaided", "modality": "cbir", "dx": "nv", "truth_dx": "mel"}
AIDED = UNAIDED | {"phase": "aided", "dx": "mel"}


def table(*rows: dict[str, Any], **options: Any) -> ReadingsTable:
    return make_readings_table(rows, **({"source": "log", "format": "test", "taxonomy": "ham7"} | options))


def test_correct_and_malignant_follow_from_the_diagnoses() -> None:
    frame = table(UNAIDED, AIDED | {"advice_dx": "mel"}).frame
    assert list(frame["correct"]) == [False, True]
    assert list(frame["malignant_answer"]) == [False, True]
    assert list(frame["truth_malignant"]) == [True, True]
    assert frame["advice_correct"].isna().tolist() == [True, False]
    assert bool(frame["advice_correct"][1])


def test_without_diagnoses_malignancy_decides_what_is_correct() -> None:
    rows = [
        {"reader": "a", "case": str(i), "phase": "unaided", "modality": "none", "malignant_answer": said}
        | {"truth_malignant": True}
        for i, said in enumerate([True, False])
    ]
    assert list(table(*rows, taxonomy=None).frame["correct"]) == [True, False]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"phase": "before"}, "row 2: phase is 'before'"),
        ({"dx": "nevus"}, "row 2: dx is 'nevus'"),
        ({"reader": None}, "row 2: reader is empty"),
        ({"truth_dx": "nv"}, "row 2: case 1 has truth_dx 'nv' here and 'mel' in row 1: one truth per case"),
        ({"phase": "unaided"}, "row 2: reader a has a second unaided answer to case 1"),
        ({"confidence": "high"}, "no number"),
    ],
)
def test_a_wrong_row_is_named(row: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        table(UNAIDED, AIDED | row)


def test_unknown_and_missing_columns_are_named() -> None:
    with pytest.raises(InvalidInput, match="shoe_size"):
        table(UNAIDED | {"shoe_size": 42})
    with pytest.raises(MissingColumns, match="modality"):
        table({"reader": "a", "case": "1", "phase": "unaided"})
    with pytest.raises(MissingColumns, match="the transition table needs management"):
        make_readings().require("management", purpose="the transition table")


def test_pairs_hold_both_answers_and_the_rest_is_counted() -> None:
    lonely = UNAIDED | {"case": "2"}
    without = UNAIDED | {"case": "3", "modality": "none"}
    readings = table(UNAIDED, AIDED | {"advice_dx": "mel"}, lonely, without)
    pairs = reading_pairs(readings)
    assert pairs[["dx_unaided", "dx_aided", "advice_dx", "modality"]].to_numpy().tolist() == [
        ["nv", "mel", "mel", "cbir"]
    ]
    assert unpaired(readings) == 1


def test_a_sure_benign_answer_is_the_least_suspicious() -> None:
    rating = confidence_weighted_rating(pd.Series([True, False, False]), pd.Series([1, 1, 3]))
    assert list(rating) == [1.0, -1.0, -3.0]


def test_row_order_does_not_matter() -> None:
    readings = make_readings()
    shuffled = readings.frame.sample(frac=1, random_state=3)
    again = make_readings_table(shuffled, source="x", format="y", taxonomy="ham7")
    pd.testing.assert_frame_equal(readings.frame, again.frame)
