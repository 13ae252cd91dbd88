"""What stands at the head of a reader's page that is no panel: the languages, and a file to take home."""

from collections.abc import Callable, Iterable
from functools import partial

import streamlit as st

from dermdash.reader_study.words import pages, screen
from dermdash.reader_study.words.language import Language
from dermdash.ui.frontend import read_styles
from dermdash.ui.frontend.changes import callback_of, sent_value
from dermdash.ui.frontend.exchange.reader_frame import DownloadPayload, LanguagePayload, ReaderFramePayload
from dermdash.ui.frontend.exchange.sends import Sends
from dermdash.ui.reader_language import choose_language
from dermdash.ui.script_route import our_component

_frame = our_component("reader_frame")
_KEY = "reader-frame"
_PAGE_STYLE = f"<style>{read_styles('reading_page')}</style>"


def reader_frame(
    language: Language,
    offered: Iterable[Language],
    *,
    download: DownloadPayload | None = None,
    preview: bool = False,
    on_language: Callable[[object], object] = choose_language,
) -> None:
    """Say to the browser which language the page is in, and offer the others.

    A file is made in the browser of text that came with the page: addresses of downloads are for who is signed in.
    ``preview``: it stands on another page, whose language and look stay as they are.
    """
    data = ReaderFramePayload(
        language=language,
        label=pages.LANGUAGE_CHOICE.said(language),
        title=pages.READER_STUDY.said(language),
        languages=[LanguagePayload(code=one, name=one.own_name) for one in offered],
        download=download,
        preview=preview,
        away=screen.TRIES_AGAIN.said(language),
    )
    if not preview:
        st.html(_PAGE_STYLE)
    chosen = callback_of(Sends.LANGUAGE, partial(_chosen, on_language))
    _frame(key=_KEY, data=data, default={Sends.LANGUAGE: None}, **chosen)


def _chosen(on_language: Callable[[object], object]) -> None:
    on_language(sent_value(st.session_state.get(_KEY), Sends.LANGUAGE))
