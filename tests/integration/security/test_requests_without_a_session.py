"""HTTP requests of people who are not signed in, against the app's own middleware and routes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from streamlit import net_util
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Common_pb2 import FileURLsRequest
from streamlit.web.server import server_util
from tests import own_loop

from dermdash.errors import DatabaseLost
from dermdash.storage.workspace import Workspace
from dermdash.ui import request_guard
from dermdash.ui.open_workspace import current_workspace
from dermdash.ui.request_guard import RequestGuard
from dermdash.ui.server_start import never_ask_outside
from dermdash.ui.sign_in_route import SESSION_COOKIE, sign_in_routes
from dermdash.ui.signed_in_connection import note_signed_in
from dermdash.workflows.accounts import access
from dermdash.workflows.accounts.access import Account, Role

UPLOAD = "/_stcore/upload_file/some-session/some-file"


@dataclass(frozen=True)
class Answer:
    """Status and headers."""

    status_code: int
    headers: Headers


@dataclass
class Browser:
    """Asks the app without a network and keeps cookies."""

    app: Starlette
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, **headers: str) -> Answer:
        """``headers`` with underscores for hyphens."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        scope: dict[str, Any] = {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
            "headers": [
                (b"host", b"localhost"), (b"cookie", cookie.encode()),
                *((name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()),
            ], "scheme": "http",
            "server": ("localhost", 80), "root_path": "", "http_version": "1.1",
        }  # fmt: skip
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        own_loop.run(lambda: self.app(scope, receive, send))
        answer = Answer(sent[0]["status"], Headers(raw=sent[0]["headers"]))
        new: SimpleCookie = SimpleCookie(answer.headers.get("set-cookie", ""))
        self.cookies |= {name: morsel.value for name, morsel in new.items()}
        return answer


async def answered(request: Request) -> PlainTextResponse:
    return PlainTextResponse("answered")


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "workspace"))
    monkeypatch.delenv("DERMDASH_DATABASE_URL", raising=False)
    st.cache_resource.clear()
    workspace = current_workspace()
    yield workspace
    workspace.close()
    st.cache_resource.clear()


@pytest.fixture
def client(served: Workspace) -> Browser:
    methods = ["GET", "PUT", "DELETE", "OPTIONS"]
    everything_else = Route("/{path:path}", answered, methods=methods)
    app = Starlette(routes=[*sign_in_routes(), everything_else], middleware=[Middleware(RequestGuard)])
    return Browser(app)


def link_path(workspace: Workspace) -> str:
    found = re.search(r"/sign-in/.+", access.issue_admin_link(workspace))
    assert found is not None
    return found[0]


def test_a_stranger_cannot_upload_a_file_into_the_memory_of_the_app(client: Browser) -> None:
    assert client.ask("PUT", UPLOAD).status_code == 403
    assert client.ask("PUT", "/base" + UPLOAD).status_code == 403
    assert client.ask("DELETE", UPLOAD).status_code == 403
    client.cookies[SESSION_COOKIE] = "guessed"
    assert client.ask("PUT", UPLOAD).status_code == 403


def test_the_fonts_of_the_app_reach_everybody_and_nothing_else_under_the_name_of_media(client: Browser) -> None:
    assert client.ask("GET", "/static/media/SourceSansVF-Upright.ttf.woff2").status_code == 200
    assert client.ask("GET", "/media/static/0123.csv").status_code == 403
    assert client.ask("GET", "/other/media/0123.csv").status_code == 403
    assert client.ask("GET", "/other/static/media/0123.csv").status_code == 403


def test_the_fonts_reach_everybody_under_a_base_path_too(client: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_guard, "get_option", {"server.baseUrlPath": "ward/study"}.__getitem__)
    assert client.ask("GET", "/ward/study/static/media/font.woff2").status_code == 200
    assert client.ask("GET", "/ward/study/media/0123.csv").status_code == 403


def test_the_admin_can_upload_until_signing_out(client: Browser, served: Workspace) -> None:
    assert client.ask("GET", link_path(served)).status_code == 303
    assert client.ask("PUT", UPLOAD).status_code == 200
    access.sign_out(served, client.cookies[SESSION_COOKIE])
    assert client.ask("PUT", UPLOAD).status_code == 403


def test_downloads_end_with_the_session_that_may_fetch_them(client: Browser, served: Workspace) -> None:
    assert client.ask("GET", "/media/0123456789abcdef.csv").status_code == 403
    assert client.ask("GET", link_path(served)).status_code == 303
    assert client.ask("GET", "/media/0123456789abcdef.csv").status_code == 200
    access.sign_out(served, client.cookies[SESSION_COOKIE])
    assert client.ask("GET", "/media/0123456789abcdef.csv").status_code == 403


def test_a_stranger_learns_nothing_from_the_metrics(client: Browser) -> None:
    assert client.ask("GET", "/_stcore/metrics").status_code == 403
    assert client.ask("GET", "/_stcore/health").status_code == 200


def test_every_answer_forbids_framing_and_keeps_the_address_to_itself(client: Browser) -> None:
    for answer in (client.ask("GET", "/"), client.ask("PUT", UPLOAD), client.ask("GET", "/sign-in/unknown")):
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] in ("same-origin", "no-referrer")


def test_a_link_checker_does_not_use_up_the_admin_link(client: Browser, served: Workspace) -> None:
    link = link_path(served)
    assert client.ask("HEAD", link).status_code == 405
    assert SESSION_COOKIE in client.ask("GET", link).headers["set-cookie"]


def test_behind_a_proxy_with_https_the_cookie_travels_over_https_only(
    client: Browser, served: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "secure" not in client.ask("GET", link_path(served)).headers["set-cookie"].lower()
    monkeypatch.setitem(served.settings.__dict__, "public_url", "https://study.example.org")
    assert "; secure" in client.ask("GET", link_path(served)).headers["set-cookie"].lower()


OTHERS = ["http://localhost:9999", "https://localhost", "http://evil.example", "null", "http://localhost.evil.example"]


@pytest.mark.parametrize("origin", OTHERS)
def test_a_page_of_another_port_or_site_has_no_rights_through_the_admins_cookie(
    client: Browser, served: Workspace, origin: str
) -> None:
    assert client.ask("GET", link_path(served)).status_code == 303
    assert client.ask("PUT", UPLOAD, origin="http://localhost").status_code == 200
    for method in ("PUT", "DELETE", "OPTIONS"):
        assert client.ask(method, UPLOAD, origin=origin).status_code == 403
        assert client.ask(method, "/anything/else", origin=origin).status_code == 403
    assert client.ask("GET", "/media/0123456789abcdef.csv", origin=origin).status_code == 403
    # What a browser says of a picture or a script, which name no origin.
    for site in ("same-site", "cross-site"):
        assert client.ask("GET", "/media/0123456789abcdef.csv", sec_fetch_site=site).status_code == 403
    assert client.ask("GET", "/media/0123456789abcdef.csv", sec_fetch_site="same-origin").status_code == 200
    # A link in a mail leads here from another site.
    assert client.ask("GET", "/", sec_fetch_site="cross-site").status_code == 200


def test_while_the_database_is_away_nobody_is_told_to_sign_in(
    client: Browser, served: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.ask("GET", link_path(served)).status_code == 303

    def lost(*_: Any) -> None:
        raise DatabaseLost("The server is down.")

    monkeypatch.setattr(request_guard.access, "account_of", lost)
    assert client.ask("PUT", UPLOAD).status_code == 503


def connect(app: Any, headers: dict[str, str], *, scheme: str = "ws") -> tuple[list[Any], dict[str, str] | None]:
    """Ask for a websocket; returns what was sent back, and the headers that came through to the app behind."""
    seen: list[dict[str, str]] = []
    sent: list[Any] = []

    async def behind(scope: Any, receive: Any, send: Any) -> None:
        seen.append({name.decode(): value.decode() for name, value in scope["headers"]})

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    scope = {
        "type": "websocket", "scheme": scheme, "path": "/_stcore/stream",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    own_loop.run(lambda: app(behind)(scope, receive, send))
    return sent, seen[0] if seen else None


@pytest.mark.parametrize(
    ("scheme", "host", "origin"),
    [
        ("ws", "localhost:8501", "http://localhost:8502"),
        ("ws", "localhost:8501", "http://127.0.0.1:8501"),
        ("ws", "localhost:8501", "https://localhost:8501"),
        ("wss", "study.example", "http://study.example"),
        ("ws", "study.example", "http://study.example:8080"),
        ("ws", "study.example", "http://other.example"),
        ("ws", "study.example", "null"),
        ("ws", "study.example", "http://study.example@evil.example"),
        ("ws", "study.example", "http://[::1"),
        ("ws", "study.example", ""),
    ],
)
def test_a_websocket_of_another_origin_is_closed_before_streamlit_sees_it(scheme: str, host: str, origin: str) -> None:
    sent, seen = connect(RequestGuard, {"host": host, "origin": origin}, scheme=scheme)
    assert sent == [{"type": "websocket.close", "code": 1008}]
    assert seen is None


@pytest.mark.parametrize(
    ("scheme", "host", "origin"),
    [
        ("ws", "localhost:8501", "http://localhost:8501"),
        ("ws", "study.example", "http://study.example"),
        ("ws", "Study.Example:80", "http://study.example"),
        ("wss", "study.example:443", "https://study.example"),
        ("ws", "[::1]:8501", "http://[::1]:8501"),
        ("ws", "10.0.0.7:8501", "https://ward.example"),
    ],
)
def test_a_websocket_of_a_page_of_ours_passes_and_names_one_host_to_streamlit(
    scheme: str, host: str, origin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DERMDASH_PUBLIC_URL", "https://ward.example/study")
    sent, seen = connect(RequestGuard, {"host": host, "origin": origin}, scheme=scheme)
    assert sent == []
    assert seen is not None
    # Where the two differ as texts, Streamlit asks a service in the internet.
    assert f"//{seen['host']}" in seen["origin"]


def test_streamlit_finds_no_way_to_ask_for_the_address_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(net_util, "_make_blocking_http_get", lambda url, **_: asked.append(url))
    monkeypatch.setattr(net_util, "get_external_ip", net_util.get_external_ip)
    never_ask_outside()
    assert not server_util.is_url_from_allowed_origins("http://evil.example")
    assert asked == []


@pytest.mark.parametrize(
    "path", ["/_stcore/agent", "/_stcore/agent/openapi.json", "/base/_stcore/agent/mcp", "/_stcore/script-health-check"]
)
def test_the_interface_of_streamlit_for_programs_answers_nobody(client: Browser, served: Workspace, path: str) -> None:
    assert client.ask("GET", path).status_code == 404
    client.ask("GET", link_path(served))
    assert client.ask("GET", path).status_code == 404


def test_every_answer_says_what_a_page_may_load_and_run(client: Browser) -> None:
    for answer in (client.ask("GET", "/"), client.ask("PUT", UPLOAD), client.ask("GET", "/sign-in/unknown")):
        said = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
        assert said["default-src"] == said["frame-ancestors"] == said["base-uri"] == "'none'"
        # Neither what stands inline in a page nor text that becomes code is run.
        assert "'unsafe-inline'" not in said["script-src"]
        assert "'unsafe-eval'" not in said["script-src"]
        for sources in said.values():
            assert not re.search(r"\*|https?:", sources)


class Tab:
    """An open page: its connection hands on what it sends, until the server ends it."""

    def __init__(self, cookie: str | None, protocols: str = "streamlit, xsrf, old-session") -> None:
        self.scope = {
            "type": "websocket", "scheme": "ws", "path": "/_stcore/stream",
            "headers": [
                (b"host", b"localhost"), (b"origin", b"http://localhost"),
                *([] if cookie is None else [(b"cookie", f"{SESSION_COOKIE}={cookie}".encode())]),
                (b"sec-websocket-protocol", protocols.encode()),
            ],
        }  # fmt: skip
        self.protocols = ""
        self.arrived: list[str] = []
        self.sent: list[Any] = []

    def clicks(self, *acts: Any) -> list[str]:
        """Send the acts one after the other (functions are called in between); what of them reached the app."""
        waiting = list(acts)

        async def behind(scope: Any, receive: Any, send: Any) -> None:
            self.protocols = dict(scope["headers"])[b"sec-websocket-protocol"].decode()
            while (message := await receive())["type"] == "websocket.receive":
                asked = BackMsg.FromString(message["bytes"])
                kind = asked.WhichOneof("type")
                self.arrived.append(asked.rerun_script.query_string if kind == "rerun_script" else str(kind))

        async def receive() -> dict[str, Any]:
            while waiting:
                act = waiting.pop(0)
                if isinstance(act, bytes):
                    return {"type": "websocket.receive", "bytes": act}
                if isinstance(act, str):
                    run = BackMsg(rerun_script=ClientState(query_string=act))
                    return {"type": "websocket.receive", "bytes": run.SerializeToString()}
                act()
            return {"type": "websocket.disconnect", "code": 1000}

        async def send(message: Any) -> None:
            self.sent.append(message)

        own_loop.run(lambda: RequestGuard(behind)(self.scope, receive, send))
        return self.arrived


def test_after_signing_out_no_act_of_an_open_tab_reaches_the_app(client: Browser, served: Workspace) -> None:
    client.ask("GET", link_path(served))
    session = client.cookies[SESSION_COOKIE]
    tab = Tab(session)
    acts = ["a download", lambda: access.sign_out(served, session), "another download", "a refresh"]
    assert tab.clicks(*acts) == ["a download"]
    assert tab.sent == [{"type": "websocket.close", "code": 1008}]
    # It comes back by itself, and what Streamlit remembers of its page is not handed to it.
    again = Tab(session)
    assert again.clicks("a page") == ["a page"]
    assert "old-session" not in again.protocols
    assert "old-session" in tab.protocols


def test_whoever_deletes_the_cookie_does_not_go_on_with_the_page_of_who_was_signed_in(served: Workspace) -> None:
    note_signed_in("admins-session", Account("admin", "Admin", frozenset(Role)))
    stranger = Tab(None, "streamlit, xsrf, admins-session")
    # The page is asked for first, as the browser believes that the one it has is still good.
    assert stranger.clicks("a page") == ["a page"]
    assert "admins-session" not in stranger.protocols
    reader = Tab(None, "streamlit, xsrf, readers-session")
    assert reader.clicks("an answer") == ["an answer"]
    assert "readers-session" in reader.protocols


def test_a_browser_runs_its_page_and_asks_for_nothing_that_concerns_everybody(
    client: Browser, served: Workspace
) -> None:
    client.ask("GET", link_path(served))
    uploads = BackMsg(file_urls_request=FileURLsRequest(request_id="1", file_names=["a.zip"])).SerializeToString()
    for_all = [
        BackMsg(clear_cache=True), BackMsg(set_run_on_save=True), BackMsg(load_git_info=True),
        BackMsg(debug_shutdown_runtime=True), BackMsg(),
    ]  # fmt: skip
    acts = ["a click", *(message.SerializeToString() for message in for_all), b"\xff no message", uploads, "a click"]
    assert Tab(None).clicks(*acts) == ["a click", "a click"]
    assert Tab("guessed").clicks(*acts)[-2:] == ["a click", "a click"]
    assert Tab(client.cookies[SESSION_COOKIE]).clicks(*acts) == ["a click", "file_urls_request", "a click"]
