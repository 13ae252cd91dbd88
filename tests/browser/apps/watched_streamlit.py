"""Runs the app as `streamlit run` does, and writes down every host outside this machine that the process turns to.

The audit hook sees every look-up of a name and every connection that Python makes, and a proxy in the environment those
of libraries that have a way of their own and obey it.
"""

import os
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from streamlit.web import cli

LOG = "WATCHED_CONTACTS"
"""The variable that names the file."""


def _outside(host: Any) -> bool:
    if host in (None, "", "localhost", b"localhost"):
        return False
    try:
        address = ip_address(host.decode() if isinstance(host, bytes) else host)
    except ValueError:
        return True
    return not (address.is_loopback or address.is_unspecified)


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if _outside(host):
        with Path(os.environ[LOG]).open("a") as log:
            log.write(f"{event} {arguments[0]!r} {host!r}\n")


if __name__ == "__main__":
    sys.addaudithook(_watch)
    sys.argv = ["streamlit", "run", *sys.argv[1:]]
    cli.main()
