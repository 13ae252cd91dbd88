"""A link as a QR code on a page: the picture travels in the page itself, as whoever has it can follow the link."""

import streamlit as st

from dermdash.charts.qr_code import qr_png
from dermdash.errors import InvalidInput
from dermdash.ui.messages import as_text
from dermdash.ui.record_tiles import data_uri

_WIDTH = 200


def show_qr(link: str, *, key: str, name: str) -> None:
    """Show the code of a link, and a button that saves it under a name."""
    try:
        picture = qr_png(link)
    except InvalidInput as error:
        st.caption(as_text(error))
        return
    show_picture(picture, label="QR code of the link")
    st.download_button(
        "QR code (PNG)", picture, file_name=name, mime="image/png", key=key, icon=":material/qr_code_2:",
        on_click="ignore",
    )  # fmt: skip


def show_picture(picture: bytes, *, label: str) -> None:
    """Show a code without a button; ``label`` is what a screen reader says."""
    st.html(f'<img src="{data_uri(picture, "image/png")}" width="{_WIDTH}" height="{_WIDTH}" alt="{label}">')
