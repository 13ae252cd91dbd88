"""Widgets of one entry of a draft each: they begin with what is entered, save what is typed, and say what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

import streamlit as st

from dermdash.reader_study.protocol_draft import DraftFault
from dermdash.ui.bound_widget import settle
from dermdash.ui.choices import choose, choose_several, switch
from dermdash.ui.messages import as_message, as_text
from dermdash.ui.study_designer.desk import Desk, desk_of
from dermdash.wording import sentence

T = TypeVar("T", bound=Hashable)
LARGEST = 2**53 - 1
"""A browser counts no further."""


class EntryWidgets:
    """The widgets of a section; ``place`` is where they are drawn (a column, a container).

    ``shown`` are values by path that stand where an entry is as the template says.
    """

    def __init__(self, desk: Desk, place: Any = st, *, shown: Mapping[str, Any] | None = None) -> None:
        self.desk, self.place, self._shown = desk, place, shown or {}

    def within(self, place: Any) -> EntryWidgets:
        """The same, drawn elsewhere."""
        return EntryWidgets(self.desk, place, shown=self._shown)

    def _value(self, path: str) -> Any:
        entered = self.desk.at(path)
        return self._shown.get(path) if entered is None else entered

    def text(self, path: str, label: str, *, max_chars: int, **widget: Any) -> None:
        """A line of text."""
        self._texts(path, label, "text_input", max_chars, widget)

    def paragraph(self, path: str, label: str, *, max_chars: int, **widget: Any) -> None:
        """Several lines of text."""
        self._texts(path, label, "text_area", max_chars, widget)

    def _texts(self, path: str, label: str, draw: str, max_chars: int, widget: dict[str, Any]) -> None:
        value, key = _as_text(self.desk.at(path)), self.desk.key(path)
        settle("", key, lambda _: value)
        getattr(self.place, draw)(
            label, key=key, max_chars=max(max_chars, len(value)), on_change=_take, args=(self.desk.draft_id, path, key),
            **widget,
        )  # fmt: skip
        self.say(path)

    def lines(self, path: str, label: str, **widget: Any) -> None:
        """A list of texts, one a line."""
        value, key = "\n".join(_as_text(each) for each in self.desk.at(path) or ()), self.desk.key(path)
        settle("", key, lambda _: value)
        self.place.text_area(
            label, key=key, on_change=_take, args=(self.desk.draft_id, path, key, _lines), **widget
        )  # fmt: skip
        self.say(path)

    def number(self, path: str, label: str, low: int, high: int, *, none: bool = False, **widget: Any) -> None:
        """A whole number; with ``none`` the field may stay empty."""
        value, key = self._value(path), self.desk.key(path)
        whole = isinstance(value, int) and not isinstance(value, bool)
        low, high = (min(low, value), max(high, min(value, LARGEST))) if whole else (low, high)
        settle("", key, lambda _: value if whole else (None if none else low))
        self.place.number_input(
            label, low, high, key=key, step=1, on_change=_take, args=(self.desk.draft_id, path, key),
            **({"value": None} if none else {}), **widget,
        )  # fmt: skip
        self.say(path)

    def switch(self, path: str, label: str, **widget: Any) -> bool:
        """On or off."""
        key = self.desk.key(path)
        on = switch(
            label, key=key, default=self.desk.at(path) is True, place=self.place, on_change=_take,
            args=(self.desk.draft_id, path, key), **widget,
        )  # fmt: skip
        self.say(path)
        return on

    def choice(
        self,
        path: str,
        label: str,
        options: Sequence[T],
        title: Callable[[T], str] = str,
        *,
        also: Callable[[Desk, Any], dict[str, Any]] | None = None,
        read: Callable[[Any], Any] | None = None,
        **widget: Any,
    ) -> None:
        """One of several; what is entered and not among them stands at the end, as it is.

        ``also`` says which other entries follow from what is chosen; ``read`` what is entered for an option.
        """
        value, key = self._value(path), self.desk.key(path)
        every, name = _with_entered(options, title, [value])
        choose(
            label, every, name, key=key, default=value, place=self.place, on_change=_take,
            args=(self.desk.draft_id, path, key, read, also), **widget,
        )  # fmt: skip
        self.say(path, title)

    def several(
        self, path: str, label: str, options: Sequence[T], title: Callable[[T], str] = str, **widget: Any
    ) -> None:
        """Any number of several."""
        value, key = list(self.desk.at(path) or ()), self.desk.key(path)
        every, name = _with_entered(options, title, value)
        choose_several(
            label, every, name, key=key, default=value, place=self.place, on_change=_take,
            args=(self.desk.draft_id, path, key, list), **widget,
        )  # fmt: skip
        self.say(path, title)

    def day(self, path: str, label: str, *, least: date) -> None:
        """A day, or none."""
        value, key = _day(self.desk.at(path)), self.desk.key(path)
        settle("", key, lambda _: value)
        self.place.date_input(
            label, None, min(least, value or least), key=key, format="YYYY-MM-DD", on_change=_take,
            args=(self.desk.draft_id, path, key, lambda day: None if day is None else day.isoformat()),
        )  # fmt: skip
        self.say(path)

    def loose_text(
        self, path: str, label: str, value: str, changed: Callable[[str], dict[str, Any]], *, max_chars: int,
        draw: str = "text_input", **widget: Any,
    ) -> None:  # fmt: skip
        """A line of text inside of a list, which ``changed`` puts into its entry."""
        key = self.desk.key(path)
        settle("", key, lambda _: value)
        getattr(self.place, draw)(
            label,
            key=key,
            max_chars=max(max_chars, len(value)),
            on_change=_put,
            args=(self.desk.draft_id, key, changed),
            **widget,
        )

    def loose_paragraph(
        self, path: str, label: str, value: str, changed: Callable[[str], dict[str, Any]], *, max_chars: int
    ) -> None:
        """Several lines of text inside of a list."""
        self.loose_text(path, label, value, changed, max_chars=max_chars, draw="text_area")

    def loose_number(
        self, path: str, label: str, value: int, low: int, high: int, changed: Callable[[int], dict[str, Any]],
        **widget: Any,
    ) -> None:  # fmt: skip
        """A whole number inside of a list."""
        key = self.desk.key(path)
        settle("", key, lambda _: value)
        self.place.number_input(
            label, min(low, value), max(high, value), key=key, step=1, on_change=_put,
            args=(self.desk.draft_id, key, changed), **widget,
        )  # fmt: skip

    def loose_choice(
        self, path: str, label: str, value: str, options: Sequence[Any], title: Callable[[Any], str],
        changed: Callable[[Any], dict[str, Any]], **widget: Any,
    ) -> None:  # fmt: skip
        """One of several inside of a list."""
        key = self.desk.key(path)
        every, name = _with_entered(options, title, [value])
        choose(
            label, every, name, key=key, default=value, place=self.place, on_change=_put,
            args=(self.desk.draft_id, key, changed), **widget,
        )  # fmt: skip

    def loose_several(
        self, path: str, label: str, value: Sequence[str], options: Sequence[Any], title: Callable[[Any], str],
        changed: Callable[[Any], dict[str, Any]], **widget: Any,
    ) -> None:  # fmt: skip
        """Any number of several inside of a list."""
        key = self.desk.key(path)
        every, name = _with_entered(options, title, value)
        choose_several(
            label, every, name, key=key, default=value, place=self.place, on_change=_put,
            args=(self.desk.draft_id, key, changed), **widget,
        )  # fmt: skip

    def say(self, path: str, title: Callable[[Any], str] = str) -> None:
        """Say what is wrong with an entry, in the words of the protocol, and what the template has where it differs."""
        for fault in self.desk.faults_at(path):
            if self._value(path) == "":  # not wrong yet, only not written
                self.place.info(fault_in_words(fault), icon=":material/edit:")
            else:
                self.place.error(fault_in_words(fault), icon=":material/error:")
        before = self.desk.of_template(path)
        if before is not None and before != self._value(path) and (words := _short(before, title)):
            self.place.caption(f":material/edit: Template: {as_text(words)}")


def fault_in_words(fault: DraftFault) -> str:
    """A fault as a sentence in Markdown."""
    part = fault.entry.partition(".")[0].replace("_", " ")  # the entry that it stands at says so
    message = fault.message.removeprefix(f"{part}: ")
    return as_message(sentence(message[:1].upper() + message[1:]))


def button(desk: Desk, label: str, changed: Callable[[Desk], dict[str, Any]], *, key: str, **widget: Any) -> None:
    """A button that changes entries, which other widgets then show; ``place`` as of the widgets."""
    place = widget.pop("place", st)
    place.button(label, key=desk.key(key), on_click=_change, args=(desk.draft_id, changed), **widget)


def toggled(
    desk: Desk, label: str, on: bool, changed: Callable[[bool], dict[str, Any]], *, key: str, **widget: Any
) -> bool:
    """A switch that is no entry itself: what it changes is returned by ``changed``."""
    name = desk.key(key)
    return switch(label, key=name, default=on, on_change=_put, args=(desk.draft_id, name, changed), **widget)


def _take(
    draft_id: str,
    path: str,
    key: str,
    read: Callable[[Any], Any] | None = None,
    also: Callable[[Desk, Any], dict[str, Any]] | None = None,
) -> None:
    value = st.session_state[key]
    value = value if read is None else read(value)
    desk = desk_of(draft_id)
    desk.put({path: value} | ({} if also is None else also(desk, value)), typed_in=key)


def _put(draft_id: str, key: str, changed: Callable[[Any], dict[str, Any]]) -> None:
    desk_of(draft_id).put(changed(st.session_state[key]), typed_in=key)


def _change(draft_id: str, changed: Callable[[Desk], dict[str, Any]]) -> None:
    desk = desk_of(draft_id)
    desk.put(changed(desk))
    desk.begin_widgets_anew()


def _with_entered(
    options: Sequence[Any], title: Callable[[Any], str], entered: Sequence[Any]
) -> tuple[list[Any], Callable[[Any], str]]:
    """The options and what is entered beside them: nothing that somebody wrote is dropped for not being offered."""
    known = {str(option) for option in options}
    others = [value for value in entered if str(value) not in known and isinstance(value, str)]
    return [*options, *others], lambda option: title(option) if str(option) in known else f"{option} (not known here)"


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None


def _as_text(value: Any) -> str:
    return "" if value is None else str(value)


def _short(value: Any, title: Callable[[Any], str]) -> str:
    """A value of the template in a few words; empty where it needs more."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        if not all(isinstance(each, str) for each in value):
            return ""
        return ", ".join(title(each) for each in value)[:120] or "none"
    return title(value)[:80] if isinstance(value, int | str) else ""
