"""Numbers, ranges and texts that decide what a page shows: as `ui.choices`, within bounds that a link keeps to, too."""

import math
import re
from collections.abc import Sequence
from typing import Any, TypeVar

import streamlit as st

from dermdash.ui.bound_widget import leave_in_address, settle

N = TypeVar("N", int, float)
_INTEGER = re.compile(r"-?[0-9]{1,15}")
_OFF_THE_GRID = 1e-6
"""How far from a mark of a slider, in steps, a number may lie to stand at it."""


def enter_number(
    label: str,
    low: N | None,
    high: N | None,
    default: N,
    *,
    key: str,
    name: str = "",
    place: Any = st,
    **widget: Any,
) -> N:
    """Draw a field for a number, and return what it holds.

    Parameters
    ----------
    low, high
        Bounds; None: there is none. All three numbers are whole, or none is.
    default
        Where the address says nothing, or no number within the bounds. Left out of the address.
    key, name, place, widget
        As of `choices.choose`.
    """
    limits = _Limits(type(default), low, high)
    settle(name, key, lambda asked: limits.read(asked, default), valid=limits.allow)
    if isinstance(default, float):
        widget.setdefault("format", "%g")  # else 10 points would read 10.00
    number: N = place.number_input(label, low, high, key=key, **widget)
    leave_in_address(name, key, number, [] if number == default else [_words(number)])
    return number


def enter_number_or_none(
    label: str, low: N, high: N, *, key: str, name: str = "", place: Any = st, **widget: Any
) -> N | None:
    """Draw a field that may stay empty; None then. As ``enter_number`` otherwise."""
    limits = _Limits(type(low), low, high)
    settle(name, key, lambda asked: limits.read(asked, None), valid=lambda n: n is None or limits.allow(n))
    number: N | None = place.number_input(label, low, high, None, key=key, **widget)
    leave_in_address(name, key, number, [] if number is None else [_words(number)])
    return number


def slide_number(
    label: str, low: N, high: N, default: N, *, step: N, key: str, name: str = "", place: Any = st, **widget: Any
) -> N:
    """Draw a slider with marks every ``step``; as ``enter_number`` otherwise."""
    limits = _Limits(type(default), low, high, step)
    settle(name, key, lambda asked: limits.read(asked, default), valid=limits.allow)
    number: N = place.slider(label, low, high, step=step, key=key, **widget)
    leave_in_address(name, key, number, [] if number == default else [_words(number)])
    return number


def slide_range(
    label: str,
    low: N,
    high: N,
    default: tuple[N, N],
    *,
    step: N,
    key: str,
    name: str = "",
    place: Any = st,
    **widget: Any,
) -> tuple[N, N]:
    """Draw a slider with two ends; the address holds the lower one first. As ``slide_number`` otherwise."""
    limits = _Limits(type(low), low, high, step)

    def of_address(asked: Sequence[str]) -> tuple[N, N]:
        ends = [limits.read([text], None) for text in asked]
        return default if len(ends) != 2 or None in ends or ends[0] > ends[1] else (ends[0], ends[1])

    settle(name, key, of_address, valid=lambda ends: all(map(limits.allow, ends)))
    first, last = place.slider(label, low, high, step=step, key=key, **widget)
    ends = (first, last)
    leave_in_address(name, key, ends, [] if ends == default else [_words(end) for end in ends])
    return ends


def enter_text(label: str, *, key: str, name: str = "", max_chars: int, place: Any = st, **widget: Any) -> str:
    """Draw a line to write in, and return what was written, without spaces around it; empty to begin with."""
    settle(name, key, lambda asked: asked[0][:max_chars] if asked else "", valid=lambda text: len(text) <= max_chars)
    text = str(place.text_input(label, key=key, max_chars=max_chars, **widget)).strip()
    leave_in_address(name, key, text, [text] if text else [])
    return text


def turned_to(pages: int, *, key: str, name: str = "") -> int:
    """Return the page, from 1, that a pager with that key shows; the pager itself may be drawn later in the run."""
    limits = _Limits(int, 1, pages)
    settle(name, key, lambda asked: limits.read(asked, 1), valid=limits.allow)
    page: int = st.session_state[key]
    leave_in_address(name, key, page, [] if page == 1 else [_words(page)])
    return page


class _Limits:
    """Which numbers a field may hold."""

    def __init__(self, kind: type[float], low: Any, high: Any, step: Any = None) -> None:
        self._kind, self._low, self._high, self._step = kind, low, high, step

    def allow(self, number: Any) -> bool:
        if not isinstance(number, self._kind) or isinstance(number, bool) or not math.isfinite(number):
            return False
        if (self._low is not None and number < self._low) or (self._high is not None and number > self._high):
            return False
        if self._step is None:
            return True
        steps = (number - self._low) / self._step
        return abs(steps - round(steps)) < _OFF_THE_GRID

    def read(self, asked: Sequence[str], default: Any) -> Any:
        """The number in an address, which may hold anything."""
        text = asked[0] if len(asked) == 1 else ""
        try:
            number = self._kind(text) if self._kind is float or _INTEGER.fullmatch(text) else None
        except ValueError:
            number = None
        return number if self.allow(number) else default


def _words(number: float) -> str:
    return str(number) if isinstance(number, int) else f"{number:.12g}"
