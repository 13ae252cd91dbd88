"""Files of the workspace, named by the sha256 of their content."""

import errno
import os
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path

from dermdash.errors import FileMissing, WorkspaceFull

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


def disk_is_full(error: OSError) -> bool:
    """Whether there was no room, for the disk or for this user."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that a reader or a crash sees the whole file or none.

    Raises
    ------
    WorkspaceFull
        The disk is full; no partial file is left.
    """
    temporary = path.with_name(f".writing-{os.getpid()}-{threading.get_ident()}-{path.name}")
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
        temporary.unlink(missing_ok=True)
        if disk_is_full(error):
            raise _full(path) from error
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
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = target.with_name(f".writing-{os.getpid()}-{threading.get_ident()}-{target.name}")
    try:
        with source.open("rb") as whole, os.fdopen(os.open(temporary, _CREATE, 0o600), "wb") as file:
            shutil.copyfileobj(whole, file, 1 << 20)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        if disk_is_full(error):
            raise _full(target) from error
        raise
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _full(path: Path) -> WorkspaceFull:
    return WorkspaceFull(
        f"The disk holding {path.parent} is full. What was stored before is safe: free some space and "
        "run the same command again, it goes on where it stopped."
    )


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

    def link(self, kind: str, other_kind: str, sha256: str) -> None:
        """Store an object under a second kind too, sharing its bytes on disk where the file system can."""
        source, target = self.path(kind, sha256), self.path(other_kind, sha256)
        if target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            target.hardlink_to(source)
        except FileExistsError:
            return
        except OSError as error:
            if disk_is_full(error):
                raise _full(target) from error
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
READING_LOGS = "reading_logs"
