"""Requests to the addresses that begin a session: what they take, what they answer, and what each role may ask for."""

import asyncio
import json
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
from streamlit import auth_util
from tests import own_loop
from tests.integration.security.test_requests_without_a_session import OTHERS, UPLOAD, Tab
from tests.quick_passwords import quick_passwords  # noqa: F401  a fixture
from tests.signed_in import PASSWORD, account_with, admin_session, invited, session_with, token_of

from dermdash.storage.workspace import Workspace
from dermdash.ui import identity_provider, sign_in_route, signed_in_connection
from dermdash.ui.open_workspace import current_workspace
from dermdash.ui.request_guard import RequestGuard
from dermdash.ui.sign_in_route import BROWSER_COOKIE, NEW_PASSWORD_PATH, PASSWORD_PATH, SESSION_COOKIE, sign_in_routes
from dermdash.ui.signed_in_connection import note_signed_in
from dermdash.workflows.accounts import access, attempts, people
from dermdash.workflows.accounts.access import OPERATOR, Role


@dataclass(frozen=True)
class Answer:
    """Status, headers and body."""

    status_code: int
    headers: Headers
    body: bytes

    @property
    def said(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.body)
        return found


@dataclass
class Browser:
    """Posts to the app without a network and keeps cookies."""

    app: Starlette
    cookies: dict[str, str] = field(default_factory=dict)
    address: str = "192.0.2.1"

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """``headers`` with underscores for hyphens."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        named = {"content-type": "application/json", "user-agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        scope: dict[str, Any] = {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
            "headers": [
                (b"host", b"localhost"), (b"cookie", cookie.encode()),
                *((name.encode(), value.encode()) for name, value in named.items()),
            ], "scheme": "http", "client": (self.address, 50_000),
            "server": ("localhost", 80), "root_path": "", "http_version": "1.1",
        }  # fmt: skip
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        own_loop.run(lambda: self.app(scope, receive, send))
        answer = Answer(
            sent[0]["status"], Headers(raw=sent[0]["headers"]), b"".join(m.get("body", b"") for m in sent[1:])
        )
        for text in answer.headers.getlist("set-cookie"):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(text).items()}
        return answer

    def post(self, path: str, **said: str) -> Answer:
        everything = {"name": "", "password": "", "link": ""} | said
        return self.ask("POST", path, json.dumps(everything).encode(), origin="http://localhost")


async def answered(request: Request) -> PlainTextResponse:
    return PlainTextResponse("answered")


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "workspace"))
    monkeypatch.delenv("DERMDASH_DATABASE_URL", raising=False)
    # The turns belong to the event loop in which they were first waited for; each request here has its own.
    monkeypatch.setattr(sign_in_route, "_queue", sign_in_route._Queue())
    st.cache_resource.clear()
    workspace = current_workspace()
    yield workspace
    workspace.close()
    st.cache_resource.clear()


@pytest.fixture
def browser(served: Workspace) -> Browser:
    everything_else = Route("/{path:path}", answered, methods=["GET", "PUT", "POST", "DELETE", "OPTIONS"])
    return Browser(Starlette(routes=[*sign_in_routes(), everything_else], middleware=[Middleware(RequestGuard)]))


def test_a_password_is_exchanged_for_a_cookie_that_scripts_cannot_read(browser: Browser, served: Workspace) -> None:
    ada = account_with(served, Role.REVIEWER)
    answer = browser.post(PASSWORD_PATH, name="ada", password=PASSWORD)
    assert (answer.status_code, answer.said) == (200, {"to": "/", "error": ""})
    assert access.account_of(served, browser.cookies[SESSION_COOKIE]) == ada
    for text in answer.headers.getlist("set-cookie"):
        assert "httponly" in text.lower()
        assert "samesite=strict" in text.lower()
    known = next(text for text in answer.headers.getlist("set-cookie") if text.startswith(BROWSER_COOKIE))
    assert "path=/sign-in" in known.lower()
    assert answer.headers["cache-control"] == "no-store"


def test_a_link_sets_a_password_and_signs_in(browser: Browser, served: Workspace) -> None:
    token = token_of(invited(served, Role.REVIEWER).link)
    answer = browser.post(NEW_PASSWORD_PATH, password="short", link=token)
    assert answer.status_code == 422
    assert "12 or more" in answer.said["error"]
    assert browser.post(NEW_PASSWORD_PATH, password=PASSWORD, link=token).said["to"] == "/"
    assert access.account_of(served, browser.cookies[SESSION_COOKIE]) is not None
    again = browser.post(NEW_PASSWORD_PATH, password="another good password", link=token)
    assert again.status_code == 401
    assert "used already" in again.said["error"]


def test_who_fails_too_often_is_told_how_long_to_wait_and_a_known_browser_is_not(
    browser: Browser, served: Workspace
) -> None:
    account_with(served, Role.REVIEWER)
    known = Browser(browser.app)
    assert known.post(PASSWORD_PATH, name="Ada", password=PASSWORD).status_code == 200
    del known.cookies[SESSION_COOKIE]
    browser.address = "198.51.100.7"
    for _ in range(attempts.PER_NAME):
        refused = browser.post(PASSWORD_PATH, name="Ada", password="a guess of somebody")
        assert refused.status_code == 401
        assert SESSION_COOKIE not in browser.cookies
    waits = browser.post(PASSWORD_PATH, name="Ada", password=PASSWORD)
    assert waits.status_code == 429
    assert 0 < int(waits.headers["retry-after"]) <= 15 * 60
    assert "ask an admin" in waits.said["error"]
    assert known.post(PASSWORD_PATH, name="Ada", password=PASSWORD).status_code == 200


@pytest.mark.parametrize("origin", OTHERS)
def test_a_page_of_another_site_cannot_sign_anybody_in(browser: Browser, served: Workspace, origin: str) -> None:
    account_with(served, Role.REVIEWER)
    body = json.dumps({"name": "Ada", "password": PASSWORD, "link": ""}).encode()
    assert browser.ask("POST", PASSWORD_PATH, body, origin=origin).status_code == 403
    assert browser.ask("POST", PASSWORD_PATH, body, sec_fetch_site="cross-site").status_code == 403
    assert browser.cookies == {}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"name=Ada&password=x&link=", "application/x-www-form-urlencoded"),
        (b'{"name": "Ada", "password": "x", "link": ""}', "text/plain"),
        (b"", "application/json"),
        (b"null", "application/json"),
        (b"[" * 4000, "application/json"),
        (b'{"name": "Ada", "password": "x"}', "application/json"),
        (b'{"name": "Ada", "password": ["x"], "link": ""}', "application/json"),
        (b'{"name": "Ada", "password": "x", "link": "", "admin": true}', "application/json"),
        (json.dumps({"name": "Ada", "password": "x" * 9000, "link": ""}).encode(), "application/json"),
        (b"\xff\xfe", "application/json"),
    ],
)
def test_what_no_sign_in_page_sends_is_refused(browser: Browser, served: Workspace, body: bytes, kind: str) -> None:
    answer = browser.ask("POST", PASSWORD_PATH, body, content_type=kind)
    assert answer.status_code == 400
    assert browser.cookies == {}


def test_odd_text_is_only_wrong(browser: Browser, served: Workspace) -> None:
    for text in ("\ud800", "\x00", "' OR 1=1 --", "\u202e"):
        assert browser.post(PASSWORD_PATH, name=text, password=text).status_code == 401
        assert browser.post(NEW_PASSWORD_PATH, password=PASSWORD, link=text).status_code == 401


def test_too_many_who_sign_in_at_once_are_asked_to_come_again(browser: Browser, served: Workspace) -> None:
    sign_in_route._queue.waiting = 50
    assert browser.post(PASSWORD_PATH, name="Ada", password=PASSWORD).status_code == 503
    sign_in_route._queue.waiting = 0
    assert browser.post(PASSWORD_PATH, name="Ada", password=PASSWORD).status_code == 401
    assert sign_in_route._queue.waiting == 0


def test_a_get_neither_signs_in_nor_uses_a_link_up(browser: Browser, served: Workspace) -> None:
    assert browser.ask("GET", PASSWORD_PATH).status_code in (303, 405)
    assert SESSION_COOKIE not in browser.cookies


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.REVIEWER, {"/media/1.csv"}),
        (Role.ADMIN, {"/media/1.csv", "/_stcore/metrics"}),
        (Role.CURATOR, {"/media/1.csv", UPLOAD}),
        (Role.COORDINATOR, {"/media/1.csv", UPLOAD}),
        (Role.STATISTICIAN, {"/media/1.csv", UPLOAD}),
    ],
)
def test_each_role_reaches_its_addresses_of_streamlit_and_no_others(
    browser: Browser, served: Workspace, role: Role, may: set[str]
) -> None:
    browser.cookies[SESSION_COOKIE] = session_with(served, role)
    for path in ("/media/1.csv", "/_stcore/metrics", UPLOAD):
        method = "PUT" if path == UPLOAD else "GET"
        assert browser.ask(method, path).status_code == (200 if path in may else 403), path


def test_without_a_provider_its_addresses_answer_nobody_and_nothing_of_it_is_loaded(
    browser: Browser, served: Workspace
) -> None:
    assert not identity_provider.is_configured()
    for path in ("/auth/login", "/auth/logout", "/oauth2callback", "/base/auth/login"):
        assert browser.ask("GET", path).status_code == 404


def _secrets(monkeypatch: pytest.MonkeyPatch, auth: dict[str, Any]) -> None:
    monkeypatch.setattr(identity_provider, "get_secrets_auth_section", lambda: auth)


CLIENT = {"client_id": "a", "client_secret": "b", "server_metadata_url": "https://id.example/x"}
SHARED = {"redirect_uri": "https://study.example/oauth2callback", "cookie_secret": "c" * 40}


@pytest.mark.parametrize(
    ("auth", "offered"),
    [
        ({}, {}),
        (SHARED | CLIENT, {"default": "your organisation"}),
        (SHARED | {"clinic": CLIENT}, {"clinic": "Clinic"}),
        (SHARED | {"clinic": {"client_id": "a"}}, {}),
        (SHARED | {"my_clinic": CLIENT}, {}),
        (CLIENT, {}),
    ],
)
def test_providers_are_those_that_have_all_they_need(
    monkeypatch: pytest.MonkeyPatch, auth: dict[str, Any], offered: dict[str, str]
) -> None:
    _secrets(monkeypatch, auth)
    assert identity_provider.providers() == offered


def test_with_a_provider_its_addresses_reach_streamlit(
    browser: Browser, served: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert auth_util.get_secrets_auth_section is not None
    _secrets(monkeypatch, SHARED | CLIENT)
    for path in ("/auth/login", "/oauth2callback"):
        assert browser.ask("GET", path, sec_fetch_site="cross-site").status_code == 200


def test_a_tab_ends_with_the_roles_it_was_opened_with(served: Workspace) -> None:
    session = session_with(served, Role.CURATOR, Role.STATISTICIAN)
    account = access.account_of(served, session)
    assert account is not None
    tab = Tab(session)
    less = lambda: people.change_roles(served, OPERATOR, account.id, [Role.STATISTICIAN])  # noqa: E731
    assert tab.clicks("an import", less, "another import") == ["an import"]
    assert tab.sent == [{"type": "websocket.close", "code": 1008}]


def test_a_changed_name_ends_nothing(served: Workspace) -> None:
    session = session_with(served, Role.CURATOR)
    account = access.account_of(served, session)
    assert account is not None
    other = lambda: people.change_details(served, OPERATOR, account.id, name="Ada R", expertise=account.expertise)  # noqa: E731
    assert Tab(session).clicks("one", other, "two") == ["one", "two"]


def test_a_closed_accounts_tab_ends_though_nobody_touches_it(
    served: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signed_in_connection, "LOOK_EVERY_S", 0.05)
    session = session_with(served, Role.REVIEWER)
    account = access.account_of(served, session)
    assert account is not None
    sent: list[Any] = []

    async def look() -> None:
        async def silence() -> dict[str, Any]:
            await asyncio.sleep(3600)
            raise AssertionError

        async def send(message: Any) -> None:
            sent.append(message)

        async def behind(scope: Any, receive: Any, send: Any) -> None:
            people.close_account(served, OPERATOR, account.id)
            sent.append(await receive())

        admin_session(served)
        await asyncio.wait_for(RequestGuard(behind)(Tab(session).scope, silence, send), 20)

    own_loop.run(look)
    assert sent == [{"type": "websocket.close", "code": 1008}, {"type": "websocket.disconnect", "code": 1008}]


def test_whoever_signs_in_where_somebody_else_was_does_not_go_on_with_their_page(served: Workspace) -> None:
    ada = account_with(served, Role.CURATOR)
    noor = session_with(served, Role.REVIEWER, name="Noor")
    note_signed_in("adas-page", ada)
    tab = Tab(noor, "streamlit, xsrf, adas-page")
    assert tab.clicks("a page") == ["a page"]
    assert "adas-page" not in tab.protocols
    account = access.account_of(served, noor)
    assert account is not None
    note_signed_in("noors-page", account)
    again = Tab(noor, "streamlit, xsrf, noors-page")
    assert again.clicks("a page") == ["a page"]
    assert "noors-page" in again.protocols


def test_a_reviewer_can_prepare_no_upload(served: Workspace) -> None:
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.Common_pb2 import FileURLsRequest

    upload = BackMsg(file_urls_request=FileURLsRequest(request_id="1", file_names=["a.zip"])).SerializeToString()
    assert Tab(session_with(served, Role.REVIEWER)).clicks("a click", upload) == ["a click"]
    assert Tab(session_with(served, Role.CURATOR, name="Noor")).clicks(upload) == ["file_urls_request"]
