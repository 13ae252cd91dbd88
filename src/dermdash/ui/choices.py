"""Choices whose values are ids, and which stand in the address where they decide what a page shows.

Streamlit sends the title of an option as its value: titles therefore must not change while an option is chosen (no live
counts), and two options must not have the same one. Back and Forward bring a choice back, a link carries it
(`ui.address`). Every list of options on a page is drawn here; numbers and texts are drawn in `ui.entries`.
"""

import hashlib
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import streamlit as st

from dermdash.records.visible_text import unlinked, visible_text
from dermdash.ui import access, address, keys
from dermdash.ui.bound_widget import leave_in_address, settle

T = TypeVar("T", bound=Hashable)
_REMEMBERED_BROWSERS = 200


def choose(
    label: str,
    options: Sequence[T],
    title: Callable[[T], str] = str,
    *,
    key: str,
    name: str = "",
    default: T | None = None,
    always: bool = False,
    place: Any = st,
    draw: str = "selectbox",
    **widget: Any,
) -> T:
    """Draw a list to choose one of the options from, and return the one chosen.

    Parameters
    ----------
    options
        At least one; ``str(option)`` is its id, and what the widget's value and the address hold.
    title
        The option in words. Where two have the same, the id is added.
    name
        Parameter of the address, unique on its page; empty for a choice that decides nothing a link should carry.
    default
        Chosen where the address says nothing; None: the first. Left out of the address unless ``always``.
    place, widget
        Where to draw (a container or column), and what else the widget takes.
    draw
        Name of Streamlit's widget.
    """
    ids, titles = _ids(options), _titles(options, title)
    first = str(options[0] if default is None else default)
    settle(name, key, lambda asked: next((i for i in asked if i in ids), first), valid=lambda i: i in ids)
    chosen = getattr(place, draw)(label, list(ids), key=key, format_func=titles.__getitem__, **widget)
    leave_in_address(name, key, chosen, [chosen] if always or chosen != first else [])
    return ids[chosen]


def choose_segment(label: str, options: Sequence[T], title: Callable[[T], str] = str, *, key: str, **how: Any) -> T:
    """Draw the options as buttons side by side, one of them always chosen; as ``choose`` otherwise."""
    return choose(label, options, title, key=key, draw="segmented_control", required=True, **how)


def pick(
    label: str,
    options: Sequence[T],
    title: Callable[[T], str] = str,
    *,
    key: str,
    name: str = "",
    default: T | None = None,
    place: Any = st,
    draw: str = "selectbox",
    **widget: Any,
) -> T | None:
    """Draw a list of which nothing may be chosen, as for an act that should not hit the wrong one; None then.

    There may be no options. As ``choose`` otherwise; ``default`` None: nothing is chosen to begin with.
    """
    ids, titles = _ids(options), _titles(options, title)
    first = None if default is None else str(default)

    def of_address(asked: Sequence[str]) -> str | None:
        return None if list(asked) == [_NONE] else next((i for i in asked if i in ids), first)

    settle(name, key, of_address, valid=lambda i: i is None or i in ids)
    chosen = getattr(place, draw)(label, list(ids), index=None, key=key, format_func=titles.__getitem__, **widget)
    leave_in_address(name, key, chosen, [] if chosen == first else [_NONE if chosen is None else chosen])
    return None if chosen is None else ids[chosen]


def choose_several(
    label: str,
    options: Sequence[T],
    title: Callable[[T], str] = str,
    *,
    key: str,
    name: str = "",
    default: Sequence[T] = (),
    always: bool = False,
    most: int | None = None,
    place: Any = st,
    draw: str = "multiselect",
    **widget: Any,
) -> list[T]:
    """Draw the options to choose any number of, at most ``most``; as ``choose`` otherwise. ``draw`` may be "pills"."""
    ids, titles = _ids(options), _titles(options, title)
    first = [str(option) for option in default]

    def of_address(asked: Sequence[str]) -> list[str]:
        if list(asked) == [_NONE]:
            return []
        return [i for i in dict.fromkeys(asked) if i in ids][:most] or list(first)

    def valid(chosen: Any) -> bool:
        return all(i in ids for i in chosen) and (most is None or len(chosen) <= most)

    settle(name, key, of_address, valid=valid)
    if draw == "pills":
        widget["selection_mode"] = "multi"
    elif most is not None:
        widget["max_selections"] = most
    chosen = list(getattr(place, draw)(label, list(ids), key=key, format_func=titles.__getitem__, **widget))
    leave_in_address(name, key, chosen, (chosen or [_NONE]) if always or set(chosen) != set(first) else [])
    return [ids[i] for i in chosen]


def switch(
    label: str,
    *,
    key: str,
    name: str = "",
    default: bool = False,
    comes_along: bool = False,
    place: Any = st,
    **widget: Any,
) -> bool:
    """Draw a switch that is on or off; as ``choose`` otherwise.

    ``comes_along``: the same switch is on several pages, and stays as it is from one to the next in this tab.
    """
    of_address = {"on": True, "off": False}
    here: dict[str, str] = st.session_state.setdefault(keys.CHOSEN, {})
    first = default
    if comes_along and address.came_by_link():
        first = of_address.get(here.get(name, ""), default)
    settle(name, key, lambda asked: of_address.get(asked[0] if asked else "", first))
    on = bool(place.toggle(label, key=key, **widget))
    leave_in_address(name, key, on, [] if on is default else ["on" if on else "off"])
    if comes_along:
        here[name] = "on" if on else "off"
    return on


def choose_tab(
    titles: Mapping[str, str], *, key: str, name: str = "tab", default: str | None = None, always: bool = False
) -> dict[str, Any]:
    """Draw tabs, ids with their titles; the tabs by id. A click draws the page anew: the shown one is ``open``.

    ``default`` is open where the address says nothing (None: the first), and left out of the address unless ``always``.
    """
    first = str(next(iter(titles)) if default is None else default)
    id_of = {title: i for i, title in titles.items()}
    settle(
        name, key, lambda asked: titles[next((i for i in asked if i in titles), first)], valid=lambda t: t in id_of
    )  # fmt: skip
    tabs = st.tabs(list(id_of), key=key, on_change="rerun")
    title = st.session_state[key]
    leave_in_address(name, key, title, [id_of[title]] if always or id_of[title] != first else [])
    return dict(zip(titles, tabs, strict=True))


_NONE = "none"
"""How the address says that nothing is chosen where something usually is."""


def _ids(options: Iterable[T]) -> dict[str, T]:
    return {str(option): option for option in options}


def _titles(options: Iterable[T], title: Callable[[T], str]) -> dict[str, str]:
    # Names out of files stand here, and pills and buttons read Markdown.
    titles = {str(option): unlinked(visible_text(title(option))) for option in options}
    several = list(titles.values())
    return {i: words if several.count(words) == 1 else f"{words} ({i})" for i, words in titles.items()}


def remember(name: str, value: str) -> None:
    """Keep a choice for the other pages of this tab, and for other tabs of this browser."""
    st.session_state.setdefault(keys.CHOSEN, {})[name] = value
    browsers = _browsers()
    browsers.setdefault(_browser(), {})[name] = value
    while len(browsers) > _REMEMBERED_BROWSERS:
        browsers.pop(next(iter(browsers)))


def remembered(name: str) -> str | None:
    """What was chosen last on any page of this tab, else of this browser; None where nothing was."""
    here: dict[str, str] = st.session_state.get(keys.CHOSEN, {})
    return here.get(name, _browsers().get(_browser(), {}).get(name))


@st.cache_resource(show_spinner=False)
def _browsers() -> dict[str, dict[str, str]]:
    return {}


def _browser() -> str:
    return hashlib.sha256((access.session_token() or "").encode()).hexdigest()
