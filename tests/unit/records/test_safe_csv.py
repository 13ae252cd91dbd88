import io

import pandas as pd
import pytest

from dermdash.records.safe_csv import escape_cell, to_safe_csv, unescape_cell


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1", "--5", "+"])
def test_what_a_spreadsheet_would_execute_gets_an_apostrophe(cell: str) -> None:
    assert escape_cell(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["", "nv", "-5", "+3.5", "-1,5", "-2e-3", "a=b", "it's", "'quoted'", 7, None])
def test_numbers_and_plain_text_stay_as_they_are(cell: object) -> None:
    assert escape_cell(cell) == cell


@pytest.mark.parametrize("cell", ["=1+1", "'=1+1", "''=1", "-5", "'-5", "it's", "'", "'nv", "@", "-x"])
def test_unescaping_restores_every_cell(cell: str) -> None:
    assert unescape_cell(escape_cell(cell)) == cell


def test_a_frame_is_written_with_safe_cells_headers_and_joined_lists() -> None:
    frame = pd.DataFrame({"=id": ["=A()", "B"], "n": [-1.5, float("nan")], "colors": [["red", "white"], None]})
    text = to_safe_csv(frame).decode()
    assert text == "'=id,n,colors\n'=A(),-1.5,red;white\nB,,\n"
    assert pd.read_csv(io.StringIO(text)).shape == (2, 3)


def test_categories_and_columns_of_one_name_are_kept() -> None:
    frame = pd.DataFrame([["=x", "y"]], columns=["a", "a"]).astype({"a": "category"})
    assert to_safe_csv(frame) == b"a,a\n'=x,y\n"


def test_an_empty_frame_keeps_its_header() -> None:
    assert to_safe_csv(pd.DataFrame(columns=["image_id", "dx"])) == b"image_id,dx\n"


def test_whole_numbers_are_written_as_such_and_what_is_missing_as_nothing() -> None:
    frame = pd.DataFrame(
        {
            "age": [46.0, None, 50.0],
            "score": pd.Series([4.0, None, None], dtype=object),
            "share": [1.0, 0.5, None],
            "single": pd.Series([1.0, 2.0, 3.0], dtype="float32"),
            "time": pd.to_datetime(["2026-03-01", None, None], utc=True),
            "text": pd.Series([None, pd.NA, "a"], dtype="string"),
            "nothing": [None, None, None],
            "huge": [1e300, None, 2.0],
        }
    )
    assert to_safe_csv(frame).decode().splitlines() == [
        "age,score,share,single,time,text,nothing,huge",
        "46,4,1.0,1,2026-03-01 00:00:00+00:00,,,1e+300",
        ",,0.5,2,,,,",
        "50,,,3,,a,,2.0",
    ]
