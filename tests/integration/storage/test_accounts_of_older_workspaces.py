"""A workspace of one admin becomes one of accounts: who is signed in stays so, and an unused link stays good."""

from datetime import timedelta

import sqlalchemy as sa

from dermdash.storage import accounts, sign_in
from dermdash.storage.engine import current_revision, now, open_engine, upgrade
from dermdash.workflows.accounts.access import Role

_SESSION = (
    "INSERT INTO login_session (token_hash, account_id, link_hash, created_at, expires_at) "
    "VALUES ('session', 'admin', 'used link', :at, :until)"
)


def older(url: str) -> sa.Engine:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    upgrade(engine, "0006")
    return engine


def test_the_admin_of_an_older_workspace_has_every_role_and_stays_signed_in(empty_database: str) -> None:
    engine = older(empty_database)
    with engine.begin() as connection:
        moment = {"at": now(), "until": now() + timedelta(days=3)}
        connection.execute(
            sa.text("INSERT INTO account (id, name, role, created_at) VALUES ('admin', 'Admin', 'admin', :at)"), moment
        )
        connection.execute(sa.text(_SESSION), moment)
        connection.execute(
            sa.text("INSERT INTO login_link (token_hash, account_id, created_at) VALUES ('link', 'admin', :at)"), moment
        )
    engine.dispose()
    engine = open_engine(empty_database)
    assert current_revision(engine) is not None
    row = sign_in.account_of_session(engine, "session")
    assert row is not None
    assert (row["name"], set(row["roles"])) == ("Admin", set(Role))
    begun = {"token_hash": "new", "browser": "", "expires_at": now() + timedelta(days=1)}
    ways = {"sign_in": "link"}
    assert (
        sign_in.exchange_login_link(engine, link_hash="used link", ways=ways, session=begun, browser_hash=None) is None
    )
    assert sign_in.exchange_login_link(engine, link_hash="link", ways=ways, session=begun, browser_hash=None) == "admin"
    assert [change["act"] for change in accounts.changes(engine)] == ["created"]
    engine.dispose()


def test_an_older_workspace_without_any_account_has_none(empty_database: str) -> None:
    older(empty_database).dispose()
    engine = open_engine(empty_database)
    assert accounts.list_accounts(engine) == []
    engine.dispose()
