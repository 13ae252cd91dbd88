"""The reader's screen: one image, one question, one assistance, and answers that cannot get lost.

The browser keeps every answer in an outbox until the server acknowledges its id, and delivers the outbox again and
again, so ``on_answers`` sees the same items many times and must store each id once.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from dermdash.reader_study.outbox import ClientEvent, ReadingSubmission, parse_outbox
from dermdash.ui.delivery_number import delivery_number
from dermdash.ui.frontend import read_assets

Delivered = list[ReadingSubmission | ClientEvent]

_panel = st.components.v2.component(
    "dermdash_reading_panel",
    html='<div class="reading-panel root"></div>',
    css=read_assets("base.css", "reading_panel.css"),
    js=read_assets("base.js", "zoom.js", "outbox.js", "assistance.js", "reading_screen.js", "reading_panel.js"),
)
_PAGE_STYLE = f"<style>{read_assets('reading_page.css')}</style>"


def reading_panel(data: dict[str, Any], *, key: str, on_answers: Callable[[Delivered], None]) -> Delivered:
    """Show one step of a reading session and return what the browser delivered for this run.

    Parameters
    ----------
    data
        ``reader`` (opaque name of the browser's storage), ``question``, ``classes`` (code, name, color; in key
        order, at most nine), ``confidence_levels`` (five words), ``step`` or None, ``prefetch`` or None,
        ``acknowledged`` (ids on disk), ``refused`` (id, reason), ``paused``, ``finished``. A step has ``key``,
        ``phase``, ``position``, ``total``, ``image`` (data URI), ``practice``, ``time_limit_s``, ``previous``,
        ``assistance``, ``feedback``. Or ``waiting`` with ``acknowledged`` and ``refused`` alone: the panel keeps what
        it shows, says quietly that nothing can be saved or loaded, and asks again. It must hold nothing the reader may
        not know: all of it reaches the browser.
    key
        Widget key, the same in every run of the session.
    on_answers
        Called with each delivery before the script runs, so that ``data`` can be made from what is then stored.
        It is also called with items delivered before; it must store each id once and let the next
        ``data["acknowledged"]`` name all delivered ids that are on disk, old ones too.

    Returns
    -------
    list of ReadingSubmission or ClientEvent
        What ``on_answers`` was given for this run; empty for a run that the browser did not cause.
    """
    delivered_key, number_key = f"{key}-delivered", f"{key}-number"

    def receive(value: object, number: int | None) -> None:
        items = parse_outbox(value) if number is not None else []
        if items:
            on_answers(items)
        st.session_state[number_key] = number
        st.session_state[delivered_key] = items

    def receive_change() -> None:
        value = _outbox_value(st.session_state.get(key))
        receive(value, _number(value))

    st.html(_PAGE_STYLE)
    result = _panel(key=key, data=data, default={"outbox": None}, on_outbox_change=receive_change)
    value = _outbox_value(result)
    number = _number(value)
    if number is not None and number != st.session_state.get(number_key):
        # The first run of a new session after a lost connection brings a value without a change: no callback ran.
        receive(value, number)
        st.rerun()
    delivered: Delivered = st.session_state.pop(delivered_key, [])
    return delivered


def _outbox_value(state: Any) -> object:
    return state.get("outbox") if hasattr(state, "get") else None


def _number(value: object) -> int | None:
    return delivery_number(value.get("seq")) if isinstance(value, dict) else None
