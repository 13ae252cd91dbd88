"""Reading a table of any kind of file: CSV, Excel, Parquet, JSON lines; what it is, its bytes say.

Every kind becomes a `MetadataTable` of texts, so that what reads cells does not ask where they come from.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from dermdash.errors import InvalidInput
from dermdash.records.csv_table import read_columns, read_table
from dermdash.records.json_table import read_json_table
from dermdash.records.metadata_table import MetadataTable
from dermdash.records.parquet_table import read_parquet_table
from dermdash.records.spreadsheet_table import read_spreadsheet
from dermdash.records.text_file import decode_text, read_bytes

TABLE_SUFFIXES = frozenset(
    {".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xls", ".ods", ".parquet", ".jsonl", ".ndjson", ".json"}
)
"""Of files that are tables; the official HAM10000_metadata has none."""
TABLE_ENDINGS = tuple(sorted(suffix[1:] for suffix in TABLE_SUFFIXES))
"""The same as a chooser of files asks for them."""

_MAGIC = 64


class TableKind(StrEnum):
    """What a table is written in."""

    CSV = "csv"
    SPREADSHEET = "spreadsheet"
    PARQUET = "parquet"
    JSON = "json"


def table_kind(data: bytes) -> TableKind:
    """What the bytes of a table are; CSV where they are nothing else."""
    if data.startswith(b"PAR1"):
        return TableKind.PARQUET
    # Excel and OpenDocument are archives, older Excel files are compound documents.
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return TableKind.SPREADSHEET
    start = data[:_MAGIC].removeprefix(b"\xef\xbb\xbf").lstrip()
    return TableKind.JSON if start.startswith((b"{", b"[{", b"[\n", b"[\r", b"[ ")) else TableKind.CSV


def read_table_file(
    source: Path | bytes,
    *,
    name: str = "",
    encoding: str | None = None,
    header: bool = True,
    sheet: str | None = None,
    file_kind: str = "metadata file",
) -> MetadataTable:
    """Read a table of any kind.

    Parameters
    ----------
    source
        The file, or its bytes.
    name
        What messages call the file; empty: ``file_kind``.
    encoding
        Of a text; None: the one that it is likely to be in.
    header
        Whether the first line of a CSV names its columns; else they are called "column 1" and so on.
    sheet
        Of a spreadsheet; None: the one that holds a table.

    Raises
    ------
    InvalidInput
        No such file, no table, two columns of one name, too many columns or cells, no encoding that can be told.
    """
    called = f"{file_kind} {name}".strip()
    kind = table_kind(_beginning(source, file_kind))
    if kind is TableKind.CSV:
        return read_table(source, file_kind=called, encoding=encoding, header=header)
    data = read_bytes(source, file_kind=file_kind)
    if kind is TableKind.PARQUET:
        return read_parquet_table(data, file_kind=called)
    if kind is TableKind.SPREADSHEET:
        return read_spreadsheet(data, file_kind=called, sheet=sheet)
    decoded = decode_text(data, file_kind=called, encoding=encoding)
    if decoded.broken:
        raise InvalidInput(f"the {called} is not UTF-8 throughout: {decoded.notes[0]}")
    return read_json_table(decoded.text, file_kind=called)


def read_table_columns(
    source: Path | bytes, *, name: str = "", encoding: str | None = None, file_kind: str = "metadata file"
) -> tuple[str, ...]:
    """Only the names of the columns, in small letters, of a table of any kind. Raises as `read_table_file`."""
    data = read_bytes(source, file_kind=file_kind)
    if table_kind(data) is TableKind.CSV:
        return read_columns(data, file_kind=f"{file_kind} {name}".strip(), encoding=encoding)
    return read_table_file(data, name=name, encoding=encoding, file_kind=file_kind).columns


def _beginning(source: Path | bytes, file_kind: str) -> bytes:
    """The first bytes alone: a CSV is read once, by what reads it."""
    if isinstance(source, bytes):
        return source[:_MAGIC]
    try:
        with source.open("rb") as stream:
            return stream.read(_MAGIC)
    except OSError:
        return read_bytes(source, file_kind=file_kind)[:_MAGIC]  # raises, in words
