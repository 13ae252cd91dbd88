"""The route behind the addresses of places of points."""

from typing import TYPE_CHECKING

from starlette.routing import Route

from dermdash.errors import DermdashError, OutOfReach
from dermdash.ui.frontend.exchange.point_map import PLACES_PATH
from dermdash.ui.offered_places import OFFERED_PLACES
from dermdash.ui.open_workspace import current_workspace
from dermdash.ui.sign_in_route import SESSION_COOKIE
from dermdash.workflows.accounts import access
from dermdash.workflows.accounts.rights import SEES_LABELS

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_HEADERS = {"Cache-Control": "no-store"}


def places_routes() -> tuple[Route, ...]:
    """The routes to serve beside the pages; maps that are drawn afterwards name addresses."""
    OFFERED_PLACES.served = True
    return (Route(f"/{PLACES_PATH}/{{name}}", places_file, methods=["GET"]),)


def places_file(request: "Request") -> "Response":
    """Places, to the account whose page named them, while they see every label. Asked in a thread."""
    from starlette.responses import PlainTextResponse, Response

    try:
        workspace = current_workspace()
        account = access.account_of(workspace, request.cookies.get(SESSION_COOKIE))
    except OutOfReach as error:
        return PlainTextResponse(type(error).__name__, 503, headers=_HEADERS)
    except DermdashError:
        return PlainTextResponse("Something is wrong.", 500, headers=_HEADERS)
    if account is None or not account.has(*SEES_LABELS):
        return PlainTextResponse("This is not for you.", 403, headers=_HEADERS)
    places = OFFERED_PLACES.get(workspace, account.id, request.path_params["name"])
    if places is None:
        return PlainTextResponse("Not found", 404, headers=_HEADERS)
    return Response(places, media_type="application/octet-stream", headers=_HEADERS)
