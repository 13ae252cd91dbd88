"""Pictures in an HDF5 file (ISIC 2024): where the bytes of each stand in it, found by its headers alone.

Read is what h5py writes by default: groups with a symbol table or with links in their header, and data sets of bytes
(opaque, text, numbers of 8 bits, or of any length) that lie in one piece. Everything else is named or passed over.
Source: HDF5 File Format Specification 3.0, The HDF Group; sections are named at the parts.
"""

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dermdash.errors import UnreadableImage

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_NOWHERE = 0xFFFFFFFFFFFFFFFF
_DEEPEST = 4
_MOST_BLOCKS = 64
"""Of one header: h5py writes one, or two."""
_LONGEST_NAME = 1024
"""With the groups above it."""
_READ_TIMES, _READ_LEAST = 8, 1 << 16
"""How often the bytes of a file are looked at, at most: each belongs to one part, of which a few are read twice. What
points to the same bytes again and again would never end."""
_SPACE, _LINK_INFO, _TYPE, _LINK, _LAYOUT, _MORE, _TABLE = 0x01, 0x02, 0x03, 0x06, 0x08, 0x10, 0x11
_NUMBER, _TEXT, _OPAQUE, _ANY_LENGTH = 0, 3, 5, 9
_COMPACT, _CONTIGUOUS = 0, 1
_PICTURES = (
    (b"\xff\xd8\xff", ".jpg"), (b"\x89PNG\r\n\x1a\n", ".png"), (b"GIF8", ".gif"), (b"BM", ".bmp"), (b"II*\0", ".tif"),
    (b"MM\0*", ".tif"), (b"RIFF", ".webp"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hdf5Picture:
    """A picture: its name with the groups above it and the ending of its kind, and where its bytes are."""

    name: str
    start: int
    size: int


def is_hdf5(path: Path) -> bool:
    """Whether a file begins as HDF5 does."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(_SIGNATURE)) == _SIGNATURE
    except OSError:
        return False


def hdf5_pictures(path: Path) -> tuple[list[Hdf5Picture], int]:
    """The pictures of a file, and how many of its data sets are none.

    Raises
    ------
    UnreadableImage
        It is damaged, cut off, or written in a way that is not read.
    """
    try:
        with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            file = _File(data)
            found = [_picture(data, name, span) for name, span in file.data_sets()]
    except (OSError, ValueError) as error:
        raise UnreadableImage(f"it cannot be read: {error}") from error
    pictures = [picture for picture in found if picture is not None]
    return pictures, len(found) - len(pictures)


def _picture(data: mmap.mmap, name: str, span: tuple[int, int] | None) -> Hdf5Picture | None:
    if span is None:
        return None
    start, size = span
    if start < 0 or start + size > len(data):
        raise UnreadableImage(f"it is cut off within {name!r}")
    first = data[start : start + min(size, 16)]
    ending = next((ending for magic, ending in _PICTURES if first.startswith(magic)), "")
    if not ending:
        return None
    return Hdf5Picture(name if name.lower().endswith(ending) else name + ending, start, size)


@dataclass(slots=True)
class _File:
    """The structure of a file; every place in it is looked up once, so that no circle is walked.

    ``looked_at``: how many of its bytes were read so far.
    """

    data: mmap.mmap
    seen: set[int] = field(default_factory=set)
    looked_at: int = 0

    def data_sets(self) -> Iterator[tuple[str, tuple[int, int] | None]]:
        """Names of all data sets, and where the bytes of each are; None for one that is not bytes in one piece."""
        yield from self._below(self._root(), "", 0)

    def _root(self) -> int:
        """Sections II.A: superblock."""
        head = self._take(0, 24)
        version = head[8]
        if version in (0, 1):
            sizes, at = head[13:15], 24 + 4 * version + 32 + 8
        elif version in (2, 3):
            sizes, at = head[9:11], 12 + 24
        else:
            raise UnreadableImage(f"it is HDF5 of version {version}, which is not known")
        if sizes != b"\x08\x08":
            raise UnreadableImage("its addresses are not of 8 bytes, which is not read")
        return self._number(at)

    def _below(self, at: int, prefix: str, depth: int) -> Iterator[tuple[str, tuple[int, int] | None]]:
        if at in self.seen:
            return
        self.seen.add(at)
        if len(prefix) > _LONGEST_NAME:
            raise UnreadableImage(f"a name of more than {_LONGEST_NAME:,} signs is not read")
        said = self._messages(at)
        links: Iterator[tuple[str, int]] | None = None
        if _TABLE in said:
            links = self._table(said[_TABLE][0])
        elif _LINK in said or _LINK_INFO in said:
            links = self._links(said)
        if links is None:
            yield prefix, self._bytes_of(said)
            return
        if depth >= _DEEPEST:
            raise UnreadableImage(f"its groups are nested more than {_DEEPEST} deep")
        for name, header in links:
            yield from self._below(header, f"{prefix}/{name}" if prefix else name, depth + 1)

    def _messages(self, at: int) -> dict[int, list[bytes]]:
        """Sections IV.A.1: object headers of both versions, with their continuations."""
        found: dict[int, list[bytes]] = {}
        second = self._take(at, 4) == b"OHDR"
        if second:
            flags = self._take(at, 6)[5]
            start = at + 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
            width = 1 << (flags & 3)
            blocks = [(start + width, int.from_bytes(self._take(start, width), "little"))]
            head = 6 if flags & 0x04 else 4
        else:
            if self._take(at, 1) != b"\x01":
                raise UnreadableImage(f"it is damaged after {at:,} bytes: there is no header of an object")
            blocks = [(at + 16, self._number(at + 8, 4))]
            head = 8
        for place, length in blocks:
            if len(blocks) > _MOST_BLOCKS:
                raise UnreadableImage(f"a header after {at:,} bytes has no end")
            block = self._take(place, length)
            here = 0
            while here + head <= length:
                kind = block[here] if second else int.from_bytes(block[here : here + 2], "little")
                size_at = here + (1 if second else 2)
                size = int.from_bytes(block[size_at : size_at + 2], "little")
                content = block[here + head : here + head + size]
                here += head + size
                if kind == _MORE and len(content) >= 16:
                    start, more = struct.unpack("<QQ", content[:16])
                    blocks.append((start + 4, more - 8) if second else (start, more))
                else:
                    found.setdefault(kind, []).append(content)
        return found

    def _table(self, message: bytes) -> Iterator[tuple[str, int]]:
        """Sections III.A.1, III.B to III.D: B-tree, symbol table nodes, local heap."""
        if len(message) < 16:
            raise UnreadableImage("a group has no table")
        tree, heap = struct.unpack("<QQ", message[:16])
        if self._take(heap, 4) != b"HEAP":
            raise UnreadableImage(f"it is damaged after {heap:,} bytes: there are no names")
        length, names = self._number(heap + 8), self._number(heap + 24)
        for node in self._leaves(tree):
            if self._take(node, 4) != b"SNOD":
                raise UnreadableImage(f"it is damaged after {node:,} bytes: there is no table")
            for place in range(self._number(node + 6, 2)):
                name, header = struct.unpack("<QQ", self._take(node + 8 + 40 * place, 16))
                if name >= length:
                    raise UnreadableImage(f"it is damaged after {node:,} bytes: a name is missing")
                yield self._name(names + name, min(length - name, _LONGEST_NAME)), header

    def _name(self, at: int, most: int) -> str:
        end = self.data.find(b"\0", at, at + most)
        if end < 0:
            raise UnreadableImage(f"it is damaged after {at:,} bytes: a name has no end")
        return self._take(at, end - at).decode("utf-8", "replace")

    def _leaves(self, at: int) -> Iterator[int]:
        waiting = [at]
        while waiting:
            node = waiting.pop()
            if node in self.seen:
                continue
            self.seen.add(node)
            head = self._take(node, 8)
            if head[:5] != b"TREE\0":
                raise UnreadableImage(f"it is damaged after {node:,} bytes: there is no tree")
            count = int.from_bytes(head[6:8], "little")
            children = [self._number(node + 32 + 16 * place) for place in range(count)]
            if head[5]:
                waiting += reversed(children)
            else:
                yield from children

    def _links(self, said: dict[int, list[bytes]]) -> Iterator[tuple[str, int]]:
        """Sections IV.A.2.c and g: links in the header of a group."""
        for info in said.get(_LINK_INFO, ()):
            place = 2 + (8 if info[1:2] and info[1] & 1 else 0)
            if int.from_bytes(info[place : place + 8].ljust(8, b"\xff"), "little") != _NOWHERE:
                raise UnreadableImage("its links lie in a heap, which is not read: write it with h5py's usual settings")
        for link in said.get(_LINK, ()):
            if len(link) < 2:
                continue
            flags, at = link[1], 2
            kind = int.from_bytes(link[at : at + 1], "little") if flags & 0x08 else 0
            at += (1 if flags & 0x08 else 0) + (8 if flags & 0x04 else 0) + (1 if flags & 0x10 else 0)
            width = 1 << (flags & 3)
            length = int.from_bytes(link[at : at + width], "little")
            at += width
            if kind == 0 and len(link) >= at + length + 8:  # soft and external links lead out of the file
                name = link[at : at + length].decode("utf-8", "replace")
                yield name, int.from_bytes(link[at + length : at + length + 8], "little")

    def _bytes_of(self, said: dict[int, list[bytes]]) -> tuple[int, int] | None:
        """Sections IV.A.2.b, d and i: where a data set of bytes lies."""
        if not all(said.get(kind) for kind in (_SPACE, _TYPE, _LAYOUT)):
            return None
        space, kind, layout = (said[name][0] for name in (_SPACE, _TYPE, _LAYOUT))
        if len(space) < 4 or len(kind) < 8 or len(layout) < 18 or layout[0] not in (3, 4) or layout[1] != _CONTIGUOUS:
            return None
        elements = self._elements(space)
        start, length = struct.unpack("<QQ", layout[2:18])
        size = int.from_bytes(kind[4:8], "little")
        if start == _NOWHERE or length != size * elements:
            return None
        if kind[0] & 15 == _ANY_LENGTH:
            return self._in_heap(start) if elements == 1 and size == 16 else None
        whole = kind[0] & 15 in (_TEXT, _OPAQUE) and elements == 1
        return (start, length) if whole or (kind[0] & 15 == _NUMBER and size == 1) else None

    def _elements(self, space: bytes) -> int:
        rank, at = space[1], 8 if space[0] == 1 else 4
        elements = 1
        for place in range(rank):
            elements *= int.from_bytes(space[at + 8 * place : at + 8 * place + 8], "little")
        return elements

    def _in_heap(self, at: int) -> tuple[int, int] | None:
        """Section III.E: an object of any length in a global heap."""
        length, heap, number = struct.unpack("<IQI", self._take(at, 16))
        if self._take(heap, 4) != b"GCOL":
            raise UnreadableImage(f"it is damaged after {heap:,} bytes: there is no heap")
        here, end = heap + 16, heap + self._number(heap + 8)
        while here + 16 <= end:
            index, size = self._number(here, 2), self._number(here + 8)
            if index == number and number:
                return (here + 16, length) if length <= size else None
            if index == 0:
                break
            here += 16 + -(-size // 8) * 8
        return None

    def _number(self, at: int, width: int = 8) -> int:
        return int.from_bytes(self._take(at, width), "little")

    def _take(self, at: int, length: int) -> bytes:
        if at < 0 or length < 0 or at + length > len(self.data):
            raise UnreadableImage("it is cut off, or damaged: something is said to lie beyond its end")
        self.looked_at += length
        if self.looked_at > _READ_TIMES * len(self.data) + _READ_LEAST:
            raise UnreadableImage("it is damaged: too many of its parts lie in the same place")
        return self.data[at : at + length]
