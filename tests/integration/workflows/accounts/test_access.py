"""The first account and its link on both databases: links that work once, sessions that end, and roles."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.signed_in import account_with, admin_session

from dermdash.errors import AccessDenied
from dermdash.storage import tables as t
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts import access, people, sign_in
from dermdash.workflows.accounts.access import OPERATOR, Account, Role


def link_token(workspace: Workspace) -> str:
    link = access.issue_admin_link(workspace)
    assert link.startswith("http://localhost:8501/sign-in/")
    return link.rsplit("/", 1)[1]


def session_of(workspace: Workspace, token: str) -> str | None:
    begun = sign_in.sign_in_by_link(workspace, token)
    return begun.session if begun else None


@pytest.fixture
def session(workspace: Workspace) -> str:
    return admin_session(workspace)


def test_a_link_signs_the_first_account_in_once_and_it_has_every_role(workspace: Workspace) -> None:
    token = link_token(workspace)
    session = session_of(workspace, token)
    account = access.account_of(workspace, session)
    assert account is not None
    assert account.roles == frozenset(Role)
    assert session_of(workspace, token) is None
    assert access.account_of(workspace, session) == account


def test_a_new_link_replaces_one_that_was_not_used(workspace: Workspace) -> None:
    old, new = link_token(workspace), link_token(workspace)
    assert session_of(workspace, old) is None
    assert session_of(workspace, new) is not None


def test_a_used_link_stays_used_after_signing_out(workspace: Workspace) -> None:
    token = link_token(workspace)
    session = session_of(workspace, token)
    assert session is not None
    access.sign_out(workspace, session)
    assert access.account_of(workspace, session) is None
    assert session_of(workspace, token) is None


def test_a_new_link_leaves_sessions_in_other_browsers_alone(workspace: Workspace, session: str) -> None:
    second = session_of(workspace, link_token(workspace))
    assert second != session
    assert access.account_of(workspace, session) == access.account_of(workspace, second)
    assert access.account_of(workspace, session) is not None


def test_an_expired_session_opens_nothing(workspace: Workspace, session: str) -> None:
    def expire(**offset: float) -> None:
        with workspace.engine.begin() as connection:
            connection.execute(t.login_session.update().values(expires_at=now() + timedelta(**offset)))

    expire(minutes=1)
    assert access.account_of(workspace, session) is not None
    expire(seconds=-1)
    assert access.account_of(workspace, session) is None


@pytest.mark.parametrize("token", [None, "", "guess", "x" * 10_000, "' OR 1=1 --", "ä\x00", "\udcff"])
def test_a_token_that_was_never_given_out_opens_nothing(duckdb_workspace: Workspace, token: str | None) -> None:
    link_token(duckdb_workspace)
    assert access.account_of(duckdb_workspace, token) is None
    assert session_of(duckdb_workspace, token or "") is None


def test_only_hashes_of_tokens_and_passwords_are_stored(workspace: Workspace) -> None:
    token = link_token(workspace)
    begun = sign_in.sign_in_by_link(workspace, token)
    assert begun is not None
    account_with(workspace, Role.REVIEWER)
    unused = link_token(workspace)
    with workspace.engine.connect() as connection:
        rows = [str(row) for table in t.metadata.sorted_tables for row in connection.execute(sa.select(table)).all()]
    secrets = (token, begun.session, begun.browser, unused, "four unrelated words")
    assert len(rows) > 5
    assert not [secret for secret in secrets if any(secret in row for row in rows)]


def test_the_terminals_link_is_for_another_admin_where_the_first_account_is_none_any_more(
    duckdb_workspace: Workspace,
) -> None:
    ada = account_with(duckdb_workspace, Role.ADMIN, name="Ada")
    people.close_account(duckdb_workspace, ada, access.ADMIN_ACCOUNT)
    account = access.account_of(duckdb_workspace, session_of(duckdb_workspace, link_token(duckdb_workspace)))
    assert account == ada


def test_a_page_is_for_who_has_one_of_its_roles_and_no_role_stands_for_another() -> None:
    admin = Account("a", "Ada", frozenset({Role.ADMIN}))
    assert access.require(admin, Role.CURATOR, Role.ADMIN) is admin
    with pytest.raises(AccessDenied, match="sign in"):
        access.require(None, *Role)
    with pytest.raises(AccessDenied, match="needs the role curator; Ada has admin"):
        access.require(admin, Role.CURATOR)
    with pytest.raises(AccessDenied, match="one of the roles curator, reviewer"):
        access.require(admin, Role.CURATOR, Role.REVIEWER)
    with pytest.raises(AccessDenied):
        access.require(admin)
    assert OPERATOR.roles == frozenset(Role)


def test_roles_of_a_later_version_count_as_not_given() -> None:
    assert access.roles_from(["curator", "dermatopathologist"]) == {Role.CURATOR}
