"""Who is at the browser. Every page asks here first; the answer comes from the database, not the browser."""

import streamlit as st

from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.ui.login_cookie import clear_login_cookie, set_login_cookie
from dermdash.ui.open_workspace import current_workspace
from dermdash.workflows import access
from dermdash.workflows.access import Account, Role

COOKIE = "dermdash_session"


def session_token() -> str | None:
    """The token of this browser: from this session, or from the cookie of an earlier one."""
    token = st.session_state.get(keys.SESSION_TOKEN)
    return token if token is not None else st.context.cookies.get(COOKIE)


def current_account() -> Account | None:
    """The account signed in, asked of the database on every run, so that signing out works everywhere at once."""
    return access.account_of(current_workspace(), session_token())


def require_admin() -> Workspace:
    """Return the workspace if the admin is signed in; raises AccessDenied otherwise. First line of every page."""
    access.require(current_account(), Role.ADMIN)
    return current_workspace()


def accept_link_in_url() -> bool:
    """Exchange an admin link in the URL for a session; True when it was accepted. The token leaves the URL."""
    token = st.query_params.get("admin")
    if token is None:
        return False
    del st.query_params["admin"]
    session = access.sign_in(current_workspace(), token)
    if session is None:
        return False
    st.session_state[keys.SESSION_TOKEN] = session
    return True


def keep_signed_in() -> None:
    """Leave the session token in a cookie, so that a reload or a second tab stays signed in."""
    token = st.session_state.get(keys.SESSION_TOKEN)
    if token and st.context.cookies.get(COOKIE) != token:
        set_login_cookie(token, days=current_workspace().settings.session_days)


def sign_out() -> None:
    """End the session on the server and drop the cookie."""
    token = session_token()
    if token:
        access.sign_out(current_workspace(), token)
    st.session_state[keys.SESSION_TOKEN] = ""
    clear_login_cookie()
