"""The configuration in `deploy/nginx` does what docs/deployment.md says of it, in a real nginx.

In front of it stand two small servers in place of the app's processes, which say what they were asked.
"""

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from tests.browser.ports import neighbouring_ports
from tests.nginx_server import DEPLOY, SITE, SUBPATH, Nginx, nginx_program, trusting
from tests.own_loop import run
from websockets.asyncio.client import connect

from dermdash.cli.nginx_upstreams import upstreams

pytestmark = pytest.mark.skipif(nginx_program() is None, reason="nginx is not installed")
SMALL = {"client_max_body_size 2048m": "client_max_body_size 100k"}


class Upstream:
    """A server that says by which port, under which path and with which headers it was asked."""

    def __init__(self, port: int) -> None:
        self.port = port
        routes = [Route("/sign-in/{token}", self.signed_in), Route("/{path:path}", self.said, methods=["GET", "POST"])]
        app = Starlette(routes=[WebSocketRoute("/_stcore/stream", self.stream), *routes])
        self._server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical", lifespan="off"))
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    async def said(self, request: Request) -> Response:
        size = 0
        async for part in request.stream():
            size += len(part)
        said = {"port": self.port, "path": request.url.path, "query": request.url.query, "bytes": size}
        return JSONResponse({**said, "headers": dict(request.headers)})

    async def signed_in(self, request: Request) -> Response:
        answer = RedirectResponse("../", 303)
        answer.set_cookie("dermdash_session", "s", path="/", httponly=True)
        return answer

    async def stream(self, socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(json.dumps({"port": self.port, "host": socket.headers["host"]}))
        async for text in socket.iter_text():
            await socket.send_text(text)

    def start(self) -> None:
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.01)

    def stop(self) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(10)


@contextmanager
def upstream_pair() -> Iterator[tuple[Upstream, Upstream]]:
    first = neighbouring_ports(2)
    pair = Upstream(first), Upstream(first + 1)
    for one in pair:
        one.start()
    try:
        yield pair
    finally:
        for one in pair:
            one.stop()


def ports_of(pair: tuple[Upstream, Upstream]) -> range:
    return range(pair[0].port, pair[1].port + 1)


def ask(
    nginx: Nginx, path: str, *, cookie: str = "", body: bytes | None = None, **headers: str
) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("localhost", nginx.port, timeout=20)
    sent = {"Host": f"localhost:{nginx.port}", **headers} | ({"Cookie": cookie} if cookie else {})
    connection.request("GET" if body is None else "POST", path, body=body, headers=sent)
    return connection.getresponse()


def told(answer: http.client.HTTPResponse) -> dict[str, object]:
    said: dict[str, object] = json.loads(answer.read())
    return said


def place(answer: http.client.HTTPResponse) -> str | None:
    cookie = SimpleCookie(answer.headers.get("Set-Cookie", "")).get("dermdash_process")
    return None if cookie is None else cookie.value


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[Upstream, Upstream]]:
    with upstream_pair() as found:
        yield found


@pytest.fixture(scope="module")
def nginx(pair: tuple[Upstream, Upstream], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    with Nginx(tmp_path_factory.mktemp("n") / "root", ports_of(pair), changed=SMALL) as running:
        yield running


@pytest.fixture(scope="module")
def below(pair: tuple[Upstream, Upstream], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    with Nginx(tmp_path_factory.mktemp("n") / "below", ports_of(pair), site=SUBPATH, changed=SMALL) as running:
        yield running


def test_the_upstreams_of_the_repository_are_those_that_the_command_prints() -> None:
    assert (DEPLOY / "dermdash-upstreams.conf").read_text() == upstreams(range(8501, 8503))


@pytest.mark.parametrize("count", [1, 5])
def test_any_number_of_processes_makes_a_configuration_that_nginx_takes(count: int, tmp_path: Path) -> None:
    assert "successful" in Nginx(tmp_path / "n", range(8501, 8501 + count)).check()


def test_the_app_hears_host_scheme_and_address_as_the_browser_has_them(nginx: Nginx) -> None:
    said = told(ask(nginx, "/records?page=2", **{"X-Forwarded-For": "203.0.113.9"}))
    headers = said["headers"]
    assert isinstance(headers, dict)
    assert (said["path"], said["query"]) == ("/records", "page=2")
    assert headers["host"] == f"localhost:{nginx.port}"
    assert headers["x-forwarded-proto"] == "http"
    assert headers["x-forwarded-for"] == "127.0.0.1", "nobody may claim another address"


def test_a_browser_stays_at_the_process_that_it_came_to_first(nginx: Nginx, pair: tuple[Upstream, Upstream]) -> None:
    for one in pair:
        cookie = f"dermdash_process={one.port}"
        assert {told(ask(nginx, "/", cookie=cookie))["port"] for _ in range(6)} == {one.port}
    first = ask(nginx, "/")
    assert place(first) == str(told(first)["port"])
    assert place(ask(nginx, "/", cookie=f"dermdash_process={place(first)}")) is None, "said once"
    assert place(ask(nginx, "/", cookie="dermdash_process=9999; other=1")) is not None, "of a process that is not there"


def test_browsers_without_a_place_are_spread(nginx: Nginx, pair: tuple[Upstream, Upstream]) -> None:
    assert {told(ask(nginx, "/"))["port"] for _ in range(20)} == {one.port for one in pair}


async def _first_word(nginx: Nginx, cookie: str = "") -> tuple[dict[str, object], str | None]:
    headers = {"Cookie": cookie} if cookie else {}
    async with connect(f"ws://localhost:{nginx.port}/_stcore/stream", additional_headers=headers) as socket:
        said = json.loads(await socket.recv())
        await socket.send("an answer")
        assert await socket.recv() == "an answer"
        assert socket.response is not None
        found = SimpleCookie(socket.response.headers.get("Set-Cookie", "")).get("dermdash_process")
        return said, None if found is None else found.value


def test_a_websocket_goes_through_and_names_its_process(nginx: Nginx) -> None:
    said, named = run(lambda: _first_word(nginx))
    assert said["host"] == f"localhost:{nginx.port}"
    assert named == str(said["port"])


def test_where_a_process_is_away_the_browser_moves_to_another_and_stays_there(tmp_path: Path) -> None:
    with upstream_pair() as pair, Nginx(tmp_path / "n", ports_of(pair)) as nginx:
        old = f"dermdash_process={pair[0].port}"
        pair[0].stop()
        assert told(ask(nginx, "/", cookie=old))["port"] == pair[1].port
        said, named = run(lambda: _first_word(nginx, old))
        # What is uploaded to this page, and what it shows, now goes to where its connection is, also once the other
        # process is back.
        assert (said["port"], named) == (pair[1].port, str(pair[1].port))


def test_an_upload_that_is_too_large_is_refused_in_words_that_name_the_way_out(nginx: Nginx) -> None:
    assert told(ask(nginx, "/_stcore/upload_file/a", body=b"x" * 90_000))["bytes"] == 90_000
    refused = ask(nginx, "/_stcore/upload_file/a", body=b"x" * 200_000)
    assert refused.status == 413
    assert b"larger than this server takes" in (words := refused.read())
    assert b"dermdash import" in words


@pytest.mark.slow
def test_an_upload_of_the_limits_size_goes_through_and_a_byte_more_does_not(
    pair: tuple[Upstream, Upstream], tmp_path: Path
) -> None:
    limit = 2048 << 20
    with Nginx(tmp_path / "n", ports_of(pair)) as nginx:
        connection = http.client.HTTPConnection("localhost", nginx.port, timeout=120)
        connection.putrequest("POST", "/_stcore/upload_file/a")
        connection.putheader("Content-Length", str(limit))
        connection.endheaders()
        part = bytes(4 << 20)
        for _ in range(limit // len(part)):
            connection.send(part)
        assert told(connection.getresponse())["bytes"] == limit
        more = http.client.HTTPConnection("localhost", nginx.port, timeout=20)
        more.putrequest("POST", "/_stcore/upload_file/a")
        more.putheader("Content-Length", str(limit + 1))
        more.endheaders()
        assert more.getresponse().status == 413


def test_figures_are_not_handed_out_and_health_is(nginx: Nginx, below: Nginx) -> None:
    assert ask(nginx, "/metrics").status == ask(below, "/dermdash/metrics").status == 404
    assert ask(nginx, "/healthz").status == 200


def test_below_a_path_the_app_is_asked_as_at_the_root(below: Nginx) -> None:
    assert told(ask(below, "/dermdash/records?x=1"))["path"] == "/records"
    assert told(ask(below, "/dermdash/"))["path"] == "/"
    moved = ask(below, "/dermdash")
    assert (moved.status, moved.headers["Location"]) == (301, f"http://localhost:{below.port}/dermdash/")
    signed_in = ask(below, "/dermdash/sign-in/token")
    assert signed_in.headers["Location"] == "../", "relative: from /dermdash/sign-in/token to /dermdash/"
    assert "Path=/dermdash/" in str(signed_in.headers.get_all("Set-Cookie"))


def test_no_log_holds_what_opens_a_door(nginx: Nginx, below: Nginx) -> None:
    ask(nginx, "/?invitation=secret-of-a-reader").read()
    ask(nginx, "/sign-in/secret-of-an-admin").read()
    ask(below, "/dermdash/sign-in/secret-of-an-admin").read()
    for one in (nginx, below):
        one.reload()  # lets go of what is written
        written = "".join(path.read_text() for path in one.folder.glob("*.log"))
        assert "/sign-in/" in written
        assert "secret" not in written


def test_with_tls_browsers_are_sent_there_and_told_to_stay(pair: tuple[Upstream, Upstream], tmp_path: Path) -> None:
    with Nginx(tmp_path / "n", ports_of(pair), site=SITE, plain=False) as nginx:
        plain = http.client.HTTPConnection("localhost", nginx.redirect_port, timeout=20)
        plain.request("GET", "/records")
        assert plain.getresponse().headers["Location"] == "https://localhost/records"
        secure = http.client.HTTPSConnection("localhost", nginx.port, context=trusting(nginx), timeout=20)
        secure.request("GET", "/")
        answer = secure.getresponse()
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert "Secure" in str(answer.headers["Set-Cookie"])
        assert json.loads(answer.read())["headers"]["x-forwarded-proto"] == "https"
