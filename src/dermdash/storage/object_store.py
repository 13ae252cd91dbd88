"""Files of the workspace, named by the sha256 of their content."""

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dermdash.errors import FileMissing
from dermdash.whole_files import disk_is_full, no_room_for, passing_name, whole_file, why_not_written

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that a reader or a crash sees the whole file or none.

    Raises
    ------
    WorkspaceFull, WorkspaceReadOnly
        The disk is full, or the folder cannot be written; no partial file is left.
    """
    temporary = passing_name(path)
    try:
        try:
            handle = os.open(temporary, _CREATE, 0o666)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(temporary, _CREATE, 0o666)
        with os.fdopen(handle, "wb", buffering=0) as file:
            rest = memoryview(data)
            while rest:
                rest = rest[file.write(rest) :]
        os.replace(temporary, path)  # noqa: PTH105  half the time of Path.replace, once per image
    except OSError as error:
        with suppress(OSError):  # in a folder that cannot be written, it is not there either
            temporary.unlink(missing_ok=True)
        if (known := why_not_written(path, error)) is not None:
            raise known from error
        raise
    except BaseException:  # an interruption leaves no half-written file behind
        temporary.unlink(missing_ok=True)
        raise


def copy_whole(source: Path, target: Path) -> None:
    """Copy a file so that a reader, a crash or a power cut sees the whole copy or none; only its owner may read it.

    Raises
    ------
    WorkspaceFull
        The disk is full; no partial file is left.
    """
    with whole_file(target) as passing:
        handle = os.open(passing, _CREATE, 0o600)
        with source.open("rb") as whole, os.fdopen(handle, "wb") as file:
            shutil.copyfileobj(whole, file, 1 << 20)


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """Content-addressed files under one folder: `kind`/`first two hex digits`/`sha256`."""

    root: Path

    def path(self, kind: str, sha256: str) -> Path:
        """Where the object of that hash lies, present or not."""
        return self.root / kind / sha256[:2] / sha256

    def put(self, kind: str, sha256: str, data: bytes) -> None:
        """Store `data`; storing the same hash again does nothing."""
        path = self.path(kind, sha256)
        if not path.exists():
            write_atomically(path, data)

    def replace(self, kind: str, sha256: str, data: bytes) -> None:
        """Store `data` whatever lies there, as over a damaged file."""
        write_atomically(self.path(kind, sha256), data)

    def link(self, kind: str, other_kind: str, sha256: str) -> None:
        """Store an object under a second kind too, sharing its bytes on disk where the file system can."""
        source, target = self.path(kind, sha256), self.path(other_kind, sha256)
        if target.exists():
            return
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.hardlink_to(source)
        except FileExistsError:
            return
        except OSError as error:
            if disk_is_full(error):
                raise no_room_for(target) from error
            # Some file systems know no links; where nothing can be written, this says so.
            write_atomically(target, source.read_bytes())

    def get(self, kind: str, sha256: str) -> bytes:
        """Return the object, or raise FileMissing."""
        try:
            return self.path(kind, sha256).read_bytes()
        except FileNotFoundError:
            raise FileMissing(
                f"The file {kind}/{sha256[:12]}… is missing from the workspace {self.root}. "
                "Restore it from a backup, or import the data set again."
            ) from None
        except OSError as error:
            raise FileMissing(
                f"The file {kind}/{sha256[:12]}… of the workspace {self.root} cannot be read: {error.strerror}. "
                "Look whether the disk is there and the app may read it."
            ) from error


ORIGINALS = "originals"
THUMBNAILS = "thumbnails"
MASKS = "masks"
LOCKED = "locked"
"""Versions of images in which something shows who somebody is: kept as evidence, and read by nothing in the app."""
READING_LOGS = "reading_logs"
MANIFESTS = "manifests"
"""What records of tagged versions were, one compressed file per state."""
