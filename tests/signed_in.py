"""Sessions of accounts with the roles that a test wants, made as people get them."""

import re

from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts import access, people, sign_in
from dermdash.workflows.accounts.access import OPERATOR, Account, Role, issue_admin_link
from dermdash.workflows.accounts.people import NewLink

PASSWORD = "four unrelated words"


def token_of(link: str) -> str:
    """The secret in a link."""
    return re.split("[/=]", link)[-1]


def admin_session(workspace: Workspace) -> str:
    """Session token of the first account, which has every role."""
    begun = sign_in.sign_in_by_link(workspace, token_of(issue_admin_link(workspace)))
    assert begun is not None
    return begun.session


def invited(workspace: Workspace, *roles: Role, name: str = "Ada", email: str = "") -> NewLink:
    """An account that nobody has come to yet."""
    access.issue_admin_link(workspace)  # the first account is there before any other
    return people.invite_person(workspace, OPERATOR, name=name, roles=roles, email=email)


def session_with(workspace: Workspace, *roles: Role, name: str = "Ada") -> str:
    """Session token of a new account with these roles."""
    return sign_in.set_password_by_link(
        workspace, token_of(invited(workspace, *roles, name=name).link), PASSWORD
    ).session


def account_with(workspace: Workspace, *roles: Role, name: str = "Ada") -> Account:
    """A new account with these roles, whose password is `PASSWORD`."""
    account = access.account_of(workspace, session_with(workspace, *roles, name=name))
    assert account is not None
    return account
