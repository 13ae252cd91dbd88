"""Lists of options with live counts, as one component: what is chosen comes back as ids, never as labels.

A widget of Streamlit sends the label of an option as its value. A label that holds a live count is another one after
the next click, and then means nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from dermdash.ui.delivery_number import delivery_number
from dermdash.ui.frontend.changes import as_message, callback_of, sent_value
from dermdash.ui.frontend.exchange.facets import FacetPayload, FacetsPayload, OptionPayload, SelectionPayload
from dermdash.ui.frontend.exchange.sends import Sends
from dermdash.ui.script_route import our_component

MOST_CHOSEN = 50
"""Of one facet; an address cannot hold many more."""
_LONGEST_ID = 200

Selection = dict[str, tuple[str, ...]]

_facets = our_component("facets")


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a facet: its id, its title, and how many records it would show now."""

    id: str
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class Facet:
    """A property to filter by, with its options in a lasting order."""

    id: str
    title: str
    options: tuple[Option, ...]


def facet_lists(
    facets: Sequence[Facet],
    selected: Mapping[str, Sequence[str]],
    *,
    key: str,
    on_change: Callable[[Selection], None],
) -> None:
    """Show the facets; ``on_change`` hears of every click, before the script runs, with all that is chosen now.

    Parameters
    ----------
    selected
        Facet id to the ids chosen: what the page shows. An id without an option stays until it is taken away.
    key
        Widget key.
    """
    seen_key = f"{key}.seen"

    def receive_change() -> None:
        receive(sent_value(st.session_state.get(key), Sends.SELECTION))

    def receive(value: object) -> bool:
        number, chosen = parse_selection(value, [facet.id for facet in facets])
        if number <= st.session_state.get(seen_key, 0):
            return False
        st.session_state[seen_key] = number
        on_change(chosen)
        return True

    state = _facets(
        key=key,
        data=FacetsPayload(
            facets=[_payload(facet) for facet in facets],
            selected={facet: list(ids) for facet, ids in selected.items()},
            seen=st.session_state.get(seen_key, 0),
        ),
        default={Sends.SELECTION: None},
        **callback_of(Sends.SELECTION, receive_change),
    )
    # After a lost connection a new session finds the last click as a value, without a change to call for.
    if receive(sent_value(state, Sends.SELECTION)):
        st.rerun()


def parse_selection(value: object, facets: Sequence[str]) -> tuple[int, Selection]:
    """Read what a browser sent: its number and the ids chosen of each facet; number 0 where it is not of the form."""
    message = as_message(value, SelectionPayload)
    number = None if message is None else delivery_number(message["number"])
    if message is None or number is None or not isinstance(message["selected"], Mapping):
        return 0, {}
    chosen: Selection = {}
    for facet in facets:
        ids = message["selected"].get(facet, [])
        if not isinstance(ids, list) or not all(isinstance(i, str) and len(i) <= _LONGEST_ID for i in ids):
            return 0, {}
        chosen[facet] = tuple(dict.fromkeys(ids))[:MOST_CHOSEN]
    return number, chosen


def _payload(facet: Facet) -> FacetPayload:
    options = [OptionPayload(id=option.id, title=option.title, count=option.count) for option in facet.options]
    return FacetPayload(id=facet.id, title=facet.title, options=options)
