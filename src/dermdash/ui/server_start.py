"""What the server does once: beside its first requests it says where to sign in and warms up; at its end it lets go."""

import gc
import os
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import Any

import streamlit as st
from streamlit import net_util
from streamlit.runtime.pages_manager import PagesManager

from dermdash.settings import Settings
from dermdash.ui.browser_queue import never_lose_answers
from dermdash.ui.component_message import send_data_as_it_is
from dermdash.ui.log_limits import limit_log
from dermdash.ui.log_lines import write_lines
from dermdash.ui.maintenance import Maintenance
from dermdash.ui.metrics import begin_to_count
from dermdash.ui.theme_message import say_theme_from_memory
from dermdash.ui.warm_up import warm_up
from dermdash.workflows.accounts.access import SIGN_IN_LINK_VARIABLE
from dermdash.workflows.worker_pool import workers_give_way

_PATIENCE_S = 120.0
_OPEN_FILES = 65_536
"""Where there is no hard limit."""
_NEW_OBJECTS = 5000
"""As many as a few steps leave behind; 700 come together in each several times."""


@asynccontextmanager
async def at_start(_app: Any) -> AsyncIterator[None]:
    """The lifespan of the app. Uvicorn listens only after it, so all is done in a thread."""
    # Taken out of the environment: what the app starts later must not inherit it.
    link = os.environ.pop(SIGN_IN_LINK_VARIABLE, "")
    never_ask_outside()
    never_take_pages_from_the_folder()
    never_lose_answers()
    say_theme_from_memory()
    send_data_as_it_is()
    raise_open_files_limit()
    workers_give_way()
    write_lines(Settings().log_format)
    limit_log()
    begin_to_count()
    threading.Thread(target=_after_start, args=(link,), name="after-start", daemon=True).start()
    maintenance = Maintenance()
    maintenance.start()
    try:
        yield
    finally:
        maintenance.stop()


def never_ask_outside() -> None:
    """Take from Streamlit what asks a service in the internet for this machine's address.

    It would do so for the list of addresses it prints and for websockets of unknown origin, which the request guard
    decides about; and it would wait for the answer in the thread that serves everybody.
    """
    net_util.get_external_ip = lambda: None


def never_take_pages_from_the_folder() -> None:
    """Let nothing but the menu say which pages there are.

    Next to a folder `pages/` Streamlit takes its scripts for the pages until `st.navigation` was called once in the
    process. The first address opened after a start would be none of them, and "Page not found" would lie over the page.
    """
    PagesManager.uses_pages_directory = False


def raise_open_files_limit() -> int | None:
    """Let this process have as many files and connections open as the system allows it; returns how many.

    Streamlit keeps three for each session until some minutes after its page was closed: the usual 1024 would end at
    some 300 readers. None where the system has no such limit to set.
    """
    try:
        import resource
    except ImportError:  # Windows
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else hard
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):  # some systems name a limit that they do not grant
        return soft
    return wanted


def _after_start(link: str) -> None:
    if link:
        answers(health_address(), within_s=_PATIENCE_S)
        print_link(link)
    if Settings().warm_up:
        warm_up()
    leave_out_what_stays()


def leave_out_what_stays() -> None:
    """Let Python's collector of cycles not look again at what was loaded at the start, and look less often at the rest.

    It looked at every module, class and function for a tenth of the time of each reader's step, and never found any
    that was not used any more.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, *gc.get_threshold()[1:])


def health_address() -> str:
    """Where this server says that it is ready, as the configuration has it."""
    scheme = {True: "https", False: "http"}[bool(st.get_option("server.sslCertFile"))]
    host, port = _reachable(str(st.get_option("server.address") or "")), st.get_option("server.port")
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{scheme}://{host}:{port}/{base + '/' if base else ''}_stcore/health"


def _reachable(host: str) -> str:
    """The host to ask on this machine, as it stands in an address: a server on every interface is on the loopback."""
    try:
        address = ip_address(host or "127.0.0.1")
    except ValueError:
        return host
    if address.is_unspecified:
        address = ip_address("127.0.0.1" if address.version == 4 else "::1")
    return f"[{address}]" if address.version == 6 else str(address)


def answers(address: str, *, within_s: float) -> bool:
    """Wait until something answers at an address by HTTP, whatever it says; False when nothing does in time."""
    trusting = ssl.create_default_context()  # our own server, whose certificate is for its public name
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, timeout=2, context=trusting):  # noqa: S310  http or https, never file
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:  # not listening yet
            time.sleep(0.05)
    return False


def print_link(link: str) -> None:
    """Print a sign-in link so that it is found among the lines of a log."""
    words = "Open this link to sign in as admin (works once):"
    line = "=" * max(len(words), len(link))
    print("\n".join(["", line, words, link, line, ""]), flush=True)
