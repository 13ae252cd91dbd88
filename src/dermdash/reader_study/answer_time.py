"""Whether the time that a browser gives for an answer can be: never longer than since its step left the server.

A time that cannot be is no reason to lose the answer. It is kept as it came and marked, and analyses of time leave it
out and say so.
"""

from enum import StrEnum

MAX_CLIENT_MS = 7 * 24 * 3600 * 1000.0
"""The reader's screen counts no further than this: a time so long only says that the page was left open."""
TOLERANCE_MS = 2_000.0
TOLERANCE_SHARE = 0.001
"""Two clocks of ordinary machines differ by far less than this share; the constant is for one that is being set."""


class TimeCheck(StrEnum):
    """What the server's clock says of the browser's time for an answer."""

    PLAUSIBLE = "plausible"
    LONGER_THAN_OPEN = "longer_than_open"
    NEGATIVE = "negative"
    WEEK_OR_LONGER = "week_or_longer"


def check_time(client_ms: float, *, open_ms: float) -> TimeCheck:
    """Check a time in ms against how long the step has been open (ms since it first left for this reader's browser)."""
    if client_ms < 0:
        return TimeCheck.NEGATIVE
    if client_ms > open_ms + TOLERANCE_MS + TOLERANCE_SHARE * max(0.0, open_ms):
        return TimeCheck.LONGER_THAN_OPEN
    return TimeCheck.WEEK_OR_LONGER if client_ms >= MAX_CLIENT_MS else TimeCheck.PLAUSIBLE
