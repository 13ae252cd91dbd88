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
