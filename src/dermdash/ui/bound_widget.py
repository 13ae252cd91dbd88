"""Binds a widget to a parameter of the address: what it begins with, and what it leaves there (`ui.address`)."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from dermdash.ui import address

_ABSENT = object()


def settle(
    name: str, key: str, of_address: Callable[[Sequence[str]], Any], *, valid: Callable[[Any], bool] = lambda _: True
) -> None:
    """Put into a widget, before it is drawn, what the address says where the address decides.

    Else it keeps what it says; or, where a run did not draw it, what it said before; or it gets the default.

    Parameters
    ----------
    name
        Parameter of the address; empty for a widget that a link should not carry.
    of_address
        The value for what the address holds, which may be anything; for an empty list the default.
    valid
        Whether the widget can still say this: its options and bounds may be others than in the run before.
    """
    if name and address.decides(key):
        _tell(key, of_address(address.asked(name)))
        return
    said = st.session_state.get(key, _ABSENT)
    if said is not _ABSENT and valid(said):
        if key in address.unheard():
            _tell(key, said)
        return
    if said is _ABSENT and name:
        said = address.kept(key, _ABSENT)
    _tell(key, said if said is not _ABSENT and valid(said) else of_address([]))


def _tell(key: str, value: Any) -> None:
    # Only what is set goes to the browser, which would otherwise draw the widget with Streamlit's own default.
    st.session_state[key] = value
    address.unheard().add(key)


def leave_in_address(name: str, key: str, value: Any, words: Sequence[str]) -> None:
    """Note what a widget says, and write it as ``words`` into the address; none where that goes without saying."""
    if name:
        address.keep(key, value)
        address.put(name, words, key=key)
