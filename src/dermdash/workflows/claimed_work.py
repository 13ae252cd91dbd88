"""Work that one process of the app does at a time, whichever of them was asked: others hear who is at it.

Threads of one process know one another's work; processes on one workspace see it by a lock on a file in its folder,
which the system takes back when a process ends, however it ends. A wish that a work stop lies beside its lock, names
this very work, and is gone with it: whoever sees the lock can ask, also while the database is away.
"""

from __future__ import annotations

import json
import os
import platform
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO
from uuid import uuid4

from dermdash.errors import InvalidInput, NotFound
from dermdash.storage.object_store import write_atomically
from dermdash.wording import moment

FOLDER = "running"
_LOCK, _WISH = ".lock", ".stop"
_LOOKED_AT_MOST_EVERY_S = 0.5
"""So often a work looks whether it shall stop, however often it says how far it is."""
_KEY = re.compile(r"[a-z]+-[0-9a-f]{12}")


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
        self._wish, self._id, self._looked, self._asked = Path(), uuid4().hex, 0.0, False
        try:
            import fcntl
        except ImportError:  # Windows, where PostgreSQL is not served by several processes
            return
        folder = home / FOLDER
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / f"{kind}-{sha256(about.encode()).hexdigest()[:12]}{_LOCK}"
        file = path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            said = _said(file)
            file.close()
            raise InvalidInput(
                f"{title} is under way in another process of the app{said}: wait for its end, or let an admin "
                "stop it on the page Operations."
            ) from None
        file.truncate(0)
        written = {"since": datetime.now(UTC).isoformat(), "pid": os.getpid(), "host": platform.node(), "id": self._id}
        json.dump(written, file)
        file.flush()
        self._file, self._wish = file, path.with_suffix(_WISH)

    @property
    def asked_to_stop(self) -> bool:
        """Whether somebody at another process asked this work to stop (`ask_to_stop`)."""
        if not self._asked and self._file is not None and time.monotonic() - self._looked > _LOOKED_AT_MOST_EVERY_S:
            self._looked = time.monotonic()
            self._asked = _wish(self._wish) == self._id
        return self._asked

    def release(self) -> None:
        """Let others begin; again is no harm."""
        if self._file is not None:
            with suppress(OSError):
                self._wish.unlink(missing_ok=True)
            self._file.close()
            self._file = None


@dataclass(frozen=True, slots=True)
class ClaimedWork:
    """A work under way in some process: its kind as whoever claimed it calls it, and since when and where.

    ``key`` and ``id`` name it for `ask_to_stop`; ``stopping``: it was asked, and ends after what it is at.
    """

    kind: str
    since: datetime
    pid: int
    host: str
    key: str = ""
    id: str = ""
    stopping: bool = False


def work_under_way(home: Path) -> list[ClaimedWork]:
    """What the processes of the app are at, the earliest first; nothing where the system has no such locks."""
    try:
        import fcntl
    except ImportError:
        return []
    found = []
    for path in (home / FOLDER).glob(f"*{_LOCK}"):
        with suppress(OSError, ValueError, KeyError, TypeError), path.open(encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                said = json.load(file)
                since = datetime.fromisoformat(said["since"])
                key, name = path.name.removesuffix(_LOCK), str(said.get("id", ""))
                stopping = bool(name) and _wish(path.with_suffix(_WISH)) == name
                kind = path.name.rpartition("-")[0]
                found.append(ClaimedWork(kind, since, int(said["pid"]), str(said["host"]), key, name, stopping))
    return sorted(found, key=lambda work: work.since)


def ask_to_stop(home: Path, key: str, name: str) -> ClaimedWork:
    """Ask the work of this key and id to end after what it is at, in whichever process it runs; again is no harm.

    Raises
    ------
    NotFound
        It has ended; another that took its place meanwhile goes on.
    WorkspaceFull, WorkspaceReadOnly
        The wish cannot be written.
    """
    work = next((one for one in work_under_way(home) if one.key == key and one.id == name and name), None)
    if work is None or not _KEY.fullmatch(key):
        raise NotFound("This work has ended meanwhile: there is nothing to stop.")
    write_atomically(home / FOLDER / f"{key}{_WISH}", name.encode())
    return work


def _wish(path: Path) -> str:
    """Which work was asked to stop; empty where none was."""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _said(file: IO[str]) -> str:
    """Since when and where, as far as whoever holds the lock has written it."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        file.seek(0)
        said = json.load(file)
        return f" (process {int(said['pid'])} on {said['host']}, since {moment(datetime.fromisoformat(said['since']))})"
    return ""
