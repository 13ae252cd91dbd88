"""Who may do what: one-time admin links, sessions, and the roles that every page and writing workflow checks."""

import hashlib
import secrets
from dataclasses import dataclass
from enum import StrEnum

from dermdash.errors import AccessDenied
from dermdash.storage import accounts
from dermdash.storage.workspace import Workspace

ADMIN_ACCOUNT = "admin"
"""Id of the account that stands in the log as who did something, until there are others."""
SIGN_IN_PATH = "/sign-in"
SIGN_IN_LINK_VARIABLE = "DERMDASH_SIGN_IN_LINK"
"""How `dermdash serve` hands a link to the app, which prints it when it can be used."""


class Role(StrEnum):
    """What an account may do. Readers have no account: an invitation admits them to one study."""

    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Account:
    """The person signed in."""

    id: str
    name: str
    role: Role


def new_token() -> str:
    """Make an unguessable token (256 bits) that survives a URL."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Hash a token for storage. Tokens are random and long, so a plain sha256 cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


def issue_admin_link(workspace: Workspace) -> str:
    """Make a sign-in link for the admin that works once; a link issued earlier and not used stops working."""
    token = new_token()
    accounts.save_account(workspace.engine, account_id=ADMIN_ACCOUNT, name="Admin", role=Role.ADMIN)
    accounts.replace_login_links(workspace.engine, account_id=ADMIN_ACCOUNT, token_hash=hash_token(token))
    return f"{workspace.settings.public_url.rstrip('/')}{SIGN_IN_PATH}/{token}"


def sign_in(workspace: Workspace, link_token: str) -> str | None:
    """Exchange the token of an admin link for a session token; None when it is unknown or was used."""
    session_token = new_token()
    exchanged = accounts.exchange_login_link(
        workspace.engine,
        link_hash=hash_token(link_token),
        session_hash=hash_token(session_token),
        days=workspace.settings.session_days,
    )
    return session_token if exchanged else None


def account_of(workspace: Workspace, session_token: str | None) -> Account | None:
    """The account of a session token, None for no, an unknown or an expired one."""
    if not session_token:
        return None
    row = accounts.account_of_session(workspace.engine, hash_token(session_token))
    return Account(row["id"], row["name"], Role(row["role"])) if row else None


def sign_out(workspace: Workspace, session_token: str) -> None:
    """End a session."""
    accounts.end_session(workspace.engine, hash_token(session_token))


def require(account: Account | None, *roles: Role) -> Account:
    """Return the account if it has one of the roles, else raise AccessDenied."""
    if account is None:
        raise AccessDenied("Please sign in with the admin link that was printed when the app was started.")
    if account.role not in roles:
        raise AccessDenied(f"This needs the role {' or '.join(roles)}; you are signed in as {account.role}.")
    return account
