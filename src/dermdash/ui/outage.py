"""Says once that something is out of reach and once that it is back, however many readers ask for it meanwhile."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from dermdash.errors import FileMissing, OutOfReach

_log = logging.getLogger(__name__)
QUIET_S = 5.0
"""Back is what has not failed for so long: while a server stops or starts, some requests succeed and others do not."""


@dataclass(slots=True)
class _Loss:
    since: float
    latest: float
    count: int = 1


@dataclass(slots=True)
class Outage:
    """What is out of reach at the moment; one for the process, shared by the threads of all readers."""

    clock: Callable[[], float] = time.monotonic
    _losses: dict[str, _Loss] = field(default_factory=dict)
    _files: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def lost(self, error: OutOfReach) -> None:
        """Note that a request failed; only the first failure of a loss is logged."""
        kind, moment = type(error).__name__, self.clock()
        with self._lock:
            if isinstance(error, FileMissing):
                # Other readers have other cases: that they succeed says nothing of this file.
                new = str(error) not in self._files
                self._files.add(str(error))
            else:
                loss = self._losses.get(kind)
                new = loss is None
                if loss is None:
                    self._losses[kind] = _Loss(moment, moment)
                else:
                    loss.latest, loss.count = moment, loss.count + 1
        if new:
            _log.error("%s: %s Readers keep what they see, and their answers wait in their browsers.", kind, error)

    def over(self) -> None:
        """Note that a request succeeded: what has not failed since a while is back."""
        if not self._losses:
            return
        moment = self.clock()
        with self._lock:
            back = {kind: loss for kind, loss in self._losses.items() if moment - loss.latest >= QUIET_S}
            for kind in back:
                del self._losses[kind]
        for kind, loss in back.items():
            _log.warning(
                "%s is over: it lasted %.0f s, and %d requests failed", kind, loss.latest - loss.since, loss.count
            )


OUTAGE = Outage()
"""The one of this process."""
