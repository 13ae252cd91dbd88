"""The addresses that begin a session and leave it in a cookie: a one-time link, a password, a link that sets one.

Routes of their own, because only an HTTP answer can set a cookie that scripts cannot read (HttpOnly). What comes from
another site never arrives here (`request_guard`).
"""

import asyncio
import json
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.routing import Route

from dermdash.errors import DermdashError, InvalidInput, OutOfReach, SignInRefused, TooManyAttempts
from dermdash.storage.workspace import Workspace
from dermdash.ui.browser_label import browser_label
from dermdash.ui.frontend.exchange.sign_in import CredentialsPayload, SignInAnswer
from dermdash.ui.open_workspace import current_workspace
from dermdash.workflows.accounts import access, sign_in
from dermdash.workflows.accounts.sign_in import Browser, SignedIn

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

SESSION_COOKIE = "dermdash_session"
BROWSER_COOKIE = "dermdash_browser"
"""By which a browser is known to have been signed in before (`workflows.accounts.attempts`)."""
PASSWORD_PATH = f"{access.SIGN_IN_PATH}/password"
NEW_PASSWORD_PATH = f"{access.SIGN_IN_PATH}/new-password"
_APP_ROOT = "../"
"""From a link: it lies one level below the app's root, below whatever path a proxy puts before that."""
_BROWSER_KNOWN_S = 400 * 24 * 3600
_LARGEST_BODY = 8192
_AT_ONCE, _WAITING = 2, 50
"""A hash takes a core: so many are made at once, so many more may wait, in no thread that pages need."""


@lru_cache(maxsize=1)
def sign_in_routes() -> tuple[Route, ...]:
    """The routes to serve beside the pages."""
    return (
        Route(PASSWORD_PATH, by_password, methods=["POST"]),
        Route(NEW_PASSWORD_PATH, by_new_password, methods=["POST"]),
        Route(f"{access.SIGN_IN_PATH}/{{token}}", by_link, methods=["GET"]),
    )


def by_link(request: "Request") -> "Response":
    """Exchange the token for a session; a token that is unknown or was used leads to the sign-in page."""
    from starlette.responses import PlainTextResponse, RedirectResponse, Response

    if request.method != "GET":
        # Starlette answers HEAD wherever it answers GET: a link checker must not use up the link.
        return Response(status_code=405)
    try:
        workspace = current_workspace()
        begun = sign_in.sign_in_by_link(workspace, request.path_params["token"], browser=_browser(request))
    except DermdashError as error:
        return PlainTextResponse(str(error), status_code=503)
    if begun is None:
        return RedirectResponse(f"{_APP_ROOT}?link=used", status_code=303)
    return _with_cookies(RedirectResponse(_APP_ROOT, status_code=303), request, workspace, begun)


async def by_password(request: "Request") -> "Response":
    """Begin a session for a name and its password."""

    def begin(workspace: Workspace, said: CredentialsPayload) -> SignedIn:
        address = request.client.host if request.client is not None else ""
        return sign_in.sign_in_by_password(
            workspace, said["name"], said["password"], address=address, browser=_browser(request)
        )

    return await _answer(request, begin)


async def by_new_password(request: "Request") -> "Response":
    """Set the password that a link of an invitation or a reset is for, and begin a session."""

    def begin(workspace: Workspace, said: CredentialsPayload) -> SignedIn:
        return sign_in.set_password_by_link(workspace, said["link"], said["password"], browser=_browser(request))

    return await _answer(request, begin)


class _Queue:
    """Those who sign in at the moment."""

    def __init__(self) -> None:
        self.waiting = 0
        self.turns = asyncio.Semaphore(_AT_ONCE)


_queue = _Queue()


async def _answer(request: "Request", begin: Callable[[Workspace, CredentialsPayload], SignedIn]) -> "Response":
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import JSONResponse

    said = await _credentials(request)
    if said is None:
        return _refusal(400, "This is no request of the sign-in page.")
    if _queue.waiting >= _WAITING:
        return _refusal(503, "Too many people sign in at the moment. Please try again.")
    _queue.waiting += 1
    try:
        async with _queue.turns:
            workspace = await run_in_threadpool(current_workspace)
            begun = await run_in_threadpool(begin, workspace, said)
    except TooManyAttempts as error:
        return _refusal(429, str(error), {"Retry-After": str(error.seconds)})
    except SignInRefused as error:
        return _refusal(401, str(error))
    except InvalidInput as error:
        return _refusal(422, str(error))
    except OutOfReach as error:
        return _refusal(503, str(error))
    finally:
        _queue.waiting -= 1
    return _with_cookies(JSONResponse(SignInAnswer(to="/", error="")), request, workspace, begun)


async def _credentials(request: "Request") -> CredentialsPayload | None:
    """What the form of the page sends; None for anything else. A form of another site cannot send JSON."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return None
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST_BODY:
            return None
    try:
        said: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    names = CredentialsPayload.__annotations__
    if not isinstance(said, dict) or set(said) != set(names) or not all(isinstance(v, str) for v in said.values()):
        return None
    return CredentialsPayload(name=said["name"], password=said["password"], link=said["link"])


def _refusal(status: int, error: str, headers: dict[str, str] | None = None) -> "Response":
    from starlette.responses import JSONResponse

    return JSONResponse(
        SignInAnswer(to="", error=error), status_code=status, headers={"Cache-Control": "no-store", **(headers or {})}
    )


def _browser(request: "Request") -> Browser:
    label = browser_label(request.headers.get("user-agent", ""))
    return Browser(label, request.cookies.get(BROWSER_COOKIE))


def _with_cookies(response: "Response", request: "Request", workspace: Workspace, begun: SignedIn) -> "Response":
    # A proxy that speaks https to the browsers may speak http to the app.
    secure = "https" in (request.url.scheme, urlsplit(workspace.settings.public_url).scheme)
    for name, value, seconds, path in (
        (SESSION_COOKIE, begun.session, workspace.settings.session_days * 24 * 3600, "/"),
        (BROWSER_COOKIE, begun.browser, _BROWSER_KNOWN_S, access.SIGN_IN_PATH),
    ):
        response.set_cookie(name, value, max_age=seconds, path=path, httponly=True, samesite="strict", secure=secure)
    # The address may have held a secret: nobody it leads to may see it, and no cache may keep the answer.
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
