"""A component whose browser keeps what a person does in an outbox: show it, and take what it delivers.

The browser delivers its outbox again and again until the server acknowledges the ids, so ``on_delivery`` sees the same
items many times and must store each id once.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

import streamlit as st

from dermdash.ui.delivery_number import delivery_number
from dermdash.ui.frontend.changes import as_message, callback_of, sent_value
from dermdash.ui.frontend.exchange.reading import OutboxPayload
from dermdash.ui.frontend.exchange.sends import Sends

Item = TypeVar("Item")


def show_with_outbox(
    component: Callable[..., object],
    data: object,
    *,
    key: str,
    parse: Callable[[object], list[Item]],
    on_delivery: Callable[[list[Item]], None],
    others: Mapping[Sends, Callable[[object], None]] | None = None,
) -> list[Item]:
    """Show a component and return what its browser delivered for this run.

    Parameters
    ----------
    component
        A component of Streamlit that sends under `Sends.OUTBOX`.
    data
        What it shows; all of it reaches the browser.
    key
        Widget key, the same in every run of the session.
    parse
        The well-formed items of what arrived.
    on_delivery
        Called with each delivery before the script runs, so that ``data`` can be made from what is then stored; with
        items delivered before, too.
    others
        What else the component sends, and what is to be called with it.

    Returns
    -------
    list
        What ``on_delivery`` was given for this run; empty for a run that the browser did not cause.
    """
    delivered_key, number_key = _delivered_key(key), f"{key}-number"

    def receive(delivery: OutboxPayload | None, number: int | None) -> None:
        items = [] if delivery is None or number is None else parse(delivery["items"])
        if items:
            on_delivery(items)
        st.session_state[number_key] = number
        st.session_state[delivered_key] = items

    def receive_change() -> None:
        receive(*_delivery(st.session_state.get(key)))

    callbacks = callback_of(Sends.OUTBOX, receive_change)
    for name, act in (others or {}).items():
        callbacks |= callback_of(name, partial(_pass_on, key, name, act))
    result = component(key=key, data=data, default={Sends.OUTBOX: None}, **callbacks)
    delivery, number = _delivery(result)
    if number is not None and number != st.session_state.get(number_key):
        # The first run of a new session after a lost connection brings a value without a change: no callback ran.
        receive(delivery, number)
        st.rerun()
    delivered: list[Item] = st.session_state.pop(delivered_key, [])
    return delivered


MOST_HELD, LONGEST_NAME = 100, 64


def held_by_browser(key: str) -> frozenset[str]:
    """Names of what the browser of the component says it holds, asked before the component is shown."""
    delivery, _ = _delivery(st.session_state.get(key))
    named = None if delivery is None else delivery.get("holds")
    if not isinstance(named, list):
        return frozenset()
    return frozenset(name for name in named[:MOST_HELD] if isinstance(name, str) and len(name) <= LONGEST_NAME)


def browser_fetches(key: str) -> bool:
    """Whether the browser of the component fetches pictures itself; so it does until it has said how its line is."""
    delivery, _ = _delivery(st.session_state.get(key))
    return delivery is None or delivery.get("fetches") is True


def delivered_before_run(key: str) -> list[Any]:
    """What the browser of the component delivered to cause this run, asked before the component is shown."""
    return list(st.session_state.get(_delivered_key(key), []))


def _pass_on(key: str, name: Sends, act: Callable[[object], None]) -> None:
    act(sent_value(st.session_state.get(key), name))


def _delivered_key(key: str) -> str:
    return f"{key}-delivered"


def _delivery(state: Any) -> tuple[OutboxPayload | None, int | None]:
    """What the browser has delivered, and its number; None where it is no number of ours."""
    delivery = as_message(sent_value(state, Sends.OUTBOX), OutboxPayload)
    return delivery, None if delivery is None else delivery_number(delivery["seq"])
