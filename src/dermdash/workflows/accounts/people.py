"""What admins do with accounts: invite, name, give and take roles, reset, close and reopen. All of it is kept."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from secrets import token_hex
from typing import Any

from dermdash.errors import InvalidInput, NotFound
from dermdash.records.alike_names import alike_key, folded
from dermdash.storage import accounts
from dermdash.storage.accounts import STATE, Change, Link
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import (
    OPERATOR,
    Account,
    Expertise,
    Purpose,
    Role,
    account_from,
    hash_token,
    new_token,
    roles_from,
)
from dermdash.workflows.accounts.rights import Right, require_right

SET_PASSWORD_PARAMETER = "account-link"  # noqa: S105  a name, not a secret
INVITATION_DAYS, RESET_DAYS = 14, 3
"""How long a link works."""
LONGEST_NAME = 80
_EMAIL = re.compile(r"[^@\s<>\"',;:\\]{1,64}@[^@\s<>\"',;:\\]{1,190}\.[^@\s<>\"',;:\\.]{2,}")
_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class AccountAct(StrEnum):
    """What was done with an account."""

    CREATED = "created"
    INVITED = "invited"
    JOINED = "joined"
    ROLES = "roles"
    DETAILS = "details"
    RESET = "reset"
    PASSWORD_SET = "password_set"  # noqa: S105  words, not secrets
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    CLOSED = "closed"
    REOPENED = "reopened"

    @property
    def label(self) -> str:
        """In words."""
        return _ACTS[self]


_ACTS = {
    AccountAct.CREATED: "made",
    AccountAct.INVITED: "invited",
    AccountAct.JOINED: "joined and set a password",
    AccountAct.ROLES: "roles changed",
    AccountAct.DETAILS: "name, e-mail or expertise changed",
    AccountAct.RESET: "password reset",
    AccountAct.PASSWORD_SET: "new password set after a reset",
    AccountAct.PASSWORD_CHANGED: "password changed",
    AccountAct.CLOSED: "closed",
    AccountAct.REOPENED: "reopened",
}


class Standing(StrEnum):
    """How things are with an account."""

    INVITED = "invited"
    """Nobody has come yet."""
    ACTIVE = "active"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Person:
    """An account as admins see it."""

    account: Account
    email: str | None
    active: bool
    standing: Standing
    created_at: datetime
    has_password: bool
    has_identity: bool
    link_until: datetime | None
    last_signed_in: datetime | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "id": self.account.id,
            "name": self.account.name,
            "email": self.email,
            "roles": sorted(self.account.roles),
            "expertise": self.account.expertise,
            "standing": self.standing,
            "created_at": self.created_at,
            "last_signed_in": self.last_signed_in,
            "link_until": self.link_until,
        }


@dataclass(frozen=True, slots=True)
class NewLink:
    """A one-time link as it is shown, once, and until when it works."""

    account: Account
    link: str
    until: datetime


@dataclass(frozen=True, slots=True)
class AccountChange:
    """One line of an account's history; names are those of today, ``by`` None for somebody unknown."""

    account: str
    act: AccountAct
    roles: frozenset[Role]
    active: bool
    by: str
    at: datetime


def list_people(workspace: Workspace, actor: Account) -> list[Person]:
    """Every account in the order in which they were made, closed ones included."""
    require_right(actor, Right.MANAGE_ACCOUNTS)
    return [_person(row) for row in accounts.list_accounts(workspace.engine)]


def names_of(workspace: Workspace) -> dict[str, str]:
    """Account id to name, of closed accounts too: for whoever shows who did something."""
    return {row["id"]: row["name"] for row in accounts.list_accounts(workspace.engine)} | {OPERATOR.id: OPERATOR.name}


def account_history(workspace: Workspace, actor: Account, account_id: str | None = None) -> list[AccountChange]:
    """What was done with an account, or with all, the latest first. Everybody may read their own."""
    if account_id != actor.id:
        require_right(actor, Right.MANAGE_ACCOUNTS)
    names = names_of(workspace)
    return [
        AccountChange(
            names.get(row["account_id"], row["account_id"]),
            AccountAct(row["act"]),
            roles_from(row["roles"]),
            row["active"],
            names.get(row["changed_by"], row["changed_by"]),
            row["changed_at"],
        )
        for row in accounts.changes(workspace.engine, account_id)
    ]


def find_person(workspace: Workspace, actor: Account, id_or_name: str) -> Person:
    """The account of that id or name."""
    asked = folded(id_or_name)
    for person in list_people(workspace, actor):
        if person.account.id == id_or_name or folded(person.account.name) == asked:
            return person
    raise NotFound(f"There is no account {id_or_name!r}. `dermdash account list` shows them.")


def invite_person(
    workspace: Workspace,
    actor: Account,
    *,
    name: str,
    roles: Iterable[Role],
    email: str = "",
    expertise: Expertise = Expertise.SPECIALIST,
) -> NewLink:
    """Make an account, and a link by which its person sets a password.

    Raises
    ------
    InvalidInput
        No name, no role, or somebody has that name or e-mail address.
    """
    require_right(actor, Right.MANAGE_ACCOUNTS)
    given = frozenset(roles)
    account_id = f"a{token_hex(6)}"
    state = {
        "name": _clean_name(name),
        "email": _clean_email(email),
        "roles": _some_roles(given),
        "expertise": expertise,
        "active": True,
    }
    link, kept = _new_link(workspace, Purpose.INVITATION)

    def decide(known: list[dict[str, Any]]) -> Change:
        _refuse_taken(known, account_id, state)
        return Change(
            account_id=account_id, act=AccountAct.INVITED, state=state, changed_by=actor.id, new=True, link=kept
        )

    accounts.change_account(workspace.engine, decide)
    return _shown(account_from({"id": account_id, **state}), link, kept)


def change_roles(workspace: Workspace, actor: Account, account_id: str, roles: Iterable[Role]) -> None:
    """Give an account these roles and no others.

    Raises
    ------
    InvalidInput
        No role, or nobody would be admin any more.
    """
    require_right(actor, Right.MANAGE_ACCOUNTS)
    given = _some_roles(frozenset(roles))

    def decide(row: Mapping[str, Any], known: list[dict[str, Any]]) -> Change:
        changed = {**row, "roles": given}
        _keep_an_admin(known, account_id, changed)
        return Change(account_id=account_id, act=AccountAct.ROLES, state=changed, changed_by=actor.id)

    _change(workspace, account_id, decide)


def change_details(
    workspace: Workspace,
    actor: Account,
    account_id: str,
    *,
    name: str,
    email: str = "",
    expertise: Expertise,
    subject: str | None = None,
) -> None:
    """Give an account another name, e-mail address or expertise; ``subject`` says whom a provider means by it (empty:
    nobody; None: as it was).
    """
    require_right(actor, Right.MANAGE_ACCOUNTS)
    said = {"name": _clean_name(name), "email": _clean_email(email), "expertise": expertise}
    if subject is not None:
        subject = _LINE.sub("", subject).strip()[:400]
        taken = accounts.account_of_subject(workspace.engine, subject) if subject else None
        if taken not in (None, account_id):
            raise InvalidInput("Another account has that identity already.")

    def decide(row: Mapping[str, Any], known: list[dict[str, Any]]) -> Change:
        changed = {**row, **said}
        _refuse_taken(known, account_id, changed)
        return Change(
            account_id=account_id, act=AccountAct.DETAILS, state=changed, changed_by=actor.id, subject=subject
        )

    _change(workspace, account_id, decide)


def reset_password(workspace: Workspace, actor: Account, account_id: str) -> NewLink:
    """Make a link by which the person sets a new password; the old one and every session end at once.

    For somebody who never came it is their invitation anew.
    """
    require_right(actor, Right.MANAGE_ACCOUNTS)
    came = any(row["act"] == AccountAct.JOINED for row in accounts.changes(workspace.engine, account_id))
    link, kept = _new_link(workspace, Purpose.RESET if came else Purpose.INVITATION)

    def decide(row: Mapping[str, Any], known: list[dict[str, Any]]) -> Change:
        if not row["active"]:
            raise InvalidInput(f"The account of {row['name']} is closed: reopen it first.")
        return Change(
            account_id=account_id, act=AccountAct.RESET if came else AccountAct.INVITED, state=row,
            changed_by=actor.id, end_sessions=True, forget_password=True, link=kept,
        )  # fmt: skip

    changed = _change(workspace, account_id, decide)
    return _shown(account_from({"id": account_id, **changed.state}), link, kept)


def close_account(workspace: Workspace, actor: Account, account_id: str) -> None:
    """Let nobody in under this account any more; sessions end at once, all that was done under it stays.

    Raises
    ------
    InvalidInput
        Nobody would be admin any more.
    """
    require_right(actor, Right.MANAGE_ACCOUNTS)

    def decide(row: Mapping[str, Any], known: list[dict[str, Any]]) -> Change:
        if not row["active"]:
            raise InvalidInput(f"The account of {row['name']} is closed already.")
        changed = {**row, "active": False}
        _keep_an_admin(known, account_id, changed)
        return Change(
            account_id=account_id, act=AccountAct.CLOSED, state=changed, changed_by=actor.id,
            end_sessions=True, forget_password=True, end_links=True,
        )  # fmt: skip

    _change(workspace, account_id, decide)


def reopen_account(workspace: Workspace, actor: Account, account_id: str) -> NewLink:
    """Open a closed account again, with the roles it had; its person sets a new password by a link."""
    require_right(actor, Right.MANAGE_ACCOUNTS)
    link, kept = _new_link(workspace, Purpose.RESET)

    def decide(row: Mapping[str, Any], known: list[dict[str, Any]]) -> Change:
        if row["active"]:
            raise InvalidInput(f"The account of {row['name']} is not closed.")
        changed = {**row, "active": True}
        return Change(account_id=account_id, act=AccountAct.REOPENED, state=changed, changed_by=actor.id, link=kept)

    changed = _change(workspace, account_id, decide)
    return _shown(account_from({"id": account_id, **changed.state}), link, kept)


def _change(
    workspace: Workspace, account_id: str, decide: Callable[[Mapping[str, Any], list[dict[str, Any]]], Change]
) -> Change:
    def on_all(known: list[dict[str, Any]]) -> Change:
        row = next((row for row in known if row["id"] == account_id), None)
        if row is None:
            raise NotFound(f"There is no account {account_id!r}.")
        return decide({name: row[name] for name in STATE}, known)

    return accounts.change_account(workspace.engine, on_all)


def _keep_an_admin(known: list[dict[str, Any]], account_id: str, changed: Mapping[str, Any]) -> None:
    others = (row for row in known if row["id"] != account_id)
    if not any(row["active"] and Role.ADMIN in row["roles"] for row in (*others, changed)):
        raise InvalidInput(
            "This is the last admin: without one nobody could manage accounts. Make somebody else admin first."
        )


def _refuse_taken(known: list[dict[str, Any]], account_id: str, state: Mapping[str, Any]) -> None:
    for row in known:
        if row["id"] == account_id:
            continue
        if alike_key(row["name"]) == alike_key(state["name"]):
            raise InvalidInput(
                f"There is an account {row['name']!r} already{'' if row['active'] else ' (closed)'}. Names must be "
                "told apart, as they stand beside what people did."
            )
        if state["email"] is not None and row["email"] == state["email"]:
            raise InvalidInput(f"The account of {row['name']} has that e-mail address already.")


def _clean_name(name: str) -> str:
    clean = " ".join(name.split())
    if not clean or not folded(clean):
        raise InvalidInput("An account needs a name.")
    if len(clean) > LONGEST_NAME or _LINE.search(clean):
        raise InvalidInput(f"A name has at most {LONGEST_NAME} characters, all of which can be seen.")
    if alike_key(clean) == alike_key(OPERATOR.name):
        raise InvalidInput(f"{OPERATOR.name!r} stands for commands. Choose another name.")
    return clean


def _clean_email(email: str) -> str | None:
    clean = email.strip().lower()
    if not clean:
        return None
    if not _EMAIL.fullmatch(clean) or _LINE.search(clean):
        raise InvalidInput(f"{clean!r} is no e-mail address.")
    return clean


def _some_roles(roles: frozenset[Role]) -> list[Role]:
    if not roles:
        raise InvalidInput("An account needs at least one role. To let nobody in any more, close it.")
    return sorted(roles)


def _new_link(workspace: Workspace, purpose: Purpose) -> tuple[str, Link]:
    token = new_token()
    until = now() + timedelta(days=INVITATION_DAYS if purpose is Purpose.INVITATION else RESET_DAYS)
    link = f"{workspace.settings.public_url.rstrip('/')}/?{SET_PASSWORD_PARAMETER}={token}"
    return link, Link(token_hash=hash_token(token), purpose=purpose, expires_at=until)


def _shown(account: Account, link: str, kept: Link) -> NewLink:
    assert kept.expires_at is not None
    return NewLink(account, link, kept.expires_at)


def _person(row: Mapping[str, Any]) -> Person:
    came = row["has_password"] or row["has_identity"] or row["last_signed_in"] is not None
    invited = not came and row["link_purpose"] == Purpose.INVITATION
    standing = Standing.CLOSED if not row["active"] else Standing.INVITED if invited else Standing.ACTIVE
    return Person(
        account_from(row), row["email"], row["active"], standing, row["created_at"], row["has_password"],
        row["has_identity"], row["link_until"], row["last_signed_in"],
    )  # fmt: skip


def has_password(workspace: Workspace, account: Account) -> bool:
    """Whether somebody can sign in to the account by a password."""
    return accounts.password_hash_of(workspace.engine, account.id) is not None


def identity_of(workspace: Workspace, account: Account) -> str:
    """Whom a provider means by the account; empty for nobody."""
    return accounts.subject_of(workspace.engine, account.id) or ""
