"""Where an export is written: a folder, a zip file or one file; there whole at the end, or not at all."""

from __future__ import annotations

import io
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Protocol, cast

from dermdash.errors import InvalidInput
from dermdash.whole_files import passing_name, process_lives, sync_disks, why_not_written

ARCHIVE = ".zip"


class ExportPlace(Protocol):
    """Takes the files of an export by their names, "/" between folders."""

    def put(self, name: str, data: bytes) -> None:
        """Write a file in one piece."""

    def stream(self, name: str) -> IO[bytes]:
        """Open a file that is written bit by bit; its writer closes it."""

    @property
    def hashes(self) -> Mapping[str, str]:
        """The SHA-256 of the files that were written bit by bit and closed."""

    @property
    def files(self) -> int:
        """How many files were written."""

    @property
    def bytes(self) -> int:
        """How large they are together."""


class _Counted:
    """Counts what is written, and hashes what is written bit by bit."""

    def __init__(self) -> None:
        self.files, self.bytes = 0, 0
        self.hashes: dict[str, str] = {}
        self._streams: list[IO[bytes]] = []

    def _hashed(self, name: str, path: Path) -> IO[bytes]:
        self.files += 1

        def closed(size: int, digest: str) -> None:
            self.bytes += size
            self.hashes[name] = digest

        file = path.open("wb")
        self._streams.append(file)
        return cast(IO[bytes], _HashedFile(file, closed))

    def abandon(self) -> None:
        """Hold nothing open, so that all of it can be removed."""
        for file in self._streams:
            with suppress(OSError):
                file.close()


class _HashedFile(io.BufferedIOBase):
    """A file that knows its hash when it is closed."""

    def __init__(self, file: IO[bytes], told: Callable[[int, str], None]) -> None:
        self._file, self._told, self._digest, self._size = file, told, sha256(), 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._digest.update(data)
        self._size += memoryview(data).nbytes
        return self._file.write(data)

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        if not self._file.closed:
            self._file.flush()

    def close(self) -> None:
        if not self._file.closed:
            self._file.close()
            self._told(self._size, self._digest.hexdigest())
        super().close()


class FolderPlace(_Counted):
    """A folder that takes its name when it is whole."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._made: set[Path] = set()

    def _path(self, name: str) -> Path:
        path = self._folder / name
        if path.parent not in self._made:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(path.parent)
        return path

    def put(self, name: str, data: bytes) -> None:
        """Write a file in one piece."""
        self._path(name).write_bytes(data)
        self.files += 1
        self.bytes += len(data)

    def stream(self, name: str) -> IO[bytes]:
        """Open a file that is written bit by bit."""
        return self._hashed(name, self._path(name))

    def finish(self) -> None:
        """Everything is on its place already."""


class ZipPlace(_Counted):
    """A zip file that takes its name when it is whole. Images are compressed already and are stored as they are.

    A zip file takes one member at a time: what is written bit by bit waits beside it.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._archive = zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True)
        self._waiting: dict[str, Path] = {}

    def put(self, name: str, data: bytes) -> None:
        """Write a file in one piece."""
        self._archive.writestr(name, data)
        self.files += 1
        self.bytes += len(data)

    def stream(self, name: str) -> IO[bytes]:
        """Open a file that is written bit by bit."""
        path = self._path.with_name(f"{self._path.name}-{len(self._waiting)}")
        self._waiting[name] = path
        return self._hashed(name, path)

    def finish(self) -> None:
        """Take up what was written bit by bit, and close the archive."""
        for name, path in self._waiting.items():
            self._archive.write(path, name, zipfile.ZIP_DEFLATED)
            path.unlink()
        self._archive.close()

    def abandon(self) -> None:
        """Leave nothing."""
        super().abandon()
        with suppress(OSError, ValueError):
            self._archive.close()
        for path in self._waiting.values():
            path.unlink(missing_ok=True)


class FilePlace(FolderPlace):
    """One file, and others beside it under its name: ``truth.csv`` and ``truth.left_out.csv``."""


@contextmanager
def export_place(out: Path, *, alone: bool, mode: int | None = None) -> Iterator[FolderPlace | ZipPlace]:
    """A place to write an export to; what stands at ``out`` afterwards is all of it, or what stood there before.

    Parameters
    ----------
    alone
        Whether ``out`` is a file with the table alone: what is put under its name and beside it takes its place.
    mode
        Of the files (folders can be entered by whoever may read); None: as this process makes them.

    Raises
    ------
    InvalidInput
        A folder that is not empty, or a file where a folder shall be.
    WorkspaceFull, WorkspaceReadOnly
        The disk is full, or the place cannot be written to.
    """
    out = Path(os.path.abspath(out))  # noqa: PTH100  resolve would follow a link that shall be replaced
    _refuse_taken(out, alone=alone)
    _clear_leftovers(out)
    passing = passing_name(out)
    place: FolderPlace | ZipPlace | None = None
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if out.suffix.lower() == ARCHIVE:
            place = ZipPlace(passing)
        else:
            passing.mkdir()
            place = FilePlace(passing) if alone else FolderPlace(passing)
        yield place
        place.finish()
        if mode is not None:
            _give_mode(passing, mode)
        sync_disks()
        _take_place(passing, out, alone=alone)
    except BaseException as error:
        if place is not None:
            place.abandon()
        _remove(passing)
        if (known := why_not_written(out, error)) is not None:
            raise known from error
        if isinstance(error, OSError):
            raise InvalidInput(f"{out} cannot be written: {error.strerror or error}") from error
        raise


def _refuse_taken(out: Path, *, alone: bool) -> None:
    if alone or out.suffix.lower() == ARCHIVE:
        if out.is_dir():
            raise InvalidInput(f"{out} is a folder; name a file to write")
        return
    if out.is_dir():
        if any(out.iterdir()):
            raise InvalidInput(f"{out} is not empty: name a folder that is empty or not there, or a .zip file")
    elif out.exists():
        raise InvalidInput(f"{out} is a file: name a folder that is empty or not there, or a .zip file")


def _give_mode(path: Path, mode: int) -> None:
    if not path.is_dir():
        path.chmod(mode)
        return
    for folder, _, files in os.walk(path):
        Path(folder).chmod(mode | (mode & 0o444) >> 2)
        for name in files:
            Path(folder, name).chmod(mode)


def _take_place(passing: Path, out: Path, *, alone: bool) -> None:
    if alone:
        made = sorted(passing.iterdir(), key=lambda path: path.name == out.name)  # the one that was asked for last
        for path in made:
            path.replace(out.parent / path.name)
        passing.rmdir()
        return
    if out.is_dir():
        out.rmdir()
    passing.replace(out)


def _clear_leftovers(out: Path) -> None:
    """What an export to the same place has left that was killed."""
    for path in out.parent.glob(f".writing-*-{out.name}*"):
        pid = path.name.split("-")[1]
        if pid.isdecimal() and not process_lives(int(pid)):
            _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)
