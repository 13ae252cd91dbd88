"""An import that runs beside the pages: a click, a reload or a lost connection does not break it off.

It is a thread of the app, one at a time for each account. What it has stored is kept whenever it ends; a file in the
workspace says that it runs, so that whoever comes back after the app was stopped hears that it was broken off.
"""

from __future__ import annotations

import json
import os
import platform
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from dermdash.errors import ImportStopped, InvalidInput
from dermdash.storage.private_files import keep_files_private
from dermdash.whole_files import process_lives, whole_file
from dermdash.wording import counted
from dermdash.workflows.beside_pages import BesidePages
from dermdash.workflows.claimed_work import Claim
from dermdash.workflows.dataset.import_report import ImportProgress, ImportReport

Work = Callable[[Callable[[ImportProgress], None]], ImportReport]
_NOTED_EVERY_S = 5.0
_RUNNING: dict[tuple[Path, str], RunningImport] = {}
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class BrokenOff:
    """An import that ended with the app: when it was begun, and how far it was known to be."""

    begun_at: datetime
    done: int
    total: int


class RunningImport(BesidePages):
    """An import under way, or one that has ended: its progress, then its report or why there is none."""

    def __init__(self, home: Path, account: str, work: Work) -> None:
        super().__init__(Claim(home, "import", account, title="An import of yours"))
        self.id = secrets.token_hex(6)
        self.begun = time.monotonic()
        self.progress = ImportProgress(0, 0)
        self.report: ImportReport | None = None
        self._marker, self._begun_at, self._noted = _marker(home, account), datetime.now(UTC), 0.0
        self._note(self.progress)
        # The work holds the files that were uploaded for it.
        self._start(f"import-{self.id}", self._import, work)

    def _import(self, work: Work) -> None:
        self.report = work(self._note)

    def _clear_up(self) -> None:
        with suppress(OSError):
            self._marker.unlink(missing_ok=True)

    def _note(self, progress: ImportProgress) -> None:
        self.progress = progress
        if self.stopping:
            raise ImportStopped(
                f"The import was stopped at {progress.done:,} of {counted(progress.total, 'image')}. What was stored "
                "is kept; importing the same files again goes on from there."
            )
        if time.monotonic() - self._noted > _NOTED_EVERY_S:
            self._noted = time.monotonic()
            said = {"pid": os.getpid(), "host": platform.node(), "begun_at": self._begun_at.isoformat(),
                    "done": progress.done, "total": progress.total}  # fmt: skip
            with suppress(OSError):
                self._marker.parent.mkdir(exist_ok=True)
                keep_files_private()
                with whole_file(self._marker) as passing:
                    passing.write_text(json.dumps(said), "utf-8")


def begin_import(home: Path, account: str, work: Work) -> RunningImport:
    """Begin an import for an account.

    Raises
    ------
    InvalidInput
        One of this account is under way.
    """
    with _LOCK:
        running = _RUNNING.get((home, account))
        if running is not None and not running.ended:
            raise InvalidInput("An import of yours is under way: wait for its end, or stop it.")
        begun = RunningImport(home, account, work)
        _RUNNING[home, account] = begun
        return begun


def import_of(home: Path, account: str) -> RunningImport | None:
    """The import of that account that this app began last, under way or ended."""
    return _RUNNING.get((home, account))


def broken_off(home: Path, account: str) -> BrokenOff | None:
    """An import of that account which ended with the app that ran it; None where there is none."""
    try:
        said = json.loads(_marker(home, account).read_text("utf-8"))
        found = BrokenOff(datetime.fromisoformat(said["begun_at"]), int(said["done"]), int(said["total"]))
        elsewhere, pid = said["host"] != platform.node(), int(said["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if elsewhere:
        return None
    if pid == os.getpid():
        running = import_of(home, account)
        return found if running is None or running.ended else None
    return None if process_lives(pid) else found


def forget_broken_off(home: Path, account: str) -> None:
    """Say no more that it was broken off."""
    _marker(home, account).unlink(missing_ok=True)


def _marker(home: Path, account: str) -> Path:
    return home / "uploads" / f"import-{sha256(account.encode()).hexdigest()[:12]}.json"
