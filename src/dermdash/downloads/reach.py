"""Which addresses a download may go to: what a server answers must not send us into somebody's own network."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

from dermdash.errors import DownloadFailed, InvalidInput

_DEFAULT_PORTS = {"https": 443, "http": 80}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Reach:
    """Addresses that may be asked in one download.

    A person names where it begins. What a server then names (a redirect, the address of a file) must have the same
    scheme, and lie there, at one of ``also``, or at a host of the public internet.

    Parameters
    ----------
    base
        Where it begins: https, or http on this machine.
    also
        Further origins (``https://host:port``) that a person named.

    Raises
    ------
    InvalidInput
        The base is no such address.
    """

    def __init__(self, base: str, *, also: Collection[str] = ()) -> None:
        parts = _split(base)
        host = parts.hostname if parts is not None else None
        if parts is None or not host or not (parts.scheme == "https" or (parts.scheme == "http" and _is_here(host))):
            raise InvalidInput(f"{base} is no address to download from: it has to begin with https://")
        self.base = base.rstrip("/")
        self._scheme = parts.scheme
        self._trusted = {_origin(parts)} | {_origin(p) for p in map(_split, also) if p is not None}
        self._public: set[str] = set()

    def check(self, url: str) -> None:
        """Refuse an address that a server named.

        Raises
        ------
        DownloadFailed
            It has another scheme, holds a name and password, or belongs to a network that is not public.
        """
        parts = _split(url)
        if parts is None or not parts.hostname:
            raise DownloadFailed(f"The server names {_shown(url)}, which is no address; it was not asked.")
        if parts.scheme != self._scheme:
            raise DownloadFailed(
                f"The server sends on to {_shown(url)}: from {self._scheme} only {self._scheme} is followed."
            )
        if parts.username is not None or parts.password is not None:
            raise DownloadFailed(
                f"The server sends on to an address with a password at {parts.hostname}; not followed."
            )
        if _origin(parts) in self._trusted or parts.hostname in self._public:
            return
        for address in _addresses(parts.hostname):
            _require_public(parts.hostname, address)
        self._public.add(parts.hostname)

    def check_peer(self, url: str, peer: object) -> None:
        """Refuse an answer that came from an address which is not public, whatever the name resolved to before.

        ``peer`` is the other end of the connection as the socket says it; behind a proxy that is the proxy, and says
        nothing.
        """
        parts = _split(url)
        if parts is None or parts.hostname is None or _origin(parts) in self._trusted or _is_proxied(parts):
            return
        if isinstance(peer, tuple) and peer:
            _require_public(parts.hostname, _address(str(peer[0])))


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  raises where it is no port
    except ValueError:
        return None
    return parts


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    return parts.scheme, parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)


def _shown(url: str) -> str:
    """An address for a message, without the signature that a store puts behind it."""
    return url.partition("?")[0][:200]


def _address(text: str) -> _Address | None:
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None


def _is_here(host: str) -> bool:
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _addresses(host: str) -> list[_Address | None]:
    """What a host name stands for; nothing where it is not known here: connecting says so, or a proxy knows it."""
    literal = _address(host)
    if literal is not None:
        return [literal]
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [_address(str(entry[4][0])) for entry in found]


def _require_public(host: str, address: _Address | None) -> None:
    if address is None or not all(a.is_global and not a.is_multicast for a in _meant(address)):
        raise DownloadFailed(
            f"The server sends on to {host}, which is in a private network ({address or 'no address'}); not followed."
        )


def _meant(address: _Address) -> list[_Address]:
    """The address and those of version 4 that stand inside it: each of them must be public."""
    if not isinstance(address, ipaddress.IPv6Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address in _NAT64:
        return [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    inner: list[_Address] = [a for a in (address.sixtofour, *(address.teredo or ())) if a is not None]
    return [address, *inner]


def _is_proxied(parts: SplitResult) -> bool:
    proxies = getproxies()
    known = parts.scheme in proxies or "all" in proxies
    return known and not proxy_bypass(parts.hostname or "")
