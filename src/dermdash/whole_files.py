"""Files that are there whole or not at all, whatever happens while they are written."""

import errno
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dermdash.errors import OutOfReach, WorkspaceFull, WorkspaceReadOnly

_FULL = ("no space left", "storagefull", "disk quota exceeded")
"""What libraries that write by themselves say, in which the number of the error is lost."""


def disk_is_full(error: BaseException) -> bool:
    """Whether there was no room, for the disk or for this user."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return any(words in str(error).lower() for words in _FULL)


def may_not_write(error: BaseException) -> bool:
    """Whether a place cannot be written by this user, or by nobody."""
    return isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EPERM, errno.EROFS)


def passing_name(path: Path) -> Path:
    """Where a file lies while this thread writes it: beside its place, under a name that nothing reads."""
    return path.with_name(f".writing-{os.getpid()}-{threading.get_ident()}-{path.name}")


def process_lives(pid: int) -> bool:
    """Whether a process of this machine with that number is there: what it was writing is not left behind then."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Write a file: to the path that is yielded, which takes its place when all of it is on the disk.

    Neither an error, an interruption, a kill nor a power cut leaves half of it under its name.

    Raises
    ------
    WorkspaceFull, WorkspaceReadOnly
        The disk is full, or the folder cannot be written; what was written is removed.
    """
    temporary = passing_name(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        if (known := why_not_written(path, error)) is not None:
            raise known from error
        raise


def why_not_written(path: Path, error: BaseException) -> OutOfReach | None:
    """The error to raise for a file that could not be written: no room, no right to; None for anything else."""
    if disk_is_full(error):
        return no_room_for(path)
    return read_only(path, error) if may_not_write(error) else None


def read_only(path: Path, error: BaseException) -> WorkspaceReadOnly:
    """The error for a place that cannot be written."""
    said = error.strerror if isinstance(error, OSError) else str(error)
    return WorkspaceReadOnly(
        f"The folder {path.parent} cannot be written ({said}). What was stored before is safe: give the account that "
        "runs dermdash the right to write there, or mount the disk for writing, and run the same command again."
    )


def no_room_for(path: Path) -> WorkspaceFull:
    """The error for a file that found no room."""
    return WorkspaceFull(
        f"The disk holding {path.parent} is full. What was stored before is safe: free some space and "
        "run the same command again, it goes on where it stopped."
    )


def sync_disks() -> None:
    """Let everything written so far reach the disks, before something is written that says it is there."""
    if hasattr(os, "sync"):
        os.sync()
