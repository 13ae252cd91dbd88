"""The forms before a reader's first case: consent and profile. What is given there is stored by whoever shows them."""

from collections.abc import Callable, Mapping
from functools import cache

import streamlit as st

from dermdash.reader_study.profile import AGE_GROUPS, GENDERS, MAXIMUM_YEARS, NOT_SAID, PROFESSIONS, ReaderProfile
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.reader_options import reader_options
from dermdash.reader_study.reader_way import way_words
from dermdash.reader_study.words import pages
from dermdash.reader_study.words.countries import COUNTRY_NAMES
from dermdash.reader_study.words.language import Language
from dermdash.reader_study.words.message import Message, sort_key
from dermdash.reader_study.words.names import NOT_SAID as NOT_SAID_WORDS
from dermdash.ui.frontend.exchange.reader_frame import DownloadPayload
from dermdash.ui.joining_view import own_link
from dermdash.ui.messages import as_text
from dermdash.ui.reader_frame import reader_frame
from dermdash.workflows.reader_study.join_study import consent_text_of

Frame = Callable[..., None]
"""As `reader_frame`."""


def consent_form(protocol: Protocol, language: Language, *, again: bool = False, frame: Frame = reader_frame) -> bool:
    """Show the consent text; True in the run in which the reader agrees. ``again``: the text has changed since."""
    text, written_in = consent_text_of(protocol, language)
    with st.container(horizontal_alignment="center"), st.container(width=680):
        frame(language, reader_options(protocol).languages)
        st.title(pages.READER_STUDY.said(language), anchor=False)
        st.header(as_text(protocol.name), anchor=False)
        if again:
            st.info(pages.CONSENT_CHANGED.said(language))
        own_link(language)
        st.write(f"{way_words(protocol, language)} {pages.PAUSE_ANY_TIME.said(language)}")
        with st.container(border=True):
            if written_in is not language:
                st.caption(pages.OTHER_LANGUAGE.said(language, written_in=written_in.own_name))
            st.markdown(text)
            st.caption(pages.CONSENT_VERSION_LINE.said(language, version=as_text(protocol.consent_version)))
        agreed = st.checkbox(pages.I_AGREE.said(language), key="consent.agreed")
        return st.button(pages.TAKE_PART.said(language), type="primary", disabled=not agreed, key="consent.start")


def profile_form(
    protocol: Protocol, language: Language, *, download: DownloadPayload | None = None, frame: Frame = reader_frame
) -> ReaderProfile | None:
    """Ask a reader about themselves; their profile in the run in which it is complete. ``download``: their consent."""
    with st.container(horizontal_alignment="center"), st.container(width=560):
        frame(language, reader_options(protocol).languages, download=download)
        st.title(pages.ABOUT_YOU.said(language), anchor=False)
        own_link(language)
        st.write(pages.PROFILE_WHY.said(language))
        with st.form("profile", border=True):
            profession = _one_of(pages.PROFESSION, PROFESSIONS, "profile.profession", language)
            years = st.number_input(
                pages.YEARS.said(language),
                min_value=0,
                max_value=MAXIMUM_YEARS,
                value=None,
                step=1,
                help=pages.YEARS_HELP.said(language),
                key="profile.years",
            )
            age_group = _one_of(pages.AGE_GROUP, AGE_GROUPS, "profile.age_group", language)
            gender = _one_of(pages.GENDER, GENDERS, "profile.gender", language)
            country = _one_of(pages.COUNTRY, _countries(language), "profile.country", language)
            sent = st.form_submit_button(pages.CONTINUE.said(language), type="primary", key="profile.continue")
        if not sent:
            return None
        if profession is None or age_group is None or gender is None or country is None:
            st.error(pages.ANSWER_EVERY.said(language))
            return None
        return ReaderProfile(profession, None if years is None else int(years), age_group, gender, country)


def _one_of(question: Message, choices: Mapping[str, Message], key: str, language: Language) -> str | None:
    """A list to choose from; its values are codes, so that another language keeps what was chosen."""
    chosen: str | None = st.selectbox(
        question.said(language),
        list(choices),
        format_func=lambda code: choices[code].text(language),
        index=None,
        placeholder=pages.CHOOSE.said(language),
        key=key,
    )
    return chosen


@cache
def _countries(language: Language) -> dict[str, Message]:
    """All countries in the order of their names in a language; who does not say comes first."""
    names = sorted(COUNTRY_NAMES.items(), key=lambda entry: sort_key(entry[1].text(language)))
    return {NOT_SAID: NOT_SAID_WORDS, **dict(names)}
