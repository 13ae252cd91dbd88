"""Ports of this machine for servers of the tests: one that an earlier server left is taken again."""

import socket

TAKEN: list[int] = []
"""Every port that this process has taken, in the order of its first use."""
_in_use: set[int] = set()


def free_port() -> int:
    """The first port that this process left and nobody listens at, or a new one; give it back with `leave_port`."""
    port = next((port for port in TAKEN if port not in _in_use and _is_free(port)), 0) or _new_port()
    _in_use.add(port)
    return port


def neighbouring_ports(count: int) -> int:
    """The first of so many ports in a row at which nobody listens; no other call of this process gets any of them."""
    for _ in range(200):
        first = _new_port()
        row = range(first, first + count)
        if row[-1] < 65_536 and not _in_use.intersection(row) and all(_is_free(port) for port in row):
            _in_use.update(row)
            return first
    raise AssertionError(f"no {count} free ports in a row")


def hold_port(port: int) -> None:
    """Take it again that one left, for the same server."""
    _in_use.add(port)


def leave_port(port: int) -> None:
    """Say that its server has ended."""
    _in_use.discard(port)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As a server asks: connections that have just ended are in nobody's way.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _new_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    TAKEN.append(port)
    return port
