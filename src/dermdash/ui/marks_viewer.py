"""Marks of several people over one image, to look at: by person and by structure."""

import streamlit as st

from dermdash.ui.frontend import read_styles
from dermdash.ui.frontend.exchange import MarksViewPayload
from dermdash.ui.frontend.modules import composed

_viewer = st.components.v2.component(
    "dermdash_marks_viewer",
    html='<div class="marks-viewer root"></div>',
    css=read_styles("base", "marks", "marks_viewer"),
    js=composed("marks_viewer"),
)


def marks_viewer(data: MarksViewPayload, *, key: str) -> None:
    """Show the marks of two or more people over one image; read only.

    Parameters
    ----------
    data
        As `dermdash.ui.annotation_payload.marks_view_data` makes it.
    key
        Widget key.
    """
    _viewer(key=key, data=data)
