"""How much one connection, and all connections of one address, may ask of the server.

Streamlit starts a thread for every message of a browser and keeps a session for every connection: a program that sends
without end would have both without end.
"""

import asyncio
import logging
import time
from collections import Counter, deque
from contextlib import suppress
from typing import TYPE_CHECKING

from streamlit import get_option

from dermdash.settings import current_settings
from dermdash.ui.metrics import CONNECTIONS

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger(__name__)

MESSAGES_PER_S = 10.0
"""A reader sends one for an answer, a slider five while it is drawn: what comes faster waits."""
AT_ONCE = 40
"""So many may come together, as when a page opens or a connection is back."""
PENDING, PENDING_BYTES = 50, 4_000_000
"""Whoever has so much waiting is no person, and is cut off; a browser that was comes back by itself."""
CUT_OFF = 1008
TRY_AGAIN_LATER = 1013


class ConnectionLimits:
    """ASGI middleware over the websockets of browsers; everything else passes."""

    def __init__(self, app: "ASGIApp") -> None:
        self.app = app
        self._open: Counter[str] = Counter()
        self._full: set[str] = set()

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a connection on at a person's pace, or refuse it."""
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        # Behind a proxy that says for whom it asks, uvicorn has put that address here.
        address = str((scope.get("client") or ("",))[0])
        limit = current_settings().connections_per_address
        if self._open[address] >= limit:
            self._say_full(address, limit)
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
            return
        self._open[address] += 1
        CONNECTIONS.inc()
        limit_messages(receive)
        inbox = PacedInbox(receive, send)
        try:
            await self.app(scope, inbox.receive, inbox.send)
        finally:
            await inbox.close()
            CONNECTIONS.dec()
            self._open[address] -= 1
            if self._open[address] <= limit // 2:
                self._full.discard(address)
            if not self._open[address]:
                del self._open[address]

    def _say_full(self, address: str, limit: int) -> None:
        if address not in self._full:
            self._full.add(address)
            _log.warning(
                "%s has %d connections open: further ones are refused (DERMDASH_CONNECTIONS_PER_ADDRESS)",
                address or "an unnamed address", limit,
            )  # fmt: skip


def limit_messages(receive: "Receive") -> None:
    """Let the protocol behind a connection refuse a message that Streamlit would, before it has taken it into memory.

    Streamlit gives uvicorn the limit of what it sends itself (200 MB) for what it receives, and looks at the size of a
    message when it has all of it.
    """
    connection = getattr(getattr(receive, "__self__", None), "conn", None)
    if connection is not None and hasattr(connection, "max_message_size"):
        connection.max_message_size = int(get_option("server.maxWidgetStateSize")) * 1024 * 1024


class PacedInbox:
    """What a browser sends, handed on no faster than a person acts; nothing of it after the browser has left."""

    def __init__(self, receive: "Receive", send: "Send") -> None:
        self._raw, self._answer = receive, send
        self._waiting: deque[Message] = deque()
        self._bytes = 0
        self._cut = False
        self._arrived = asyncio.Event()
        self._gone = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None
        self._tokens, self._at = float(AT_ONCE), time.monotonic()

    async def receive(self) -> "Message":
        """The next message, in its time; the end of the connection at once, without the messages before it."""
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
        while True:
            while not self._waiting:
                self._arrived.clear()
                await self._arrived.wait()
            if self._waiting[0]["type"] != "websocket.receive" or await self._my_time():
                message = self._waiting.popleft()
                self._bytes -= _size(message)
                return message

    async def send(self, message: "Message") -> None:
        """Answer; what comes after a browser was cut off fails as it does after a browser has left."""
        if self._cut:
            raise OSError("this connection was cut off")
        try:
            await self._answer(message)
        except RuntimeError as error:  # uvicorn has closed it, as for a message that is too large
            if message["type"] != "websocket.send":
                raise
            raise OSError("this connection is closed") from error

    async def close(self) -> None:
        """Stop reading."""
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading

    async def _read(self) -> None:
        while not self._gone.is_set():
            message = await self._raw()
            if message["type"] == "websocket.disconnect":
                self._end(message)
                return
            self._waiting.append(message)
            self._bytes += _size(message)
            self._arrived.set()
            if len(self._waiting) > PENDING or self._bytes > PENDING_BYTES:
                _log.warning("a browser that sends faster than a person acts was cut off")
                self._cut = True
                self._end({"type": "websocket.disconnect", "code": CUT_OFF})
                await self._answer({"type": "websocket.close", "code": CUT_OFF})

    def _end(self, message: "Message") -> None:
        self._waiting.clear()
        self._waiting.append(message)
        self._bytes = 0
        self._gone.set()
        self._arrived.set()

    async def _my_time(self) -> bool:
        """Wait until the next message may pass; False: the connection ended meanwhile."""
        now = time.monotonic()
        self._tokens = min(float(AT_ONCE), self._tokens + (now - self._at) * MESSAGES_PER_S)
        self._at = now
        if self._tokens < 1:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._gone.wait(), (1 - self._tokens) / MESSAGES_PER_S)
                return False
            return await self._my_time()
        self._tokens -= 1
        return True


def _size(message: "Message") -> int:
    return len(message.get("bytes") or message.get("text") or b"")
