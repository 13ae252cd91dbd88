"""A table in memory, whatever file it came from: names of columns, rows of text, and what was said while reading it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from dermdash.errors import InvalidInput
from dermdash.records.alike_names import composed
from dermdash.records.text_encoding import broken_bytes
from dermdash.wording import counted, form

COMMENT = "#"
MOST_COLUMNS = 1000
MOST_CELLS = 25_000_000
"""A cell becomes about 100 bytes: more would take the memory of a small server, however small the file."""
_KEPT_ONCE = 200_000
_AS_TEXT = re.compile(r'=\s*"([^"]*)"')
"""How a spreadsheet is told that 001 is a text: ``="001"``."""
_PANDAS_INDEX = "unnamed: 0"
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One data row: its line as a spreadsheet counts it (the header is row 1) and its cells.

    ``cells`` is None when the row cannot be used, because it does not have as many cells as the header, starts with
    ``#`` among others that do not, or holds bytes that are no text; ``problem`` then says so, ``fault`` is its kind,
    and ``about`` what it names, as far as that is known.
    """

    number: int
    columns: tuple[str, ...] = ()
    values: tuple[str, ...] | None = None
    problem: str = ""
    marked: bool = False
    fault: str = "wrong number of cells"
    about: str = ""

    @property
    def cells(self) -> dict[str, str] | None:
        """Cells by the name of their column; made anew each time, as a million dictionaries would be a gigabyte."""
        return None if self.values is None else dict(zip(self.columns, self.values, strict=True))


@dataclass(frozen=True, slots=True)
class MetadataTable:
    """A table in memory.

    Attributes
    ----------
    columns
        Names in small letters, in file order; a column without a name is called by its place, "column 3".
    body
        The rows.
    comments
        Numbers of the lines above the header that are comments.
    heads
        The names as they are written, each beside the one in ``columns``.
    encoding
        Of the text the table was read from; empty where it was none.
    remarks
        What was decided while reading, in sentences: an encoding, a column left out, cells written as formulas.
    """

    columns: tuple[str, ...]
    body: tuple[Row, ...]
    comments: tuple[int, ...] = ()
    heads: tuple[str, ...] = ()
    encoding: str = ""
    remarks: tuple[str, ...] = field(default=())

    def __iter__(self) -> Iterator[Row]:
        return iter(self.body)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was skipped or decided, in sentences; empty when nothing was."""
        return (*comment_notes(self.comments), *self.remarks)


@dataclass(frozen=True, slots=True)
class Line:
    """A record of a file: its number, its cells, whether it starts with ``#`` outside quotes, and why it is no row."""

    number: int
    cells: Sequence[str]
    marked: bool = False
    problem: str = ""


def comment_notes(comments: Sequence[int]) -> tuple[str, ...]:
    """A sentence that counts lines that were skipped as comments; none when there is no such line."""
    if not comments:
        return ()
    if len(comments) == 1:
        return (f"Line {comments[0]} starts with # and was skipped as a comment.",)
    return (f"{len(comments):,} lines that start with # were skipped as comments.",)


def comment_problem(number: int) -> str:
    """Why a row that starts with ``#`` among others is no row that can be used, and the way out."""
    return (
        f"row {number} starts with #: is it a comment? Comments may stand above the header only: take the line out, or "
        "put a name that starts with # in quotes"
    )


def used_cells(cells: Sequence[str]) -> int:
    """Number of cells up to the last one that holds anything."""
    used = len(cells)
    while used and not cells[used - 1].strip():
        used -= 1
    return used


def column_names(heads: Sequence[str], file_kind: str) -> tuple[str, ...]:
    """Names of columns as they are looked up: small letters, and by its place what has no name.

    Raises
    ------
    InvalidInput
        Too many columns, or two of one name.
    """
    if len(heads) > MOST_COLUMNS:
        raise InvalidInput(
            f"the {file_kind} has {counted(len(heads), 'column')}: more than {MOST_COLUMNS:,} is no such table"
        )
    found = [composed(head.strip().lower()) or f"column {place}" for place, head in enumerate(heads, start=1)]
    twice = sorted(name for name, count in Counter(found).items() if count > 1)
    if twice:
        raise InvalidInput(f"the {file_kind} has more than one column named {', '.join(twice)}")
    return tuple(found)


def build_table(
    heads: Sequence[str],
    lines: Iterable[Line],
    *,
    file_kind: str,
    comments: tuple[int, ...] = (),
    encoding: str = "",
    remarks: Iterable[str] = (),
    broken: bool = False,
) -> MetadataTable:
    """Make a table of heads and lines: what has no name and holds nothing is left out, what has no name is called so.

    ``broken``: some cells hold bytes that are no text, and their rows cannot be used.

    Raises
    ------
    InvalidInput
        Two columns of one name, too many columns or cells.
    """
    # Spreadsheets leave empty columns at the right edge: of these, as many count as some row fills.
    named = used_cells(heads)
    widest = named
    if named < len(heads):
        lines = list(lines)
        widest = max((n for line in lines if (n := used_cells(line.cells)) <= len(heads)), default=named)
    written = tuple(heads[: max(named, widest)])
    columns = column_names(written, file_kind)
    as_text: list[str] = []
    rows = _rows(lines, columns, named, file_kind, as_text=as_text, broken=broken, cells=len(heads))
    said = list(remarks)
    if as_text:
        many = form(len(as_text), "One cell is", f"{len(as_text):,} cells are")
        said.append(f'{many} written as ="{as_text[0]}" and the like: read as the text in the quotes.')
    columns, rows, written = _without_nameless(columns, rows, written, said)
    return MetadataTable(columns, tuple(rows), comments, written, encoding, tuple(said))


def _rows(
    lines: Iterable[Line],
    columns: tuple[str, ...],
    named: int,
    file_kind: str,
    *,
    as_text: list[str],
    broken: bool,
    cells: int,
) -> list[Row]:
    """The rows of lines, one at a time, since a million of them twice are a gigabyte; ``cells``: of the header."""
    rows: list[Row] = []
    marked: list[tuple[int, Line]] = []
    once: dict[str, str] = {}
    keep = once.setdefault
    for line in lines:
        cells += len(line.cells)
        if cells > MOST_CELLS:
            raise InvalidInput(f"the {file_kind} has more than {MOST_CELLS:,} cells: split it into several files")
        if line.marked:
            marked.append((len(rows), line))
        # "male" stands in half a million rows, and needs memory once.
        values = tuple([keep(cell, cell) for cell in line.cells[: len(columns)]])
        if len(once) > _KEPT_ONCE:
            keep = once.get
        if "=" in "".join(values):
            values = tuple(_plain(cell, as_text) for cell in values)
        rows.append(_row(line, values, columns, named, broken))
    # Where every row starts with #, it is what things are called.
    if len(marked) < len(rows):
        for place, line in marked:
            problem = comment_problem(line.number)
            fault = "a line that starts with # among the rows"
            rows[place] = Row(line.number, columns, None, problem, True, fault)
    return rows


def _plain(cell: str, as_text: list[str]) -> str:
    if cell.startswith("=") and (found := _AS_TEXT.fullmatch(cell.strip())):
        as_text.append(found[1])
        return found[1]
    return cell


def _row(line: Line, values: tuple[str, ...], columns: tuple[str, ...], named: int, broken: bool) -> Row:
    number = line.number
    if line.problem:
        return Row(number, columns, None, line.problem, fault="quotes that do not end where a cell ends")
    if named <= len(values) < len(columns):
        values += ("",) * (len(columns) - len(values))
    count = len(line.cells)
    if len(values) != len(columns) or (count > len(columns) and used_cells(line.cells) > len(columns)):
        count = max(used_cells(line.cells), len(columns)) if count > len(columns) else count
        hint = ": is a decimal comma outside quotes?" if count > len(columns) else ""
        return Row(number, columns, None, f"row {number} has {count} cells, expected {len(columns)}{hint}")
    if broken:
        for name, cell in zip(columns, values, strict=True):
            if found := broken_bytes(cell):
                problem = f"row {number}: {name} holds the byte 0x{found[0]:02X}, which is no UTF-8: mend the cell"
                return Row(number, columns, None, problem, fault="bytes that are no text")
    return Row(number, columns, values)


def _without_nameless(
    columns: tuple[str, ...], rows: list[Row], heads: tuple[str, ...], said: list[str]
) -> tuple[tuple[str, ...], list[Row], tuple[str, ...]]:
    """Leave out columns without a name that hold nothing or count the rows, and say which are left."""
    nameless = [place for place, head in enumerate(heads) if not head.strip() or (place == 0 and _is_index_head(head))]
    gone: set[int] = set()
    for place in nameless:
        cells = [row.values[place].strip() for row in rows if row.values is not None]
        if not heads[place].strip() and not any(cells):
            gone.add(place)
        elif place == 0 and len(columns) > 1 and _counts(cells):
            gone.add(place)
            said.append(f"The first column {'has no name' if not heads[0].strip() else 'is called ' + repr(heads[0])} "
                        "and counts the rows: not used.")  # fmt: skip
    left = [columns[place] for place in nameless if place not in gone and not heads[place].strip()]
    if left:
        said.append(f"Columns without a name are called {', '.join(left[:_NAMED])}{' ...' if left[_NAMED:] else ''}.")
    if not gone:
        return columns, rows, heads
    keep = [place for place in range(len(columns)) if place not in gone]
    names = tuple(columns[place] for place in keep)
    shorter = [
        Row(r.number, names, r.values and tuple(r.values[p] for p in keep), r.problem, r.marked, r.fault) for r in rows
    ]
    return names, shorter, tuple(heads[place] for place in keep)


def _is_index_head(head: str) -> bool:
    return head.strip().lower() in ("", _PANDAS_INDEX)


def _counts(cells: Sequence[str]) -> bool:
    """Whether the cells are whole numbers that rise, as pandas writes the places of rows."""
    if not cells or not all(cell.isascii() and cell.isdigit() for cell in cells):
        return False
    numbers = [int(cell) for cell in cells]
    return all(a < b for a, b in pairwise(numbers))
