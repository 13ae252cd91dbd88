"""The address under which a reader's panel fetches pictures from where the line broke off."""

import re
from typing import TYPE_CHECKING

from starlette.routing import Route

from dermdash.errors import AccessDenied, DermdashError, OutOfReach
from dermdash.ui.frontend.exchange.reading import INVITATION_HEADER, PICTURES_PATH
from dermdash.ui.offered_pictures import OFFERED
from dermdash.ui.open_workspace import current_workspace
from dermdash.workflows.reader_study import join_study
from dermdash.workflows.reader_study.withdraw import withdrawal_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

# Nothing of a study stays in a browser's cache.
_HEADERS = {"Cache-Control": "no-store", "Accept-Ranges": "bytes"}
_FROM = re.compile(r"bytes=(\d{1,9})-")


def picture_routes() -> tuple[Route, ...]:
    """The routes to serve beside the pages."""
    return (Route(f"/{PICTURES_PATH}/{{name}}", picture_file, methods=["GET"]),)


def picture_file(request: "Request") -> "Response":
    """A picture, or the rest of it from the byte that is asked for, to the reader to whom it was just named.

    The invitation comes in a header, so that no log of addresses holds it. Asked in a thread: it asks the database.
    """
    from starlette.responses import PlainTextResponse, Response

    try:
        workspace = current_workspace()
        reader_id = join_study.reader_of(
            join_study.open_invitation(workspace, request.headers.get(INVITATION_HEADER, ""))
        )
        left = withdrawal_of(workspace, reader_id) is not None
    except AccessDenied:
        return PlainTextResponse("This link does not admit to it.", 403, headers=_HEADERS)
    except OutOfReach as error:
        return PlainTextResponse(type(error).__name__, 503, headers=_HEADERS)
    except DermdashError:
        return PlainTextResponse("Something is wrong.", 500, headers=_HEADERS)
    found = None if left else OFFERED.get(workspace, reader_id, request.path_params["name"])
    if found is None:
        return PlainTextResponse("Not found", 404, headers=_HEADERS)
    kind, data = found
    asked = _FROM.fullmatch(request.headers.get("range", ""))
    if asked is None:
        return Response(data, media_type=kind, headers=_HEADERS)
    start = int(asked.group(1))
    if start >= len(data):
        return Response(status_code=416, headers={**_HEADERS, "Content-Range": f"bytes */{len(data)}"})
    place = f"bytes {start}-{len(data) - 1}/{len(data)}"
    return Response(data[start:], status_code=206, media_type=kind, headers={**_HEADERS, "Content-Range": place})
