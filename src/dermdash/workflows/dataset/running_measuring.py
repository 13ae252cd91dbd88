"""Measuring for the acquisition gate beside the pages: a click, a reload or a lost connection does not break it off.

It is a thread of the app, one at a time for each workspace. What is measured is kept whenever it ends, and the next one
goes on from there: nothing has to be remembered over a stop of the app.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from pathlib import Path

from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.beside_pages import BesidePages
from dermdash.workflows.claimed_work import Claim
from dermdash.workflows.dataset.measure_acquisition import MeasuringReport, measure

_RUNNING: dict[Path, RunningMeasuring] = {}
_LOCK = threading.Lock()


class RunningMeasuring(BesidePages):
    """A measuring under way, or one that has ended: how far it is, then its report or why there is none."""

    def __init__(self, workspace: Workspace, actor: Account, dataset_ids: Collection[str] | None) -> None:
        super().__init__(Claim(workspace.home, "measuring", "", title="Measuring"))
        self.done, self.total = 0, 0
        self.report: MeasuringReport | None = None
        self._start("measuring", self._measure, workspace, actor, dataset_ids)

    def _measure(self, workspace: Workspace, actor: Account, dataset_ids: Collection[str] | None) -> None:
        self.report = measure(
            workspace, actor, dataset_ids=dataset_ids, processes=None, progress=self._note,
            stopped=lambda: self.stopping,
        )  # fmt: skip

    def _note(self, done: int, total: int) -> None:
        self.done, self.total = done, total


def begin_measuring(
    workspace: Workspace, actor: Account, dataset_ids: Collection[str] | None = None
) -> RunningMeasuring:
    """Begin to measure; where it is under way already, that one is returned.

    Raises
    ------
    AccessDenied
        The person may not.
    """
    require_right(actor, Right.ASSESS_ACQUISITION)
    with _LOCK:
        running = _RUNNING.get(workspace.home)
        if running is None or running.ended:
            running = RunningMeasuring(workspace, actor, dataset_ids)
            _RUNNING[workspace.home] = running
        return running


def measuring_of(workspace: Workspace) -> RunningMeasuring | None:
    """The measuring that this app began last in a workspace, under way or ended."""
    return _RUNNING.get(workspace.home)


def forget_measuring(workspace: Workspace) -> None:
    """Take note of one that has ended."""
    with _LOCK:
        running = _RUNNING.get(workspace.home)
        if running is not None and running.ended:
            del _RUNNING[workspace.home]
