"""The route behind the addresses of small pictures."""

from typing import TYPE_CHECKING

from starlette.routing import Route

from dermdash.errors import DermdashError, FileMissing, OutOfReach
from dermdash.ui.frontend.exchange.gallery import THUMBNAILS_PATH
from dermdash.ui.open_workspace import current_workspace
from dermdash.ui.sign_in_route import SESSION_COOKIE
from dermdash.ui.thumbnail_address import image_of_address, now_served
from dermdash.workflows.accounts import access
from dermdash.workflows.accounts.rights import SEES_LABELS
from dermdash.workflows.dataset import browse_records

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

# Nothing of a patient stays on the disk of a browser's machine.
_HEADERS = {"Cache-Control": "no-store"}


def thumbnail_routes() -> tuple[Route, ...]:
    """The routes to serve beside the pages; tiles that are drawn afterwards name addresses."""
    now_served()
    return (Route(f"/{THUMBNAILS_PATH}/{{name}}", thumbnail_file, methods=["GET"]),)


def thumbnail_file(request: "Request") -> "Response":
    """A thumbnail, to the account that its address was made for, while they see every label. Asked in a thread."""
    from starlette.responses import PlainTextResponse, Response

    try:
        workspace = current_workspace()
        account = access.account_of(workspace, request.cookies.get(SESSION_COOKIE))
        if account is None or not account.has(*SEES_LABELS):
            return PlainTextResponse("This is not for you.", 403, headers=_HEADERS)
        image = image_of_address(workspace.home, account.id, request.path_params["name"])
        if image is None:
            return PlainTextResponse("This address is not yours, or has expired.", 403, headers=_HEADERS)
        data = browse_records.thumbnail(workspace, image)
    except FileMissing:
        return PlainTextResponse("Not found", 404, headers=_HEADERS)
    except OutOfReach as error:
        return PlainTextResponse(type(error).__name__, 503, headers=_HEADERS)
    except DermdashError:
        return PlainTextResponse("Something is wrong.", 500, headers=_HEADERS)
    return Response(data, media_type="image/jpeg", headers=_HEADERS)
