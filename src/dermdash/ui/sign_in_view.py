"""What somebody sees who is not signed in: the ways to sign in, a link that sets a password, and why one does not."""

from typing import Any

import streamlit as st

from dermdash.errors import SignInRefused
from dermdash.ui import address, identity_provider
from dermdash.ui.messages import as_code, as_text, error_words
from dermdash.ui.open_workspace import current_workspace
from dermdash.ui.sign_in_form import go_on, new_password_form, password_form
from dermdash.ui.unsaved_annotations import ANNOTATE, STAYS_HERE
from dermdash.workflows.accounts.identity import (
    Assertion,
    account_of_assertion,
    is_recent,
    link_for_assertion,
    read_assertion,
)
from dermdash.workflows.accounts.people import SET_PASSWORD_PARAMETER
from dermdash.workflows.accounts.sign_in import account_of_password_link

_WIDTH = 560


def show_sign_in() -> None:
    """Name and password, the providers there are, and where everybody else finds their way in."""
    with st.container(border=True, width=_WIDTH):
        st.header("Sign in", anchor=False)
        if address.opened_path() == ANNOTATE:
            st.info(f"You are signed out, or your account was closed. {STAYS_HERE}", icon=":material/save:")
        password_form()
        _providers("or")
    with st.container(width=_WIDTH):
        st.markdown("**You take part in a study:** open the invitation link you were sent.")
        st.markdown("**You have no password yet, or forgot it:** an admin makes a link for you, by which you set one.")
        st.markdown(
            "**You run this workspace:** open the admin link printed in the terminal where the app was started. It "
            "works once; starting the app again prints a new one."
        )


def _providers(before: str) -> None:
    for name, label in identity_provider.providers().items():
        if before:
            st.caption(before)
            before = ""
        if st.button(f"Sign in with {label}", key=f"sign_in.with.{name}", icon=":material/key:"):
            st.login(None if name == identity_provider.DEFAULT else name)


def provider_part() -> bool:
    """Go on with who has just come from a provider, or say why not; False where nobody has."""
    claims = identity_provider.claims()
    assertion = read_assertion(claims) if claims else None
    if assertion is None or not is_recent(assertion):
        return False
    workspace = current_workspace()
    if account_of_assertion(workspace, assertion) is None:
        _unknown(claims, assertion)
        return True
    token = link_for_assertion(workspace, assertion)
    if token is None:  # signed out since: the provider has to be asked again
        return False
    st.markdown("Signing in …")
    go_on(token)
    return True


def _unknown(claims: dict[str, Any], assertion: Assertion) -> None:
    """Nobody here was invited for who the provider says it is."""
    with st.container(border=True, width=_WIDTH):
        st.header("No account for you here yet", anchor=False)
        who = assertion.email or assertion.unverified_email or str(claims.get("name") or assertion.subject)
        st.markdown(f"You signed in as **{as_text(who)}**, and no account of this workspace is for that person.")
        if assertion.email is None:
            st.markdown(
                "Your provider did not say that this e-mail address is verified. So an account is found by the "
                "identity below alone."
            )
        st.markdown("Ask an admin to invite you. This is who you are to them:")
        st.markdown(f"Identity: {as_code(assertion.subject)}")
        if st.button("Sign in as somebody else", key="sign_in.other", icon=":material/logout:"):
            st.logout()


def show_new_password() -> None:
    """The form for a link of an invitation or a reset; what is wrong with the link where it does not work."""
    link = st.query_params.get(SET_PASSWORD_PARAMETER, "")
    try:
        account = account_of_password_link(current_workspace(), link)
    except SignInRefused as error:
        st.error(error_words(error), icon=":material/link_off:")
        st.link_button("To the sign-in page", "./", icon=":material/login:")
        return
    with st.container(border=True, width=_WIDTH):
        st.header("Set your password", anchor=False)
        st.markdown(
            f"For the account of **{as_text(account.name)}**. The name is what you sign in with; the link stops "
            "working when the password is set."
        )
        st.caption("At least 12 characters. Long is better than complicated: four unrelated words will do.")
        new_password_form(account.name, link)
