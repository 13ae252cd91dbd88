"""What a page shows stands in its address, so a reload, a link and the browser's Back bring it back.

A page reads its address when it is opened and whenever the address changed by other means than the page itself (Back,
Forward, a link). In between its widgets are right, and the page writes what they say into the address: `put`.

Two facts of Streamlit make this a module of its own. A widget keeps its value when the browser goes back, so the
address must be asked first. And a click that is sent before the browser has heard of the address of the click before
it brings the old address along, which must not be taken for Back: the page frame says when somebody went back.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import streamlit as st

from dermdash.ui import keys

WENT = "went"
"""Parameter that the page frame adds to an address that is left, so that going back is told from a late arrival."""
_IN_FLIGHT_S = 5.0
"""So long an old address may still arrive after a new one was written, over a slow network."""

Query = dict[str, list[str]]


@dataclass
class _Place:
    """Where a session is: the page, its address as the page left it, and which ones it replaced shortly before."""

    page: str
    query: Query
    from_page: str = ""
    opened: bool = True
    moved: bool = False
    replaced: list[tuple[float, Query]] = field(default_factory=list)

    def on_its_way(self, query: Query) -> bool:
        """Whether the browser may have sent this address before it heard of the present one."""
        since = time.monotonic() - _IN_FLIGHT_S
        self.replaced = [(moment, old) for moment, old in self.replaced if moment >= since]
        return any(old == query for _, old in self.replaced)


def enter(page: str) -> None:
    """Note on which page this run is; called by the navigation before the page runs."""
    went = st.query_params.pop(WENT, None) is not None
    query, place = _query(), st.session_state.get(keys.ADDRESS)
    if place is None or place.page != page:
        st.session_state[keys.ADDRESS] = _Place(page, query, from_page="" if place is None else place.page)
        return
    place.opened = False
    place.moved = query != place.query and (went or not place.on_its_way(query))
    if place.moved:
        place.query, place.replaced = query, []


def opened() -> bool:
    """Whether this is the first run of the page since another page, or since the browser connected."""
    return _place().opened


def came_from(page: str) -> bool:
    """Whether this is the first run of the page, and that page was shown before it."""
    place = _place()
    return place.opened and place.from_page == page


def read_again() -> bool:
    """Whether the address decides in this run: the page was just opened, or the browser went back or forward."""
    place = _place()
    return place.opened or place.moved


def asked(name: str) -> list[str]:
    """The values of a parameter in the address, long and many ones cut."""
    return [value[:200] for value in st.query_params.get_all(name)][:50]


def put(name: str, values: str | Iterable[str]) -> None:
    """Write a parameter into the address; no value takes it out. Nothing happens where it says so already."""
    put_all(_place().query | {name: [values] if isinstance(values, str) else list(values)})


def put_all(query: Query) -> None:
    """Write these parameters and no others."""
    place, wanted = _place(), {name: values for name, values in query.items() if values}
    # Compared with what the page left, not with what the browser sent, which may be an address from before.
    if wanted == place.query:
        return
    place.replaced.append((time.monotonic(), place.query))
    st.query_params.from_dict(wanted)
    place.query = _query()


def _place() -> _Place:
    place: _Place = st.session_state.setdefault(keys.ADDRESS, _Place("", _query()))
    return place


def _query() -> Query:
    return {name: st.query_params.get_all(name) for name in st.query_params}
