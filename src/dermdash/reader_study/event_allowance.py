"""How many events beside answers a reader's browser may have stored: far more than a person makes, far fewer than a
program can send.

Answers are bounded by the study itself: one for each step. Events are not, and each one is a row for ever.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

PER_DELIVERY = 100
"""A browser keeps at most so many of those it may drop."""
PER_MINUTE = 240
PER_READER = 20_000

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class EventAllowance:
    """What is left to one reader; shared by all their tabs, so it may be asked by several threads.

    ``stored`` is how many events the database holds of them, ``excess`` how many were not stored at once because of a
    limit (counted again when they are delivered again).
    """

    reader_id: str
    stored: int = 0
    excess: int = 0
    clock: Callable[[], float] = time.monotonic
    _left: float = PER_MINUTE
    _since: float | None = None
    _logged: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def used_up(self) -> bool:
        """Whether no further event is stored of this reader, ever."""
        return self.stored >= PER_READER

    @property
    def exhausted(self) -> bool:
        """Whether none can be stored now: a delivery of nothing but events need not be looked at."""
        with self._lock:
            self._refill()
            return self._left < 1 or self.used_up

    def take(self, wanted: int) -> int:
        """How many of `wanted` new events may be stored now; the others are counted as excess."""
        with self._lock:
            self._refill()
            granted = max(0, min(wanted, PER_DELIVERY, int(self._left), PER_READER - self.stored))
            self._left -= granted
            self.stored += granted
            self._count(wanted - granted)
        return granted

    def turn_away(self, count: int) -> None:
        """Count events that were not even looked at."""
        with self._lock:
            self._count(count)

    def _refill(self) -> None:
        moment = self.clock()
        if self._since is not None:
            self._left = min(PER_MINUTE, self._left + (moment - self._since) * PER_MINUTE / 60)
        self._since = moment

    def _count(self, excess: int) -> None:
        self.excess += excess
        # At 1, at 10, at 100: a line per event would be what the limit is there to prevent.
        if self.excess and len(str(self.excess)) > self._logged:
            self._logged = len(str(self.excess))
            _log.warning(
                "reader %s sends more events than a person makes: %d beyond the limits (%d a delivery, %d a minute, %d "
                "in all) were not stored",
                self.reader_id, self.excess, PER_DELIVERY, PER_MINUTE, PER_READER,
            )  # fmt: skip
