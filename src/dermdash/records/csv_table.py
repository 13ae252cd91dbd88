"""Reading a CSV as people send it: any column order, separator and encoding, comments above the header.

A line that starts with ``#`` above the header is skipped and counted (`MetadataTable.notes`). Below the header
such a line may be a row that somebody took out or a row of something called "#12", so it is no row that can be used
(`Row.problem`), unless every row starts so: then these are names. A name in quotes is always a name.
"""

import difflib
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from dermdash.errors import InvalidInput, MissingColumns
from dermdash.records.csv_lines import CsvLines, is_comment, said_separator, separator_of
from dermdash.records.metadata_table import (
    Line,
    MetadataTable,
    Row,
    build_table,
    column_names,
    comment_notes,
    comment_problem,
    used_cells,
)
from dermdash.records.text_encoding import broken_bytes
from dermdash.records.text_file import DecodedText, broken_lines, decode_text, read_bytes
from dermdash.wording import form

__all__ = [
    "IMAGE_SUFFIXES", "MISSING_WORDS", "MetadataTable", "Row", "clean_image_id", "comment_notes", "comment_problem",
    "is_comment", "number_or_none", "read_columns", "read_table", "require_columns", "text_or_none",
]  # fmt: skip

_FILLED = re.compile(r"\S")
_NUMBER_SIGN_COLUMN = re.compile(r"\s*#\s*[,;\t]")

MISSING_WORDS = frozenset({"", "na", "n/a", "nan", "none", "null", "unknown"})
IMAGE_SUFFIXES = frozenset(
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".tif", ".tiff", ".bmp", ".dib", ".gif", ".webp",
        ".heic", ".heif", ".hif", ".avif", ".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx", ".dcm", ".dicom",
    }
)  # fmt: skip
"""Endings of picture files, in lower case; what a file holds is told from its first bytes."""


def read_table(
    source: Path | bytes, *, file_kind: str = "metadata file", encoding: str | None = None, header: bool = True
) -> MetadataTable:
    """Read a CSV file or its bytes; names are matched without regard to case and surrounding blanks.

    Parameters
    ----------
    file_kind
        How messages call the file.
    encoding
        Of the text; None: the one that it is likely to be in (`dermdash.records.text_file`).
    header
        Whether the first line names the columns; else they are called "column 1" and so on.

    Raises
    ------
    InvalidInput
        No such file, an empty file, two columns of one name, too many columns or cells, a quote that is not closed,
        bytes that are no text, or text whose encoding cannot be told.
    """
    decoded = decode_text(read_bytes(source, file_kind=file_kind), file_kind=file_kind, encoding=encoding)
    opened = _opened(decoded, file_kind, header=header)
    table = build_table(
        opened.heads,
        opened.lines,
        file_kind=file_kind,
        comments=opened.comments,
        encoding=decoded.encoding,
        remarks=decoded.notes,
        broken=decoded.broken,
    )
    outside = opened.source.outside
    if not outside:
        return table
    said = form(len(outside), "One line stands", f"{len(outside):,} lines stand")
    said += f" outside the frame of the table, the first of them line {outside[0]}: not read."
    return replace(table, remarks=(*table.remarks, said))


def read_columns(
    source: Path | bytes, *, file_kind: str = "metadata file", encoding: str | None = None
) -> tuple[str, ...]:
    """Only the names of the columns, in small letters, without a look at the rows. Raises as `read_table`."""
    decoded = decode_text(read_bytes(source, file_kind=file_kind), file_kind=file_kind, encoding=encoding)
    heads = _opened(decoded, file_kind).heads
    return column_names(heads[: used_cells(heads)], file_kind)


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
    # Python reads 1_0 as ten; nobody else does.
    text = cell.strip().replace(",", ".")
    try:
        value = float(text) if "_" not in text else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def clean_image_id(cell: str) -> str:
    """Return the image id without blanks and without an image file's extension."""
    name = cell.strip()
    stem, point, suffix = name.rpartition(".")
    # Of ".jpg" nothing would be left. By hand, as it is asked of every row and file.
    return stem if stem and stem[-1] != "/" and (point + suffix).lower() in IMAGE_SUFFIXES else name


@dataclass(frozen=True, slots=True)
class _Opened:
    """A CSV read up to its header: the names as written, and the records below."""

    heads: Sequence[str]
    source: CsvLines
    lines: Iterator[Line]
    comments: tuple[int, ...]


def _opened(decoded: DecodedText, file_kind: str, *, header: bool = True) -> _Opened:
    text = decoded.text
    separator, skipped, begin = _named_separator(text)
    start, above, comments, last_comment = _header_start(text, begin, skipped)
    header_line = _line_at(text, start)
    if not header_line.strip():
        raise InvalidInput(f"the {file_kind} is empty: expected a header line and rows below it")
    separator = separator or separator_of(header_line)
    source = CsvLines(text, separator, file_kind, above, start)
    lines = iter(source)
    first = next(lines, None)
    if first is None:
        raise InvalidInput(f"the {file_kind} has no header: expected the names of its columns")
    if not header:
        heads = [f"column {place}" for place in range(1, used_cells(first.cells) + 1)]
        return _Opened(heads, source, chain([first], lines), comments)
    if first.problem or (decoded.broken and any(map(broken_bytes, first.cells))):
        raise InvalidInput(f"the header of the {file_kind} cannot be read: {first.problem or broken_lines(text)}")
    if used_cells(first.cells) == 0:
        raise InvalidInput(f"the {file_kind} has no header: expected the names of its columns")
    columns = used_cells(first.cells)
    looks_like_header = last_comment.count(separator) + 1 == columns > 1
    if looks_like_header and any(number_or_none(c) is not None for c in first.cells[:columns]):
        raise InvalidInput(
            f"row {comments[-1]} of the {file_kind} starts with # and looks like its header: take the # away"
        )
    return _Opened(first.cells, source, lines, comments)


def _named_separator(text: str) -> tuple[str | None, int, int]:
    """The separator that a first line ``sep=;`` names, how many lines that takes, and where the rest begins."""
    line = _line_at(text, 0)
    separator = said_separator(line)
    if separator is None:
        return None, 0, 0
    return separator, 1, len(line) + (2 if text.startswith("\r\n", len(line)) else 1)


def _header_start(text: str, at: int, above: int) -> tuple[int, int, tuple[int, ...], str]:
    """Where the header starts, how many lines stand above it, which of these are comments, and the last comment."""
    last = ""
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
