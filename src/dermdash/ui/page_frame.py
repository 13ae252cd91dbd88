"""What stands around every page of the app and is seen on none."""

import streamlit as st

from dermdash.ui.frontend.modules import composed

_frame = st.components.v2.component("dermdash_page_frame", html="<span></span>", js=composed("page_frame"))
KEY = "page-frame"


def page_frame() -> None:
    """Make the browser's Back go one act back, and let the address say that somebody went (`ui.address`)."""
    _frame(key=KEY, height=1)
