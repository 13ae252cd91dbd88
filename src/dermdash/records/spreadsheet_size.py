"""How large the sheets of a workbook are, counted before they are read.

The library that reads them makes room for every cell between the first and the last one that it finds: one word in the
last corner of a sheet of a few hundred bytes asks for half a terabyte, and ends the process and not the import alone.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from dermdash.errors import InvalidInput
from dermdash.wording import counted

MOST_BYTES = 2 << 30
"""Of all parts of a workbook, unpacked: a million rows of ten columns have a third of it."""
_AT_ONCE = 4 << 20
_LONGEST_TAG = 4096
_ROW = re.compile(rb"<(?:\w+:)?row[\s>/]")
_CELL = re.compile(rb"<(?:\w+:)?c[\s>/]")
_FAR_COLUMN = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]{2,})\d")
_FAR_ROW = re.compile(rb"\sr\s*=\s*[\"'][A-Za-z]*(\d{5,})")
_ODS_TAG = re.compile(rb"<table:(table-row|table-cell|covered-table-cell|table)(?=[\s>/])([^>]*)>")
_REPEATED = re.compile(rb"number-(?:rows|columns)-repeated\s*=\s*[\"'](\d+)")
_ODS_CONTENT = "content.xml"


@dataclass(slots=True)
class _Size:
    """Rows and columns, as far as a sheet was looked through."""

    rows: int = 0
    columns: int = 0

    def cells(self) -> int:
        return self.rows * self.columns


def check_size(data: bytes, *, most_cells: int, file_kind: str) -> None:
    """Raise InvalidInput for a workbook (.xlsx, .ods) whose sheets have more cells, or that unpacks to too much.

    An older workbook (.xls) has at most 65,536 rows of 256 columns, and passes.
    """
    if not data.startswith(b"PK"):
        return
    unpacked = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            for part in book.infolist():
                if part.filename.lower().endswith(".bin") and "worksheets" in part.filename.lower():
                    raise InvalidInput(f"the {file_kind} is a binary workbook: save it as .xlsx")
                unpacked += part.file_size
                if unpacked > MOST_BYTES:
                    raise InvalidInput(f"the {file_kind} unpacks to more than any table needs: save it as CSV")
                if not part.filename.lower().endswith(".xml"):
                    continue
                chunks = _unpacked(book, part)
                size = _of_ods(chunks) if part.filename == _ODS_CONTENT else _of_xlsx(chunks)
                if size.cells() > most_cells:
                    found = f"{counted(size.rows, 'row')} and {counted(size.columns, 'column')}"
                    raise InvalidInput(
                        f"the {file_kind} has a sheet of {found}, more than {most_cells:,} cells: delete what stands "
                        "far below or beside the table, or split it"
                    )
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise InvalidInput(f"the {file_kind} is not text, nor a spreadsheet that can be read: {error}") from None


def _unpacked(book: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part in pieces that each begin with the end of the one before, so that no tag is cut in two unseen."""
    with book.open(part) as stream:
        before = b""
        while piece := stream.read(_AT_ONCE):
            yield before + piece
            before = piece[-_LONGEST_TAG:]


def _of_xlsx(chunks: Iterator[bytes]) -> _Size:
    """At least the rows and columns that its cells span: places that cells name, and cells that name none."""
    size = _Size()
    rows, open_row = 0, 0
    for chunk in chunks:
        parts = _ROW.split(chunk)
        rows += len(parts) - 1
        in_row = [len(_CELL.findall(part)) for part in parts]
        open_row = open_row + in_row[0] if len(parts) == 1 else in_row[-1]
        size.columns = max(size.columns, open_row, *in_row, *map(_column, set(_FAR_COLUMN.findall(chunk))))
        size.rows = max(size.rows, rows, *(int(n[:9]) for n in set(_FAR_ROW.findall(chunk))))
    return size


def _column(letters: bytes) -> int:
    """The number of a column (AA is 27)."""
    number = 0
    for letter in letters.upper()[:6]:
        number = number * 26 + letter - 64
    return number


def _of_ods(chunks: Iterator[bytes]) -> _Size:
    """Rows and columns up to the last ones that hold something: the rest of a sheet stands there as one empty cell."""
    largest, now = _Size(), _Size()
    at_row = row_repeats = at_column = 0
    seen_to = 0
    offset = 0
    for chunk in chunks:
        start = offset
        for tag in _ODS_TAG.finditer(chunk):
            if start + tag.start() < seen_to:
                continue
            seen_to = start + tag.end()
            repeats = int(found[1][:9]) if (found := _REPEATED.search(tag[2])) else 1
            if tag[1] == b"table":
                at_row = row_repeats = 0
                now = _Size()
            elif tag[1] == b"table-row":
                at_row, at_column, row_repeats = at_row + row_repeats, 0, repeats
            else:
                at_column += repeats
                if not tag[2].endswith(b"/"):
                    now.rows, now.columns = max(now.rows, at_row + row_repeats), max(now.columns, at_column)
                    if now.cells() > largest.cells():
                        largest = _Size(now.rows, now.columns)
        offset += len(chunk) - _LONGEST_TAG if len(chunk) > _LONGEST_TAG else 0
    return largest
