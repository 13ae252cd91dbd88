"""The script of ours that every page begins with, put into Streamlit's page before Streamlit's own script."""

import gzip
from typing import TYPE_CHECKING

from dermdash.ui.frontend.served import PATH, served_script

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_MARK = b'<script type="module"'
"""Scripts of modules run in the order in which they stand in a page."""
_LENGTH = b"content-length"
# They are of the file as it was.
_OF_THE_FILE = (_LENGTH, b"etag", b"last-modified")
_CONDITIONS = (b"if-none-match", b"if-modified-since", b"range")
_ENCODINGS = b"accept-encoding"


class FirstScript:
    """ASGI middleware: Streamlit's page with our script in it, all else as it is."""

    def __init__(self, app: "ASGIApp") -> None:
        self.app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on, and change the page that comes back."""
        if scope["type"] != "http" or scope["method"] != "GET" or not _asks_for_a_page(scope):
            await self.app(scope, receive, send)
            return
        # What a browser kept of an earlier version has the same date and may lack the script; Streamlit would send the
        # page compressed.
        left_out = (*_CONDITIONS, _ENCODINGS)
        asked = {**scope, "headers": [header for header in scope["headers"] if header[0] not in left_out]}
        packs = any(name == _ENCODINGS and b"gzip" in value for name, value in scope["headers"])
        start: Message | None = None
        body = bytearray()

        async def send_page(message: "Message") -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_page(message):
                start = message
                return
            if start is None:
                await send(message)
                return
            body.extend(message.get("body", b""))
            if message.get("more_body", False):
                return
            page = with_first_script(bytes(body))
            headers = [header for header in start["headers"] if header[0].lower() not in _OF_THE_FILE]
            if packs:
                page = gzip.compress(page, mtime=0)
                headers += [(b"content-encoding", b"gzip"), (b"vary", b"Accept-Encoding")]
            await send({**start, "headers": [*headers, (_LENGTH, str(len(page)).encode())]})
            await send({"type": "http.response.body", "body": page})

        await self.app(asked, receive, send_page)


def with_first_script(page: bytes) -> bytes:
    """Streamlit's page with our script before the first module; another page as it is."""
    own = f'<script type="module" src="./{PATH}/{served_script("first_script").name}"></script>\n    '.encode()
    return page.replace(_MARK, own + _MARK, 1)


def _asks_for_a_page(scope: "Scope") -> bool:
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])


def _is_page(start: "Message") -> bool:
    headers = {name.lower(): value for name, value in start["headers"]}
    is_html = headers.get(b"content-type", b"").startswith(b"text/html")
    return start["status"] == 200 and is_html and b"content-encoding" not in headers
