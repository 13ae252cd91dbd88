"""Who is at the browser. Every page asks here first; the answer comes from the database, not the browser."""

import streamlit as st

from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.ui.open_workspace import current_workspace
from dermdash.ui.outage import OUTAGE
from dermdash.ui.sign_in_route import SESSION_COOKIE
from dermdash.workflows.accounts import access
from dermdash.workflows.accounts.access import Account, Role


def session_token() -> str | None:
    """The session token of this browser, from the cookie that signing in left."""
    token = st.session_state.get(keys.SESSION_TOKEN)
    return token if token is not None else st.context.cookies.get(SESSION_COOKIE)


def current_account() -> Account | None:
    """The account signed in, asked of the database on every run, so that signing out works everywhere at once."""
    account = access.account_of(current_workspace(), session_token())
    if account is not None:
        OUTAGE.over()
    return account


def require_admin() -> Workspace:
    """Return the workspace if the admin is signed in; raises AccessDenied otherwise. First line of every page."""
    access.require(current_account(), Role.ADMIN)
    return current_workspace()


def sign_out() -> None:
    """End the session on the server; the cookie that is left in the browser opens nothing any more."""
    token = session_token()
    if token:
        access.sign_out(current_workspace(), token)
