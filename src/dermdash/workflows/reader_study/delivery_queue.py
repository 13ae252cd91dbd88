"""Whose delivery is stored next: one of each reader at a time, readers in the order they came.

A plain lock is unfair: whoever asks most often gets it most often, and one sender could keep all others waiting.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache

from dermdash.storage.workspace import Workspace


@dataclass(eq=False, slots=True)
class _Waiting:
    called: threading.Event = field(default_factory=threading.Event)
    overtaken: bool = False


class DeliveryQueue:
    """A fair line of readers before `places` that store.

    A reader has one place in the line, whatever number of deliveries they send: a newer one takes the place of the one
    that waits, which is dropped. The browser delivers all it has again and again: the newer one holds the same items.
    """

    def __init__(self, places: int) -> None:
        self._lock = threading.Lock()
        self._free = places
        self._line: deque[str] = deque()
        self._waiting: dict[str, _Waiting] = {}
        self._storing: set[str] = set()

    @contextmanager
    def turn(self, reader_id: str) -> Iterator[bool]:
        """Wait for this reader's turn and hold it; False: a newer delivery took it and this one is dropped."""
        mine = _Waiting()
        with self._lock:
            before = self._waiting.get(reader_id)
            if before is None:
                self._line.append(reader_id)
            else:
                before.overtaken = True
                before.called.set()
            self._waiting[reader_id] = mine
            self._call()
        mine.called.wait()
        if mine.overtaken:
            yield False
            return
        try:
            yield True
        finally:
            with self._lock:
                self._storing.discard(reader_id)
                self._free += 1
                self._call()

    @property
    def length(self) -> int:
        """How many deliveries wait: at most one of each reader."""
        with self._lock:
            return len(self._waiting)

    def _call(self) -> None:
        """Give free places to the first in the line who are not storing already."""
        while self._free:
            following = next((reader for reader in self._line if reader not in self._storing), None)
            if following is None:
                return
            self._line.remove(following)
            self._storing.add(following)
            self._free -= 1
            self._waiting.pop(following).called.set()


@lru_cache(maxsize=8)
def queue_of(workspace: Workspace) -> DeliveryQueue:
    """The line before the database of a workspace.

    Embedded DuckDB gives the interpreter away and takes it back at every call. Fifty threads doing so at once spend
    their time waiting for it: one at a time, a step of 50 readers took 20 ms instead of 500. On a server half of the
    connections are left to whoever only reads.
    """
    return DeliveryQueue(1 if workspace.embedded else max(1, workspace.settings.database_connections // 2))
