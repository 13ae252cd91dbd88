"""How often signing in may fail: enough for a person, too little for a program that guesses.

A stranger must not keep the owner of an account out by failing on their behalf. So failures are counted in two pots: a
browser from which somebody has signed in before has one of its own for that account; all others share that of the
account, and that of their network address. What strangers do fills the shared pots and never the browser's own
(OWASP's "device cookies"). Somebody at a new browser while strangers fail waits, or asks an admin for a link.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address

from dermdash.errors import TooManyAttempts
from dermdash.storage import sign_in as stored
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.wording import duration
from dermdash.workflows.accounts.access import hash_token

WINDOW = timedelta(minutes=15)
PER_BROWSER = 10
PER_NAME = 10
PER_ADDRESS = 40
"""A ward behind one router is one address."""
PER_SESSION = 10
"""Wrong current passwords when somebody who is signed in changes theirs."""


def limits_for(
    workspace: Workspace, name: str, account_id: str | None, address: str, browser_token: str | None
) -> Mapping[str, int]:
    """Under which keys an attempt counts, and how many of each may fail within `WINDOW`."""
    if account_id is not None and browser_token:
        browser = hash_token(browser_token)
        if account_id in stored.known_in(workspace.engine, browser):
            return {_key("browser", f"{account_id} {browser}"): PER_BROWSER}
    # A password typed into the wrong field is not written down: only its hash is.
    return {_key("name", name): PER_NAME, _key("address", _network(address)): PER_ADDRESS}


def limits_of_session(account_id: str) -> Mapping[str, int]:
    """The same for the current password of who is signed in."""
    return {_key("session", account_id): PER_SESSION}


def count(workspace: Workspace, counted: Mapping[str, int], *, clock: Callable[[], datetime] = now) -> None:
    """Count an attempt before its password is looked at, so that many at once are counted too.

    Raises
    ------
    TooManyAttempts
        So many have failed already; this one does not count, and the first of them is over after ``seconds``.
    """
    moment = clock()
    oldest = stored.count_attempt(workspace.engine, counted, since=moment - WINDOW, at=moment)
    if oldest is not None:
        seconds = max(1, round((oldest + WINDOW - moment).total_seconds()))
        raise TooManyAttempts(
            f"Signing in failed too often. Please wait {duration(seconds)} and try again, or ask an admin for a link.",
            seconds=seconds,
        )


def count_joining(workspace: Workspace, study_id: str, address: str) -> None:
    """Count somebody who comes to a study without an invitation of their own; raises TooManyAttempts beyond a ward."""
    moment = now()
    counted = {_key("joining", f"{study_id} {_network(address)}"): PER_ADDRESS}
    oldest = stored.count_attempt(workspace.engine, counted, since=moment - WINDOW, at=moment)
    if oldest is not None:
        seconds = max(1, round((oldest + WINDOW - moment).total_seconds()))
        raise TooManyAttempts(
            f"Many have begun from this network just now. Please wait {duration(seconds)} and try again.",
            seconds=seconds,
        )


def _key(kind: str, value: str) -> str:
    return f"{kind}:{sha256(value.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def _network(address: str) -> str:
    """An IPv4 address, or the network of an IPv6 one, all of which one customer of a provider may use."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped) if mapped is not None else parsed.exploded[:19]
    return str(parsed)
