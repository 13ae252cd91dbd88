"""Bytes that people send as text: which encoding they are in, and what is no text at all."""

import codecs
from pathlib import Path

from dermdash.errors import InvalidInput


def read_text(source: Path | bytes, *, file_kind: str) -> str:
    """Read a text file or its bytes: UTF-8 or UTF-16 with or without a byte order mark, else as Western Windows writes.

    Raises
    ------
    InvalidInput
        No such file, or bytes that are no text (a spreadsheet, an archive).
    """
    return _decode(_read_bytes(source, file_kind), file_kind)


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
