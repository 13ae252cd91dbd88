"""The processes of the app on a workspace, on whatever machine: each says of itself every few seconds how it is.

A file of each lies in the workspace's folder, which all of them share; a page of any of them can show all.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dermdash.storage.engine import now
from dermdash.whole_files import whole_file
from dermdash.workflows.claimed_work import FOLDER

NOTED_EVERY_S = 10.0
SILENT_AFTER_S = 35.0
"""Who has said nothing for so long has ended, or hangs."""
_FORGOTTEN_AFTER = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class AppProcess:
    """One process as it last said.

    Attributes
    ----------
    pages, waiting
        Pages that are open, and deliveries of readers that wait for their turn.
    steps, slow_ms
        Pages made for readers in the last minute, and the time in which 95 % of them were made at most; None: none was.
    problems
        Warnings and errors in its log since it started.
    memory
        Bytes it holds; None where the system does not say.
    """

    host: str
    port: int
    pid: int
    since: datetime
    seen: datetime
    pages: int
    waiting: int
    steps: int
    slow_ms: float | None
    problems: int
    memory: int | None

    @property
    def silent_s(self) -> float:
        """Seconds since it last said something."""
        return max(0.0, (now() - self.seen).total_seconds())

    @property
    def silent(self) -> bool:
        """Whether it has ended, or hangs."""
        return self.silent_s > SILENT_AFTER_S


_started = datetime.now(UTC)


def note_process(home: Path, port: int, said: Mapping[str, Any]) -> None:
    """Say how this process is: ``said`` has the attributes of `AppProcess` beside who and when it is."""
    known = {
        "host": platform.node(), "port": port, "pid": os.getpid(), "since": _started.isoformat(),
        "seen": now().isoformat(), **said,
    }  # fmt: skip
    with whole_file(_file(home, port)) as passing:
        passing.write_text(json.dumps(known), "utf-8")


def forget_process(home: Path, port: int) -> None:
    """Say that this process ends."""
    with suppress(OSError):
        _file(home, port).unlink(missing_ok=True)


def known_processes(home: Path) -> list[AppProcess]:
    """All that have said something of themselves in the last hours, by host and port."""
    found = []
    for path in sorted((home / FOLDER).glob("process-*.json")):
        with suppress(OSError, ValueError, KeyError, TypeError):
            said: dict[str, Any] = json.loads(path.read_text("utf-8"))
            for name in ("since", "seen"):
                said[name] = datetime.fromisoformat(said[name])
            found.append(AppProcess(**said))
    return sorted(found, key=lambda one: (one.host, one.port))


def forget_long_gone(home: Path) -> None:
    """Remove what processes have left that ended long ago."""
    for path in (home / FOLDER).glob("process-*.json"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _FORGOTTEN_AFTER.total_seconds():
                path.unlink()


def _file(home: Path, port: int) -> Path:
    return home / FOLDER / f"process-{platform.node()}-{port}.json"
