"""A reader on a slow line that breaks, as the panel is one: what came before a break is kept."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from dermdash.ui.frontend.exchange.reading import INVITATION_HEADER, PICTURES_PATH
from tests.benchmarks.streamlit_client import ReadingClient, pictures_of

_AGAIN_S = 0.2


@dataclass(slots=True)
class Kept:
    """What a browser keeps when a connection breaks.

    ``refetched`` counts bytes that were fetched a second time, ``pieces`` the answers over which pictures came.
    """

    session: str = ""
    widget: str = ""
    page: str = ""
    sequence: int = 0
    held: set[str] = field(default_factory=set)
    parts: dict[str, bytearray] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    pieces: int = 0
    refetched: int = 0


@dataclass
class SlowReader(ReadingClient):
    """One connection of such a reader; the next one is given the same ``kept``."""

    kept: Kept = field(default_factory=Kept)
    fetches: bool = True

    async def __aenter__(self) -> Self:
        """Connect as the reader who was here before."""
        kept = self.kept
        self._widget_id, self._page, self._sequence, self._held = kept.widget, kept.page, kept.sequence, kept.held
        await super().__aenter__()
        return self

    @property
    def subprotocols(self) -> list[str]:
        """With the name of the session that the server keeps for a while."""
        return ["streamlit", "none", self.kept.session] if self.kept.session else ["streamlit"]

    async def ready(self) -> None:
        """Fetch what the open step shows: what of it is here already is not fetched again."""
        for name in pictures_of({"step": self.step}):
            while name not in self.kept.whole:
                try:
                    await self._piece(name)
                except (OSError, asyncio.IncompleteReadError):
                    await asyncio.sleep(_AGAIN_S)
        self._held |= self.kept.whole

    async def _send_run(self, value: dict[str, Any] | None) -> None:
        if value is None and self.kept.widget:
            self._sequence += 1
            value = {"outbox": self._outbox([])}
        self.kept.sequence = self._sequence
        await super()._send_run(value)

    def _take(self, message: ForwardMsg) -> bool:
        if message.WhichOneof("type") == "new_session":
            self.kept.session = message.new_session.initialize.session_id
        took = super()._take(message)
        kept = self.kept
        kept.widget, kept.page, kept.held = self._widget_id, self._page, self._held
        return took

    async def _piece(self, name: str) -> None:
        """One answer of the server with a picture, or the rest of it; what comes before a break is kept."""
        part = self.kept.parts.setdefault(name, bytearray())
        address = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        try:
            asked = (
                f"GET /{PICTURES_PATH}/{name} HTTP/1.1\r\nHost: {address.netloc}\r\nRange: bytes={len(part)}-\r\n"
                f"{INVITATION_HEADER}: {self.token}\r\nConnection: close\r\n\r\n"
            )
            writer.write(asked.encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            if not head.startswith("http/1.1 206"):
                raise RuntimeError(f"no picture: {head.splitlines()[0]}")
            first, total = head.partition("content-range: bytes ")[2].splitlines()[0].split("/")
            self.kept.refetched += len(part) - int(first.partition("-")[0])
            self.kept.pieces += 1
            while data := await reader.read(4096):
                part += data
                self.bytes_received += len(data)
            if len(part) == int(total):
                self.kept.whole.add(name)
        finally:
            writer.close()
