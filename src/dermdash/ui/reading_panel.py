"""The reader's screen: one image, one question, one assistance, and answers that cannot get lost."""

from collections.abc import Callable

import streamlit as st

from dermdash.reader_study.outbox import Item, parse_outbox
from dermdash.ui.frontend import read_styles
from dermdash.ui.frontend.exchange.reading import PanelPayload, ReaderWaitingPayload
from dermdash.ui.frontend.exchange.sends import Sends
from dermdash.ui.outbox_component import show_with_outbox
from dermdash.ui.script_route import our_component

Delivered = list[Item]

_panel = our_component("reading_panel")
_PAGE_STYLE = f"<style>{read_styles('reading_page')}</style>"


def reading_panel(
    data: PanelPayload | ReaderWaitingPayload,
    *,
    key: str,
    on_answers: Callable[[Delivered], None],
    on_language: Callable[[object], None] | None = None,
    on_look: Callable[[object], None] | None = None,
    preview: bool = False,
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
        Called with each delivery, as `show_with_outbox` says. The next ``data["acknowledged"]`` must name all
        delivered ids that are on disk, old ones too.
    on_language
        Called with the code of the language that the reader chose.
    on_look
        Called with which other lesion of the patient they want to see large.
    preview
        It stands on another page, whose look stays as it is.
    """
    if not preview:
        st.html(_PAGE_STYLE)
    heard = {Sends.LANGUAGE: on_language, Sends.LOOK: on_look}
    others = {name: act for name, act in heard.items() if act is not None}
    return show_with_outbox(_panel, data, key=key, parse=parse_outbox, on_delivery=on_answers, others=others)
