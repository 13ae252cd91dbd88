"""The address behind an admin link: exchanges it for a session and leaves the session in a cookie.

A route of its own, because only an HTTP answer can set a cookie that scripts cannot read (HttpOnly).
"""

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.routing import Route

from dermdash.errors import DermdashError
from dermdash.ui.open_workspace import current_workspace
from dermdash.workflows.accounts import access

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

SESSION_COOKIE = "dermdash_session"


@lru_cache(maxsize=1)
def sign_in_routes() -> tuple[Route, ...]:
    """The routes to serve beside the pages."""
    return (Route(f"{access.SIGN_IN_PATH}/{{token}}", sign_in, methods=["GET"]),)


def sign_in(request: "Request") -> "Response":
    """Exchange the token for a session; a token that is unknown or was used leads to the sign-in page."""
    from starlette.responses import PlainTextResponse, RedirectResponse, Response

    if request.method != "GET":
        # Starlette answers HEAD wherever it answers GET: a link checker must not use up the link.
        return Response(status_code=405)
    try:
        workspace = current_workspace()
        session = access.sign_in(workspace, request.path_params["token"])
    except DermdashError as error:
        return PlainTextResponse(str(error), status_code=503)
    if session is None:
        return RedirectResponse("/?link=used", status_code=303)
    response = RedirectResponse("/", status_code=303)
    response.set_cookie(
        SESSION_COOKIE,
        session,
        max_age=workspace.settings.session_days * 24 * 3600,
        httponly=True,
        samesite="strict",
        # A proxy that speaks https to the browsers may speak http to the app.
        secure="https" in (request.url.scheme, urlsplit(workspace.settings.public_url).scheme),
    )
    # The address held a secret: nobody it leads to may see it, and no cache may keep the answer.
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
