"""What programs of an operator ask: `/healthz` whether people can be sent here, `/metrics` for figures over time."""

import hmac
import logging
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.routing import Route

from dermdash.settings import Settings
from dermdash.ui import metrics
from dermdash.ui.open_workspace import current_workspace
from dermdash.workflows.workspace.health import HealthWatch

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_log = logging.getLogger(__name__)
HEALTH_PATH, METRICS_PATH = "/healthz", "/metrics"
_NO_STORE = {"Cache-Control": "no-store"}
_PROXY_SIGNS = ("x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via")
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
_METRICS_KIND = "text/plain; version=0.0.4; charset=utf-8"
HEALTH = HealthWatch(current_workspace)
"""The one of this process."""


def operator_routes() -> tuple[Route, ...]:
    """The routes to serve beside the pages."""
    return (
        Route(HEALTH_PATH, health, methods=["GET"]),
        Route(METRICS_PATH, metrics_text, methods=["GET"]),
    )


def health(request: "Request") -> "Response":
    """200 where people can work here, else 503; which part is how, and nothing of where or why. Asked in a thread."""
    from starlette.responses import JSONResponse

    found = HEALTH.look()
    return JSONResponse(found.in_public(), 200 if found.works else 503, headers=_NO_STORE)


def metrics_text(request: "Request") -> "Response":
    """The figures of this process, to programs of this machine and to whoever has the token."""
    from starlette.responses import PlainTextResponse, Response

    if not may_see_metrics(request):
        return PlainTextResponse("Not found", 404, headers=_NO_STORE)
    return Response(metrics.as_text(), media_type=_METRICS_KIND, headers=_NO_STORE)


def may_see_metrics(request: "Request") -> bool:
    """Whether a request comes from this machine and through no proxy, or brings the token."""
    said = request.headers.get("authorization", "")
    token = _token()
    if token and hmac.compare_digest(said.encode(), f"Bearer {token}".encode()):
        return True
    # What a proxy on this machine sends comes from this machine, too: it is told apart by the host that was asked for,
    # and by what proxies add.
    if any(sign in request.headers for sign in _PROXY_SIGNS) or request.url.hostname not in _THIS_MACHINE:
        return False
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _token() -> str:
    place = Settings().metrics_token_file
    if not place:
        return ""
    try:
        return Path(place).read_text("utf-8").strip()
    except OSError as error:
        _log.warning("DERMDASH_METRICS_TOKEN_FILE cannot be read (%s): no token opens /metrics", error.strerror)
        return ""
