"""Bytes that people send as text: which encoding they are in, and what is no text at all."""

import codecs
from dataclasses import dataclass
from pathlib import Path

from dermdash.errors import InvalidInput
from dermdash.records.text_encoding import (
    SURE,
    EncodingGuess,
    broken_bytes,
    guesses,
    is_known,
    mostly_utf8,
    utf16_without_mark,
)
from dermdash.wording import percent

_SHOWN = 30
_NAMED_LINES = 5


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A text, the encoding it was in, and what there is to say of that.

    ``confidence`` is 1 for what says its encoding, was told it, or cannot be anything else. ``broken``: some bytes are
    no text (`text_encoding.broken_bytes` finds them), everything else is UTF-8.
    """

    text: str
    encoding: str
    confidence: float = 1.0
    broken: bool = False
    notes: tuple[str, ...] = ()


def read_text(source: Path | bytes, *, file_kind: str, encoding: str | None = None) -> str:
    """Read a text file or its bytes, in the encoding named or the one that they are in.

    UTF-8 and UTF-16 with or without a byte order mark; else Windows-1252, Windows-1251, KOI8-R or cp866, whichever the
    text is likely to be in.

    Raises
    ------
    InvalidInput
        No such file, bytes that are no text (a spreadsheet, an archive), bytes that the encoding does not have, an
        encoding that is not known, or one that cannot be told.
    """
    decoded = decode_text(read_bytes(source, file_kind=file_kind), file_kind=file_kind, encoding=encoding)
    if decoded.broken:
        raise InvalidInput(
            f"the {file_kind} is UTF-8 but for {broken_lines(decoded.text)}: mend them, or say its encoding"
        )
    return decoded.text


def read_bytes(source: Path | bytes, *, file_kind: str) -> bytes:
    """The bytes of a file, or these bytes; raises InvalidInput where it is not there or cannot be read."""
    if isinstance(source, bytes):
        return source
    try:
        return source.read_bytes()
    except FileNotFoundError:
        raise InvalidInput(f"there is no {file_kind} {source}") from None
    except OSError as error:
        raise InvalidInput(f"the {file_kind} {source} cannot be read: {error.strerror}") from error


def decode_text(data: bytes, *, file_kind: str, encoding: str | None = None) -> DecodedText:
    """Turn bytes into text; see `read_text`, but for bytes that are no UTF-8 among many that are: these are marked.

    Raises
    ------
    InvalidInput
        As `read_text`.
    """
    if encoding is not None:
        return _decode_as(data, file_kind, encoding)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            text = data.decode("utf-16")
            if "\0" not in text:
                return DecodedText(text, "utf-16")
        except UnicodeDecodeError as error:
            raise InvalidInput(f"the {file_kind} is not text: {error}") from error
    # No database holds a NUL in a text; PostgreSQL refuses the whole batch.
    if b"\0" in data:
        if (found := utf16_without_mark(data)) is not None:
            return DecodedText(found.text, found.encoding, notes=("Read as UTF-16 without a byte order mark.",))
        raise InvalidInput(f"the {file_kind} is not text: expected a CSV, not a spreadsheet or an archive")
    try:
        return _said_of_replacements(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        pass
    if (marked := mostly_utf8(data)) is not None:
        return DecodedText(marked, "utf-8", broken=True, notes=(f"All is UTF-8 but for {broken_lines(marked)}.",))
    return _likeliest(data, file_kind)


def broken_lines(text: str) -> str:
    """Which lines hold bytes that are no UTF-8, in words: "a byte in line 3 (0xE9)"."""
    lines = [(n, broken_bytes(line)) for n, line in enumerate(text.splitlines(), start=1) if broken_bytes(line)]
    said = [f"line {number} ({', '.join(f'0x{byte:02X}' for byte in found)})" for number, found in lines[:_NAMED_LINES]]
    more = f" and {len(lines) - _NAMED_LINES:,} more lines" if len(lines) > _NAMED_LINES else ""
    count = sum(len(found) for _, found in lines)
    return f"{'a byte' if count == 1 else f'{count:,} bytes'} in {', '.join(said)}{more}"


def _decode_as(data: bytes, file_kind: str, encoding: str) -> DecodedText:
    if not is_known(encoding):
        raise InvalidInput(
            f"there is no encoding {encoding!r}: name one such as utf-8, utf-16, windows-1251, koi8-r, cp866, latin-1"
        )
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InvalidInput(
            f"line {line} of the {file_kind} is no {encoding}: its byte 0x{data[error.start]:02X} has no meaning "
            "there; name another encoding"
        ) from None
    except UnicodeError as error:
        raise InvalidInput(f"the {file_kind} is not {encoding}: {error}") from None
    if "\0" in text:
        raise InvalidInput(f"the {file_kind} is not text in {encoding}")
    return DecodedText(text.removeprefix("\ufeff"), codecs.lookup(encoding).name)


def _said_of_replacements(text: str) -> DecodedText:
    """UTF-8 that somebody else wrote after reading it in the wrong encoding: what was lost cannot be had back."""
    lost = text.count("\ufffd")
    if not lost:
        return DecodedText(text, "utf-8")
    line = text[: text.index("\ufffd")].count("\n") + 1
    said = f"{lost:,} characters were lost before (they are written as \ufffd), the first in line {line}."
    return DecodedText(text, "utf-8", notes=(said,))


def _likeliest(data: bytes, file_kind: str) -> DecodedText:
    found = guesses(data)
    if not found:
        raise InvalidInput(f"the {file_kind} is text in no encoding that is known here: save it as UTF-8")
    best, others = found[0], found[1:]
    if best.confidence < SURE:
        told = "; ".join(f"{guess.words} reads {_sample(guess)}" for guess in (best, *others[:1]))
        raise InvalidInput(
            f"the {file_kind} is not UTF-8, and its encoding cannot be told: {told}. Say its encoding, or save it as "
            "UTF-8"
        )
    note = f"Read as {best.words}, {percent(best.confidence)} sure: {_sample(best)}."
    return DecodedText(best.text, best.encoding, best.confidence, notes=(note,))


def _sample(guess: EncodingGuess) -> str:
    """The first words that are read differently in other encodings, and their line."""
    for number, line in enumerate(guess.text.splitlines(), start=1):
        if not line.isascii():
            first = next(place for place, c in enumerate(line) if not c.isascii())
            start = max(0, max(line.rfind(sign, 0, first) for sign in ',;\t|"') + 1)
            return f"{line[start : start + _SHOWN].strip()!r} in line {number}"
    return "the same"
