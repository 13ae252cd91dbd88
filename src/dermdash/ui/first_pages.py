"""Readers who open the study come in one after the other, so that a ward that comes at once holds up nobody who reads.

A first page costs the processor time of three steps. Two hundred made at the same time take the interpreter from one
another and from every answer: all of them are there after eight seconds, none before. In turn the first is there at
once and the last after less time, as nothing is asked for twice by whoever waited too long.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from dermdash.storage.workspace import Workspace

_PATIENCE_S = 20.0
"""A page that waits so long is made all the same: one that hangs must not keep the study from the others."""


class Door:
    """Lets so many in at a time, and whoever has waited for ``patience_s``."""

    def __init__(self, places: int, *, patience_s: float = _PATIENCE_S) -> None:
        self._places, self._patience_s = threading.Semaphore(places), patience_s

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        """Wait for a place and hold it."""
        held = self._places.acquire(timeout=self._patience_s)
        try:
            yield
        finally:
            if held:
                self._places.release()


@lru_cache(maxsize=8)
def door_of(workspace: Workspace) -> Door:
    """The door of a workspace; where the database is a server, one page waits for it while another is made."""
    return Door(1 if workspace.embedded else 2)
