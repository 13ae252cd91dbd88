"""Signing in on both databases: links that work once, sessions that end, and roles."""

import pytest
import sqlalchemy as sa

from dermdash.errors import AccessDenied
from dermdash.storage import tables as t
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts import access
from dermdash.workflows.accounts.access import Account, Role


def link_token(workspace: Workspace) -> str:
    link = access.issue_admin_link(workspace)
    assert link.startswith("http://localhost:8501/sign-in/")
    return link.rsplit("/", 1)[1]


@pytest.fixture
def session(workspace: Workspace) -> str:
    made = access.sign_in(workspace, link_token(workspace))
    assert made is not None
    return made


def test_a_link_signs_the_admin_in_once(workspace: Workspace) -> None:
    token = link_token(workspace)
    session = access.sign_in(workspace, token)
    account = access.account_of(workspace, session)
    assert account is not None
    assert account.role is Role.ADMIN
    assert access.sign_in(workspace, token) is None
    assert access.account_of(workspace, session) == account


def test_a_new_link_replaces_one_that_was_not_used(workspace: Workspace) -> None:
    old, new = link_token(workspace), link_token(workspace)
    assert access.sign_in(workspace, old) is None
    assert access.sign_in(workspace, new) is not None


def test_a_used_link_stays_used_after_signing_out(workspace: Workspace) -> None:
    token = link_token(workspace)
    session = access.sign_in(workspace, token)
    assert session is not None
    access.sign_out(workspace, session)
    assert access.account_of(workspace, session) is None
    assert access.sign_in(workspace, token) is None


def test_a_new_link_leaves_sessions_in_other_browsers_alone(workspace: Workspace, session: str) -> None:
    second = access.sign_in(workspace, link_token(workspace))
    assert second != session
    assert access.account_of(workspace, session) == access.account_of(workspace, second)
    assert access.account_of(workspace, session) is not None


def test_an_expired_session_opens_nothing(workspace: Workspace, session: str) -> None:
    from datetime import timedelta

    from dermdash.storage.engine import now

    def expire(**offset: float) -> None:
        with workspace.engine.begin() as connection:
            connection.execute(t.login_session.update().values(expires_at=now() + timedelta(**offset)))

    expire(minutes=1)
    assert access.account_of(workspace, session) is not None
    expire(seconds=-1)
    assert access.account_of(workspace, session) is None


@pytest.mark.parametrize("token", [None, "", "guess", "x" * 10_000, "' OR 1=1 --", "ä\x00"])
def test_a_token_that_was_never_given_out_opens_nothing(duckdb_workspace: Workspace, token: str | None) -> None:
    link_token(duckdb_workspace)
    assert access.account_of(duckdb_workspace, token) is None
    assert access.sign_in(duckdb_workspace, token or "") is None


def test_only_hashes_of_tokens_are_stored(workspace: Workspace) -> None:
    token = link_token(workspace)
    session = access.sign_in(workspace, token)
    unused = link_token(workspace)
    with workspace.engine.connect() as connection:
        rows = [
            str(row) for table in (t.login_link, t.login_session) for row in connection.execute(sa.select(table)).all()
        ]
    assert len(rows) == 2
    assert not [secret for secret in (token, session, unused) if any(str(secret) in row for row in rows)]


def test_a_page_is_for_who_has_the_role(duckdb_workspace: Workspace) -> None:
    admin = Account("admin", "Admin", Role.ADMIN)
    assert access.require(admin, Role.ADMIN) is admin
    with pytest.raises(AccessDenied, match="sign in"):
        access.require(None, Role.ADMIN)
    with pytest.raises(AccessDenied, match="role"):
        access.require(admin)
