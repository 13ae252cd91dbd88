"""What stands around every page of the app and is seen on none."""

import streamlit as st

from dermdash.ui.frontend.changes import callback_of
from dermdash.ui.frontend.exchange.page_frame import PageFramePayload
from dermdash.ui.frontend.exchange.sends import Sends
from dermdash.ui.frontend.modules import composed

_frame = st.components.v2.component("dermdash_page_frame", html="<span></span>", js=composed("page_frame"))
KEY = "page-frame"


def page_frame() -> None:
    """Make the browser's Back go one act back, and let the address say that somebody went (`ui.address`).

    And have the page run again when the browser turns to another theme than its charts were drawn in.
    """
    data = PageFramePayload(theme="dark" if st.context.theme.type == "dark" else "light")
    _frame(key=KEY, height=1, data=data, **callback_of(Sends.THEME, _drawn_again))


def _drawn_again() -> None:
    """The run that comes of it is all that was wanted."""
