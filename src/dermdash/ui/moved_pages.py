"""Addresses of pages that are parts of others now: who opens one is led to where its content is, with all it was asked.

An HTTP answer and no page of its own, so that the browser's Back does not come by here again.
"""

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from starlette.routing import Route

from dermdash.analyses.registry import ANALYSES
from dermdash.ui.study_tabs import StudyTab, analysis_query

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

STUDY_ADDRESS = "study"
MOVED: dict[str, tuple[str, dict[str, str]]] = {
    "results": (STUDY_ADDRESS, StudyTab.RESULTS.query),
    "cases": (STUDY_ADDRESS, StudyTab.CASES.query),
    "monitoring": (STUDY_ADDRESS, StudyTab.READERS.query),
    "report": (STUDY_ADDRESS, StudyTab.REPORT.query),
    **{a.address: (STUDY_ADDRESS, analysis_query(a.key)) for a in ANALYSES if a.page},
}
"""Old addresses, each with the one that has its content now and the parameters that lead to it."""
_FILE_OF_RATINGS = ("compare", "file")


def new_address(old: str, query: str) -> str:
    """Where an old address with that query leads, relative to it."""
    asked = parse_qsl(query, keep_blank_values=True)
    if old == "mrmc" and _FILE_OF_RATINGS in asked:
        return "ratings-file?" + urlencode([pair for pair in asked if pair != _FILE_OF_RATINGS])
    address, parameters = MOVED[old]
    return f"{address}?{urlencode([*parameters.items(), *(pair for pair in asked if pair[0] not in parameters)])}"


@lru_cache(maxsize=1)
def moved_routes() -> tuple[Route, ...]:
    """The routes to serve beside the pages."""
    return tuple(Route(f"/{old}", lead_on, methods=["GET"]) for old in MOVED)


async def lead_on(request: "Request") -> "Response":
    """Answer with the new address; a slash or the path that the app lies under stay as they were asked for."""
    from starlette.responses import RedirectResponse

    old = request.url.path.rstrip("/").rpartition("/")[2]
    return RedirectResponse(new_address(old, request.url.query), status_code=307)
