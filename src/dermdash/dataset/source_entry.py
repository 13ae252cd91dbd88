"""One file of a source: where it lies, on the disk or in an archive, and its bytes, never more than allowed."""

import hashlib
import os
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import IO

from dermdash.errors import UnreadableImage, UnsafeUpload
from dermdash.records.csv_table import IMAGE_SUFFIXES
from dermdash.wording import file_size

DEFAULT_IMAGE_BYTES = 64 * 10**6
ARCHIVES = (".zip", ".tar", ".hdf5", ".h5")
"""Endings of archives that are opened."""
_CLOSED = (".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".rar", ".7z")
CLOSED = "is an archive of a kind that is not opened: unpack it, or pack it as zip or tar without compression"
_CHUNK = 1 << 20
# ValueError: a name that is no UTF-8 where it is said to be. OverflowError: an offset beyond any file.
DAMAGE = (OSError, zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, ValueError, OverflowError)


def is_image_name(name: str) -> bool:
    """Whether a file is an image by its name."""
    return PurePosixPath(name).suffix.lower() in IMAGE_SUFFIXES


def is_archive(name: str) -> bool:
    """Whether a file is an archive by its name, be it of a kind that is opened or not."""
    return name.lower().endswith(ARCHIVES) or is_closed(name)


def is_closed(name: str) -> bool:
    """Whether a file is an archive of a kind that is not opened, by its name."""
    return name.lower().endswith(_CLOSED)


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """What a source may cost: bytes per image, bytes of all files of an archive, unpacked, and bytes per table."""

    max_image_bytes: int = DEFAULT_IMAGE_BYTES
    max_archive_bytes: int = 40 * 10**9
    # Tables may be larger than any image: that of ISIC 2024 has 230 MB.
    max_table_bytes: int = 2 << 30

    def most(self, name: str) -> int:
        """The bytes that a file of this name may have."""
        return self.max_image_bytes if is_image_name(name) else self.max_table_bytes


DEFAULT_LIMITS = SourceLimits()


@dataclass(frozen=True, slots=True)
class ImageEntry:
    """Where one file of a source lies: a file, or (``member`` given) an entry of the zip file ``path``. Picklable.

    ``span``: of an archive that does not compress, from which byte on the entry stands there, and how many it has.
    ``relative`` is its path below what was given, with ``/``, as people read it; an archive on the way counts as a
    folder. ``shown`` is the place of an entry in words.
    """

    image_id: str
    path: Path
    member: str | None = None
    max_bytes: int = DEFAULT_IMAGE_BYTES
    relative: str = ""
    shown: str = ""
    span: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        """The name of the file without its folders."""
        return PurePosixPath(self.relative or self.member or self.path.name).name

    @property
    def location(self) -> str:
        """The place in words for messages."""
        return str(self.path) if self.member is None else self.shown or f"{self.path.name}:{self.member}"

    def read(self) -> bytes:
        """Return the bytes.

        Raises
        ------
        UnsafeUpload
            The entry holds more bytes than allowed, whatever its header claims.
        UnreadableImage
            The file cannot be read or the entry is damaged.
        """
        try:
            if self.span is not None:
                return self._read_span(*self.span)
            if self.member is None:
                with self.path.open("rb") as stream:
                    return self._read_capped(stream)
            with open_zip(self.path).open(self.member) as stream:
                return self._read_capped(stream)
        except DAMAGE as error:
            raise UnreadableImage(f"{self.location} cannot be read: {error}") from error

    def size(self) -> int:
        """Bytes of the file, as the disk or the archive says; -1 where it cannot be told."""
        try:
            if self.span is not None:
                return self.span[1]
            if self.member is None:
                return self.path.stat().st_size
            return open_zip(self.path).getinfo(self.member).file_size
        except DAMAGE:
            return -1

    def _read_span(self, start: int, length: int) -> bytes:
        if length > self.max_bytes:
            raise UnsafeUpload(f"{self.location} holds more than the {file_size(self.max_bytes)} allowed")
        with self.path.open("rb") as stream:
            stream.seek(start)
            found = stream.read(length)
        if len(found) < length:
            raise EOFError("the archive ends within it")
        return found

    def _read_capped(self, stream: IO[bytes]) -> bytes:
        parts: list[bytes] = []
        total = 0
        while chunk := stream.read(min(_CHUNK, self.max_bytes + 1 - total)):
            parts.append(chunk)
            total += len(chunk)
            if total > self.max_bytes:
                raise UnsafeUpload(f"{self.location} holds more than the {file_size(self.max_bytes)} allowed")
        return b"".join(parts)


def same_content(entries: Sequence[ImageEntry]) -> bool:
    """Whether files hold the same bytes; read only where their sizes are equal."""
    if len({entry.size() for entry in entries}) > 1:
        return False
    try:
        return len({hashlib.sha256(entry.read()).digest() for entry in entries}) == 1
    except (UnreadableImage, UnsafeUpload):
        return False


def open_zip(path: Path) -> zipfile.ZipFile:
    """The archive, open for as long as this process keeps it."""
    status = path.stat()
    return _opened(path, status.st_mtime_ns, status.st_size, os.getpid())


# Reading the directory of a 10,000-entry archive takes longer than decoding an image, so each process keeps
# its archives open. The process id is part of the key: a forked worker must not share its parent's file offset.
@lru_cache(maxsize=8)
def _opened(path: Path, mtime_ns: int, size: int, process_id: int) -> zipfile.ZipFile:
    return zipfile.ZipFile(path)


def close_archives() -> None:
    """Let go of every archive this process keeps open: a deleted one would fill the disk until then."""
    _opened.cache_clear()
