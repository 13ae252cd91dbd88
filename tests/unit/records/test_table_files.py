"""One table from whatever file it comes in."""

import io
import json
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.records.spreadsheet_factory import make_workbook

from dermdash.errors import InvalidInput
from dermdash.records import parquet_table
from dermdash.records.table_files import TableKind, read_table_columns, read_table_file, table_kind

HEAD = ["image", "Dx", "age"]


def test_the_same_table_comes_out_of_every_kind_of_file(tmp_path: Path) -> None:
    rows = [{"image": "a", "Dx": "nv", "age": 40}, {"image": "007", "Dx": "mel", "age": None}]
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), buffer)
    files = {
        TableKind.CSV: b"image,Dx,age\na,nv,40\n007,mel,\n",
        TableKind.SPREADSHEET: make_workbook({"one": [HEAD, ["a", "nv", 40], ["007", "mel", None]]}),
        TableKind.PARQUET: buffer.getvalue(),
        TableKind.JSON: "\n".join(map(json.dumps, rows)).encode(),
    }
    for kind, data in files.items():
        (tmp_path / "table").write_bytes(data)
        assert table_kind(data) is kind
        for source in (data, tmp_path / "table"):
            table = read_table_file(source)
            assert table.columns == ("image", "dx", "age"), kind
            assert table.heads == ("image", "Dx", "age"), kind
            assert [row.values for row in table] == [("a", "nv", "40"), ("007", "mel", "")], kind
            assert table.notes == (), kind
        assert read_table_columns(data) == ("image", "dx", "age")
    listed = json.dumps(rows, indent=1).encode()
    assert [row.values for row in read_table_file(listed)] == [("a", "nv", "40"), ("007", "mel", "")]


def test_titles_above_a_table_in_a_spreadsheet_are_skipped_and_counted() -> None:
    above = [["Our data"], ["Legend", "x: yes"], []]
    data = make_workbook({"s": [*above, HEAD, ["a", "nv", 4.5], [], ["b", "mel", True]]})
    table = read_table_file(data)
    assert [(row.number, row.values) for row in table] == [(5, ("a", "nv", "4.5")), (7, ("b", "mel", "True"))]
    assert table.notes == ("2 rows above the names of the columns, in row 4, not read.",)


@pytest.mark.parametrize(
    ("rows", "merged"),
    [
        ([["Title"], [None, "Diagnosis", None, "Colours"], ["Name", "Nevus", "Melanoma", "Red"]], ["B2:C2"]),
        ([["Name", "Diagnosis", None, "Red"], [None, "Nevus", "Melanoma", None]], ["B1:C1", "A1:A2", "D1:D2"]),
        ([["Name", "Nevus", "Melanoma", "Red"]], []),
    ],
)
def test_a_header_of_two_rows_gives_each_column_its_own_name(rows: list[list[str]], merged: list[str]) -> None:
    data = make_workbook({"s": [*rows, ["a", "X", None, None], ["b", None, "X", "X"]]}, merged={"s": merged})
    table = read_table_file(data)
    assert table.columns == ("name", "nevus", "melanoma", "red")
    assert [row.values for row in table] == [("a", "X", "", ""), ("b", "", "X", "X")]


def test_columns_of_one_name_get_that_of_their_group() -> None:
    rows = [["Id", "Left", None, "Right", None], [None, "mm", "Colour", "mm", "Colour"], ["a", 1, "red", 2, "black"]]
    table = read_table_file(make_workbook({"s": rows}, merged={"s": ["B1:C1", "D1:E1"]}))
    assert table.columns == ("id", "left: mm", "left: colour", "right: mm", "right: colour")


def test_of_several_sheets_the_one_with_a_table_is_read_or_one_is_asked_for() -> None:
    sheets = {"About": [["by us"]], "Data": [HEAD, ["a", "nv", 1]]}
    assert read_table_file(make_workbook(sheets)).notes == ("Sheet 'Data' was read, not 'About'.",)
    two = make_workbook({**sheets, "More": [HEAD, ["b", "mel", 2]]})
    with pytest.raises(InvalidInput, match="tables in several sheets: name one of Data, More"):
        read_table_file(two)
    assert [row.values for row in read_table_file(two, sheet="More")] == [("b", "mel", "2")]
    with pytest.raises(InvalidInput, match=r"no sheet 'X': About, Data, More"):
        read_table_file(two, sheet="X")
    with pytest.raises(InvalidInput, match="holds no table"):
        read_table_file(make_workbook({"s": []}))


def test_values_of_parquet_are_texts_and_columns_of_bytes_are_named() -> None:
    rows = {
        "image": [{"bytes": b"x", "path": "a.jpg"}],
        "thumb": [b"\xff"],
        "seen": [datetime(2020, 1, 2, 3, 4)],
        "day": [date(2020, 1, 2)],
        "tags": [["x", "é"]],
        "share": [float("nan")],
        "yes": [True],
    }
    buffer = io.BytesIO()
    pq.write_table(pa.table(rows), buffer)
    table = read_table_file(buffer.getvalue())
    assert [row.cells for row in table] == [
        {"image": "a.jpg", "seen": "2020-01-02 03:04:00", "day": "2020-01-02", "tags": '["x", "é"]', "share": "",
         "yes": "True"}
    ]  # fmt: skip
    assert table.notes == ("Column 'thumb' holds bytes and was not read as text.",)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PAR1 no more", "no complete Parquet file"),
        (b"PK\x03\x04 no more", "not text, nor a spreadsheet"),
        (b'{"image": "a"}\n{"image": \n', "line 2 of the metadata file t.x is no JSON"),
        (b'[{"image": "a"}, 5]', "row 2 of the metadata file t.x is no object"),
        (b'{"images": [], "annotations": []}', "COCO"),
        (b"[{" + b'"a":[' * 100_000, "nested too deeply|no JSON"),
        (b"", "is empty"),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read_table_file(data, name="t.x")


def test_a_workbook_cut_off_anywhere_is_refused_or_read_never_worse() -> None:
    data = make_workbook({"s": [HEAD, ["a", "nv", 1]]})
    for end in range(0, len(data), 97):
        try:
            read_table_file(data[:end])
        except InvalidInput:
            continue


def test_a_long_cell_is_read_and_a_number_without_end_is_refused_in_words() -> None:
    assert len(read_table_file(b'image_id,dx\na,"' + b"x" * 200_000 + b'"\n').columns) == 2
    with pytest.raises(InvalidInput, match="line 1 of the metadata file has a number of thousands of digits"):
        read_table_file(b'[{"image_id": ' + b"9" * 10_000 + b"}]")


def test_a_parquet_file_of_more_text_than_a_table_needs_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_table, "MOST_TEXT", 10_000)
    shared = pa.DictionaryArray.from_arrays(pa.array([0] * 600, pa.int32()), pa.array(["x" * 20]))
    buffer = io.BytesIO()
    pq.write_table(pa.table({"image_id": shared}), buffer)
    with pytest.raises(InvalidInput, match="more text than a table needs"):
        read_table_file(buffer.getvalue())
