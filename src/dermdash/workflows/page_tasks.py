"""Work that a page asks for and needs the result of: it runs beside the page, and is found again from any tab.

What takes longer than a page should wait is asked for by a key. Whoever asks for the same key meanwhile watches the
same work; its result is kept until others take its place. It goes with the app: nothing half-done stays on the disk, as
each work stores in whole acts.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dermdash.errors import DermdashError, InvalidInput
from dermdash.workflows.beside_pages import BesidePages
from dermdash.workflows.claimed_work import Claim

Report = Callable[[str, float, float], None]
"""Called with the stage, what is done, and of how much; it may raise to end the work."""
Key = tuple[Hashable, ...]
_MOST_AT_ONCE = 2
"""More would only take the cores from one another, and from whoever reads images."""
_MOST_KEPT = 12
MOST_UNDER_WAY = 20
"""Running and waiting: each has a thread."""
_TASKS: dict[tuple[Path, Key], PageTask] = {}
_LOCK = threading.Lock()
_PLACES = threading.Semaphore(_MOST_AT_ONCE)
_WAIT_S = 0.2


class TaskStopped(DermdashError):
    """Somebody stopped the work."""


def no_report(stage: str, done: float, total: float) -> None:
    """Say nothing: for callers that nobody watches."""


@dataclass(frozen=True, slots=True)
class TaskProgress:
    """At what the work is, and how much of that is done."""

    stage: str
    done: float
    total: float

    @property
    def share(self) -> float:
        """How much of this part is done (0 to 1)."""
        return min(1.0, self.done / self.total) if self.total else 1.0


class PageTask(BesidePages):
    """Work under way, or that has ended: its progress, then its result or why there is none.

    ``title`` says what it is; ``stopped_words`` what somebody who stops it should know; ``is_act``: it changes
    something, and what came of it waits for whoever asked.
    """

    def __init__(
        self, title: str, work: Callable[[Report], Any], stopped_words: str, *, is_act: bool, claim: Claim | None = None
    ) -> None:
        super().__init__(claim)
        self.title, self.stopped_words, self.is_act = title, stopped_words, is_act
        self.begun = time.monotonic()
        self.progress = TaskProgress("Starting", 0, 1)
        self.result: Any = None
        self._start(f"task-{title[:20]}", self._work, work)

    def _work(self, work: Callable[[Report], Any]) -> None:
        while not _PLACES.acquire(timeout=_WAIT_S):
            self._report("Waiting for other work", 0, 1)  # raises where somebody stops it
        try:
            self._report("Starting", 0, 1)
            self.result = work(self._report)
        finally:
            _PLACES.release()

    def _report(self, stage: str, done: float, total: float) -> None:
        self.progress = TaskProgress(stage, done, total)
        if self.stopping:
            raise TaskStopped(f"Stopped. {self.stopped_words}".rstrip())


def ask_for(
    home: Path,
    key: Key,
    title: str,
    work: Callable[[Report], Any],
    *,
    stopped_words: str = "Nothing was kept.",
    is_act: bool = False,
) -> PageTask:
    """The work of that key: the one under way or ended, else it begins.

    Work that ended with an error or was stopped stays as it is until `forget_task`, so that it does not begin again and
    again.

    Raises
    ------
    InvalidInput
        So much waits already that a person would wait in vain, or another process of the app is at this act.
    """
    with _LOCK:
        found = _TASKS.get((home, key))
        if found is None:
            if sum(not task.ended for task in _TASKS.values()) >= MOST_UNDER_WAY:
                raise InvalidInput(
                    f"{MOST_UNDER_WAY} works of pages are under way or wait already: try again when some of them are "
                    "over, or stop one that nobody needs"
                )
            # What changes nothing may be computed twice; what does is done by one process.
            claim = Claim(home, "task", repr(key), title=title) if is_act else None
            found = _TASKS[home, key] = PageTask(title, work, stopped_words, is_act=is_act, claim=claim)
            over = [of for of, task in _TASKS.items() if task.ended and not task.is_act]
            for of in over[: max(0, len(over) - _MOST_KEPT)]:
                del _TASKS[of]
        return found


def task_of(home: Path, key: Key) -> PageTask | None:
    """The work of that key that this app began last; None: there is none, or it was forgotten."""
    return _TASKS.get((home, key))


def forget_task(home: Path, key: Key) -> None:
    """Take note of the end of a work; one under way goes on."""
    with _LOCK:
        found = _TASKS.get((home, key))
        if found is not None and found.ended:
            del _TASKS[home, key]
