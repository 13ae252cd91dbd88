"""A table in a spreadsheet (.xlsx, .xls, .ods): its sheet, where its header is, and a header of two rows."""

import datetime
import io
from collections import Counter
from collections.abc import Sequence
from typing import Any

from dermdash.errors import InvalidInput
from dermdash.records.json_table import cell_text
from dermdash.records.metadata_table import MOST_CELLS, Line, MetadataTable, build_table, used_cells
from dermdash.records.spreadsheet_size import check_size
from dermdash.wording import counted

_SEARCHED = 40
"""Rows in which a header is looked for: above it stand titles and legends."""
_MOST = 0.7
"""Share of the columns that the names of columns fill at least."""
_Range = tuple[tuple[int, int], tuple[int, int]]
"""A merged cell: row and column of its first and of its last part."""


def read_spreadsheet(data: bytes, *, file_kind: str, sheet: str | None = None) -> MetadataTable:
    """Read a sheet of a workbook: the named one, or the one that holds a table.

    Titles and legends above the table are skipped and said. Of a header in two rows the lower names count, and the
    upper where there is none below; names that several columns have get that of their group, "Left: Diameter".

    Raises
    ------
    InvalidInput
        No workbook, one with a password, no table in it, or tables in several sheets of which none is named.
    """
    import python_calamine as calamine

    check_size(data, most_cells=MOST_CELLS, file_kind=file_kind)
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except calamine.PasswordError:
        raise InvalidInput(f"the {file_kind} has a password: save it without") from None
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise InvalidInput(f"the {file_kind} is not text, nor a spreadsheet that can be read: {error}") from None
    try:
        name = _chosen(book, file_kind, sheet)
        found = book.get_sheet_by_name(name)
        if found.total_height * found.total_width > MOST_CELLS:
            raise InvalidInput(f"the {file_kind} has more than {MOST_CELLS:,} cells: split it into several files")
        rows = [[_text(cell) for cell in row] for row in found.to_python(skip_empty_area=False)]
        merged = [(a, b) for a, b in found.merged_cell_ranges or []]
    except calamine.CalamineError as error:
        raise InvalidInput(f"the {file_kind} is no readable spreadsheet: {error}") from None
    at = _header_at(rows, merged)
    if at is None:
        raise InvalidInput(f"the sheet {name!r} of the {file_kind} is empty: expected a header and rows below it")
    heads = _heads(rows, at, merged)
    remarks = []
    others = [other for other in book.sheet_names if other != name]
    if others:
        remarks.append(f"Sheet {name!r} was read, not {', '.join(map(repr, others))}.")
    skipped = sum(used_cells(row) > 0 for row in rows[: at[0]])
    if skipped:
        remarks.append(f"{counted(skipped, 'row')} above the names of the columns, in row {at[-1] + 1}, not read.")
    below = at[-1] + 1
    lines = (Line(number, row) for number, row in enumerate(rows[below:], start=below + 1) if used_cells(row))
    return build_table(heads, lines, file_kind=file_kind, remarks=remarks)


def _chosen(book: Any, file_kind: str, sheet: str | None) -> str:
    names = list(book.sheet_names)
    if sheet is not None:
        if sheet not in names:
            raise InvalidInput(f"the {file_kind} has no sheet {sheet!r}: {', '.join(names)}")
        return sheet
    tables = [name for name in names if book.get_sheet_by_name(name).height > 1]
    if len(tables) > 1:
        shown = {m.name for m in book.sheets_metadata if str(m.visible).endswith(".Visible")}
        tables = [name for name in tables if name in shown] or tables
    if len(tables) > 1:
        raise InvalidInput(f"the {file_kind} has tables in several sheets: name one of {', '.join(tables)}")
    if not tables:
        raise InvalidInput(f"the {file_kind} holds no table: expected a header and rows below it")
    return tables[0]


def _text(value: Any) -> str:
    """A cell as its sheet shows it: whole numbers without a point, dates in ISO form."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time.min else value.isoformat(sep=" ")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return cell_text(value)


def _header_at(rows: Sequence[Sequence[str]], merged: Sequence[_Range]) -> range | None:
    """The row of the names, or the two: the first that fills most of the columns.

    A title or a legend fills one cell or two; the names of the columns stand beside each other. Where groups of columns
    have a name, the names of the others may stand beside these, a row above.
    """
    searched = rows[: _SEARCHED + 1]
    if not any(used_cells(row) for row in searched):
        return None
    width = max(used_cells(row) for row in searched)

    def fills(*places: int) -> bool:
        cells = [[rows[place][c].strip() for place in places] for c in range(width)]
        return sum(map(any, cells)) >= max(1, _MOST * width) and not any(_is_number(cell) for c in cells for cell in c)

    grouping = {top for (top, left), (_, right) in merged if right > left}
    for place, row in enumerate(searched):
        below = place + 1
        several = sum(bool(cell.strip()) for cell in row) > 1 and below < len(searched)
        if several and fills(place, below) and (place in grouping or not (fills(place) or fills(below))):
            return range(place, below + 1)
        if fills(place):
            return range(place, below)
    first = next(place for place, row in enumerate(searched) if used_cells(row))
    return range(first, first + 1)


def _is_number(cell: str) -> bool:
    return cell.replace(".", "", 1).isdigit()


def _heads(rows: Sequence[Sequence[str]], at: range, merged: Sequence[_Range]) -> list[str]:
    """The names; where two would be one, each with the name of its group, which stands above (a merged cell)."""
    names = [" ".join(cell.split()) for cell in rows[at[-1]]]
    over = at[-1] - 1
    if over < 0:
        return names
    groups = [" ".join(cell.split()) for cell in rows[over]]
    for (top, left), (_, right) in merged:
        if top == over and right > left:
            groups[left : right + 1] = [groups[left]] * (right + 1 - left)
    if len(at) == 2:
        names = [name or group for name, group in zip(names, groups, strict=True)]
    often = Counter(name for name in names if name)
    return [
        f"{group}: {name}" if group and often[name] > 1 and group != name else name
        for name, group in zip(names, groups, strict=True)
    ]
