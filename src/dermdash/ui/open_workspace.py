"""The workspace of this process, opened once and shared by all sessions."""

import streamlit as st

from dermdash.settings import Settings
from dermdash.storage.workspace import Workspace, open_workspace


@st.cache_resource(show_spinner=False)
def _open(settings: Settings) -> Workspace:
    return open_workspace(settings)


def current_workspace() -> Workspace:
    """Return the open workspace the environment names.

    Raises
    ------
    WorkspaceLocked
        Another process holds it.
    """
    return _open(Settings())
