"""Checks that run beside the pages: a click, a reload or a lost connection does not break them off.

A thread of the app, one at a time for a workspace. What a check has found, looked at or compared is kept whenever it
ends, and the next run goes on there.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from dermdash.errors import CheckStopped, InvalidInput
from dermdash.workflows.beside_pages import BesidePages
from dermdash.workflows.claimed_work import Claim
from dermdash.workflows.findings.check import CheckProgress
from dermdash.workflows.findings.run_checks import RunReport

ChecksWork = Callable[[Callable[[CheckProgress], None]], RunReport]
_RUNNING: dict[Path, RunningChecks] = {}
_LOCK = threading.Lock()


class RunningChecks(BesidePages):
    """Checks under way, or that have ended: their progress, then their report or why there is none."""

    def __init__(self, home: Path, checks: Sequence[str], work: ChecksWork) -> None:
        super().__init__(Claim(home, "checks", "", title="A check"))
        self.id = secrets.token_hex(6)
        self.checks = tuple(checks)
        self.begun = time.monotonic()
        self.seconds = 0.0
        self.told_to: set[str] = set()
        self.progress: CheckProgress | None = None
        self.report: RunReport | None = None
        self._start(f"checks-{self.id}", self._check, work)

    def _check(self, work: ChecksWork) -> None:
        self.report = work(self._note)

    def _clear_up(self) -> None:
        self.seconds = time.monotonic() - self.begun

    def _note(self, progress: CheckProgress) -> None:
        self.progress = progress
        if self.stopping:
            raise CheckStopped(
                f"The checks were stopped at {progress.check}. What was done until then is kept; running them again "
                "goes on from there."
            )


def begin_checks(home: Path, checks: Sequence[str], work: ChecksWork) -> RunningChecks:
    """Begin checks of a workspace.

    Raises
    ------
    InvalidInput
        Some are under way.
    """
    with _LOCK:
        running = _RUNNING.get(home)
        if running is not None and not running.ended:
            raise InvalidInput("Checks are under way: wait for their end, or stop them.")
        begun = RunningChecks(home, checks, work)
        _RUNNING[home] = begun
        return begun


def checks_of(home: Path) -> RunningChecks | None:
    """The checks of a workspace that this app began last, under way or ended."""
    return _RUNNING.get(home)
