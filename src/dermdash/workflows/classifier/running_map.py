"""A map that is computed beside the pages: a click, a reload or a lost connection does not break it off.

One at a time in an app, whoever asked: it takes both cores. Whoever asks for the same map meanwhile watches it.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

from dermdash.errors import DermdashError, InvalidInput
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts import rights
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.beside_pages import BesidePages
from dermdash.workflows.claimed_work import Claim
from dermdash.workflows.classifier.record_map import SEED, record_map

_RUNNING: dict[Path, RunningMap] = {}
_LOCK = threading.Lock()


class MapStopped(DermdashError):
    """Somebody stopped it."""


class RunningMap(BesidePages):
    """A map under way, or one that has ended: how far it is, then why there is none."""

    def __init__(self, workspace: Workspace, model_id: str, *, simulated: bool, seed: int, key: str) -> None:
        super().__init__(Claim(workspace.home, "map", "", title="A map"))
        self.key, self.begun = key, time.monotonic()
        self.share = 0.0

        def draw() -> None:
            record_map(workspace, model_id, simulated=simulated, seed=seed, progress=self._note)

        self._start(f"map-{key[:8]}", draw)

    def _note(self, done: int, total: int) -> None:
        self.share = done / total
        if self.stopping:
            raise MapStopped("The map was stopped. Nothing of it is kept; it can be drawn again at any time.")


def begin_map(
    workspace: Workspace, actor: Account | None, model_id: str, *, simulated: bool, key: str, seed: int = SEED
) -> RunningMap:
    """Begin to compute a map, or return the one of that key that is under way.

    Raises
    ------
    AccessDenied
        The account may not.
    InvalidInput
        Another map is under way.
    """
    rights.require_right(actor, Right.KEEP_RECORD_SETS)
    with _LOCK:
        running = _RUNNING.get(workspace.home)
        if running is not None and not running.ended:
            if running.key == key:
                return running
            raise InvalidInput("Another map is being drawn: wait for its end, or stop it.")
        begun = RunningMap(workspace, model_id, simulated=simulated, seed=seed, key=key)
        _RUNNING[workspace.home] = begun
        return begun


def map_under_way(home: Path) -> RunningMap | None:
    """The map that this app began last, under way or ended."""
    return _RUNNING.get(home)
