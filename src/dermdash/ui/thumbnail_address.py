"""Addresses of small pictures for who is signed in and sees every label: a browser fetches those that come into view.

An address says its image, when it expires, and by a code that it was made here for this very account. Who reviews or
reads gets their pictures in messages and no address: what is open to them changes while they work.
"""

import hmac
import time
from collections.abc import Callable
from pathlib import Path

from dermdash.storage.workspace_secret import derived
from dermdash.ui.frontend.exchange.gallery import THUMBNAILS_PATH

HOLDS_S = 2 * 3600
"""An address is good for this long at least, and for twice as long at most: until then it stays the same one."""
_PURPOSE = "thumbnail"
_CODE_LENGTH = 32
_served = False


def now_served() -> None:
    """From now on this process answers under these addresses."""
    global _served
    _served = True


def are_served() -> bool:
    """Whether it does."""
    return _served


def thumbnail_address(home: Path, account_id: str, image_sha256: str, *, clock: Callable[[], float] = time.time) -> str:
    """The address, below the app's root, under which this account may fetch the thumbnail of an image."""
    expires = (int(clock()) // HOLDS_S + 2) * HOLDS_S
    return f"{THUMBNAILS_PATH}/{image_sha256}.{expires}.{_code(home, account_id, image_sha256, expires)}"


def image_of_address(home: Path, account_id: str, name: str, *, clock: Callable[[], float] = time.time) -> str | None:
    """The image that the last part of an address names; None where it is not for this account, or has expired."""
    image_sha256, _, rest = name.partition(".")
    until, _, code = rest.partition(".")
    if not (until.isascii() and until.isdecimal() and len(until) < 13):
        return None
    expected = _code(home, account_id, image_sha256, int(until))
    fits = hmac.compare_digest(code.encode("utf-8", "surrogatepass"), expected.encode())
    return image_sha256 if fits and clock() < int(until) else None


def _code(home: Path, account_id: str, image_sha256: str, expires: int) -> str:
    return derived(home, _PURPOSE, f"{account_id}\0{image_sha256}\0{expires}")[:_CODE_LENGTH]
