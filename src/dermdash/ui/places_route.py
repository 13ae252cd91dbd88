"""The route behind the addresses of places of points."""

from typing import TYPE_CHECKING

from starlette.routing import Route

from dermdash.storage.workspace import Workspace
from dermdash.ui.frontend.exchange.point_map import PLACES_PATH
from dermdash.ui.labels_route import NO_STORE, to_who_sees_labels
from dermdash.ui.offered_places import OFFERED_PLACES
from dermdash.workflows.accounts.access import Account

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


def places_routes() -> tuple[Route, ...]:
    """The routes to serve beside the pages; maps that are drawn afterwards name addresses."""
    OFFERED_PLACES.served = True
    return (Route(f"/{PLACES_PATH}/{{name}}", places_file, methods=["GET"]),)


def places_file(request: "Request") -> "Response":
    """Places, to the account whose page named them, while they see every label. Asked in a thread."""
    from starlette.responses import PlainTextResponse, Response

    def answer(workspace: Workspace, account: Account) -> "Response":
        places = OFFERED_PLACES.get(workspace, account.id, request.path_params["name"])
        if places is None:
            return PlainTextResponse("Not found", 404, headers=NO_STORE)
        return Response(places, media_type="application/octet-stream", headers=NO_STORE)

    return to_who_sees_labels(request, answer)
