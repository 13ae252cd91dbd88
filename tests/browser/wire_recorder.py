"""Everything that a browser receives from the app, kept as raw bytes in the order of arrival."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, Response, WebSocket

from dermdash.ui.frontend.exchange.reading import PICTURES_PATH

_IMAGE = re.compile(rb"data:image/[a-z]+;base64,([A-Za-z0-9+/=]+)")


READER, ANNOTATOR = "reader", "annotator"
"""First entries of what the panels of readers and annotators get."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One websocket message; `sent` is whether the browser sent it."""

    sent: bool
    data: bytes


@dataclass
class WireRecorder:
    """Records a page from before its first request on."""

    frames: list[Frame] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("websocket", self._websocket)
        page.on("response", lambda response: self.responses.append(response))

    def _websocket(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda data: self.frames.append(Frame(False, _bytes(data))))
        socket.on("framesent", lambda data: self.frames.append(Frame(True, _bytes(data))))

    def received(self) -> bytes:
        """All websocket messages from the server, one after the other."""
        return b"\n".join(frame.data for frame in self.frames if not frame.sent)

    def over_http(self) -> bytes:
        """Addresses, headers and bodies of all answers over HTTP; of Streamlit's own bundle only the address.

        Pictures that a panel fetched are data URIs in it.
        """
        parts = []
        for response in self.responses:
            parts.append(f"{response.url} {response.headers}".encode())
            if urlsplit(response.url).path.startswith("/static/"):
                continue
            try:
                body = response.body()
                # As it would have come along with a message: what looks at images sees these, too.
                fetched = f"/{PICTURES_PATH}/" in response.url and response.ok
                parts.append(b"data:image/jpeg;base64," + base64.b64encode(body) if fetched else body)
            except PlaywrightError:
                # A redirect has no body, and that of a page left meanwhile is gone with it.
                continue
        return b"\n".join(parts)

    def panel_steps(self, first: str = READER) -> Iterator[tuple[int, dict[str, Any]]]:
        """Number of the frame and data of a panel, for each time the server sent it."""
        for number, frame in enumerate(self.frames):
            if not frame.sent:
                for data in panel_data_in(frame.data, first):
                    yield number, data


def _bytes(data: bytes | str) -> bytes:
    return data if isinstance(data, bytes) else data.encode()


def panel_data_in(frame: bytes, first: str = READER) -> Iterator[dict[str, Any]]:
    """The JSON objects that were handed to a panel, each of which begins with the entry ``first``."""
    text = frame.decode("utf-8", errors="replace")
    start = text.find(opening := f'{{"{first}":')
    while start >= 0:
        data, end = json.JSONDecoder().raw_decode(text, start)
        yield data
        start = text.find(opening, end)


def images_in(data: bytes) -> list[bytes]:
    """The files behind all image data URIs, each once."""
    return [base64.b64decode(found) for found in dict.fromkeys(_IMAGE.findall(data))]


def without_images(data: bytes) -> bytes:
    """The same without image data, in which any short word may stand by chance."""
    return _IMAGE.sub(b"", data)
