"""Choices whose values are ids, and which stand in the address where they decide what a page shows.

Streamlit sends the title of an option as its value: titles therefore must not change while an option is chosen (no live
counts), and two options must not have the same one. Back and Forward bring a choice back, a link carries it
(`ui.address`).
"""

import hashlib
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, TypeVar

import streamlit as st

from dermdash.ui import access, address, keys

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
        Parameter of the address; empty for a choice that decides nothing a link should carry.
    default
        Chosen where the address says nothing; None: the first. Left out of the address unless ``always``.
    place, widget
        Where to draw (a container or column), and what else ``st.selectbox`` takes.
    """
    ids, titles = _ids(options), _titles(options, title)
    first = str(options[0] if default is None else default)
    _settle(name, key, lambda asked: next((i for i in asked if i in ids), first), valid=lambda i: i in ids)
    chosen = place.selectbox(label, list(ids), key=key, format_func=titles.__getitem__, **widget)
    _write(name, [chosen] if always or chosen != first else [])
    return ids[chosen]


def pick(label: str, options: Sequence[T], title: Callable[[T], str] = str, *, key: str, **widget: Any) -> T | None:
    """Draw a list in which nothing is chosen beforehand, for an act that should not hit the wrong one; None until then.

    As ``choose`` otherwise; it never stands in the address.
    """
    ids, titles = _ids(options), _titles(options, title)
    chosen = st.selectbox(label, list(ids), index=None, key=key, format_func=titles.__getitem__, **widget)
    return None if chosen is None else ids[chosen]


def choose_segment(
    label: str,
    options: Sequence[T],
    title: Callable[[T], str] = str,
    *,
    key: str,
    name: str = "",
    default: T | None = None,
    always: bool = False,
    place: Any = st,
    **widget: Any,
) -> T:
    """Draw the options as buttons side by side, one of them always chosen; as ``choose`` otherwise."""
    ids, titles = _ids(options), _titles(options, title)
    first = str(options[0] if default is None else default)
    _settle(name, key, lambda asked: next((i for i in asked if i in ids), first), valid=lambda i: i in ids)
    chosen = place.segmented_control(label, list(ids), key=key, required=True, format_func=titles.__getitem__, **widget)
    _write(name, [chosen] if always or chosen != first else [])
    return ids[chosen]


def choose_several(
    label: str,
    options: Sequence[T],
    title: Callable[[T], str] = str,
    *,
    key: str,
    name: str = "",
    default: Sequence[T] = (),
    always: bool = False,
    place: Any = st,
    draw: str = "multiselect",
    **widget: Any,
) -> list[T]:
    """Draw the options to choose any number of; as ``choose`` otherwise. ``draw`` may be "pills"."""
    ids, titles = _ids(options), _titles(options, title)
    first = [str(option) for option in default]

    def of_address(asked: Sequence[str]) -> list[str]:
        if asked == [_NONE]:
            return []
        return [i for i in dict.fromkeys(asked) if i in ids] or first

    _settle(name, key, of_address, valid=lambda chosen: all(i in ids for i in chosen))
    if draw == "pills":
        widget["selection_mode"] = "multi"
    chosen = getattr(place, draw)(label, list(ids), key=key, format_func=titles.__getitem__, **widget)
    _write(name, (chosen or [_NONE]) if always or set(chosen) != set(first) else [])
    return [ids[i] for i in chosen]


def switch(label: str, *, key: str, name: str = "", default: bool = False, place: Any = st, **widget: Any) -> bool:
    """Draw a switch that is on or off; as ``choose`` otherwise."""
    of_address = {"on": True, "off": False}
    _settle(name, key, lambda asked: of_address.get(asked[0] if asked else "", default), valid=lambda _: True)
    on = bool(place.toggle(label, key=key, **widget))
    _write(name, ["on" if on else "off"] if on is not default else [])
    return on


_NONE = "none"
"""How the address says that nothing is chosen where something usually is."""


def _ids(options: Iterable[T]) -> dict[str, T]:
    return {str(option): option for option in options}


def _titles(options: Iterable[T], title: Callable[[T], str]) -> dict[str, str]:
    titles = {str(option): title(option) for option in options}
    several = list(titles.values())
    return {i: words if several.count(words) == 1 else f"{words} ({i})" for i, words in titles.items()}


def _settle(name: str, key: str, of_address: Callable[[list[str]], Any], *, valid: Callable[[Any], bool]) -> None:
    """Put into the widget what the address says, where the address decides, or the default where it has nothing valid.

    A widget that appears in the midst of a visit is not asked of the address: what stands there was said of another.
    """
    known = st.session_state.get(key)
    if name and address.read_again():
        st.session_state[key] = of_address(address.asked(name))
    elif known is None or not valid(known):
        st.session_state[key] = of_address([])


def _write(name: str, values: list[str]) -> None:
    if name:
        address.put(name, values)


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
