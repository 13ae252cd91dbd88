"""A server on this machine that hands out files as a source in the internet would, well or badly."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Asked:
    """One request that came."""

    path: str
    range: str | None
    host: str


@dataclass
class PublishedServer:
    """Files by path (without what follows ``?``), and how the server misbehaves.

    ``breaks_off`` says how many bytes of an answer come before the connection ends, for each request of a path in turn;
    ``busy`` the statuses and headers that come before the answer; ``answers`` makes the whole answer of a path.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    breaks_off: dict[str, list[int]] = field(default_factory=dict)
    busy: dict[str, list[tuple[int, dict[str, str]]]] = field(default_factory=dict)
    answers: dict[str, Callable[[str], tuple[int, bytes]]] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    ignores_range: bool = False
    stalls: set[str] = field(default_factory=set)
    asked: list[Asked] = field(default_factory=list)
    address: str = ""
    released: threading.Event = field(default_factory=threading.Event)

    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [one.path for one in self.asked]


def _handler(server: PublishedServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            server.asked.append(Asked(self.path, self.headers.get("Range"), self.headers.get("Host", "")))
            if server.busy.get(path):
                status, headers = server.busy[path].pop(0)
                self._answer(status, b"", headers)
            elif path in server.redirects:
                self._answer(302, b"", {"Location": server.redirects[path]})
            elif path in server.answers:
                self._answer(*server.answers[path](self.path), {})
            elif path in server.files:
                self._file(path, server.files[path])
            else:
                self._answer(404, b"", {})

        def _file(self, path: str, content: bytes) -> None:
            start, tag = 0, server.tags.get(path)
            said = self.headers.get("Range")
            fresh = self.headers.get("If-Range") in (None, tag)
            if said and fresh and not server.ignores_range:
                start = int(said.removeprefix("bytes=").partition("-")[0])
            headers = dict(server.headers.get(path, {})) | ({"ETag": tag} if tag else {})
            if start:
                if start >= len(content):
                    self._answer(416, b"", {"Content-Range": f"bytes */{len(content)}"})
                    return
                headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            self._answer(206 if start else 200, content[start:], headers)

        def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            path = self.path.partition("?")[0]
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            cuts = server.breaks_off.get(path)
            if body and path in server.stalls:
                self.wfile.write(body[: len(body) // 2])
                self.wfile.flush()
                server.released.wait(30)
                self.close_connection = True
            elif body and cuts:
                self.wfile.write(body[: cuts.pop(0)])
                self.close_connection = True
            else:
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Keep the output of the tests quiet."""

    return Handler


@contextmanager
def published_server() -> Iterator[PublishedServer]:
    """A server that runs while the block does."""
    server = PublishedServer()
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(server)) as http:
        http.daemon_threads = True
        threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        server.address = f"http://127.0.0.1:{http.server_port}"
        yield server
        server.released.set()
        http.shutdown()


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)
