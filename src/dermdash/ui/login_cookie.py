"""The session cookie, set by the page itself because Streamlit's script cannot answer with a header.

A script on the page can read such a cookie, so the value must be a random session token that the server can end,
never anything else. ``st.context.cookies`` has it from the next connection on (a reload or another tab).
"""

import re

import streamlit as st

from dermdash.errors import InvalidInput
from dermdash.ui.frontend import read_assets

COOKIE_NAME = "dermdash_session"
_VALUE = re.compile(r"[A-Za-z0-9_.~-]{1,512}\Z")

_cookie = st.components.v2.component(
    "dermdash_login_cookie", html="<span hidden></span>", js=read_assets("login_cookie.js")
)


def set_login_cookie(value: str, days: float) -> None:
    """Leave the session token in the browser for that many days (SameSite=Strict, Secure over https).

    Raises InvalidInput for a value with characters that do not belong in a token. A run that ends in ``st.rerun``
    or a page switch may never reach the browser: call it in the run that stays on the screen.
    """
    if not _VALUE.match(value):
        raise InvalidInput("a session token may hold only letters, digits and - _ . ~")
    data = {"name": COOKIE_NAME, "value": value, "max_age": int(days * 24 * 3600)}
    _cookie(key="dermdash-login-cookie-set", data=data)


def clear_login_cookie() -> None:
    """Drop the session cookie from the browser; end the session on the server as well."""
    _cookie(key="dermdash-login-cookie-clear", data={"name": COOKIE_NAME, "value": "", "max_age": 0})
