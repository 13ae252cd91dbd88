"""The admins' page of accounts: who there is, inviting, roles and details, reset, closing and reopening."""

import pandas as pd
import streamlit as st

from dermdash.errors import InvalidInput
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, identity_provider, keys
from dermdash.ui.account_view import ROLE_WORDS, history_table, role_words
from dermdash.ui.choices import choose, choose_several
from dermdash.ui.messages import as_text, redraw_saying, show_outcome
from dermdash.ui.tables import data_table
from dermdash.wording import counted, moment
from dermdash.workflows.accounts import people
from dermdash.workflows.accounts.access import Account, Expertise
from dermdash.workflows.accounts.people import LONGEST_NAME, NewLink, Person, Standing
from dermdash.workflows.accounts.rights import Right

_PLACE = "accounts"


def accounts_state(known: list[Person]) -> str:
    """How many accounts there are, and of what kind."""
    parts = {s: sum(p.standing is s for p in known) for s in Standing}
    words = [f"{number} {standing}" for standing, number in parts.items() if number]
    return f"{counted(len(known), 'account')}: {', '.join(words)}"


def show_accounts(workspace: Workspace, actor: Account, known: list[Person]) -> None:
    """All of the page below its head."""
    show_outcome(_PLACE)
    _new_link()
    data_table(_table(known), key="accounts.table")
    left, right = st.columns(2, gap="large")
    with left:
        _invite(workspace)
    with right:
        _one(workspace, actor, known)
    with st.expander("Every change of every account"):
        history_table(people.account_history(workspace, actor), key="accounts.history", named=True)


def _table(known: list[Person]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Name": [p.account.name for p in known],
            "Roles": [role_words(p.account) for p in known],
            "Expertise": [str(p.account.expertise) for p in known],
            "State": [_state(p) for p in known],
            "E-mail": [p.email or "" for p in known],
            "Last signed in": [moment(p.last_signed_in) if p.last_signed_in else "" for p in known],
        }
    )


def _state(person: Person) -> str:
    if person.standing is Standing.INVITED and person.link_until is not None:
        return f"invited, link until {moment(person.link_until)}"
    if person.standing is Standing.ACTIVE and person.link_until is not None:
        return f"reset, link until {moment(person.link_until)}"
    return str(person.standing)


def _new_link() -> None:
    made: NewLink | None = st.session_state.get(keys.ACCOUNT_LINK)
    if made is None:
        return
    with st.container(border=True):
        st.success(
            f"Send this link to **{as_text(made.account.name)}**, by a way that reaches nobody else. It is shown once, "
            f"works once, and until {moment(made.until)}.",
            icon=":material/key:",
        )
        st.code(made.link, language=None, wrap_lines=True)
        if st.button("I have copied it", key="accounts.copied", icon=":material/check:"):
            del st.session_state[keys.ACCOUNT_LINK]
            st.rerun()


def _say(error: InvalidInput) -> None:
    st.error(as_text(error), icon=":material/error:")


def _invite(workspace: Workspace) -> None:
    st.header("Invite somebody", anchor=False)
    with st.form("accounts.invite", border=True, enter_to_submit=False):
        name = st.text_input(
            "Name", key="accounts.name", max_chars=LONGEST_NAME,
            help="What they sign in with, and what stands beside all they do. It should be told apart for years.",
        )  # fmt: skip
        email = st.text_input(
            "E-mail (optional)", key="accounts.email", max_chars=200,
            help="No mail is sent. Somebody who signs in at a provider is found by it.",
        )  # fmt: skip
        roles = choose_several(
            "Roles", list(ROLE_WORDS), ROLE_WORDS.__getitem__, key="accounts.roles", placeholder="One or several",
            help="Admin: accounts. Curator: data sets, labels, work for reviewers. Reviewer: annotates and reviews "
            "records. Coordinator: reader studies. Statistician: reads results and analyses.",
        )  # fmt: skip
        expertise = choose("Expertise", list(Expertise), str, key="accounts.expertise", default=Expertise.SPECIALIST)
        if not st.form_submit_button("Invite", type="primary", key="accounts.invite_now"):
            return
    actor = access.act(Right.MANAGE_ACCOUNTS)
    try:
        made = people.invite_person(workspace, actor, name=name, roles=roles, email=email, expertise=expertise)
    except InvalidInput as error:
        _say(error)
        return
    st.session_state[keys.ACCOUNT_LINK] = made
    redraw_saying(_PLACE, f"{as_text(made.account.name)} was invited.")


def _one(workspace: Workspace, actor: Account, known: list[Person]) -> None:
    st.header("Change an account", anchor=False)
    by_id = {p.account.id: p for p in known}
    chosen = choose("Account", list(by_id), lambda i: by_id[i].account.name, key="accounts.chosen", name="account")
    person = by_id[chosen]
    if person.active:
        _roles(workspace, person)
        _details(workspace, person)
        with st.container(horizontal=True):
            _reset(workspace, person)
            _close(workspace, actor, person)
    else:
        st.markdown("This account is closed: nobody can sign in with it. All that was done under it stays.")
        _reopen(workspace, person)
    with st.expander(f"What was changed about {as_text(person.account.name)}"):
        history_table(people.account_history(workspace, actor, chosen), key=f"accounts.history.{chosen}")


def _roles(workspace: Workspace, person: Person) -> None:
    account_id = person.account.id
    given = [role for role in ROLE_WORDS if role in person.account.roles]
    with st.form(f"accounts.roles.{account_id}", border=True):
        roles = choose_several(
            "Roles", list(ROLE_WORDS), ROLE_WORDS.__getitem__, key=f"accounts.roles.{account_id}.{'.'.join(given)}",
            default=given,
        )  # fmt: skip
        if not st.form_submit_button("Change the roles", key="accounts.change_roles"):
            return
    actor = access.act(Right.MANAGE_ACCOUNTS)
    try:
        people.change_roles(workspace, actor, account_id, roles)
    except InvalidInput as error:
        _say(error)
        return
    redraw_saying(_PLACE, f"The roles of {as_text(person.account.name)} were changed. They hold at once.")


def _details(workspace: Workspace, person: Person) -> None:
    account = person.account
    with st.expander("Name, e-mail, expertise"), st.form(f"accounts.details.{account.id}", border=False):
        name = st.text_input("Name", account.name, key=f"accounts.name.{account.id}", max_chars=LONGEST_NAME)
        email = st.text_input("E-mail", person.email or "", key=f"accounts.email.{account.id}", max_chars=200)
        expertise = choose(
            "Expertise", list(Expertise), str, key=f"accounts.expertise.{account.id}", default=account.expertise
        )
        subject = None
        if identity_provider.is_configured():
            subject = st.text_input(
                "Identity at the provider",
                people.identity_of(workspace, account),
                key=f"accounts.subject.{account.id}",
                max_chars=400,
                help="As the sign-in page shows it to somebody who has no account yet.",
            )
        if not st.form_submit_button("Change", key="accounts.change_details"):
            return
    actor = access.act(Right.MANAGE_ACCOUNTS)
    try:
        people.change_details(
            workspace, actor, account.id, name=name, email=email, expertise=expertise, subject=subject
        )
    except InvalidInput as error:
        _say(error)
        return
    redraw_saying(_PLACE, f"{as_text(name)} was changed.")


def _reset(workspace: Workspace, person: Person) -> None:
    invited = person.standing is Standing.INVITED
    with st.popover("New invitation link" if invited else "Reset the password", icon=":material/lock_reset:"):
        st.write(
            "The link made before stops working."
            if invited
            else "The password stops working and every session ends at once. You get a link for them to set a new one."
        )
        if st.button("Make the link", key="accounts.reset", type="primary"):
            actor = access.act(Right.MANAGE_ACCOUNTS)
            made = people.reset_password(workspace, actor, person.account.id)
            st.session_state[keys.ACCOUNT_LINK] = made
            redraw_saying(_PLACE, f"A new link for {as_text(person.account.name)} was made.")


def _close(workspace: Workspace, actor: Account, person: Person) -> None:
    with st.popover("Close the account", icon=":material/block:"):
        own = " It is your own account." if person.account.id == actor.id else ""
        st.write(
            f"{person.account.name} is signed out everywhere at once and cannot sign in any more. What they did is "
            f"kept under their name, and the account can be reopened.{own}"
        )
        sure = st.checkbox("I want to close it", key=f"accounts.sure.{person.account.id}")
        if st.button("Close", key="accounts.close", disabled=not sure):
            closing = access.act(Right.MANAGE_ACCOUNTS)
            try:
                people.close_account(workspace, closing, person.account.id)
            except InvalidInput as error:
                _say(error)
                return
            redraw_saying(_PLACE, f"The account of {as_text(person.account.name)} was closed.")


def _reopen(workspace: Workspace, person: Person) -> None:
    if st.button("Reopen the account", key="accounts.reopen", icon=":material/lock_open:"):
        actor = access.act(Right.MANAGE_ACCOUNTS)
        made = people.reopen_account(workspace, actor, person.account.id)
        st.session_state[keys.ACCOUNT_LINK] = made
        redraw_saying(_PLACE, f"The account of {as_text(person.account.name)} is open again.")
