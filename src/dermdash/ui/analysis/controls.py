"""Asks for what can be chosen of an analysis: one widget per control, from the declaration of its options."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

import streamlit as st
from pydantic.fields import FieldInfo

from dermdash.analyses.options import Control, Draw, Options
from dermdash.storage.workspace import Workspace
from dermdash.ui import address
from dermdash.ui.analysis.rubric_control import rubric_rows
from dermdash.ui.analysis.threshold_control import choose_threshold
from dermdash.ui.borderline_choice import NAME as BORDERLINE
from dermdash.ui.choices import choose, choose_segment, choose_several
from dermdash.ui.entries import enter_number, enter_number_or_none, slide_number
from dermdash.ui.source_choice import PARAMETER
from dermdash.ui.study_tabs import ANALYSIS

CHOICES = "Choices"
_WHERE = {PARAMETER, ANALYSIS, "tab", BORDERLINE}
"""Parameters of the address that say where somebody is, or stand in it always and are drawn elsewhere."""
BELOW = {Draw.RUBRIC}
"""Drawn below the row of the other controls, as they need the width of the page."""


def choices(key: str, *, where: Collection[str] = ()) -> Any:
    """Where to draw what can be chosen of a result: closed, so that the answer comes first.

    What was chosen stands in the address: then it is open. ``where``: further parameters that choose nothing.
    """
    chosen = set(st.query_params) - _WHERE - set(where)
    return st.expander(
        CHOICES, icon=":material/tune:", expanded=seen_from_start(f"{key}.choices_open", asked=bool(chosen))
    )


def seen_from_start(key: str, *, asked: bool) -> bool:
    """Whether something closed is open: where the address ``asked`` for what is in it when somebody arrived.

    It is decided when somebody arrives, and never against them: a choice that is taken back closes nothing.
    """
    if address.read_again():
        st.session_state[key] = bool(st.session_state.get(key)) or asked
    return bool(st.session_state.get(key))


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks: the analysis whose key begins the keys of its widgets, and where it looks up what may be chosen."""

    key: str
    workspace: Workspace
    study_id: str | None


def ask(options: type[Options], about: Any, asking: Asking, *, aside: bool | None = None) -> dict[str, Any]:
    """Draw the controls of these options in a row, and return what was chosen; nothing of a field without a label.

    ``aside``: only those that the answer does not depend on, or only those it does; None: all.

    ``about`` is what choices are made from: readings, or the result that a view is of. A list that offers one value is
    not drawn.
    """
    chosen: dict[str, Any] = {name: info.get_default() for name, info in options.model_fields.items()}
    given: dict[str, Any] = {}
    controls = [
        (name, *both) for name, both in options.controls().items() if both[1].label and aside in (None, both[1].aside)
    ]
    # A threshold may have a number below it: its list then stands at the height of the others.
    tall = any(control.draw is Draw.THRESHOLD for _, _, control in controls)
    with st.container(horizontal=True, vertical_alignment="top" if tall else "bottom"):
        _draw((c for c in controls if c[2].draw not in BELOW), about, asking, chosen, given)
    _draw((c for c in controls if c[2].draw in BELOW), about, asking, chosen, given)
    return given


def _draw(
    controls: Iterable[tuple[str, FieldInfo, Control]],
    about: Any,
    asking: Asking,
    chosen: dict[str, Any],
    given: dict[str, Any],
) -> None:
    for name, info, control in controls:
        key = f"{asking.key}.{name}" + (f".{chosen[control.of]}" if control.of else "")
        value = _DRAWN[control.draw](_Asked(info, control, key, about, chosen, asking))
        if value is not _NOT_DRAWN:
            chosen[name] = given[name] = value


@dataclass(frozen=True, slots=True)
class _Asked:
    """One control to draw."""

    info: FieldInfo
    control: Control
    key: str
    about: Any
    chosen: Mapping[str, Any]
    asking: Asking

    @property
    def offered(self) -> Mapping[Any, str]:
        return self.control.offered(self.about, self.chosen)

    @property
    def widget(self) -> dict[str, Any]:
        return {"key": self.key, "name": self.control.address, "help": self.control.help or None, **self.control.more}


_NOT_DRAWN = object()


def _list(asked: _Asked, draw: Callable[..., Any] = choose) -> Any:
    offered = asked.offered
    if len(offered) < 2:
        return next(iter(offered), _NOT_DRAWN)
    default = asked.info.get_default()
    first = {} if default not in offered else {"default": default}
    return draw(asked.control.label, list(offered), offered.__getitem__, **first, **asked.widget)


def _several(asked: _Asked) -> Any:
    offered = asked.offered
    if not offered:
        return _NOT_DRAWN
    picked = choose_several(asked.control.label, list(offered), offered.__getitem__, **asked.widget)
    most = asked.control.more.get("most")
    return tuple(picked) if picked and (most is None or len(picked) == most) else None


def _number(asked: _Asked, draw: Callable[..., Any] = enter_number) -> Any:
    control, default = asked.control, asked.info.get_default()
    kind = type(default)
    low, high = (None if bound is None else kind(bound) for bound in (control.low, control.high))
    step = {} if control.step is None else {"step": kind(control.step)}
    return draw(control.label, low, high, default, **step, **asked.widget)


def _number_or_none(asked: _Asked) -> Any:
    control = asked.control
    kind: type[Any] = int if control.per > 1 or int in get_args(asked.info.annotation) else float
    assert control.low is not None
    assert control.high is not None
    number = enter_number_or_none(control.label, kind(control.low), kind(control.high), **asked.widget)
    return number if number is None or control.per == 1 else number / control.per


def _threshold(asked: _Asked) -> Any:
    control, more = asked.control, asked.control.more
    return choose_threshold(
        control.label,
        asked.asking.workspace,
        asked.asking.study_id,
        otherwise=more["otherwise"],
        none=more.get("none"),
        borderline=asked.about.borderline,
        key=asked.key,
        name=control.address,
    )


def _rubric(asked: _Asked) -> Any:
    return rubric_rows(asked.control.label, key=asked.key) if asked.offered else _NOT_DRAWN


_DRAWN: dict[Draw, Callable[[_Asked], Any]] = {
    Draw.LIST: _list,
    Draw.SEGMENT: lambda asked: _list(asked, choose_segment),
    Draw.SEVERAL: _several,
    Draw.NUMBER: _number,
    Draw.SLIDER: lambda asked: _number(asked, slide_number),
    Draw.NUMBER_OR_NONE: _number_or_none,
    Draw.THRESHOLD: _threshold,
    Draw.RUBRIC: _rubric,
}
