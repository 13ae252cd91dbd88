"""Who somebody is and what roles they have: accounts, sessions, and the link that the operator's terminal shows."""

import hashlib
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dermdash.errors import AccessDenied
from dermdash.storage import accounts, sign_in
from dermdash.storage.accounts import Change
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.roles import Expertise as Expertise
from dermdash.workflows.accounts.roles import Role as Role

ADMIN_ACCOUNT = "admin"
"""Id of the first account; it stands in the log as who did something where nobody is named."""
SIGN_IN_PATH = "/sign-in"
SIGN_IN_LINK_VARIABLE = "DERMDASH_SIGN_IN_LINK"
"""How `dermdash serve` hands a link to the app, which prints it when it can be used."""


class Purpose(StrEnum):
    """What a one-time link is for."""

    SIGN_IN = "sign_in"
    INVITATION = "invitation"
    RESET = "reset"
    IDENTITY = "identity"
    """On from a provider's sign-in: from the page that saw it to the address that sets the cookie."""


SETS_A_PASSWORD = (Purpose.INVITATION, Purpose.RESET)


@dataclass(frozen=True, slots=True)
class Account:
    """The person signed in."""

    id: str
    name: str
    roles: frozenset[Role]
    expertise: Expertise = Expertise.SPECIALIST

    def has(self, *roles: Role) -> bool:
        """Whether it has one of the roles."""
        return not self.roles.isdisjoint(roles)


OPERATOR = Account("operator", "Command line", frozenset(Role))
"""Who runs a command: the owner of the workspace's files, who may do all; no account of the app."""


def new_token() -> str:
    """Make an unguessable token (256 bits) that survives a URL."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Hash a token for storage. Tokens are random and long, so a plain sha256 cannot be guessed back."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def roles_from(stored: Collection[str]) -> frozenset[Role]:
    """The roles of a stored list; those that this version does not know count as not given."""
    return frozenset(role for role in Role if role in stored)


def account_from(row: Mapping[str, Any]) -> Account:
    """The account of a row that says what holds of it."""
    return Account(row["id"], row["name"], roles_from(row["roles"]), Expertise(row["expertise"]))


def issue_admin_link(workspace: Workspace) -> str:
    """Make a sign-in link for an admin that works once; a link issued earlier and not used stops working.

    It is for the first account, which is made with every role where there is none yet; where somebody took that
    account's role or closed it, for the earliest other admin. Only who may read the workspace's files can ask for it.
    """
    account_id = ensure_admin(workspace)
    token = new_token()
    sign_in.replace_login_links(
        workspace.engine, account_id=account_id, token_hash=hash_token(token), purpose=Purpose.SIGN_IN
    )
    return f"{workspace.settings.public_url.rstrip('/')}{SIGN_IN_PATH}/{token}"


def ensure_admin(workspace: Workspace) -> str:
    """Id of the account that the operator's link is for; makes the first account where there is none."""
    known = accounts.list_accounts(workspace.engine)
    admins = [row["id"] for row in known if row["active"] and Role.ADMIN in row["roles"]]
    if ADMIN_ACCOUNT in admins or not admins:
        if ADMIN_ACCOUNT not in {row["id"] for row in known}:
            accounts.change_account(workspace.engine, _first_account)
        return ADMIN_ACCOUNT
    return str(admins[0])


def _first_account(known: list[dict[str, Any]]) -> Change:
    new = ADMIN_ACCOUNT not in {row["id"] for row in known}
    state = {"name": "Admin", "email": None, "roles": sorted(Role), "expertise": Expertise.SPECIALIST, "active": True}
    return Change(account_id=ADMIN_ACCOUNT, act="created", state=state, changed_by=OPERATOR.id, new=new)


def account_of(workspace: Workspace, session_token: str | None) -> Account | None:
    """The account of a session token, None for no, an unknown or an expired one, and for an account that was closed."""
    if not session_token:
        return None
    row = sign_in.account_of_session(workspace.engine, hash_token(session_token))
    return account_from(row) if row else None


def sign_out(workspace: Workspace, session_token: str) -> None:
    """End a session."""
    sign_in.end_session(workspace.engine, hash_token(session_token))


def require(account: Account | None, *roles: Role) -> Account:
    """Return the account if it has one of the roles, else raise AccessDenied. No role stands for another."""
    if account is None:
        raise AccessDenied("Please sign in first.")
    if not account.has(*roles):
        theirs = ", ".join(sorted(account.roles)) or "no role"
        needed = f"one of the roles {', '.join(roles)}" if len(roles) > 1 else f"the role {''.join(roles)}"
        raise AccessDenied(f"This needs {needed}; {account.name} has {theirs}. An admin can change that.")
    return account
