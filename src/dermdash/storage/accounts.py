"""Accounts: what holds of each, and every change of it. Sessions and links are in `sign_in`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from dermdash.storage import tables as t
from dermdash.storage.engine import now, retry_on_conflict
from dermdash.storage.results import read_dicts
from dermdash.storage.unchanged import while_unchanged

STATE = ("name", "email", "roles", "expertise", "active")
"""What a change of an account says anew, all of it each time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link to keep: its hash, what it is for, until when it works (None: until it is used)."""

    token_hash: str
    purpose: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of one account and all that comes with it, in one transaction.

    ``new`` makes the account; ``state`` holds an entry for each of `STATE`. ``end_sessions`` but for ``keep_session``;
    ``password_hash`` takes the place of the one before, ``forget_password`` leaves none; ``link`` takes the place of
    every link before, ``end_links`` leaves none; ``session`` is a row of `tables.login_session`, ``browser_hash`` a
    known browser; ``subject`` is whom a provider means, empty for nobody.
    """

    account_id: str
    act: str
    state: Mapping[str, Any]
    changed_by: str
    new: bool = False
    end_sessions: bool = False
    keep_session: str | None = None
    forget_password: bool = False
    password_hash: str | None = None
    link: Link | None = None
    end_links: bool = False
    session: Mapping[str, Any] | None = None
    browser_hash: str | None = None
    subject: str | None = None


def current_accounts() -> sa.Subquery:
    """What holds of each account: id, created_at, sequence and `STATE`; to select from or join with."""
    change = t.account_change
    last = sa.select(sa.func.max(change.c.sequence).label("sequence")).group_by(change.c.account_id).subquery()
    return (
        sa.select(t.account.c.id, t.account.c.created_at, change.c.sequence, *(change.c[name] for name in STATE))
        .join(change, change.c.account_id == t.account.c.id)
        .join(last, last.c.sequence == change.c.sequence)
        .subquery()
    )


def list_accounts(engine: sa.Engine) -> list[dict[str, Any]]:
    """Every account in the order in which they were made.

    Beside what `current_accounts` says: has_password, has_identity, link_purpose and link_until of an open link, and
    last_signed_in.
    """
    return [dict(row) for row in while_unchanged(engine, "accounts", lambda: _accounts_now(engine))]


def _accounts_now(engine: sa.Engine) -> list[dict[str, Any]]:
    current = current_accounts()
    rows = read_dicts(engine, sa.select(current).order_by(current.c.created_at, current.c.id))
    with engine.connect() as connection:
        passwords = set(connection.execute(sa.select(t.account_password.c.account_id)).scalars())
        identities = set(connection.execute(sa.select(t.account_identity.c.account_id)).scalars())
        links = {row.account_id: row for row in connection.execute(sa.select(t.login_link))}
        c = t.known_browser.c
        last = sa.select(c.account_id, sa.func.max(c.used_at)).group_by(c.account_id)
        seen = {row[0]: row[1] for row in connection.execute(last)}
    for row in rows:
        link = links.get(row["id"])
        row |= {
            "has_password": row["id"] in passwords,
            "has_identity": row["id"] in identities,
            "link_purpose": link.purpose if link is not None else None,
            "link_until": link.expires_at if link is not None else None,
            "last_signed_in": seen.get(row["id"]),
        }
    return rows


def changes(engine: sa.Engine, account_id: str | None = None) -> list[dict[str, Any]]:
    """The changes of one account, or of all, the latest first."""
    statement = sa.select(t.account_change).order_by(t.account_change.c.sequence.desc())
    if account_id is not None:
        statement = statement.where(t.account_change.c.account_id == account_id)
    return read_dicts(engine, statement)


def change_account(engine: sa.Engine, decide: Callable[[list[dict[str, Any]]], Change]) -> Change:
    """Write the change that is decided on what holds of all accounts at this moment.

    All changes of all accounts come one after the other: of two at once the later one is decided again, on what the
    earlier one left. So two admins cannot remove one another, and no two people have one name. What ``decide`` raises
    ends it, and nothing is written.
    """

    def work() -> Change:
        with engine.begin() as connection:
            # The number before the accounts: whatever is changed after it was read takes this number away from us.
            number = connection.execute(sa.select(sa.func.coalesce(sa.func.max(t.account_change.c.sequence), 0)))
            sequence = int(number.scalar_one()) + 1
            current = current_accounts()
            known = connection.execute(sa.select(current).order_by(current.c.created_at, current.c.id)).mappings()
            change = decide([dict(row) for row in known])
            _write(connection, change, sequence)
            return change

    return retry_on_conflict(work)


def _write(connection: sa.Connection, change: Change, sequence: int) -> None:
    account_id, moment = change.account_id, now()
    if change.new:
        connection.execute(t.account.insert().values(id=account_id, created_at=moment))
    row = {name: change.state[name] for name in STATE}
    connection.execute(
        t.account_change.insert().values(
            sequence=sequence, account_id=account_id, act=change.act, changed_by=change.changed_by, changed_at=moment,
            **row,
        )
    )  # fmt: skip
    for statement in _beside(change, moment):
        connection.execute(statement)


def _beside(change: Change, moment: datetime) -> Sequence[sa.Executable]:
    account_id = change.account_id
    session, link, password = t.login_session, t.login_link, t.account_password
    statements: list[sa.Executable] = []
    if change.end_sessions:
        kept = session.c.token_hash != (change.keep_session or "")
        statements.append(session.delete().where(session.c.account_id == account_id, kept))
    if change.end_links or change.link is not None:
        statements.append(link.delete().where(link.c.account_id == account_id))
    if change.link is not None:
        of_link = {"token_hash": change.link.token_hash, "purpose": change.link.purpose}
        statements.append(
            link.insert().values(account_id=account_id, created_at=moment, expires_at=change.link.expires_at, **of_link)
        )
    if change.forget_password:
        statements.append(password.delete().where(password.c.account_id == account_id))
    if change.password_hash is not None:
        statements.append(set_password(account_id, change.password_hash))
    if change.session is not None:
        statements.append(session.insert().values(account_id=account_id, created_at=moment, **change.session))
    if change.browser_hash is not None:
        statements.append(browser_known(account_id, change.browser_hash))
    if change.subject is not None:
        identity = t.account_identity
        statements.append(identity.delete().where(identity.c.account_id == account_id))
        if change.subject:
            made = {"subject": change.subject, "account_id": account_id, "linked_at": moment, "asserted_s": 0}
            statements.append(identity.insert().values(**made))
    return statements


def set_password(account_id: str, password_hash: str) -> sa.Executable:
    """Statement that puts a hash in the place of the one before."""
    values = {"password_hash": password_hash, "changed_at": now()}
    made = insert(t.account_password).values(account_id=account_id, **values)
    return made.on_conflict_do_update(index_elements=["account_id"], set_=values)


def browser_known(account_id: str, browser_hash: str) -> sa.Executable:
    """Statement by which an account has signed in from a browser now."""
    made = insert(t.known_browser).values(token_hash=browser_hash, account_id=account_id, used_at=now())
    return made.on_conflict_do_update(index_elements=["token_hash", "account_id"], set_={"used_at": now()})


def replace_hash(engine: sa.Engine, account_id: str, password_hash: str) -> None:
    """The same password with a hash of today's cost."""
    with engine.begin() as connection:
        connection.execute(set_password(account_id, password_hash))


def password_hash_of(engine: sa.Engine, account_id: str) -> str | None:
    """The hash of an account's password, None where it has none."""
    c = t.account_password.c
    with engine.connect() as connection:
        return connection.execute(sa.select(c.password_hash).where(c.account_id == account_id)).scalar()


def subject_of(engine: sa.Engine, account_id: str) -> str | None:
    """Whom a provider means by an account, None where nobody has come from there."""
    c = t.account_identity.c
    with engine.connect() as connection:
        return connection.execute(sa.select(c.subject).where(c.account_id == account_id)).scalar()


def account_of_subject(engine: sa.Engine, subject: str) -> str | None:
    """The id of the account that a provider means."""
    c = t.account_identity.c
    with engine.connect() as connection:
        return connection.execute(sa.select(c.account_id).where(c.subject == subject)).scalar()
