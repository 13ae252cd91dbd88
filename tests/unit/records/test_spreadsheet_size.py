"""A small workbook may ask for more memory than there is: it is refused before it is read."""

import io
import zipfile

import pytest
from tests.unit.records.spreadsheet_factory import make_workbook

from dermdash.errors import InvalidInput
from dermdash.records.spreadsheet_size import check_size
from dermdash.records.table_files import read_table_file


def changed(workbook: bytes, ending: str, old: bytes, new: bytes) -> bytes:
    """The workbook with other bytes in the parts of that ending."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            data = source.read(part)
            target.writestr(part, data.replace(old, new) if part.endswith(ending) else data)
    return out.getvalue()


def ods(rows: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("content.xml", b'<table:table table:name="a">' + rows + b"</table:table>")
    return out.getvalue()


@pytest.mark.parametrize(
    "rows",
    [
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        b"<row r='9'><c r='XFD9'><v>1</v></c></row><row r='1048576'><c><v>1</v></c></row>",
        b"<row>" + b"<c/>" * 16_000 + b"</row>" + b"<row/>" * 2_000,
    ],
    ids=["last corner", "far row and far column", "cells that name no place"],
)
def test_a_word_in_the_last_corner_of_a_sheet_is_refused_and_ends_no_process(rows: bytes) -> None:
    workbook = make_workbook({"one": [["image_id", "dx"], ["a", "nv"]]})
    assert read_table_file(workbook).columns == ("image_id", "dx")
    with pytest.raises(InvalidInput, match="far below or beside the table"):
        read_table_file(changed(workbook, "sheet1.xml", b"</sheetData>", rows + b"</sheetData>"))


def test_cells_repeated_in_an_open_document_count_where_they_hold_something() -> None:
    row = b"<table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>"
    empty = b'<table:table-cell table:number-columns-repeated="16383"/></table:table-row>'
    below = b'<table:table-row table:number-rows-repeated="1048575"><table:table-cell/></table:table-row>'
    check_size(ods(row + empty + below), most_cells=1_000, file_kind="table")
    full = b'<table:table-cell table:number-columns-repeated="16383"><text:p>b</text:p></table:table-cell>'
    with pytest.raises(InvalidInput, match="1 row and 16,384 columns"):
        check_size(ods(row + full + b"</table:table-row>" + below), most_cells=1_000, file_kind="table")
    with pytest.raises(InvalidInput, match="1,048,577 rows and 1 column"):
        check_size(ods(row + empty + below + row + b"</table:table-row>"), most_cells=1_000, file_kind="table")
