"""A file about patients to download: with pseudonyms unless somebody wants the ids as they are, and says so."""

from collections.abc import Callable

import streamlit as st

from dermdash.ui.choices import switch
from dermdash.workflows.dataset.private_export import Privacy


def choose_privacy(key: str) -> Privacy:
    """A switch for the names in a file, and the one line that says when they leave as they are."""
    privacy = Privacy(
        switch(
            "Pseudonyms", key=key, default=True,
            help="For patients, lesions and examiners; dates are moved by a number of days per patient. The key lies "
            "outside the workspace. Image ids and what people wrote leave as they are.",
        )
    )  # fmt: skip
    if not privacy.names:
        st.caption(privacy.words, width="content")
    return privacy


def private_download(
    label: str,
    make: Callable[[Privacy], bytes],
    *,
    file_name: str,
    key: str,
    mime: str = "text/csv",
    help: str | None = None,
) -> None:
    """A switch for the names, and a button; the file is made when it is asked for, not at every run of the page."""
    privacy = choose_privacy(f"{key}.names")
    st.download_button(
        label, lambda: make(privacy), file_name=file_name, mime=mime, key=key, icon=":material/download:", help=help,
        on_click="ignore",
    )  # fmt: skip
