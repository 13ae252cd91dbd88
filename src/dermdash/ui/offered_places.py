"""Places of points that a page named by an address: the browser fetches them once, and not with every other colour.

For who is signed in and sees every label. Anybody else gets them along with the message.
"""

import hashlib
from collections import OrderedDict
from threading import Lock

from dermdash.storage.workspace import Workspace
from dermdash.ui.frontend.exchange.point_map import PLACES_PATH

MOST_BYTES = 64 << 20
"""Of all that is offered; beyond that what was offered longest ago is offered no more, until its page runs again."""
_NAME_LENGTH = 32
_Key = tuple[Workspace, str, str]


class OfferedPlaces:
    """What each account may fetch at the moment; in memory, as every run of a page offers it anew."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._of: OrderedDict[_Key, bytes] = OrderedDict()
        self._bytes = 0
        self.served = False

    def offer(self, workspace: Workspace, account_id: str, name: str, places: bytes) -> str:
        """Let an account fetch these; the address, below the app's root. ``name`` as `name_of` makes it."""
        key = (workspace, account_id, name)
        with self._lock:
            if key not in self._of:
                self._of[key] = places
                self._bytes += len(places)
            self._of.move_to_end(key)
            while self._bytes > MOST_BYTES and len(self._of) > 1:
                self._bytes -= len(self._of.popitem(last=False)[1])
        return f"{PLACES_PATH}/{name}"

    def get(self, workspace: Workspace, account_id: str, name: str) -> bytes | None:
        """The places of that name; None where they were not offered to this account, or too long ago."""
        with self._lock:
            return self._of.get((workspace, account_id, name))


OFFERED_PLACES = OfferedPlaces()


def name_of(places: bytes) -> str:
    """A name that says the content: what a browser has of it is right for good."""
    return hashlib.sha256(places).hexdigest()[:_NAME_LENGTH]
