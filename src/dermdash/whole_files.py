"""Files that are there whole or not at all, whatever happens while they are written."""

import errno
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dermdash.errors import WorkspaceFull

_FULL = ("no space left", "storagefull", "disk quota exceeded")
"""What libraries that write by themselves say, in which the number of the error is lost."""


def disk_is_full(error: BaseException) -> bool:
    """Whether there was no room, for the disk or for this user."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return any(words in str(error).lower() for words in _FULL)


def passing_name(path: Path) -> Path:
    """Where a file lies while this thread writes it: beside its place, under a name that nothing reads."""
    return path.with_name(f".writing-{os.getpid()}-{threading.get_ident()}-{path.name}")


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Write a file: to the path that is yielded, which takes its place when all of it is on the disk.

    Neither an error, an interruption, a kill nor a power cut leaves half of it under its name.

    Raises
    ------
    WorkspaceFull
        The disk is full; what was written is removed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = passing_name(path)
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if disk_is_full(error):
            raise no_room_for(path) from error
        raise


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
