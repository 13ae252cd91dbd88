"""Which page a request comes from, and whether that page is one of ours.

A cookie belongs to a host name and not to a port, and SameSite does not tell ports apart either: a page that another
program on this machine serves would speak to the app with the admin's cookie. Only the origin tells them apart.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from starlette.datastructures import Headers
    from starlette.types import Scope

_PORTS = {"http": 80, "https": 443}
_SECURE = {"ws": "http", "wss": "https"}
_OURS = ("same-origin", "none")
"""Sec-Fetch-Site of a request that one of our pages makes, or a person with the address bar or a bookmark."""


@dataclass(frozen=True, slots=True)
class PageOrigin:
    """Scheme (http or https), host in lower case, and port."""

    scheme: str
    host: str
    port: int


def parse_origin(address: str) -> PageOrigin | None:
    """The origin of an address; None for what has none, such as ``null`` or a file."""
    try:
        parts = urlsplit(address)
        scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError:
        return None
    if scheme not in _PORTS or not host or parts.username is not None:
        return None
    return PageOrigin(scheme, host.rstrip("."), port or _PORTS[scheme])


def asked_origin(scope: "Scope", headers: "Headers") -> PageOrigin | None:
    """The origin that a request was sent to: its scheme and its Host."""
    scheme = _SECURE.get(scope["scheme"], scope["scheme"])
    return parse_origin(f"{scheme}://{headers.get('host', '')}")


def is_foreign(scope: "Scope", headers: "Headers", *, public_url: str) -> bool:
    """Whether a browser says that another page than one of ours makes this request.

    Ours is what has the origin that the request was sent to, or that of the public address, which a proxy may have
    replaced. A request without any origin is no page's: every browser names it for a websocket and for every request
    that changes something.
    """
    named = headers.get("origin")
    if named is None:
        return headers.get("sec-fetch-site", "none") not in _OURS
    origin = parse_origin(named)
    return origin is None or origin not in (asked_origin(scope, headers), parse_origin(public_url))


def with_host_of_origin(scope: "Scope", headers: "Headers") -> "Scope":
    """The same request with the Host that its Origin names.

    For a request of ours. Streamlit compares the two as texts, and where they differ it asks a service in the internet
    for the address of this machine, while the whole server waits.
    """
    named = headers.get("origin")
    if named is None or urlsplit(named).netloc == headers.get("host"):
        return scope
    kept = [(name, value) for name, value in scope["headers"] if name.lower() != b"host"]
    return {**scope, "headers": [(b"host", urlsplit(named).netloc.encode("latin-1")), *kept]}
