"""Work that one process of the app does at a time, whichever of them was asked: others hear who is at it.

Threads of one process know one another's work; processes on one workspace see it by a lock on a file in its folder,
which the system takes back when a process ends, however it ends.
"""

from __future__ import annotations

import json
import os
import platform
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO

from dermdash.errors import InvalidInput
from dermdash.wording import moment

FOLDER = "running"


class Claim:
    """A work that this process alone does, until `release` or its end.

    Parameters
    ----------
    home
        Folder of the workspace.
    kind, about
        What work, and of what there may be one at a time: an account, a study, "" for the whole workspace.
    title
        What it is, as the beginning of a sentence: "An import of yours".

    Raises
    ------
    InvalidInput
        Another process is at it.
    """

    def __init__(self, home: Path, kind: str, about: str, *, title: str) -> None:
        self._file: IO[str] | None = None
        try:
            import fcntl
        except ImportError:  # Windows, where PostgreSQL is not served by several processes
            return
        folder = home / FOLDER
        folder.mkdir(mode=0o700, exist_ok=True)
        file = (folder / f"{kind}-{sha256(about.encode()).hexdigest()[:12]}.lock").open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            said = _said(file)
            file.close()
            raise InvalidInput(f"{title} is under way in another process of the app{said}: wait for its end.") from None
        file.truncate(0)
        json.dump({"since": datetime.now(UTC).isoformat(), "pid": os.getpid(), "host": platform.node()}, file)
        file.flush()
        self._file = file

    def release(self) -> None:
        """Let others begin; again is no harm."""
        if self._file is not None:
            self._file.close()
            self._file = None


@dataclass(frozen=True, slots=True)
class ClaimedWork:
    """A work under way in some process: its kind as whoever claimed it calls it, and since when and where."""

    kind: str
    since: datetime
    pid: int
    host: str


def work_under_way(home: Path) -> list[ClaimedWork]:
    """What the processes of the app are at, the earliest first; nothing where the system has no such locks."""
    try:
        import fcntl
    except ImportError:
        return []
    found = []
    for path in (home / FOLDER).glob("*.lock"):
        with suppress(OSError, ValueError, KeyError, TypeError), path.open(encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                said = json.load(file)
                since = datetime.fromisoformat(said["since"])
                found.append(ClaimedWork(path.name.rpartition("-")[0], since, int(said["pid"]), str(said["host"])))
    return sorted(found, key=lambda work: work.since)


def _said(file: IO[str]) -> str:
    """Since when and where, as far as whoever holds the lock has written it."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        file.seek(0)
        said = json.load(file)
        return f" (process {int(said['pid'])} on {said['host']}, since {moment(datetime.fromisoformat(said['since']))})"
    return ""
