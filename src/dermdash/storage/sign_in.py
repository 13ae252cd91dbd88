"""One-time links, the sessions they and passwords are exchanged for, and attempts. Only hashes are kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from dermdash.storage import tables as t
from dermdash.storage.accounts import browser_known, current_accounts
from dermdash.storage.engine import now, retry_on_conflict
from dermdash.storage.results import read_dicts
from dermdash.storage.unchanged import while_unchanged

_CLOCKS_DIFFER = timedelta(minutes=1)
"""Between the machines of several app processes."""


def replace_login_links(
    engine: sa.Engine, *, account_id: str, token_hash: str, purpose: str, expires_at: datetime | None = None
) -> None:
    """Make `token_hash` the account's only open link of that purpose: one made earlier stops working."""
    link = t.login_link

    def work() -> None:
        with engine.begin() as connection:
            connection.execute(link.delete().where(link.c.account_id == account_id, link.c.purpose == purpose))
            made = {"account_id": account_id, "purpose": purpose, "created_at": now(), "expires_at": expires_at}
            connection.execute(link.insert().values(token_hash=token_hash, **made))

    retry_on_conflict(work)


def open_link(engine: sa.Engine, token_hash: str, purposes: Sequence[str]) -> dict[str, Any] | None:
    """An unused link in time with the account (``id`` and what holds of it), None for any other."""
    link, current = t.login_link, current_accounts()
    statement = (
        sa.select(current, link.c.purpose, link.c.expires_at)
        .join(link, link.c.account_id == current.c.id)
        .where(link.c.token_hash == token_hash, link.c.purpose.in_(purposes), current.c.active)
    )
    row = next(iter(read_dicts(engine, statement)), None)
    return row if row is not None and in_time(row["expires_at"]) else None


def in_time(expires_at: datetime | None) -> bool:
    """Whether something holds that ends then, or never."""
    return expires_at is None or expires_at > now()


def exchange_login_link(
    engine: sa.Engine, *, link_hash: str, ways: Mapping[str, str], session: Mapping[str, Any], browser_hash: str | None
) -> str | None:
    """Turn an unused link of an active account into a session; returns the account, None for any other link.

    ``ways``: purpose of the link to the way that the session says. ``session``: token_hash, browser and expires_at.
    ``browser_hash`` makes the browser a known one.
    """
    link, current = t.login_link, current_accounts()

    def work() -> str | None:
        with engine.begin() as connection:
            found = connection.execute(
                sa.select(link.c.account_id, link.c.purpose, link.c.expires_at)
                .join(current, current.c.id == link.c.account_id)
                .where(link.c.token_hash == link_hash, link.c.purpose.in_(ways), current.c.active)
            ).one_or_none()
            if found is None or not in_time(found.expires_at):
                return None
            of_link = {"account_id": found.account_id, "link_hash": link_hash, "way": ways[found.purpose]}
            made = insert(t.login_session).values(created_at=now(), **of_link, **session)
            created = connection.execute(made.on_conflict_do_nothing().returning(t.login_session.c.token_hash)).scalar()
            # Gone even from a workspace whose sessions are deleted later: signing out must not revive a link.
            connection.execute(link.delete().where(link.c.token_hash == link_hash))
            if created is None:
                return None
            _know_browser(connection, found.account_id, browser_hash)
            return str(found.account_id)

    return retry_on_conflict(work)


def add_session(
    engine: sa.Engine,
    account_id: str,
    session: Mapping[str, Any],
    *,
    browser_hash: str | None,
    counted_as: Sequence[str],
) -> bool:
    """Begin a session of an active account, and take back its attempts to sign in; False: not active any more.

    ``counted_as`` are the keys of `count_attempt`; of each the latest attempt was the one that has succeeded.
    """
    current = current_accounts()

    def work() -> bool:
        with engine.begin() as connection:
            active = connection.execute(sa.select(current.c.active).where(current.c.id == account_id)).scalar()
            if not active:
                return False
            made = {"account_id": account_id, "link_hash": None, "created_at": now(), **session}
            connection.execute(t.login_session.insert().values(**made))
            _know_browser(connection, account_id, browser_hash)
            for key in counted_as:
                attempt = t.sign_in_attempt
                last = sa.select(sa.func.max(attempt.c.number)).where(attempt.c.counted_as == key).scalar_subquery()
                connection.execute(attempt.delete().where(attempt.c.counted_as == key, attempt.c.number == last))
            return True

    return retry_on_conflict(work)


def _know_browser(connection: sa.Connection, account_id: str, browser_hash: str | None) -> None:
    if browser_hash is not None:
        connection.execute(browser_known(account_id, browser_hash))


def known_in(engine: sa.Engine, browser_hash: str) -> set[str]:
    """The accounts that have signed in from that browser before."""
    c = t.known_browser.c
    with engine.connect() as connection:
        return set(connection.execute(sa.select(c.account_id).where(c.token_hash == browser_hash)).scalars())


def account_of_session(engine: sa.Engine, session_hash: str) -> dict[str, Any] | None:
    """What holds of the active account signed in under that session, None when unknown or expired.

    Every run of a page, every picture and every message of a reader asks.
    """
    row = while_unchanged(engine, ("session", session_hash), lambda: _session_now(engine, session_hash))
    return row if row is not None and row["active"] and in_time(row["expires_at"]) else None


def _session_now(engine: sa.Engine, session_hash: str) -> dict[str, Any] | None:
    session, change = t.login_session, t.account_change
    statement = (
        sa.select(
            session.c.account_id.label("id"),
            session.c.expires_at,
            change.c.name,
            change.c.roles,
            change.c.expertise,
            change.c.active,
        )
        .join(change, change.c.account_id == session.c.account_id)
        .where(session.c.token_hash == session_hash)
        .order_by(change.c.sequence.desc())
        .limit(1)
    )
    return next(iter(read_dicts(engine, statement)), None)


def sessions_of(engine: sa.Engine, account_id: str) -> list[dict[str, Any]]:
    """The open sessions of an account, the latest first."""
    c = t.login_session.c
    statement = (
        sa.select(c.token_hash, c.way, c.browser, c.created_at, c.expires_at)
        .where(c.account_id == account_id, c.expires_at > now())
        .order_by(c.created_at.desc())
    )
    return read_dicts(engine, statement)


def end_session(engine: sa.Engine, session_hash: str) -> None:
    """Sign a session out."""
    with engine.begin() as connection:
        connection.execute(t.login_session.delete().where(t.login_session.c.token_hash == session_hash))


def end_sessions(engine: sa.Engine, account_id: str, *, but: str | None = None) -> int:
    """Sign every session of an account out, but for one; returns how many."""
    session = t.login_session

    def work() -> int:
        with engine.begin() as connection:
            of_account = (session.c.account_id == account_id, session.c.token_hash != (but or ""))
            ended = connection.execute(session.delete().where(*of_account).returning(session.c.token_hash)).all()
            return len(ended)

    return retry_on_conflict(work)


def count_attempt(engine: sa.Engine, allowed: Mapping[str, int], *, since: datetime, at: datetime) -> datetime | None:
    """Count an attempt to sign in under every key, unless one of them has as many as allowed since then.

    Returns None where it counts, else the time at which so many will not have been made any more (the oldest one of
    those counted). An attempt that is refused does not count. Attempts before ``since`` are forgotten.
    """
    attempt = t.sign_in_attempt

    def work() -> datetime | None:
        with engine.begin() as connection:
            # Also what a clock that was set back meanwhile has counted for years to come.
            outside = sa.or_(attempt.c.attempted_at <= since, attempt.c.attempted_at > at + _CLOCKS_DIFFER)
            connection.execute(attempt.delete().where(outside))
            rows = []
            for key, most in allowed.items():
                statement = (
                    sa.select(attempt.c.number, attempt.c.attempted_at)
                    .where(attempt.c.counted_as == key, attempt.c.attempted_at > since)
                    .order_by(attempt.c.number.desc())
                )
                made = connection.execute(statement).all()
                if len(made) >= most:
                    return made[most - 1].attempted_at
                rows.append({"counted_as": key, "number": made[0].number + 1 if made else 1, "attempted_at": at})
            for row in rows:
                connection.execute(attempt.insert().values(**row))
            return None

    return retry_on_conflict(work)


def accept_assertion(engine: sa.Engine, *, subject: str, account_id: str, asserted_s: int) -> bool:
    """Take a statement of a provider about somebody, once: False where a later one, or this one, was taken before."""
    identity = t.account_identity

    def work() -> bool:
        with engine.begin() as connection:
            made = {"subject": subject, "account_id": account_id, "linked_at": now(), "asserted_s": 0}
            connection.execute(insert(identity).values(**made).on_conflict_do_nothing())
            newer = (
                identity.update()
                .where(
                    identity.c.subject == subject,
                    identity.c.account_id == account_id,
                    identity.c.asserted_s < asserted_s,
                )
                .values(asserted_s=asserted_s)
                .returning(identity.c.subject)
            )
            return connection.execute(newer).scalar() is not None

    return retry_on_conflict(work)
