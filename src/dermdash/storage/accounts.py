"""Accounts, one-time sign-in links and the sessions they are exchanged for. Only hashes are stored."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from dermdash.storage import tables as t
from dermdash.storage.engine import now, retry_on_conflict
from dermdash.storage.results import read_dicts


def save_account(engine: sa.Engine, *, account_id: str, name: str, role: str) -> None:
    """Create the account unless it is there."""
    statement = insert(t.account).values(id=account_id, name=name, role=role, created_at=now())
    with engine.begin() as connection:
        connection.execute(statement.on_conflict_do_nothing())


def replace_login_links(engine: sa.Engine, *, account_id: str, token_hash: str) -> None:
    """Make `token_hash` the account's only open sign-in link: a link printed earlier stops working."""
    with engine.begin() as connection:
        connection.execute(t.login_link.delete().where(t.login_link.c.account_id == account_id))
        connection.execute(t.login_link.insert().values(token_hash=token_hash, account_id=account_id, created_at=now()))


def exchange_login_link(engine: sa.Engine, *, link_hash: str, session_hash: str, days: int) -> bool:
    """Turn an unused link into a session; False when the link is unknown or was used."""

    def work() -> bool:
        with engine.begin() as connection:
            account_id = connection.execute(
                sa.select(t.login_link.c.account_id).where(t.login_link.c.token_hash == link_hash)
            ).scalar()
            if account_id is None:
                return False
            moment = now()
            session = insert(t.login_session).values(
                token_hash=session_hash,
                account_id=account_id,
                link_hash=link_hash,
                created_at=moment,
                expires_at=moment + timedelta(days=days),
            )
            created = connection.execute(
                session.on_conflict_do_nothing().returning(t.login_session.c.token_hash)
            ).scalar()
            # Gone even from a workspace whose sessions are deleted later: signing out must not revive a link.
            connection.execute(t.login_link.delete().where(t.login_link.c.token_hash == link_hash))
            return created is not None

    return retry_on_conflict(work)


def account_of_session(engine: sa.Engine, session_hash: str) -> dict[str, Any] | None:
    """The account signed in under that session, None when unknown or expired."""
    statement = (
        sa.select(t.account)
        .join(t.login_session, t.login_session.c.account_id == t.account.c.id)
        .where(t.login_session.c.token_hash == session_hash, t.login_session.c.expires_at > now())
    )
    rows = read_dicts(engine, statement)
    return rows[0] if rows else None


def end_session(engine: sa.Engine, session_hash: str) -> None:
    """Sign a session out."""
    with engine.begin() as connection:
        connection.execute(t.login_session.delete().where(t.login_session.c.token_hash == session_hash))
