"""The workspace of this process, opened once and shared by all sessions."""

import time
from collections.abc import Callable

import streamlit as st

from dermdash.errors import OutOfReach
from dermdash.settings import Settings, current_settings
from dermdash.storage.workspace import Workspace, open_workspace


@st.cache_resource(show_spinner=False)
def _open(settings: Settings) -> Workspace:
    opened = open_workspace(settings)
    for tell in _told:
        tell(opened)
    _opened.append(opened)
    return opened


_opened: list[Workspace] = []
_told: list[Callable[[Workspace], None]] = []


def when_opened(tell: Callable[[Workspace], None]) -> None:
    """Call this with every workspace that this process opens from now on, before anybody uses it."""
    _told.append(tell)


def opened_workspace() -> Workspace | None:
    """The workspace of this process, None before the first page opened it."""
    return _opened[-1] if _opened else None


AGAIN_AFTER_S = 1.0
"""One at a time opens the workspace: while a server does not answer, the others must not queue up for their turn."""
_failed: dict[Settings, tuple[float, OutOfReach]] = {}


def current_workspace() -> Workspace:
    """Return the open workspace the environment names.

    Raises
    ------
    OutOfReach
        Another process holds it, or its database does not answer.
    """
    settings = current_settings()
    at, before = _failed.get(settings, (0.0, None))
    if before is not None and time.monotonic() - at < AGAIN_AFTER_S:
        raise type(before)(str(before))
    try:
        workspace = _open(settings)
    except OutOfReach as error:
        _failed[settings] = (time.monotonic(), error)
        raise
    _failed.clear()
    return workspace
