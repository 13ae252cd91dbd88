"""The page of one's own account: who one is here, the password, where one is signed in, and what was changed."""

import pandas as pd
import streamlit as st

from dermdash.errors import InvalidInput, SignInRefused
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, identity_provider, keys
from dermdash.ui.messages import as_text, redraw_saying, show_outcome
from dermdash.ui.tables import data_table
from dermdash.wording import counted, moment
from dermdash.workflows.accounts import people, sign_in
from dermdash.workflows.accounts.access import Account, Role
from dermdash.workflows.accounts.passwords import LONGEST, SHORTEST

ROLE_WORDS = {
    Role.ADMIN: "Admin",
    Role.CURATOR: "Curator",
    Role.REVIEWER: "Reviewer",
    Role.COORDINATOR: "Coordinator",
    Role.STATISTICIAN: "Statistician",
}


def role_words(account: Account) -> str:
    """The roles in words, in the order in which they are listed everywhere."""
    return ", ".join(word for role, word in ROLE_WORDS.items() if role in account.roles)


def show_account(workspace: Workspace, account: Account) -> None:
    """All of the page below its head."""
    with st.container(border=True):
        st.markdown(f"**{as_text(account.name)}** · {role_words(account)} · {account.expertise}")
        if Role.ADMIN in account.roles:
            st.caption(f"Workspace: {as_text(workspace.home)}")
        if st.button("Sign out", key="account.sign_out", icon=":material/logout:"):
            _leave_provider()
            access.sign_out()
            _leave("Signed out.")
    left, right = st.columns(2, gap="large")
    with left:
        _password(workspace, account)
    with right:
        _sessions(workspace, account)
    _history(workspace, account)


def _leave_provider() -> None:
    """Send the browser to sign out at a provider too, else its word would be kept in this browser.

    Before the session ends: with it the connection goes, and what was not sent by then.
    """
    if identity_provider.claims():
        st.logout()


def _leave(text: str) -> None:
    st.toast(text)
    st.rerun()


def _password(workspace: Workspace, account: Account) -> None:
    st.header("Password", anchor=False)
    show_outcome("account.password")
    has_one = people.has_password(workspace, account)
    if not has_one:
        st.caption("This account has no password: it is signed in by a link or at a provider.")
    # Other fields after each attempt: what was typed stays in no session of the server.
    turn = st.session_state.setdefault(keys.PASSWORD_TURN, 0)
    with st.form("account.password"):
        current = ""
        if has_one:
            current = _field("Current password", f"account.current.{turn}")
        new = _field("New password", f"account.new.{turn}", help=f"{SHORTEST} characters or more")
        again = _field("The same again", f"account.again.{turn}")
        asked = st.form_submit_button("Change the password" if has_one else "Set a password", key="account.change")
    if not asked:
        return
    st.session_state[keys.PASSWORD_TURN] = turn + 1
    if new != again:
        redraw_saying("account.password", "The two new passwords differ.", well=False)
    try:
        sign_in.change_password(workspace, access.session_token() or "", current=current, new=new)
    except (InvalidInput, SignInRefused) as error:
        redraw_saying("account.password", str(error), well=False)
    redraw_saying("account.password", "The password was changed. You stay signed in here and nowhere else.")


def _field(label: str, key: str, help: str | None = None) -> str:
    return st.text_input(label, type="password", key=key, max_chars=LONGEST, help=help)


def _sessions(workspace: Workspace, account: Account) -> None:
    st.header("Where you are signed in", anchor=False)
    show_outcome("account.sessions")
    sessions = sign_in.open_sessions(workspace, account, access.session_token())
    data_table(
        pd.DataFrame(
            {
                "Browser": [(s.browser or "unknown") + (" (this one)" if s.here else "") for s in sessions],
                "Signed in": [moment(s.created_at) for s in sessions],
                "By": [s.way.label for s in sessions],
                "Until": [moment(s.expires_at) for s in sessions],
            }
        ),
        key="account.sessions",
    )
    with st.container(horizontal=True):
        if st.button("Sign out everywhere else", key="account.elsewhere", disabled=len(sessions) < 2):
            ended = sign_in.sign_out_everywhere(workspace, account, but=access.session_token())
            redraw_saying("account.sessions", f"{counted(ended, 'session')} ended.")
        if st.button("Sign out everywhere", key="account.everywhere", icon=":material/logout:"):
            _leave_provider()
            sign_in.sign_out_everywhere(workspace, account)
            _leave("Signed out everywhere.")


def _history(workspace: Workspace, account: Account) -> None:
    with st.expander("What was changed about this account"):
        history_table(people.account_history(workspace, account, account.id), key="account.history")


def history_table(changes: list[people.AccountChange], *, key: str, named: bool = False) -> None:
    """Changes of accounts, the latest first; ``named`` with the account of each."""
    data_table(
        pd.DataFrame(
            {
                "Time": [moment(c.at) for c in changes],
                **({"Account": [c.account for c in changes]} if named else {}),
                "What": [c.act.label for c in changes],
                "Roles after it": [", ".join(w for r, w in ROLE_WORDS.items() if r in c.roles) for c in changes],
                "By": [c.by for c in changes],
            }
        ),
        key=key,
    )
