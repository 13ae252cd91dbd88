"""HTTP requests of people who are not signed in, against the app's own middleware and routes."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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

from dermdash.storage.workspace import Workspace
from dermdash.ui import request_guard
from dermdash.ui.open_workspace import current_workspace
from dermdash.ui.request_guard import RequestGuard
from dermdash.ui.sign_in_route import SESSION_COOKIE, sign_in_routes
from dermdash.workflows import access

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

    def ask(self, method: str, path: str) -> Answer:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        scope: dict[str, Any] = {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
            "headers": [(b"host", b"localhost"), (b"cookie", cookie.encode())], "scheme": "http",
            "server": ("localhost", 80), "root_path": "", "http_version": "1.1",
        }  # fmt: skip
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        # In a thread of its own: a browser test before this one may have left its event loop running in this one.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(lambda: asyncio.run(self.app(scope, receive, send))).result()
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
