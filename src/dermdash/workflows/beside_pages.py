"""Work of the app beside its pages: a click, a reload or a lost connection does not break it off.

Streamlit ends a page's script at the next click; what takes longer runs in a thread of the app, can be watched from any
tab, and be asked to stop. What it says of its progress, what it leaves and how many may run are its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from dermdash.errors import DermdashError
from dermdash.workflows.claimed_work import Claim


class BesidePages:
    """Work under way, or that has ended; ``error`` says why there is no result.

    A class of work calls `_start` once it is ready, and asks `stopping` whenever it says how far it is. ``claim``: that
    no other process of the app does the same; it ends with the work.
    """

    def __init__(self, claim: Claim | None = None) -> None:
        self.error: Exception | None = None
        self._claim = claim
        self._asked_to_stop, self._ended = threading.Event(), threading.Event()

    @property
    def ended(self) -> bool:
        """Whether it is over, however it ended."""
        return self._ended.is_set()

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop, here or at another process."""
        if self._claim is not None and self._claim.asked_to_stop:
            self._asked_to_stop.set()
        return self._asked_to_stop.is_set()

    def stop(self) -> None:
        """Ask it to end after what is under way."""
        self._asked_to_stop.set()

    def wait(self, seconds: float) -> bool:
        """Wait for its end, so long at most; whether it is over."""
        return self._ended.wait(seconds)

    def _start(self, name: str, do: Callable[..., None], *arguments: object) -> None:
        """Run ``do`` in a thread, which alone keeps the arguments and lets them go with its end."""
        threading.Thread(target=self._run, args=(do, *arguments), name=name, daemon=True).start()

    def _run(self, do: Callable[..., None], *arguments: object) -> None:
        try:
            do(*arguments)
        except DermdashError as error:
            self.error = error.with_traceback(None)  # whose frames hold what the work held
        except Exception as error:  # noqa: BLE001  the page that watches raises it
            self.error = error
        finally:
            try:
                self._clear_up()
            finally:
                if self._claim is not None:
                    self._claim.release()
                self._ended.set()

    def _clear_up(self) -> None:
        """What is to be done before the work counts as ended."""
