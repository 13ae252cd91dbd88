"""The address under which browsers fetch the scripts of our components, and the components that are fetched from it."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st
from starlette.routing import Route

from dermdash.ui.frontend import read_styles
from dermdash.ui.frontend.modules import composed
from dermdash.ui.frontend.served import PATH, STYLES_OF, loader, served_script

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

# The name says the content: what a browser has of it is right for good.
_FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
_KIND = "text/javascript"
_routed = False


def script_routes() -> tuple[Route, ...]:
    """The routes to serve beside the pages; components that are made afterwards are fetched from there."""
    global _routed
    _routed = True
    return (Route(f"/{PATH}/{{name}}", script_file, methods=["GET"]),)


async def script_file(request: "Request") -> "Response":
    """The file of a name, to anybody: it is part of every page; 404 for another version than this one."""
    from starlette.responses import PlainTextResponse, Response

    name = request.path_params["name"]
    entry = name.partition("-")[0]
    if entry not in STYLES_OF or served_script(entry).name != name:
        return PlainTextResponse("Not found", 404)
    script = served_script(entry)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(script.compressed, media_type=_KIND, headers={**_FOR_GOOD, "Content-Encoding": "gzip"})
    return Response(script.text, media_type=_KIND, headers=_FOR_GOOD)


def our_component(entry: str) -> Callable[..., Any]:
    """A component of ours by the module that it begins with; where nothing serves files, its text goes along."""
    script, styles = (loader(entry), None) if _routed else (composed(entry), read_styles(*STYLES_OF[entry]))
    root = f'<div class="{entry.replace("_", "-")} root"></div>'
    mount = st.components.v2.component(f"dermdash_{entry}", html=root, js=script, css=styles)

    def shown(*, key: str, data: Mapping[str, Any] | None = None, **others: Any) -> Any:
        return mount(key=key, data=data, **others)

    return shown
