"""The files of a tar archive: where each stands in it, found by its headers alone.

Only what is a plain file can be read. Python's `tarfile` ends in silence where an archive is cut off, and some of its
versions go round in circles for ever on sizes below 0; here an archive that does not end as it should is said to be
damaged.
Format: POSIX.1-1988 (ustar) and POSIX.1-2001 (pax), and GNU's long names.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from dermdash.errors import UnreadableImage

_BLOCK = 512
_LONGEST_NAME = 1 << 16
_LONGEST_NUMBER = 20
_AT_ONCE = 1 << 20
_FILES = (b"0", b"\0", b"7")
_LINKS = (b"1", b"2")
_FOLDER, _PAX, _PAX_OF_ALL, _LONG_NAME, _LONG_LINK = b"5", b"x", b"g", b"L", b"K"


@dataclass(frozen=True, slots=True)
class TarMember:
    """A file of an archive: its name as it stands there, and where its bytes are; ``problem``: why it is not read."""

    name: bytes
    start: int
    size: int
    problem: str = ""


def is_tar(path: Path) -> bool:
    """Whether a file begins as a tar archive does, whatever it is called."""
    try:
        with path.open("rb") as stream:
            return _is_header(stream.read(_BLOCK))
    except OSError:
        return False


def tar_members(path: Path) -> Iterator[TarMember]:
    """The files of an archive in their order; folders are none.

    Raises
    ------
    UnreadableImage
        It cannot be read, or is damaged or cut off from here on; what came before is whole.
    """
    try:
        with path.open("rb") as stream:
            stream.seek(0, 2)
            yield from _members(stream, stream.tell())
    except OSError as error:
        raise UnreadableImage(f"it cannot be read: {error.strerror or error}") from error


def _members(stream: IO[bytes], end: int) -> Iterator[TarMember]:
    at, long_name, said = 0, b"", {}
    while True:
        stream.seek(at)
        header = stream.read(_BLOCK)
        if header == bytes(_BLOCK):
            _check_end(stream, at + _BLOCK)
            return
        if not _is_header(header):
            raise UnreadableImage(f"it is damaged or cut off after {at:,} bytes, and does not end as a tar file does")
        kind, size, start = header[156:157], _number(header[124:136]), at + _BLOCK
        if size is None:
            raise UnreadableImage(f"it is damaged after {at:,} bytes: a file has no size")
        if kind in (_PAX, _PAX_OF_ALL, _LONG_NAME, _LONG_LINK):
            if size > _LONGEST_NAME:
                raise UnreadableImage(f"a header after {at:,} bytes is longer than any name")
            content = stream.read(size)
            if kind == _PAX:
                said = _records(content)
            elif kind == _LONG_NAME:
                long_name = content.rstrip(b"\0")
            at = start + _padded(size)
            continue
        if b"size" in said:
            size = _decimal(said[b"size"])
        if size < 0 or start + size > end:
            name = said.get(b"path") or long_name or _name(header)
            raise UnreadableImage(f"it is cut off within {name.decode(errors='replace')!r}")
        name = said.get(b"path") or long_name or _name(header)
        sparse = kind == b"S" or any(key.startswith(b"GNU.sparse") for key in said)
        if kind != _FOLDER and not name.endswith(b"/"):
            yield TarMember(name, start, size, _problem(kind, sparse=sparse))
        long_name, said = b"", {}
        at = start + (0 if kind in (*_LINKS, _FOLDER) else _padded(size))
        if kind == b"S":
            at += _BLOCK * _extensions(stream, start, header)


def _check_end(stream: IO[bytes], at: int) -> None:
    """Demand that nothing but zeros follows: other files behind the end would be missing without a word."""
    stream.seek(at)
    while chunk := stream.read(_AT_ONCE):
        if chunk.count(0) < len(chunk):
            at += len(chunk) - len(chunk.lstrip(b"\0"))
            raise UnreadableImage(f"after {at:,} bytes, behind its end, more follows, which is not read")
        at += len(chunk)


def _problem(kind: bytes, *, sparse: bool) -> str:
    if kind in _LINKS:
        return "it is a link, not a file"
    if sparse:
        return "it is a file with holes, which may be as large as it likes"
    return "" if kind in _FILES else "it is no plain file"


def _extensions(stream: IO[bytes], start: int, header: bytes) -> int:
    """How many blocks say more of a file with holes before it begins."""
    count, more = 0, header[482:483]
    while more not in (b"", b"\0"):
        stream.seek(start + count * _BLOCK)
        more = stream.read(_BLOCK)[504:505]
        count += 1
    return count


def _decimal(digits: bytes) -> int:
    """A number in decimal digits; -1 where it is none."""
    return int(digits) if digits.isdigit() and len(digits) < _LONGEST_NUMBER else -1


def _padded(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK


def _is_header(header: bytes) -> bool:
    """Whether a block's checksum is right."""
    if len(header) < _BLOCK:
        return False
    said = _number(header[148:156])
    return said is not None and said == sum(header[:148]) + 8 * ord(" ") + sum(header[156:])


def _number(cell: bytes) -> int | None:
    """A number in octal digits, or in GNU's binary form; None where it is neither."""
    if cell[:1] == b"\x80":
        return int.from_bytes(cell[1:], "big")
    digits = cell.strip(b" \0")
    return int(digits, 8) if digits and all(d in b"01234567" for d in digits) else None


def _name(header: bytes) -> bytes:
    name, prefix = header[:100].split(b"\0")[0], header[345:500].split(b"\0")[0]
    # GNU's own format has other things where ustar has the folders of a long path.
    return prefix + b"/" + name if prefix and header[257:263] == b"ustar\0" else name


def _records(content: bytes) -> dict[bytes, bytes]:
    """What a pax header says: "LENGTH KEY=VALUE" and a line end, each."""
    found: dict[bytes, bytes] = {}
    at = 0
    while (blank := content.find(b" ", at, at + _LONGEST_NUMBER)) >= 0:
        end = at + _decimal(content[at:blank])
        if not blank < end <= len(content):
            break
        key, _, value = content[blank + 1 : end - 1].partition(b"=")
        found[key] = value
        at = end
    return found
