"""The language of a reader's page: what the address says, else their consent, else their browser, else the study."""

import streamlit as st

from dermdash.reader_study.reader_options import ReaderOptions
from dermdash.reader_study.words.language import Language, language_of, readers_language

PARAMETER = "language"
"""Of the address."""


def shown_language(options: ReaderOptions | None = None, *, agreed_in: str | None = None) -> Language:
    """The language of this run; without options (the study cannot be read) any of those there are."""
    options = options or ReaderOptions()
    return readers_language(
        chosen=st.query_params.get(PARAMETER),
        agreed_in=agreed_in,
        accept_language=st.context.headers.get("Accept-Language") or st.context.locale,
        default=options.language,
        offered=options.languages,
    )


def choose_language(code: object) -> Language | None:
    """Keep a reader's choice in the address; None where it is no language."""
    language = language_of(code)
    if language is not None:
        st.query_params[PARAMETER] = str(language)
    return language
