"""Who is at the browser. Every page and every act asks here; the answer comes from the database, not the browser."""

import streamlit as st

from dermdash.ui import keys
from dermdash.ui.open_workspace import current_workspace
from dermdash.ui.outage import OUTAGE
from dermdash.ui.sign_in_route import SESSION_COOKIE
from dermdash.workflows.accounts import access, rights
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right

__all__ = ["act", "current_account", "current_workspace", "may", "session_token", "show_to", "shown_to", "sign_out"]


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


def act(right: Right) -> Account:
    """The account signed in if it may do that now; raises AccessDenied otherwise. Asked before every act that writes.

    A page was drawn some time ago, and what a click calls (callbacks, fragments, dialogs) runs without its first line.
    """
    return rights.require_right(current_account(), right)


def show_to(account: Account | None) -> None:
    """Remember for this run whom the page is drawn for, so that it can leave out what they may not do."""
    st.session_state[keys.SHOWN_TO] = account


def shown_to() -> Account | None:
    """Whom the page is drawn for. It decides what is shown, never what is done (`act`)."""
    if keys.SHOWN_TO in st.session_state:
        account: Account | None = st.session_state[keys.SHOWN_TO]
        return account
    return current_account()


def may(right: Right) -> bool:
    """Whether to show the means to do something."""
    return rights.may(shown_to(), right)


def sign_out() -> None:
    """End the session on the server; the cookie that is left in the browser opens nothing any more."""
    token = session_token()
    if token:
        access.sign_out(current_workspace(), token)
