"""Ratings are checked before anything is computed: row, column and value of what is wrong."""

import numpy as np
import pandas as pd
import pytest
from tests.mrmc_factory import as_frame, make_study

from dermdash.analysis.mrmc.data import make_mrmc_data
from dermdash.errors import InvalidInput, MissingColumns


def small(**changes: list[object]) -> pd.DataFrame:
    table: dict[str, list[object]] = {
        "reader": ["1", "1", "2", "2"],
        "modality": ["a", "a", "a", "a"],
        "case": ["x", "y", "x", "y"],
        "truth": [0, 1, 0, 1],
        "rating": [1, 2, 2, 4],
    }
    return pd.DataFrame(table | changes)


def test_a_table_becomes_the_array_it_came_from() -> None:
    study = make_study(readers=11, cases=12, diseased=4)
    table = as_frame(study).sample(frac=1.0, random_state=1)
    found = make_mrmc_data(table)
    assert np.array_equal(found.ratings, study.ratings)
    assert np.array_equal(found.truth, study.truth)
    # r2 stands before r10, whatever the order of rows.
    assert found.readers == study.readers


def test_names_that_are_numbers_are_one_level_however_they_are_typed() -> None:
    found = make_mrmc_data(small(reader=[1, 1.0, "2", 2]))
    assert found.readers == ("1", "2")


def test_an_empty_rating_is_a_missing_cell() -> None:
    found = make_mrmc_data(small(rating=[1, None, 2, " "]))
    assert found.readings == 2
    assert found.cases == ("x",)
    assert found.complete


def test_a_given_order_of_modalities_is_kept_and_others_left_out() -> None:
    study = make_study(modalities=3)
    found = make_mrmc_data(as_frame(study), modalities=["m2", "m0"])
    assert found.modalities == ("m2", "m0")
    assert np.array_equal(found.ratings, study.ratings[:, [2, 0]])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"truth": [0, 2, 0, 1]}, "row 2: truth is 2: expected 0 or 1"),
        ({"truth": [0, 1, 0, "sick"]}, "row 4: truth is 'sick': expected 0 or 1"),
        ({"truth": [0, 1, 1, 1]}, "row 3: truth is 1 for case x, which has another truth before"),
        ({"rating": [1, float("inf"), 2, 4]}, "row 2: rating is inf: expected a finite number"),
        ({"rating": [1, "high", 2, 4]}, "row 2: rating is 'high': expected a finite number"),
        ({"reader": ["1", "", "2", "2"]}, "row 2: reader is empty"),
        ({"case": ["x", "x", "x", "y"], "truth": [0, 0, 0, 1]}, "by reader 1 of case x under modality a"),
        ({"rating": [None, None, None, None]}, "holds no rating"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, list[object]], words: str) -> None:
    with pytest.raises(InvalidInput) as error:
        make_mrmc_data(small(**changes), source="ratings.csv")
    assert words in str(error.value)
    assert "ratings.csv" in str(error.value)


def test_the_line_of_the_file_is_named_where_it_is_known() -> None:
    with pytest.raises(InvalidInput, match="row 12: truth"):
        make_mrmc_data(small(truth=[0, 7, 0, 1], row=[11, 12, 13, 14]))


def test_a_missing_column_is_named() -> None:
    with pytest.raises(MissingColumns, match="lacks truth"):
        make_mrmc_data(small().drop(columns="truth"))


def test_a_table_that_is_no_reader_study_is_refused_before_memory_is_taken() -> None:
    n = 6000
    rows = pd.DataFrame({"reader": np.arange(n), "modality": "a", "case": np.arange(n), "truth": 0, "rating": 1.0})
    with pytest.raises(InvalidInput, match="36,000,000 cells"):
        make_mrmc_data(rows)
