"""Ways to a session: a one-time link, a name with its password, a link that sets the password, a provider's word."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from dermdash.errors import SignInRefused
from dermdash.records.alike_names import folded
from dermdash.storage import accounts
from dermdash.storage import sign_in as stored
from dermdash.storage.accounts import Change
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts import attempts, passwords
from dermdash.workflows.accounts.access import (
    SETS_A_PASSWORD,
    Account,
    Purpose,
    account_from,
    account_of,
    hash_token,
    new_token,
)

_DOES_NOT_FIT = "Name and password do not fit together."
LINK_DEAD = (
    "This link does not work: it was used already, a newer one replaced it, its time is over, or it was not copied "
    "whole. Ask an admin for a new one."
)


class Way(StrEnum):
    """How somebody signed in."""

    LINK = "link"
    PASSWORD = "password"  # noqa: S105  a word, not a secret
    IDENTITY = "identity"

    @property
    def label(self) -> str:
        """In words."""
        return {Way.LINK: "one-time link", Way.PASSWORD: "password", Way.IDENTITY: "identity provider"}[self]


_WAY_OF_LINK: Mapping[str, str] = {Purpose.SIGN_IN: Way.LINK, Purpose.IDENTITY: Way.IDENTITY}
"""The links that open a session by themselves; the others ask for a password first."""


@dataclass(frozen=True, slots=True)
class Browser:
    """What somebody signs in from: in words, for the list of sessions, and the token that it was given before."""

    label: str = ""
    token: str | None = None


_NO_BROWSER = Browser()


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: its token, and a token by which the browser is known from now on."""

    session: str
    browser: str
    account_id: str


def sign_in_by_link(workspace: Workspace, link_token: str, *, browser: Browser = _NO_BROWSER) -> SignedIn | None:
    """Exchange the token of a sign-in link for a session; None when it is unknown or was used."""
    made = _New(workspace, browser)
    account_id = stored.exchange_login_link(
        workspace.engine,
        link_hash=hash_token(link_token),
        ways=_WAY_OF_LINK,
        session=made.session_row,
        browser_hash=hash_token(made.browser_token),
    )
    return made.signed_in(account_id) if account_id is not None else None


def sign_in_by_password(
    workspace: Workspace,
    name: str,
    password: str,
    *,
    address: str,
    browser: Browser = _NO_BROWSER,
    clock: Callable[[], datetime] = now,
) -> SignedIn:
    """Begin a session for whoever knows the password of that name.

    Parameters
    ----------
    address
        Network address that the request comes from.
    browser
        A known one is not kept waiting by what others try.

    Raises
    ------
    TooManyAttempts
        It failed too often; the password was not looked at.
    SignInRefused
        Unknown name, wrong password, no password or closed account: not told apart.
    """
    row = _active_account(workspace, name)
    account_id = row["id"] if row is not None else None
    counted = attempts.limits_for(workspace, folded(name), account_id, address, browser.token)
    attempts.count(workspace, counted, clock=clock)
    password_hash = accounts.password_hash_of(workspace.engine, account_id) if account_id is not None else None
    if not passwords.password_fits(password_hash, password) or account_id is None:
        raise SignInRefused(_DOES_NOT_FIT)
    made = _New(workspace, browser)
    begun = stored.add_session(
        workspace.engine,
        account_id,
        {**made.session_row, "way": Way.PASSWORD},
        browser_hash=hash_token(made.browser_token),
        counted_as=tuple(counted),
    )
    if not begun:
        raise SignInRefused(_DOES_NOT_FIT)
    if password_hash is not None and passwords.is_outdated(password_hash):
        accounts.replace_hash(workspace.engine, account_id, passwords.hash_password(password))
    return made.signed_in(account_id)


def _active_account(workspace: Workspace, name: str) -> dict[str, Any] | None:
    asked = folded(name)
    known = accounts.list_accounts(workspace.engine)
    return next((row for row in known if row["active"] and folded(row["name"]) == asked), None)


def account_of_password_link(workspace: Workspace, link_token: str) -> Account:
    """Whose password a link of an invitation or a reset sets; asking does not use it up. Raises SignInRefused."""
    row = stored.open_link(workspace.engine, hash_token(link_token), SETS_A_PASSWORD)
    if row is None:
        raise SignInRefused(LINK_DEAD)
    return account_from(row)


def set_password_by_link(
    workspace: Workspace, link_token: str, password: str, *, browser: Browser = _NO_BROWSER
) -> SignedIn:
    """Set the password that a link is for, sign the person in, and use the link up.

    Raises
    ------
    SignInRefused
        The link does not work, or somebody else used it in the same instant.
    InvalidInput
        The password would be guessed; the link stays good.
    """
    account = account_of_password_link(workspace, link_token)
    passwords.check_password(password, account.name)
    password_hash = passwords.hash_password(password)
    made = _New(workspace, browser)

    def decide(known: list[dict[str, Any]]) -> Change:
        # Asked in the transaction that uses it up: of two at once the later one finds nothing.
        link = stored.open_link(workspace.engine, hash_token(link_token), SETS_A_PASSWORD)
        row = next((row for row in known if row["id"] == account.id and row["active"]), None)
        if link is None or row is None:
            raise SignInRefused(LINK_DEAD)
        return Change(
            account_id=account.id,
            act="joined" if link["purpose"] == Purpose.INVITATION else "password_set",
            state=row,
            changed_by=account.id,
            end_sessions=True,
            end_links=True,
            password_hash=password_hash,
            session={**made.session_row, "way": Way.LINK, "link_hash": hash_token(link_token)},
            browser_hash=hash_token(made.browser_token),
        )

    accounts.change_account(workspace.engine, decide)
    return made.signed_in(account.id)


def change_password(
    workspace: Workspace,
    session_token: str,
    *,
    current: str,
    new: str,
    clock: Callable[[], datetime] = now,
) -> None:
    """Give the account of a session another password; every other session of it ends.

    ``current`` is not asked of an account that has none.

    Raises
    ------
    SignInRefused
        The session is over, or ``current`` is wrong (`TooManyAttempts`: too often).
    InvalidInput
        The new password would be guessed.
    """
    account = account_of(workspace, session_token)
    if account is None:
        raise SignInRefused("Please sign in first.")
    before = accounts.password_hash_of(workspace.engine, account.id)
    passwords.check_password(new, account.name)
    if before is not None:
        counted = attempts.limits_of_session(account.id)
        attempts.count(workspace, counted, clock=clock)
        if not passwords.password_fits(before, current):
            raise SignInRefused("The current password is not right.")
    password_hash = passwords.hash_password(new)

    def decide(known: list[dict[str, Any]]) -> Change:
        row = next((row for row in known if row["id"] == account.id and row["active"]), None)
        if row is None or accounts.password_hash_of(workspace.engine, account.id) != before:
            raise SignInRefused("The account was changed meanwhile. Please try again.")
        return Change(
            account_id=account.id, act="password_changed", state=row, changed_by=account.id,
            end_sessions=True, keep_session=hash_token(session_token), end_links=True, password_hash=password_hash,
        )  # fmt: skip

    accounts.change_account(workspace.engine, decide)


def sign_out_everywhere(workspace: Workspace, account: Account, *, but: str | None = None) -> int:
    """End every session of the account, but for that of one token; returns how many."""
    return stored.end_sessions(workspace.engine, account.id, but=hash_token(but) if but else None)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One browser that is signed in."""

    way: Way
    browser: str
    created_at: datetime
    expires_at: datetime
    here: bool


def open_sessions(workspace: Workspace, account: Account, session_token: str | None) -> list[OpenSession]:
    """Where the account is signed in, the latest first; ``here`` is the session of the token."""
    here = hash_token(session_token or "")
    return [
        OpenSession(Way(r["way"]), r["browser"], r["created_at"], r["expires_at"], r["token_hash"] == here)
        for r in stored.sessions_of(workspace.engine, account.id)
    ]


class _New:
    """Tokens of a session that begins, and its row."""

    def __init__(self, workspace: Workspace, browser: Browser) -> None:
        # A browser keeps the token that we gave it, and gets no one's choice of another.
        ours = bool(browser.token) and bool(stored.known_in(workspace.engine, hash_token(browser.token or "")))
        self.session_token = new_token()
        self.browser_token = browser.token if ours and browser.token else new_token()
        self.session_row: Mapping[str, Any] = {
            "token_hash": hash_token(self.session_token),
            "browser": browser.label[:80],
            "expires_at": now() + timedelta(days=workspace.settings.session_days),
        }

    def signed_in(self, account_id: str) -> SignedIn:
        return SignedIn(self.session_token, self.browser_token, account_id)
