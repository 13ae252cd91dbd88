"""The route behind the addresses of small pictures."""

from typing import TYPE_CHECKING

from starlette.routing import Route

from dermdash.storage.workspace import Workspace
from dermdash.ui.frontend.exchange.gallery import THUMBNAILS_PATH
from dermdash.ui.labels_route import NO_STORE, to_who_sees_labels
from dermdash.ui.thumbnail_address import image_of_address, now_served
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.dataset import browse_records

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


def thumbnail_routes() -> tuple[Route, ...]:
    """The routes to serve beside the pages; tiles that are drawn afterwards name addresses."""
    now_served()
    return (Route(f"/{THUMBNAILS_PATH}/{{name}}", thumbnail_file, methods=["GET"]),)


def thumbnail_file(request: "Request") -> "Response":
    """A thumbnail, to the account that its address was made for, while they see every label. Asked in a thread."""
    from starlette.responses import PlainTextResponse, Response

    def answer(workspace: Workspace, account: Account) -> "Response":
        image = image_of_address(workspace.home, account.id, request.path_params["name"])
        if image is None:
            return PlainTextResponse("This address is not yours, or has expired.", 403, headers=NO_STORE)
        return Response(browse_records.thumbnail(workspace, image), media_type="image/jpeg", headers=NO_STORE)

    return to_who_sees_labels(request, answer)
