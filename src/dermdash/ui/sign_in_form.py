"""The form that asks for a password: it posts to an address of its own, which alone can set the session's cookie."""

import streamlit as st

from dermdash.ui.frontend import read_styles
from dermdash.ui.frontend.exchange.sign_in import SignInKind, SignInPayload
from dermdash.ui.frontend.modules import composed
from dermdash.ui.sign_in_route import NEW_PASSWORD_PATH, PASSWORD_PATH
from dermdash.workflows.accounts.access import SIGN_IN_PATH

# In the page itself and not apart from it: password managers look there.
_form = st.components.v2.component(
    "dermdash_sign_in",
    html='<div class="sign-in root"></div>',
    css=read_styles("sign_in"),
    js=composed("sign_in"),
    isolate_styles=False,
)


def password_form() -> None:
    """Ask for name and password."""
    _show(SignInPayload(kind=SignInKind.PASSWORD, address=PASSWORD_PATH, name="", link=""))


def new_password_form(name: str, link: str) -> None:
    """Ask twice for the new password of the account of this name, which the link is for."""
    _show(SignInPayload(kind=SignInKind.NEW_PASSWORD, address=NEW_PASSWORD_PATH, name=name, link=link))


def go_on(link_token: str) -> None:
    """Lead the browser to a one-time link: nothing is to be filled in."""
    _show(SignInPayload(kind=SignInKind.GO_ON, address=f"{SIGN_IN_PATH}/{link_token}", name="", link=""))


def _show(data: SignInPayload) -> None:
    _form(key=f"sign_in.{data['kind']}", data=data)
