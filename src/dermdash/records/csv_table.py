"""Reading a CSV as people send it: any column order and delimiter, a byte order mark, comments above the header.

A line that starts with ``#`` above the header is skipped and counted (`MetadataTable.notes`). Below the header
such a line may be a row that somebody took out or a row of something called "#12", so it is no row that can be used
(`Row.problem`), unless every row starts so: then these are names. A name in quotes is always a name.
"""

import csv
import difflib
import io
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from dermdash.errors import InvalidInput, MissingColumns
from dermdash.records.alike_names import composed
from dermdash.records.text_file import read_text
from dermdash.wording import counted, form

COMMENT = "#"
_FILLED = re.compile(r"\S")
_NUMBER_SIGN_COLUMN = re.compile(r"\s*#\s*[,;\t]")
_MOST_COLUMNS = 1000
_MOST_CELLS = 25_000_000
"""A cell becomes about 100 bytes: more would take the memory of a small server, however small the file."""

MISSING_WORDS = frozenset({"", "na", "n/a", "nan", "none", "null", "unknown"})
IMAGE_SUFFIXES = frozenset(
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".tif", ".tiff", ".bmp", ".dib", ".gif", ".webp",
        ".heic", ".heif", ".hif", ".avif", ".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx", ".dcm", ".dicom",
    }
)  # fmt: skip
"""Endings of picture files, in lower case; what a file holds is told from its first bytes."""


@dataclass(frozen=True, slots=True)
class Row:
    """One data row: its line as a spreadsheet counts it (the header is row 1) and cells by column name.

    ``cells`` is None when the row does not have as many cells as the header, or starts with ``#`` among others that do
    not; ``problem`` then says so.
    """

    number: int
    cells: dict[str, str] | None
    problem: str = ""
    marked: bool = False

    @property
    def fault(self) -> str:
        """The kind of problem, to count rows by."""
        return "a line that starts with # among the rows" if self.marked else "wrong number of cells"


@dataclass(frozen=True, slots=True)
class MetadataTable:
    """A CSV in memory: lower-case column names in file order, its rows, and the lines above them that are comments."""

    columns: tuple[str, ...]
    body: tuple[Row, ...]
    comments: tuple[int, ...] = ()

    def __iter__(self) -> Iterator[Row]:
        return iter(self.body)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was skipped, in sentences; empty when nothing was."""
        return comment_notes(self.comments)


def read_table(source: Path | bytes, *, file_kind: str = "metadata file") -> MetadataTable:
    """Read a CSV file or its bytes; names are matched without regard to case and surrounding blanks.

    ``file_kind`` is how messages call the file.

    Raises
    ------
    InvalidInput
        No such file, an empty file, two columns of one name, too many columns or cells, or bytes that are no text.
    """
    columns, lines, comments = _opened(read_text(source, file_kind=file_kind), file_kind)
    rows: list[Row] = []
    marked: list[int] = []
    for line in lines:
        if line.marked:
            marked.append(len(rows))
        rows.append(_row(line, columns))
    # Where every row starts with #, it is what things are called.
    if len(marked) < len(rows):
        for place in marked:
            number = rows[place].number
            rows[place] = Row(number, None, comment_problem(number), marked=True)
    return MetadataTable(columns, tuple(rows), comments)


def read_columns(source: Path | bytes, *, file_kind: str = "metadata file") -> tuple[str, ...]:
    """Only the names of the columns, in small letters, without a look at the rows. Raises as `read_table`."""
    return _opened(read_text(source, file_kind=file_kind), file_kind)[0]


def comment_notes(comments: Sequence[int]) -> tuple[str, ...]:
    """A sentence that counts lines that were skipped as comments; none when there is no such line."""
    if not comments:
        return ()
    if len(comments) == 1:
        return (f"Line {comments[0]} starts with # and was skipped as a comment.",)
    return (f"{len(comments):,} lines that start with # were skipped as comments.",)


def is_comment(line: str) -> bool:
    """Whether a line starts with ``#``."""
    return line.lstrip().startswith(COMMENT)


def comment_problem(number: int) -> str:
    """Why a row that starts with ``#`` among others is no row that can be used, and the way out."""
    return (
        f"row {number} starts with #: is it a comment? Comments may stand above the header only: take the line out, or "
        "put a name that starts with # in quotes"
    )


def require_columns(table: MetadataTable, expected: Sequence[str], *, file_kind: str) -> None:
    """Raise MissingColumns naming every absent column, what stands there instead, and all expected ones."""
    missing = [name for name in expected if name.lower() not in table.columns]
    if not missing:
        return
    known = {name.lower() for name in expected}
    spare = [name for name in table.columns if name not in known]
    described = []
    for name in missing:
        close = difflib.get_close_matches(name.lower(), spare, n=1, cutoff=0.6)
        described.append(f"{name} (did you mean {close[0]!r}?)" if close else name)
    raise MissingColumns(
        f"{file_kind} lacks the {form(len(missing), 'column', 'columns')} {', '.join(described)}. "
        f"Expected: {', '.join(expected)}. Found: {', '.join(table.columns)}."
        + "".join(f" {note}" for note in table.notes)
    )


def text_or_none(cell: str) -> str | None:
    """Return the trimmed cell, or None for an empty one and for words that mean missing."""
    value = cell.strip()
    return None if value.lower() in MISSING_WORDS else value


def number_or_none(cell: str) -> float | None:
    """Parse a number with decimal point or comma; None when the cell holds no finite number."""
    try:
        value = float(cell.strip().replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def clean_image_id(cell: str) -> str:
    """Return the image id without blanks and without an image file's extension."""
    name = cell.strip()
    suffix = PurePosixPath(name).suffix
    return name[: -len(suffix)] if suffix.lower() in IMAGE_SUFFIXES else name


def _opened(text: str, file_kind: str) -> tuple[tuple[str, ...], Iterator["_Line"], tuple[int, ...]]:
    """The names of the columns, the lines below them, and which lines above them are comments."""
    start, above, comments, last_comment = _header_start(text)
    header_line = _line_at(text, start)
    if not header_line.strip():
        raise InvalidInput(f"the {file_kind} is empty: expected a header line and one row per image")
    delimiter = max(",;\t", key=header_line.count)
    lines = _lines(text[start:], delimiter, file_kind, above=above)
    header = next(lines, None)
    if header is None:
        raise InvalidInput(f"the {file_kind} has no header: expected the names of its columns")
    # Spreadsheets leave empty columns at the right edge.
    columns = tuple(composed(name.strip().lower()) for name in header.cells[: _used(header.cells)])
    if len(columns) > _MOST_COLUMNS:
        raise InvalidInput(
            f"the {file_kind} has {counted(len(columns), 'column')}: more than {_MOST_COLUMNS:,} is no such table"
        )
    twice = sorted(name for name, count in Counter(columns).items() if count > 1)
    if twice:
        raise InvalidInput(f"the {file_kind} has more than one column named {', '.join(twice)}")
    if last_comment.count(delimiter) + 1 == len(columns) > 1 and any(number_or_none(c) is not None for c in columns):
        raise InvalidInput(
            f"row {comments[-1]} of the {file_kind} starts with # and looks like its header: take the # away"
        )
    return columns, lines, comments


def _header_start(text: str) -> tuple[int, int, tuple[int, ...], str]:
    """Where the header starts, how many lines stand above it, which of these are comments, and the last comment."""
    at, above, last = 0, 0, ""
    comments: list[int] = []
    # Blank lines may be many: over them in one step.
    while (filled := _FILLED.search(text, at)) is not None:
        start = max(at, text.rfind("\n", at, filled.start()) + 1, text.rfind("\r", at, filled.start()) + 1)
        above += _line_ends(text[at:start])
        line = _line_at(text, start)
        # A column of running numbers may be called "#".
        if not is_comment(line) or _NUMBER_SIGN_COLUMN.match(line):
            return start, above, tuple(comments), last
        above += 1
        comments.append(above)
        last = line
        at = start + len(line)
        at += 2 if text.startswith("\r\n", at) else 1
    return len(text), above, tuple(comments), last


def _line_ends(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _line_at(text: str, start: int) -> str:
    """The line that begins there, without its end."""
    ends = [end for end in (text.find("\n", start), text.find("\r", start)) if end >= 0]
    return text[start : min(ends, default=len(text))]


@dataclass(frozen=True, slots=True)
class _Line:
    """A record of the file: its number, its cells, and whether it starts with ``#`` outside quotes."""

    number: int
    cells: list[str]
    marked: bool


def _lines(text: str, delimiter: str, file_kind: str, *, above: int) -> Iterator[_Line]:
    """Every line that is not blank; one at a time, since blank ones may be many. ``above``: lines before the text."""
    total = 0
    starts: list[str] = []

    def physical() -> Iterator[str]:
        # The parser takes the quotes away; whether there were any is seen before.
        for line in io.StringIO(text, newline=""):
            starts.append(line)
            yield line

    try:
        for number, cells in enumerate(csv.reader(physical(), delimiter=delimiter), start=above + 1):
            marked = is_comment(starts[0])
            starts.clear()
            if not any(cell.strip() for cell in cells):
                continue
            total += len(cells)
            if total > _MOST_CELLS:
                raise InvalidInput(f"the {file_kind} has more than {_MOST_CELLS:,} cells: split it into several files")
            yield _Line(number, cells, marked)
    except csv.Error as error:
        raise InvalidInput(f"the {file_kind} is not a readable CSV: {error}") from error


def _used(cells: Sequence[str]) -> int:
    """Number of cells up to the last one that holds anything."""
    used = len(cells)
    while used and not cells[used - 1].strip():
        used -= 1
    return used


def _row(line: _Line, columns: tuple[str, ...]) -> Row:
    number, cells = line.number, line.cells
    if len(cells) > len(columns):
        cells = cells[: max(_used(cells), len(columns))]
    if len(cells) != len(columns):
        hint = ": is a decimal comma outside quotes?" if len(cells) > len(columns) else ""
        return Row(number, None, f"row {number} has {len(cells)} cells, expected {len(columns)}{hint}")
    return Row(number, dict(zip(columns, cells, strict=True)))
