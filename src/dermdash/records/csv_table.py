"""Reading a CSV as people send it: any column order, byte order mark, comma, semicolon or tab."""

import codecs
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
from dermdash.wording import counted, form

_MOST_COLUMNS = 1000
_MOST_CELLS = 25_000_000
"""A cell becomes about 100 bytes: more would take the memory of a small server, however small the file."""

MISSING_WORDS = frozenset({"", "na", "n/a", "nan", "none", "null", "unknown"})
IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp"})


@dataclass(frozen=True, slots=True)
class Row:
    """One data row: its line as a spreadsheet counts it (the header is row 1) and cells by column name.

    ``cells`` is None when the row does not have as many cells as the header; ``problem`` then says so.
    """

    number: int
    cells: dict[str, str] | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class MetadataTable:
    """A CSV in memory: lower-case column names in file order, and its rows."""

    columns: tuple[str, ...]
    body: tuple[Row, ...]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.body)


def read_table(source: Path | bytes, *, file_kind: str = "metadata file") -> MetadataTable:
    """Read a CSV file or its bytes; names are matched without regard to case and surrounding blanks.

    ``file_kind`` is how messages call the file.

    Raises
    ------
    InvalidInput
        No such file, an empty file, two columns of one name, too many columns or cells, or bytes that are no text.
    """
    text = read_text(source, file_kind=file_kind)
    header_line = _first_line(text)
    if not header_line:
        raise InvalidInput(f"the {file_kind} is empty: expected a header line and one row per image")
    delimiter = max((",", ";", "\t"), key=header_line.count)
    lines = _lines(text, delimiter, file_kind)
    header = next(lines, None)
    if header is None:
        raise InvalidInput(f"the {file_kind} has no header: expected the names of its columns")
    # Spreadsheets leave empty columns at the right edge.
    columns = tuple(name.strip().lower() for name in header[1][: _used(header[1])])
    if len(columns) > _MOST_COLUMNS:
        raise InvalidInput(
            f"the {file_kind} has {counted(len(columns), 'column')}: more than {_MOST_COLUMNS:,} is no such table"
        )
    twice = sorted(name for name, count in Counter(columns).items() if count > 1)
    if twice:
        raise InvalidInput(f"the {file_kind} has more than one column named {', '.join(twice)}")
    return MetadataTable(columns, tuple(_row(number, cells, columns) for number, cells in lines))


def read_text(source: Path | bytes, *, file_kind: str) -> str:
    """Read a text file or its bytes: UTF-8 or UTF-16 with or without a byte order mark, else as Western Windows writes.

    Raises
    ------
    InvalidInput
        No such file, or bytes that are no text (a spreadsheet, an archive).
    """
    return _decode(_read_bytes(source, file_kind), file_kind)


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


def _read_bytes(source: Path | bytes, file_kind: str) -> bytes:
    if isinstance(source, bytes):
        return source
    try:
        return source.read_bytes()
    except FileNotFoundError:
        raise InvalidInput(f"there is no {file_kind} {source}") from None
    except OSError as error:
        raise InvalidInput(f"the {file_kind} {source} cannot be read: {error.strerror}") from error


def _decode(data: bytes, file_kind: str) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            text = data.decode("utf-16")
            if "\0" not in text:
                return text
        except UnicodeDecodeError as error:
            raise InvalidInput(f"the {file_kind} is not text: {error}") from error
    # No database holds a NUL in a text; PostgreSQL refuses the whole batch.
    if b"\0" in data:
        raise InvalidInput(f"the {file_kind} is not text: expected a CSV, not a spreadsheet or an archive")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")  # what Western spreadsheets write when asked for "CSV"


def _first_line(text: str) -> str:
    """The first line that holds anything; empty when none does."""
    if (found := re.search(r"\S", text)) is None:
        return ""
    at = found.start()
    start = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    ends = [end for end in (text.find("\n", at), text.find("\r", at)) if end >= 0]
    return text[start : min(ends, default=len(text))]


def _lines(text: str, delimiter: str, file_kind: str) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of every line that is not blank; one at a time, since blank ones may be many."""
    total = 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1):
            if not any(cell.strip() for cell in cells):
                continue
            total += len(cells)
            if total > _MOST_CELLS:
                raise InvalidInput(f"the {file_kind} has more than {_MOST_CELLS:,} cells: split it into several files")
            yield number, cells
    except csv.Error as error:
        raise InvalidInput(f"the {file_kind} is not a readable CSV: {error}") from error


def _used(cells: Sequence[str]) -> int:
    """Number of cells up to the last one that holds anything."""
    used = len(cells)
    while used and not cells[used - 1].strip():
        used -= 1
    return used


def _row(number: int, cells: list[str], columns: tuple[str, ...]) -> Row:
    if len(cells) > len(columns):
        cells = cells[: max(_used(cells), len(columns))]
    if len(cells) != len(columns):
        return Row(number, None, f"row {number} has {len(cells)} cells, expected {len(columns)}")
    return Row(number, dict(zip(columns, cells, strict=True)))
