"""What the app does for its workspace besides answering pages: a thread that looks after it once a second.

It answers commands that need the workspace which the app has open (`workflows/workspace/app_requests.py`), brings
DuckDB's file up to date every few minutes, and once more when the app stops; then it also removes exports of accounts
that were closed, and uploads that nobody has asked for within a day.
"""

import logging
import threading
import time
from contextlib import suppress

import streamlit as st

from dermdash.errors import OutOfReach
from dermdash.storage.engine import checkpoint
from dermdash.storage.kept_flags import mend_flags
from dermdash.storage.workspace import Workspace
from dermdash.ui.metrics import LastMinute, memory_held, pages_open, problems_logged
from dermdash.ui.open_workspace import opened_workspace
from dermdash.ui.uploads import remove_leftovers
from dermdash.workflows.exports.running_export import remove_old_exports
from dermdash.workflows.reader_study.delivery_queue import queue_of
from dermdash.workflows.workspace.app_processes import (
    NOTED_EVERY_S,
    forget_long_gone,
    forget_process,
    note_process,
)
from dermdash.workflows.workspace.app_requests import LOOK_EVERY_S, answer_requests

_log = logging.getLogger(__name__)
CHECKPOINT_EVERY_S = 300.0
_STOP_WITHIN_S = 3.0


class Maintenance:
    """Runs from `start` to `stop`, once per process."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="maintenance", daemon=True)

    def start(self) -> None:
        """Begin to look after the workspace, as soon as a page has opened it."""
        self._thread.start()

    def stop(self) -> None:
        """Bring the database up to date and give it back, so that its file alone is whole."""
        self._over.set()
        self._thread.join(_STOP_WITHIN_S)  # a backup that is being made is broken off and not waited for
        workspace = opened_workspace()
        if workspace is not None:
            forget_process(workspace.home, _port())
            workspace.close()

    def _run(self) -> None:
        mended = False
        due, said, speak_at, lately = time.monotonic() + CHECKPOINT_EVERY_S, "", 0.0, LastMinute()
        while not self._over.wait(LOOK_EVERY_S):
            workspace = opened_workspace()
            if workspace is None:
                continue
            try:
                from dermdash.workflows.workspace.app_verbs import VERBS

                answer_requests(workspace, VERBS)
            except Exception as error:  # noqa: BLE001  the next request may well be answered
                words = f"{type(error).__name__}: {error}"
                if words != said:  # not every second again
                    _log.error("Commands cannot be answered: %s", words)
                said = words
            if not mended:
                mended = True
                _mend(workspace)
            if time.monotonic() >= speak_at:
                _say_how_this_process_is(workspace, lately)
                speak_at = time.monotonic() + NOTED_EVERY_S
            if time.monotonic() >= due:
                _look_after(workspace)
                due = time.monotonic() + CHECKPOINT_EVERY_S


def _port() -> int:
    return int(st.get_option("server.port"))


def _say_how_this_process_is(workspace: Workspace, lately: LastMinute) -> None:
    steps, slow_ms = lately.look()
    said = {
        "pages": pages_open(), "waiting": queue_of(workspace).length, "steps": steps, "slow_ms": slow_ms,
        "problems": problems_logged(), "memory": memory_held(),
    }  # fmt: skip
    # A full disk is said elsewhere; the next time is in ten seconds.
    with suppress(OutOfReach, OSError):
        note_process(workspace.home, _port(), said)


def _mend(workspace: Workspace) -> None:
    """Once, when the workspace was opened."""
    try:
        if count := mend_flags(workspace.engine):
            _log.warning(
                "What is kept beside %s records of why they ask for a look was not what follows: it is now", count
            )
    except Exception as error:  # noqa: BLE001  the next start does it; `dermdash check` says it meanwhile
        _log.error("What is kept of why records ask for a look was not compared: %s: %s", type(error).__name__, error)


def _look_after(workspace: Workspace) -> None:
    """Bring the database up to date; remove exports of accounts that were closed since, and uploads of yesterday."""
    checkpoint(workspace.engine)
    remove_leftovers(workspace.home / "uploads")
    forget_long_gone(workspace.home)
    remove_old_exports(workspace.home, days=workspace.settings.keep_exports_days)
    try:
        from dermdash.workflows.exports.left_behind import remove_exports_of_others

        remove_exports_of_others(workspace)
    except Exception as error:  # noqa: BLE001  in five minutes it may well be possible
        _log.error("Exports of closed accounts could not be removed: %s: %s", type(error).__name__, error)
