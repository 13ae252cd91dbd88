"""What Streamlit would let anybody do over HTTP, and a study's workspace does not.

Streamlit takes an upload from every open page, also from the sign-in page, and holds it in memory before any script
has looked at it: strangers could fill the machine. And a page may be framed by other sites unless told otherwise.
"""

from typing import TYPE_CHECKING

from streamlit import get_option

from dermdash.errors import DermdashError
from dermdash.ui.open_workspace import current_workspace
from dermdash.ui.sign_in_route import SESSION_COOKIE
from dermdash.workflows import access

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Uploads fill memory; the metrics tell how many people are at the app and what it holds; downloads and pictures of the
# admin's pages lie under addresses that would work for anybody, after signing out as well.
ADMIN_PATHS = ("/_stcore/upload_file/", "/_stcore/metrics", "/media/")
# The app's own scripts, styles and fonts, which every reader's page is made of; fonts lie in /static/media/.
_STATIC = "/static/"
_PREFLIGHT = "OPTIONS"
HEADERS = (
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    # The address of a reader's page holds the invitation.
    (b"referrer-policy", b"same-origin"),
)


class RequestGuard:
    """ASGI middleware: some addresses for the admin only, and headers that browsers obey on every answer."""

    def __init__(self, app: "ASGIApp") -> None:
        self.app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on, or answer 403."""
        from starlette.concurrency import run_in_threadpool
        from starlette.requests import HTTPConnection
        from starlette.responses import PlainTextResponse

        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: "Message") -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(h for h in HEADERS if h[0] not in present)]
            await send(message)

        if _is_admins_only(scope["path"]) and scope["method"] != _PREFLIGHT:
            session = HTTPConnection(scope).cookies.get(SESSION_COOKIE)
            if not await run_in_threadpool(_is_admin, session):
                await PlainTextResponse("Sign in as admin first.", 403)(scope, receive, send_guarded)
                return
        await self.app(scope, receive, send_guarded)


def _is_admins_only(path: str) -> bool:
    base = get_option("server.baseUrlPath").strip("/")
    if path.removeprefix(f"/{base}" if base else "").startswith(_STATIC):
        return False
    # Anywhere in the path: whatever prefix a proxy leaves in front of it opens nothing.
    return any(admins in path for admins in ADMIN_PATHS)


def _is_admin(session: str | None) -> bool:
    if not session:
        return False
    try:
        account = access.account_of(current_workspace(), session)
    except DermdashError:
        return False
    return account is not None and account.role is access.Role.ADMIN
