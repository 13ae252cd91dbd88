"""An export that runs beside the pages: a click, a reload or a lost connection does not break it off.

It is a thread of the app, one at a time for each account. What it made last lies in the workspace until the next one of
that account begins; a file beside it says how the export stands, so that whoever comes back after the app was stopped
finds the result, or hears that it was broken off and nothing was written.
"""

from __future__ import annotations

import json
import os
import platform
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from dermdash.errors import ExportStopped, InvalidInput
from dermdash.storage.private_files import keep_files_private
from dermdash.whole_files import process_lives, whole_file
from dermdash.wording import counted
from dermdash.workflows.beside_pages import BesidePages
from dermdash.workflows.claimed_work import Claim

FOLDER = "exports"
_DAY_S = 24 * 3600


class WrittenExport(Protocol):
    """What is said of a file that was written."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""


class ExportProgress(Protocol):
    """Takes how many are done, of how many, and what is being done."""

    def __call__(self, done: int, total: int, stage: str = "") -> None:
        """Raises `ExportStopped` where somebody has stopped it."""


Work = Callable[[Path, ExportProgress], WrittenExport]
"""Writes to a path, and says how far it is."""
_RUNNING: dict[tuple[Path, str], RunningExport] = {}
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class KeptExport:
    """The last export of an account that is over.

    ``report`` and ``file`` where it was written; ``broken_off``: it ended with the app.
    """

    begun_at: datetime
    title: str
    report: dict[str, Any] | None
    file: Path | None
    broken_off: bool = False


class RunningExport(BesidePages):
    """An export under way, or one that has ended."""

    def __init__(self, home: Path, account: str, title: str, file_name: str, work: Work) -> None:
        super().__init__(Claim(home, "export", account, title="An export of yours"))
        self.stage = ""
        self.id, self.title = secrets.token_hex(6), title
        self.begun = time.monotonic()
        self.done = self.total = 0
        self.told = False
        """Whether its end was shown to whom it belongs."""
        self._folder, self._begun_at = _folder(home, account), datetime.now(UTC)
        keep_files_private()
        self._note(_UNDER_WAY)
        self._start(f"export-{self.id}", self._export, file_name, work)

    def _export(self, file_name: str, work: Work) -> None:
        report = work(self._folder / file_name, self._progress)
        self._note(_WRITTEN, report=report.as_dict(), file=file_name)

    def _clear_up(self) -> None:
        # Only now: an export that is stopped takes away nothing that an earlier one made.
        self._remove_unknown()
        with suppress(OSError):
            (self._folder / _UNDER_WAY).unlink(missing_ok=True)

    def _progress(self, done: int, total: int, stage: str = "") -> None:
        self.done, self.total, self.stage = done, total, stage
        if self.stopping:
            where = stage or f"{done:,} of {counted(total, 'record')}"
            raise ExportStopped(f"The export was stopped at {where}. Nothing was written.")

    def _remove_unknown(self) -> None:
        """Remove every file that is not the one that was written last: nobody would find it."""
        kept = (_WRITTEN, _UNDER_WAY, (_read(self._folder / _WRITTEN) or {}).get("file"))
        with suppress(OSError):
            for path in self._folder.iterdir():
                if path.name not in kept:
                    path.unlink(missing_ok=True)

    def _note(self, name: str, **more: Any) -> None:
        said = {
            "title": self.title, "begun_at": self._begun_at.isoformat(), "pid": os.getpid(), "host": platform.node(),
            **more,
        }  # fmt: skip
        with whole_file(self._folder / name) as passing:
            passing.write_text(json.dumps(said, default=str), "utf-8")


_WRITTEN, _UNDER_WAY = "written.json", "under_way.json"
"""What the last export that was written is, and what is under way."""


def of_studies(account: str) -> str:
    """Under which name the archives of studies that an account makes are kept, apart from its exports of data sets."""
    return f"{account} studies"


def begin_export(home: Path, account: str, title: str, file_name: str, work: Work) -> RunningExport:
    """Begin an export for an account; when it is written, what its last one made is removed.

    Raises
    ------
    InvalidInput
        One of this account is under way.
    """
    with _LOCK:
        running = _RUNNING.get((home, account))
        if running is not None and not running.ended:
            raise InvalidInput("An export of yours is under way: wait for its end, or stop it.")
        begun = RunningExport(home, account, title, file_name, work)
        _RUNNING[home, account] = begun
        return begun


def export_of(home: Path, account: str) -> RunningExport | None:
    """The export of that account that this app began last, under way or ended."""
    return _RUNNING.get((home, account))


def last_export(home: Path, account: str) -> KeptExport | None:
    """The last export of an account that is over: one that ended with the app, else the last one that was written."""
    folder, running = _folder(home, account), export_of(home, account)
    said = _read(folder / _UNDER_WAY)
    if said is not None and (running is None or running.ended):
        elsewhere = said["host"] != platform.node() or (said["pid"] != os.getpid() and process_lives(int(said["pid"])))
        if not elsewhere:
            return KeptExport(datetime.fromisoformat(said["begun_at"]), said["title"], None, None, broken_off=True)
    said = _read(folder / _WRITTEN)
    if said is None or not (folder / said["file"]).exists():
        return None
    return KeptExport(datetime.fromisoformat(said["begun_at"]), said["title"], said["report"], folder / said["file"])


def _read(path: Path) -> dict[str, Any] | None:
    try:
        said: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return said


def remove_left_behind(home: Path, accounts: Collection[str]) -> None:
    """Remove what accounts have left that may export no more, and stop what they have under way.

    ``accounts``: ids of those that still may.
    """
    kept = {_folder(home, account).name for account in accounts}
    for (place, account), running in list(_RUNNING.items()):
        if place == home and account not in accounts:
            running.stop()
    if (home / FOLDER).is_dir():
        for folder in (home / FOLDER).iterdir():
            if folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)


def remove_old_exports(home: Path, *, days: int) -> None:
    """Remove what was exported longer ago than so many days; 0: nothing is.

    A folder in which an export is under way stays.
    """
    if not days or not (home / FOLDER).is_dir():
        return
    for folder in (home / FOLDER).iterdir():
        with suppress(OSError):
            age = time.time() - (folder / _WRITTEN).stat().st_mtime
            if age > days * _DAY_S and not (folder / _UNDER_WAY).exists():
                shutil.rmtree(folder, ignore_errors=True)


def forget_export(home: Path, account: str) -> None:
    """Remove what the last export of an account made."""
    shutil.rmtree(_folder(home, account), ignore_errors=True)


def _folder(home: Path, account: str) -> Path:
    return home / FOLDER / sha256(account.encode()).hexdigest()[:12]
