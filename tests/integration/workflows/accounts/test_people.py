"""What admins do with accounts, on both databases: nobody is locked out by accident, and every change is kept."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.signed_in import PASSWORD, account_with, admin_session, invited, session_with, token_of

from dermdash.errors import AccessDenied, InvalidInput, NotFound, SignInRefused
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts import access, people, sign_in
from dermdash.workflows.accounts.access import ADMIN_ACCOUNT, OPERATOR, Account, Expertise, Role
from dermdash.workflows.accounts.people import AccountAct, Standing


@pytest.fixture
def admin(workspace: Workspace) -> Account:
    account = access.account_of(workspace, admin_session(workspace))
    assert account is not None
    return account


def person(workspace: Workspace, name: str) -> people.Person:
    return people.find_person(workspace, OPERATOR, name)


def test_an_invited_person_sets_a_password_and_is_who_the_admin_named(workspace: Workspace, admin: Account) -> None:
    made = people.invite_person(
        workspace, admin, name="  Dr  Ada  Reyes ", roles=[Role.REVIEWER, Role.CURATOR], email=" Ada@Clinic.Example ",
        expertise=Expertise.EXPERT,
    )  # fmt: skip
    assert person(workspace, "Dr Ada Reyes").standing is Standing.INVITED
    begun = sign_in.set_password_by_link(workspace, token_of(made.link), PASSWORD)
    account = access.account_of(workspace, begun.session)
    assert account == Account(
        made.account.id, "Dr Ada Reyes", frozenset({Role.REVIEWER, Role.CURATOR}), Expertise.EXPERT
    )
    seen = person(workspace, "dr ada reyes")
    assert (seen.email, seen.standing, seen.link_until) == ("ada@clinic.example", Standing.ACTIVE, None)
    assert seen.last_signed_in is not None


def test_an_invitation_used_twice_at_once_works_once(workspace: Workspace) -> None:
    token = token_of(invited(workspace, Role.REVIEWER).link)
    passwords = [f"another good password {n}" for n in range(4)]

    def come(password: str) -> str | None:
        try:
            return sign_in.set_password_by_link(workspace, token, password).session
        except SignInRefused:
            return None

    with ThreadPoolExecutor(4) as threads:
        sessions = list(threads.map(come, passwords))
    (won,) = [n for n, session in enumerate(sessions) if session is not None]
    assert access.account_of(workspace, sessions[won]) is not None
    assert come("yet another password") is None
    for n, password in enumerate(passwords):
        if n == won:
            sign_in.sign_in_by_password(workspace, "Ada", password, address="192.0.2.1")
        else:
            with pytest.raises(SignInRefused):
                sign_in.sign_in_by_password(workspace, "Ada", password, address="192.0.2.1")
    acts = [c.act for c in people.account_history(workspace, OPERATOR) if c.account == "Ada"]
    assert acts == [AccountAct.JOINED, AccountAct.INVITED]


def test_two_admins_cannot_remove_one_another_in_the_same_moment(workspace: Workspace, admin: Account) -> None:
    ada = account_with(workspace, Role.ADMIN)

    def remove(pair: tuple[Account, Account]) -> bool:
        try:
            people.change_roles(workspace, pair[0], pair[1].id, [Role.CURATOR])
        except InvalidInput:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(remove, [(admin, ada), (ada, admin)])) == [False, True]
    assert sum(Role.ADMIN in p.account.roles for p in people.list_people(workspace, OPERATOR)) == 1


def test_two_people_invited_at_once_under_one_name_are_one_invitation(workspace: Workspace, admin: Account) -> None:
    def invite(name: str) -> bool:
        try:
            people.invite_person(workspace, admin, name=name, roles=[Role.REVIEWER])
        except InvalidInput:
            return False
        return True

    with ThreadPoolExecutor(3) as threads:
        assert sorted(threads.map(invite, ["Reader 1", "reader_1", "READER  01"])) == [False, False, True]


def test_the_last_admin_can_neither_give_the_role_up_nor_close_the_account(
    workspace: Workspace, admin: Account
) -> None:
    account_with(workspace, Role.CURATOR)
    for leave in (
        lambda: people.change_roles(workspace, admin, admin.id, [Role.CURATOR]),
        lambda: people.close_account(workspace, admin, admin.id),
    ):
        with pytest.raises(InvalidInput, match="last admin"):
            leave()
    account_with(workspace, Role.ADMIN, name="Noor")
    people.close_account(workspace, admin, admin.id)
    assert access.account_of(workspace, None) is None


def test_closing_an_account_ends_its_sessions_at_once_and_keeps_its_history(
    workspace: Workspace, admin: Account
) -> None:
    session = session_with(workspace, Role.REVIEWER)
    account = access.account_of(workspace, session)
    assert account is not None
    people.close_account(workspace, admin, account.id)
    assert access.account_of(workspace, session) is None
    with pytest.raises(SignInRefused, match="do not fit"):
        sign_in.sign_in_by_password(workspace, "Ada", PASSWORD, address="192.0.2.1")
    with pytest.raises(InvalidInput, match="closed already"):
        people.close_account(workspace, admin, account.id)
    with pytest.raises(InvalidInput, match="reopen it first"):
        people.reset_password(workspace, admin, account.id)
    assert people.names_of(workspace)[account.id] == "Ada"
    again = people.reopen_account(workspace, admin, account.id)
    begun = sign_in.set_password_by_link(workspace, token_of(again.link), "another good password")
    assert access.account_of(workspace, begun.session) == account
    acts = [(c.act, c.by) for c in people.account_history(workspace, admin, account.id)]
    assert acts == [
        (AccountAct.PASSWORD_SET, "Ada"), (AccountAct.REOPENED, "Admin"), (AccountAct.CLOSED, "Admin"),
        (AccountAct.JOINED, "Ada"), (AccountAct.INVITED, "Command line"),
    ]  # fmt: skip


def test_an_invitation_to_a_closed_account_works_no_more(workspace: Workspace, admin: Account) -> None:
    made = invited(workspace, Role.REVIEWER)
    people.close_account(workspace, admin, made.account.id)
    with pytest.raises(SignInRefused, match="does not work"):
        sign_in.set_password_by_link(workspace, token_of(made.link), PASSWORD)


def test_a_reset_ends_password_and_sessions_until_the_link_is_used(workspace: Workspace, admin: Account) -> None:
    session = session_with(workspace, Role.REVIEWER)
    account = access.account_of(workspace, session)
    assert account is not None
    first = people.reset_password(workspace, admin, account.id)
    second = people.reset_password(workspace, admin, account.id)
    assert access.account_of(workspace, session) is None
    with pytest.raises(SignInRefused):
        sign_in.sign_in_by_password(workspace, "Ada", PASSWORD, address="192.0.2.1")
    with pytest.raises(SignInRefused, match="newer one replaced it"):
        sign_in.account_of_password_link(workspace, token_of(first.link))
    assert sign_in.account_of_password_link(workspace, token_of(second.link)) == account
    with pytest.raises(InvalidInput, match="12 or more"):
        sign_in.set_password_by_link(workspace, token_of(second.link), "short")
    sign_in.set_password_by_link(workspace, token_of(second.link), "another good password")
    with pytest.raises(SignInRefused):
        sign_in.set_password_by_link(workspace, token_of(second.link), "yet another password")


def test_a_link_that_sets_a_password_opens_no_session_by_itself_and_a_sign_in_link_sets_none(
    workspace: Workspace,
) -> None:
    made = invited(workspace, Role.REVIEWER)
    assert sign_in.sign_in_by_link(workspace, token_of(made.link)) is None
    with pytest.raises(SignInRefused):
        sign_in.account_of_password_link(workspace, token_of(access.issue_admin_link(workspace)))


def test_a_link_works_until_its_time_is_over(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    from dermdash.storage import sign_in as stored

    made = invited(workspace, Role.REVIEWER)
    real = stored.now
    monkeypatch.setattr(stored, "now", lambda: real() + timedelta(days=people.INVITATION_DAYS, seconds=5))
    with pytest.raises(SignInRefused, match="time is over"):
        sign_in.set_password_by_link(workspace, token_of(made.link), PASSWORD)


def test_changes_of_roles_say_who_made_them_and_hold_at_once(workspace: Workspace, admin: Account) -> None:
    session = session_with(workspace, Role.REVIEWER)
    ada = access.account_of(workspace, session)
    assert ada is not None
    people.change_roles(workspace, admin, ada.id, [Role.STATISTICIAN, Role.CURATOR])
    now = access.account_of(workspace, session)
    assert now is not None
    assert now.roles == {Role.STATISTICIAN, Role.CURATOR}
    latest = people.account_history(workspace, ada, ada.id)[0]
    assert (latest.act, latest.by, latest.roles) == (AccountAct.ROLES, "Admin", now.roles)
    with pytest.raises(InvalidInput, match="at least one role"):
        people.change_roles(workspace, admin, ada.id, [])


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_nobody_but_an_admin_manages_accounts(duckdb_workspace: Workspace, role: Role) -> None:
    actor = account_with(duckdb_workspace, role)
    workspace, own = duckdb_workspace, actor.id
    for act in (
        lambda: people.list_people(workspace, actor),
        lambda: people.account_history(workspace, actor),
        lambda: people.account_history(workspace, actor, ADMIN_ACCOUNT),
        lambda: people.invite_person(workspace, actor, name="Eve", roles=[Role.ADMIN]),
        lambda: people.change_roles(workspace, actor, own, [Role.ADMIN]),
        lambda: people.change_details(workspace, actor, own, name="Eve", expertise=Expertise.EXPERT),
        lambda: people.reset_password(workspace, actor, ADMIN_ACCOUNT),
        lambda: people.close_account(workspace, actor, ADMIN_ACCOUNT),
        lambda: people.reopen_account(workspace, actor, ADMIN_ACCOUNT),
    ):
        with pytest.raises(AccessDenied, match="needs the role admin"):
            act()
    assert people.account_history(workspace, actor, own)


@pytest.mark.parametrize(
    ("name", "email", "words"),
    [
        ("", "", "needs a name"),
        ("   ", "", "needs a name"),
        ("\u200b", "", "needs a name"),
        ("x" * 81, "", "at most 80"),
        ("Ada\u202eReyes", "", "can be seen"),
        ("command LINE", "", "stands for commands"),
        ("admin", "", "already"),
        ("Аdmin", "", "already"),
        ("Noor", "no address", "no e-mail address"),
        ("Noor", "a@b@c.example", "no e-mail address"),
        ("Noor", "<script>@x.example", "no e-mail address"),
    ],
)
def test_names_and_addresses_that_could_be_mistaken_are_refused(
    duckdb_workspace: Workspace, name: str, email: str, words: str
) -> None:
    access.issue_admin_link(duckdb_workspace)
    with pytest.raises(InvalidInput, match=words):
        people.invite_person(duckdb_workspace, OPERATOR, name=name, roles=[Role.REVIEWER], email=email)
    assert len(people.list_people(duckdb_workspace, OPERATOR)) == 1


def test_an_e_mail_address_belongs_to_one_account(duckdb_workspace: Workspace) -> None:
    invited(duckdb_workspace, Role.REVIEWER, email="ada@clinic.example")
    with pytest.raises(InvalidInput, match="Ada has that e-mail address"):
        invited(duckdb_workspace, Role.REVIEWER, name="Noor", email="ADA@clinic.example")
    noor = invited(duckdb_workspace, Role.REVIEWER, name="Noor").account
    with pytest.raises(InvalidInput, match="already"):
        people.change_details(duckdb_workspace, OPERATOR, noor.id, name="ada", expertise=Expertise.EXPERT)
    people.change_details(duckdb_workspace, OPERATOR, noor.id, name="Noor Haddad", expertise=Expertise.EXPERT)
    assert person(duckdb_workspace, "noor haddad").account.expertise is Expertise.EXPERT
    with pytest.raises(NotFound, match="no account"):
        person(duckdb_workspace, "Noor")
