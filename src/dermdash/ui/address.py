"""What a page shows stands in its address, so a reload, a link and the browser's Back bring it back.

A page reads its address when it is opened and whenever the address changed by other means than the page itself (Back,
Forward, a link). In between its widgets are right, and the page writes what they say into the address: `put`.

Three facts of Streamlit make this a module of its own. A widget keeps its value when the browser goes back, so the
address must be asked first. A click that is sent before the browser has heard of the address of the click before
brings the old address along, which must not be taken for Back: the page frame says when somebody went back. And a
run that a click breaks off has not drawn all of its widgets: those are asked of the address in the next one.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from dermdash.ui import keys

WENT = "went"
BACK = "back"
"""Parameter that the page frame adds to an address that is left, so that going back is told from a late arrival."""
_IN_FLIGHT_S = 5.0
"""So long an old address may still arrive after the run that wrote a new one, over a slow network."""
_HEARD_S = 1.0
"""So long after its end what a run said may still wait for the browser, and be lost when another run begins."""
_LONGEST, _MOST = 200, 50
"""Of a value that an address may hold, and of the values of one parameter."""

Query = dict[str, list[str]]


@dataclass
class _Place:
    """Where a session is: the page, its address as the page left it, and which ones it replaced shortly before."""

    page: str
    query: Query
    from_page: str = ""
    by_link: bool = False
    """Opened by a link or the menu on a page of this tab, and not by Back or Forward."""
    opened: bool = True
    moved: bool = False
    arriving: bool = True
    """No run came to its end since the address decided last."""
    running: bool = True
    """The last run that began has not come to its end: where another begins, it was broken off."""
    decided: set[str] = field(default_factory=set)
    """Keys of the widgets that the address has decided about since then."""
    used: dict[str, str] = field(default_factory=dict)
    """Parameters of this run, each with the key of its widget."""
    kept: dict[str, Any] = field(default_factory=dict)
    unheard: set[str] = field(default_factory=set)
    """Keys of the widgets that were told what to say by a run of which the browser may have got nothing."""
    began: float = 0.0
    """When the last run began."""
    ended: float = 0.0
    """When the last run came to its end."""
    replaced: list[tuple[float, Query]] = field(default_factory=list)

    def on_its_way(self, query: Query) -> bool:
        """Whether the browser may have sent this address before it heard of the present one."""
        since = time.monotonic() - _IN_FLIGHT_S
        self.replaced = [(moment, old) for moment, old in self.replaced if moment >= since]
        return any(old == query for _, old in self.replaced)

    def nothing_heard(self) -> None:
        """Take what the browser still sends for as new as ever: a run that is broken off takes its messages with it."""
        self.replaced = [(time.monotonic(), old) for _, old in self.replaced]

    def came_to_its_end(self) -> None:
        """What this run replaced grows old from now on: on a busy machine the browser hears of it no sooner."""
        self.arriving, self.running, self.ended = False, False, time.monotonic()
        self.replaced = [(self.ended if moment >= self.began else moment, old) for moment, old in self.replaced]


def enter(page: str) -> None:
    """Note on which page this run is; called by the navigation before the page runs."""
    went = st.query_params.pop(WENT, None) is not None
    query, place = _query(), st.session_state.get(keys.ADDRESS)
    if place is None or place.page != page:
        before = "" if place is None else place.page
        st.session_state[keys.ADDRESS] = _Place(page, query, from_page=before, by_link=bool(before) and not went)
        return
    place.used, place.began = {}, time.monotonic()
    if place.running:
        place.nothing_heard()
    place.running = True
    if not place.arriving and time.monotonic() - place.ended > _HEARD_S:
        place.unheard = set()
    if not place.arriving:
        place.opened = place.moved = False
    if query != place.query and (went or not place.on_its_way(query)):
        place.query, place.replaced = query, []
        place.moved = place.arriving = True
        place.by_link = not went
        place.decided, place.kept = set(), {}
        if not went:
            # A link to the page that is shown already sends its address, and leaves the browser's own as it is.
            st.query_params.from_dict(query)


def page() -> str:
    """Address of the page that this run is about."""
    return _place().page


def opened_path() -> str:
    """The address that was opened, without what the app lies under and what it is asked with."""
    return (st.context.url or "").split("?", 1)[0].split("#", 1)[0].rstrip("/").rpartition("/")[2]


def leave(*, whole: bool = True) -> None:
    """Note that this run came to its end; called by the navigation after the page ran.

    ``whole`` False: the page stopped early. After a whole run the address holds nothing but what the page used.
    """
    place = _place()
    place.came_to_its_end()
    if whole:
        put_all({name: values for name, values in place.query.items() if name in place.used})


def opened() -> bool:
    """Whether the page has not run to its end since another page was left, or since the browser connected."""
    return _place().opened


def came_from(page: str) -> bool:
    """Whether this is the first run of the page, and that page was shown before it."""
    place = _place()
    return place.opened and place.from_page == page


def came_by_link() -> bool:
    """Whether a link or the menu of this tab just led here, from another page or this one: then choices come along."""
    place = _place()
    return (place.opened or place.moved) and place.by_link


def read_again() -> bool:
    """Whether the address decides in this run: the page was just opened, or the browser went back or forward."""
    place = _place()
    return place.opened or place.moved


def decides(key: str) -> bool:
    """Whether the address decides about that widget now: once since the page was opened or the browser went back.

    A widget that appears later is not asked of the address: what stands there was said of another.
    """
    place = _place()
    if not place.arriving or key in place.decided:
        return False
    place.decided.add(key)
    return True


def asked(name: str) -> list[str]:
    """The values of a parameter in the address, long and many ones cut, without what no database can look up."""
    return [value[:_LONGEST].replace("\0", "") for value in _place().query.get(name, [])][:_MOST]


def given(name: str) -> str | None:
    """What the page was called with under this name, None where with nothing; it stays in the address."""
    values = asked(name)
    put(name, values)
    return values[0] if values else None


def put(name: str, values: str | Iterable[str], *, key: str = "") -> None:
    """Write a parameter into the address; no value takes it out. Nothing happens where it says so already.

    Raises
    ------
    ValueError
        Another widget of the page has this parameter: one would write over the other.
    """
    place = _place()
    if place.used.setdefault(name, key) != key:
        raise ValueError(f"{key} and {place.used[name]} both have the parameter {name} of the address of {place.page}.")
    _write(place.query | {name: [values] if isinstance(values, str) else list(values)})


def put_all(query: Query) -> None:
    """Write these parameters and no others."""
    place = _place()
    # Whose a parameter is stays known: a part of the page that is drawn again by itself writes its own anew.
    place.used = dict.fromkeys(query, "") | place.used
    _write(query)


def unheard() -> set[str]:
    """Keys of the widgets that must be told again what to say: a run that is broken off takes its messages with it."""
    return _place().unheard


def keep(key: str, value: Any) -> None:
    """Keep what a widget says as long as the page is open: Streamlit forgets one that a run does not draw."""
    _place().kept[key] = value


def kept(key: str, never: Any = None) -> Any:
    """What the widget said when it was drawn last on this visit of the page; ``never`` where it was not."""
    return _place().kept.get(key, never)


def _write(query: Query) -> None:
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
