"""The reader's screen: one image, one question, one assistance, and answers that cannot get lost.

The browser keeps every answer in an outbox until the server acknowledges its id, and delivers the outbox again and
again, so ``on_answers`` sees the same items many times and must store each id once.
"""

from collections.abc import Callable

import streamlit as st

from dermdash.reader_study.outbox import Item, parse_outbox
from dermdash.ui.delivery_number import delivery_number
from dermdash.ui.frontend import read_styles
from dermdash.ui.frontend.changes import as_message, callback_of, sent_value
from dermdash.ui.frontend.exchange import OutboxPayload, PanelPayload, Sends, WaitingPayload
from dermdash.ui.frontend.modules import composed

Delivered = list[Item]

_panel = st.components.v2.component(
    "dermdash_reading_panel",
    html='<div class="reading-panel root"></div>',
    css=read_styles("base", "reading_panel"),
    js=composed("reading_panel"),
)
_PAGE_STYLE = f"<style>{read_styles('reading_page')}</style>"


def reading_panel(
    data: PanelPayload | WaitingPayload, *, key: str, on_answers: Callable[[Delivered], None]
) -> Delivered:
    """Show one step of a reading session and return what the browser delivered for this run.

    Parameters
    ----------
    data
        What it shows; or that the study cannot be reached: then the panel keeps what it shows, says quietly that
        nothing can be saved or loaded, and asks again. It must hold nothing the reader may not know: all of it
        reaches the browser.
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

    def receive(delivery: OutboxPayload | None, number: int | None) -> None:
        items = [] if delivery is None or number is None else parse_outbox(delivery["items"])
        if items:
            on_answers(items)
        st.session_state[number_key] = number
        st.session_state[delivered_key] = items

    def receive_change() -> None:
        receive(*_delivery(st.session_state.get(key)))

    st.html(_PAGE_STYLE)
    result = _panel(key=key, data=data, default={Sends.OUTBOX: None}, **callback_of(Sends.OUTBOX, receive_change))
    delivery, number = _delivery(result)
    if number is not None and number != st.session_state.get(number_key):
        # The first run of a new session after a lost connection brings a value without a change: no callback ran.
        receive(delivery, number)
        st.rerun()
    delivered: Delivered = st.session_state.pop(delivered_key, [])
    return delivered


def _delivery(state: object) -> tuple[OutboxPayload | None, int | None]:
    """What the browser has delivered, and its number; None where it is no number of ours."""
    delivery = as_message(sent_value(state, Sends.OUTBOX), OutboxPayload)
    return delivery, None if delivery is None else delivery_number(delivery["seq"])
