"""Errors that somebody can cause at will are in the log, but do not fill it.

A message to a page that cannot be read is an error with a traceback of thirty lines, and a browser may send ten a
second. Some of a kind are written each minute; the next one says how many were left out.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

A_MINUTE = 10
"""Records of one kind that are written in a minute."""
_WINDOW_S = 60.0
LOGGERS = (
    "streamlit.error_util",
    "streamlit.runtime.app_session",
    "streamlit.runtime.scriptrunner.script_runner",
)
"""Of Streamlit, those that log what goes wrong in a session."""


@dataclass(slots=True)
class _Window:
    since: float
    written: int = 0
    left_out: int = 0


@dataclass(slots=True)
class FewOfAKind:
    """A filter for a logger: `A_MINUTE` records of a kind (message, class of the error), then none for the minute.

    Warnings and less pass.
    """

    clock: Callable[[], float] = time.monotonic
    _windows: dict[tuple[str, str], _Window] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written; the first of a later minute names how many were not."""
        if record.levelno < logging.ERROR:
            return True
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        moment = self.clock()
        with self._lock:
            window = self._windows.setdefault((record.name, f"{record.msg}{error}"), _Window(moment))
            if window.written >= A_MINUTE and moment - window.since < _WINDOW_S:
                window.left_out += 1
                return False
            left_out = 0
            if moment - window.since >= _WINDOW_S:
                left_out = window.left_out
                window.since, window.written, window.left_out = moment, 0, 0
            window.written += 1
        if left_out:
            record.msg, record.args = f"{record.getMessage()} ({left_out} more of this kind were not written)", ()
        return True


def limit_log() -> None:
    """Let the loggers of Streamlit write few of a kind; again is no harm."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(known, FewOfAKind) for known in logger.filters):
            logger.addFilter(FewOfAKind())
