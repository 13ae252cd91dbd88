"""How a desk with one image is heard: each act of the browser once, before the page is drawn again."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

import streamlit as st

from dermdash.ui.frontend.changes import callback_of, sent_value
from dermdash.ui.frontend.exchange.sends import Sends


class DeskAct(Protocol):
    """What a browser sends of a desk; its ``number`` rises with every act."""

    @property
    def number(self) -> int:
        """Which act of the browser it is."""
        ...


T = TypeVar("T", bound=DeskAct)


def hear_desk(
    desk: Callable[..., Any],
    data: Mapping[str, Any],
    *,
    key: str,
    sends: Sends,
    parse: Callable[[object], T | None],
    on_act: Callable[[T], None],
) -> None:
    """Draw the component of a desk and do what comes of it, each act once.

    Parameters
    ----------
    data
        What it shows; ``seen`` is filled in here. All of it reaches the browser.
    key
        Widget key.
    sends
        The name under which its acts come.
    parse
        Reads what a browser sent; None where it is not of the form.
    on_act
        Checks who is at the browser, and does it.
    """
    seen_key = f"{key}.seen"

    def receive_change() -> None:
        receive(sent_value(st.session_state.get(key), sends))

    def receive(value: object) -> bool:
        act = parse(value)
        if act is None or act.number <= st.session_state.get(seen_key, 0):
            return False
        st.session_state[seen_key] = act.number
        on_act(act)
        return True

    state = desk(
        key=key,
        data={**data, "seen": st.session_state.get(seen_key, 0)},
        default={sends: None},
        **callback_of(sends, receive_change),
    )
    # After a lost connection a new session finds the last act as a value, without a change to call for.
    if receive(sent_value(state, sends)):
        st.rerun()
