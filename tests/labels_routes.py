"""Browsers that ask routes which answer to whose pages show every label (`dermdash.ui.labels_route`)."""

from collections.abc import Callable, Sequence

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from dermdash.storage.workspace import Workspace
from dermdash.ui import labels_route
from dermdash.ui.sign_in_route import SESSION_COOKIE
from dermdash.workflows.accounts import access
from dermdash.workflows.accounts.access import Account, Role
from tests.signed_in import session_with


def client(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, routes: Callable[[], Sequence[Route]], session: str | None
) -> TestClient:
    """A browser with a session, or none, and an app of these routes alone."""
    monkeypatch.setattr(labels_route, "current_workspace", lambda: workspace)
    cookies = {} if session is None else {SESSION_COOKIE: session}
    return TestClient(Starlette(routes=routes()), cookies=cookies)


def signed_in(workspace: Workspace, *roles: Role, name: str = "Ada") -> tuple[str, Account]:
    """The session of a new account and the account."""
    session = session_with(workspace, *roles, name=name)
    account = access.account_of(workspace, session)
    assert account is not None
    return session, account
