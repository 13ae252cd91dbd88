"""What Streamlit would let anybody do over HTTP, and a study's workspace does not.

Streamlit takes an upload from every open page, also from the sign-in page, and holds it in memory before any script
has looked at it: strangers could fill the machine. A page may be framed by other sites unless told otherwise. And it
lets every page of this machine, whatever its port, open a connection as the person whose cookie the browser adds.
"""

import logging
from typing import TYPE_CHECKING

from streamlit import get_option

from dermdash.errors import DermdashError, OutOfReach
from dermdash.settings import current_settings
from dermdash.ui import identity_provider
from dermdash.ui.browser_requests import ANYBODY, SIGNED_IN, UPLOADING, only_asking_for
from dermdash.ui.content_policy import content_policy
from dermdash.ui.open_workspace import current_workspace
from dermdash.ui.request_origin import is_foreign, with_host_of_origin
from dermdash.ui.sign_in_route import SESSION_COOKIE
from dermdash.ui.signed_in_connection import (
    old_session_was_of_another,
    same_standing,
    shown_anew,
    while_signed_in,
    without_old_session,
)
from dermdash.workflows.accounts import access
from dermdash.workflows.accounts.access import Account, Role
from dermdash.workflows.accounts.rights import ROLES_OF, Right, may

if TYPE_CHECKING:
    from starlette.datastructures import Headers
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger(__name__)
# Uploads fill memory; the metrics tell how many people are at the app and what it holds; downloads and pictures of the
# pages lie under addresses that would work for anybody, after signing out as well.
ROLES_OF_PATH: dict[str, tuple[Role, ...]] = {
    "/_stcore/upload_file/": ROLES_OF[Right.UPLOAD_FILES],
    "/_stcore/metrics": (Role.ADMIN,),
    "/media/": tuple(Role),
}
# An interface of Streamlit for programs, which this app does not offer; its description answers even where it is off.
CLOSED_PATHS = ("/_stcore/agent", "/_stcore/script-health-check")
# The app's own scripts, styles and fonts, which every reader's page is made of; fonts lie in /static/media/.
_STATIC = "/static/"
_PREFLIGHT = "OPTIONS"
_READING = ("GET", "HEAD")
_POLICY_VIOLATION = 1008
_ORIGINS_NAMED = 20
HEADERS = (
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    # The address of a reader's page holds the invitation.
    (b"referrer-policy", b"same-origin"),
)


class RequestGuard:
    """ASGI middleware: some addresses for some roles only, none but our own pages may change anything or connect."""

    def __init__(self, app: "ASGIApp") -> None:
        self.app = app
        self._named: set[str] = set()

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on, or refuse it."""
        from starlette.concurrency import run_in_threadpool
        from starlette.requests import HTTPConnection
        from starlette.responses import PlainTextResponse

        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        foreign = is_foreign(scope, connection.headers, public_url=current_settings().public_url)
        if scope["type"] == "websocket":
            if foreign:
                self._say_foreign(connection.headers)
                # Before it is accepted, this is an HTTP answer 403.
                await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
                return
            await self._connect(with_host_of_origin(scope, connection.headers), receive, send, connection.cookies)
            return

        async def send_guarded(message: "Message") -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                ours = (*HEADERS, (b"content-security-policy", content_policy()))
                message["headers"] = [*message["headers"], *(h for h in ours if h[0] not in present)]
            await send(message)

        if _is_closed(scope["path"]):
            await PlainTextResponse("Not found", 404)(scope, receive, send_guarded)
            return
        roles = _roles_for(scope["path"])
        if foreign and (roles is not None or scope["method"] not in _READING):
            self._say_foreign(connection.headers)
            await PlainTextResponse("This request comes from a page of another site.", 403)(
                scope, receive, send_guarded
            )
            return
        if roles is not None and scope["method"] != _PREFLIGHT:
            try:
                account = await run_in_threadpool(_account, connection.cookies.get(SESSION_COOKIE))
            except OutOfReach as error:
                await PlainTextResponse(str(error), 503)(scope, receive, send_guarded)
                return
            if account is None or not account.has(*roles):
                words = "Sign in first." if account is None else f"This needs the role {' or '.join(roles)}."
                await PlainTextResponse(words, 403)(scope, receive, send_guarded)
                return
        await self.app(scope, receive, send_guarded)

    async def _connect(self, scope: "Scope", receive: "Receive", send: "Send", cookies: dict[str, str]) -> None:
        """Let a websocket through for what its browser may ask; one that came with a session ends with it."""
        from starlette.concurrency import run_in_threadpool

        session = cookies.get(SESSION_COOKIE)
        known: Account | None = None
        lost = False
        if session is not None:
            try:
                known = await run_in_threadpool(_account, session)
            except OutOfReach:
                lost = True  # the pages say so themselves, and can do nothing meanwhile
        if known is None and not lost:
            asked = only_asking_for(receive, ANYBODY)
            # Also where the cookie is gone: cookies can be deleted while a page is open.
            if session is not None or old_session_was_of_another(scope, None):
                await self.app(without_old_session(scope), shown_anew(asked), send)
                return
            await self.app(scope, asked, send)
            return

        async def still() -> bool:
            nonlocal known
            try:
                now = await run_in_threadpool(_account, session)
            except OutOfReach:
                return True
            if known is None and now is not None and not old_session_was_of_another(scope, now):
                known = now
            return same_standing(now, known)

        kinds = SIGNED_IN | UPLOADING if lost or may(known, Right.UPLOAD_FILES) else SIGNED_IN
        asked = while_signed_in(only_asking_for(receive, kinds), send, still)
        if not lost and old_session_was_of_another(scope, known):
            await self.app(without_old_session(scope), shown_anew(asked), send)
            return
        await self.app(scope, asked, send)

    def _say_foreign(self, headers: "Headers") -> None:
        origin, host = headers.get("origin", "none"), headers.get("host", "none")
        if origin in self._named or len(self._named) >= _ORIGINS_NAMED:
            return
        self._named.add(origin)
        _log.warning(
            "refused a page of %.200r that asked for %.200r. If that is the address people use, because a proxy stands "
            "in front of the app, set DERMDASH_PUBLIC_URL to it",
            origin, host,
        )  # fmt: skip


def _is_closed(path: str) -> bool:
    """Whether nothing answers under a path; what secrets.toml says is only read where it matters."""
    if any(closed in path for closed in CLOSED_PATHS):
        return True
    return any(closed in path for closed in identity_provider.PATHS) and not identity_provider.is_configured()


def _roles_for(path: str) -> tuple[Role, ...] | None:
    """The roles that may ask for an address; None for everybody."""
    base = get_option("server.baseUrlPath").strip("/")
    if path.removeprefix(f"/{base}" if base else "").startswith(_STATIC):
        return None
    # Anywhere in the path: whatever prefix a proxy leaves in front of it opens nothing.
    return next((roles for part, roles in ROLES_OF_PATH.items() if part in path), None)


def _account(session: str | None) -> Account | None:
    if not session:
        return None
    try:
        return access.account_of(current_workspace(), session)
    except OutOfReach:
        raise
    except DermdashError:
        return None
