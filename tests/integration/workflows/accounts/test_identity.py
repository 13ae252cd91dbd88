"""Whom a provider means: the account that was linked, else the one with the verified address, once per statement."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.signed_in import invited

from dermdash.errors import InvalidInput
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts import access, people, sign_in
from dermdash.workflows.accounts.access import OPERATOR, Expertise, Role
from dermdash.workflows.accounts.identity import (
    Assertion,
    account_of_assertion,
    is_recent,
    link_for_assertion,
    read_assertion,
)
from dermdash.workflows.accounts.sign_in import Way

TIME = datetime(2026, 3, 1, 12, tzinfo=UTC)


def clock() -> datetime:
    return TIME


def said(seconds: int = 0, **claims: Any) -> Assertion:
    """What a provider says that many seconds after `TIME`."""
    everything = {"iss": "https://id.example", "sub": "1", "iat": TIME.timestamp() + seconds, **claims}
    assertion = read_assertion(everything)
    assert assertion is not None
    return assertion


def of_ada(seconds: int = 0, **claims: Any) -> Assertion:
    return said(seconds, **{"email": "Ada@Clinic.example ", "email_verified": True, **claims})


def session_of(workspace: Workspace, assertion: Assertion) -> str | None:
    token = link_for_assertion(workspace, assertion, clock=clock)
    begun = sign_in.sign_in_by_link(workspace, token) if token else None
    return begun.session if begun else None


@pytest.fixture
def ada(workspace: Workspace) -> access.Account:
    return invited(workspace, Role.REVIEWER, email="ada@clinic.example").account


def test_a_verified_address_is_the_account_that_an_admin_invited(workspace: Workspace, ada: access.Account) -> None:
    session = session_of(workspace, of_ada())
    assert access.account_of(workspace, session) == ada
    (here,) = sign_in.open_sessions(workspace, ada, session)
    assert here.way is Way.IDENTITY


def test_a_statement_opens_one_session_and_an_older_one_none(workspace: Workspace, ada: access.Account) -> None:
    assert session_of(workspace, of_ada()) is not None
    assert session_of(workspace, of_ada()) is None
    assert session_of(workspace, of_ada(-5)) is None
    assert session_of(workspace, of_ada(5)) is not None


def test_an_address_that_was_not_verified_and_one_that_nobody_has_mean_nobody(
    workspace: Workspace, ada: access.Account
) -> None:
    assert account_of_assertion(workspace, of_ada(email_verified=False)) is None
    assert account_of_assertion(workspace, of_ada(email_verified="false")) is None
    assert account_of_assertion(workspace, of_ada(email_verified=None)) is None
    assert account_of_assertion(workspace, of_ada(email="eve@clinic.example")) is None
    assert account_of_assertion(workspace, said()) is None
    assert account_of_assertion(workspace, of_ada(email_verified="true")) == ada


def test_who_came_once_is_known_under_another_address_and_whoever_gets_the_old_address_is_not(
    workspace: Workspace, ada: access.Account
) -> None:
    assert session_of(workspace, of_ada()) is not None
    assert account_of_assertion(workspace, of_ada(email="ada.reyes@clinic.example")) == ada
    assert account_of_assertion(workspace, said()) == ada
    assert account_of_assertion(workspace, of_ada(sub="2")) is None
    # Another provider vouches for the address, too: the account may be reached from both.
    assert account_of_assertion(workspace, of_ada(iss="https://other.example", sub="2")) == ada


def test_an_admin_can_say_whom_a_provider_means(workspace: Workspace, ada: access.Account) -> None:
    unverified = of_ada(sub="77", email_verified=False)
    people.change_details(
        workspace, OPERATOR, ada.id, name="Ada", expertise=Expertise.EXPERT, subject="https://id.example|77"
    )
    assert account_of_assertion(workspace, unverified) is not None
    noor = invited(workspace, Role.REVIEWER, name="Noor").account
    with pytest.raises(InvalidInput, match="has that identity"):
        people.change_details(
            workspace, OPERATOR, noor.id, name="Noor", expertise=Expertise.EXPERT, subject="https://id.example|77"
        )
    people.change_details(workspace, OPERATOR, ada.id, name="Ada", expertise=Expertise.EXPERT, subject="")
    assert account_of_assertion(workspace, unverified) is None


def test_a_closed_account_is_meant_by_nobody(workspace: Workspace, ada: access.Account) -> None:
    assert session_of(workspace, of_ada()) is not None
    token = link_for_assertion(workspace, of_ada(5), clock=clock)
    people.close_account(workspace, OPERATOR, ada.id)
    assert session_of(workspace, of_ada(9)) is None
    assert sign_in.sign_in_by_link(workspace, token or "") is None


def test_what_a_provider_said_is_good_for_some_minutes() -> None:
    assert is_recent(of_ada(-9 * 60), clock=clock)
    assert not is_recent(of_ada(-11 * 60), clock=clock)
    assert is_recent(of_ada(60), clock=clock)
    assert not is_recent(of_ada(3600), clock=clock)
    assert not is_recent(of_ada(), clock=lambda: TIME + timedelta(days=30))


@pytest.mark.parametrize(
    "claims",
    [
        {}, {"iss": "https://id.example"}, {"iss": "a", "sub": "", "iat": 1}, {"iss": "a", "sub": 5, "iat": 1},
        {"iss": "a", "sub": "b"}, {"iss": "a", "sub": "b", "iat": True}, {"iss": "a", "sub": "b" * 900, "iat": 1},
        {"iss": "a", "sub": "b", "iat": "now"}, {"iss": "a", "sub": "b", "iat": 1, "email": "x" * 900},
    ],
)  # fmt: skip
def test_claims_that_name_nobody_or_no_time_are_none(claims: dict[str, Any]) -> None:
    assert read_assertion(claims) is None
