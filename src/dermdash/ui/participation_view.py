"""A reader's own page beside the reading: consent, how far they are, leaving the study, and the receipt of that."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.reader_options import reader_options
from dermdash.reader_study.words import pages, participation
from dermdash.reader_study.words.language import Language
from dermdash.storage.workspace import Workspace
from dermdash.ui.consent_file import consent_file
from dermdash.ui.frontend.exchange.reader_frame import PARTICIPATION_VIEW, VIEW_PARAMETER, DownloadPayload
from dermdash.ui.messages import as_text
from dermdash.ui.reader_frame import reader_frame
from dermdash.ui.reading_game import show_game
from dermdash.workflows.reader_study import join_study, withdraw
from dermdash.workflows.reader_study.reading_standing import ReadingSession

_MOMENT = "%Y-%m-%d %H:%M:%S"


def asks_for_participation() -> bool:
    """Whether the address asks for this page."""
    return st.query_params.get(VIEW_PARAMETER) == PARTICIPATION_VIEW


def participation_page(workspace: Workspace, session: ReadingSession, token: str, language: Language) -> None:
    """Show it to a reader who takes part."""
    protocol = session.protocol
    given = join_study.consents_of(workspace, session.reader_id)
    with st.container(horizontal_alignment="center"), st.container(width=680):
        reader_frame(language, reader_options(protocol).languages, download=consent_file(protocol, given, language))
        st.title(participation.YOUR_PARTICIPATION.said(language), anchor=False)
        st.write(f"**{as_text(protocol.name)}**  \n{_progress(session, language)}")
        st.button(
            participation.BACK_TO_STUDY.said(language), key="participation.back", type="primary", on_click=_go_back
        )
        if given:
            with st.expander(pages.CONSENT.said(language)):
                st.markdown(given[-1]["text"])
                version = pages.CONSENT_VERSION_LINE.said(language, version=as_text(given[-1]["version"]))
                st.caption(f"{version}  \n{_agreed(given[-1], language)}")
        show_game(workspace, session, language)
        with st.container(border=True):
            _offer_withdrawal(workspace, protocol, token, language)


def withdrawn_page(workspace: Workspace, session: ReadingSession, language: Language) -> None:
    """Show the receipt to a reader who has left."""
    row = withdraw.withdrawal_of(workspace, session.reader_id)
    if row is None:
        return
    options = reader_options(session.protocol)
    done = participation.WITHDRAWN_DELETED if options.deletes else participation.WITHDRAWN_KEPT
    text = done.said(language, row["counts"]["readings"])
    receipt = participation.RECEIPT_LINE.said(
        language, receipt=row["receipt"], moment=row["withdrawn_at"].strftime(_MOMENT), sha256=row["sha256"]
    )
    download = DownloadPayload(
        label=participation.RECEIPT_DOWNLOAD.said(language),
        name=f"receipt-{row['receipt']}.txt",
        text=f"{session.protocol.name}\n\n{participation.WITHDRAWN_TITLE.said(language)}\n{text}\n\n{receipt}\n",
    )
    with st.container(horizontal_alignment="center"), st.container(width=680):
        reader_frame(language, options.languages, download=download)
        st.title(participation.WITHDRAWN_TITLE.said(language), anchor=False)
        st.write(text)
        st.caption(receipt)


def _progress(session: ReadingSession, language: Language) -> str:
    done, total = session.cases_read
    return participation.READ_SO_FAR.said(language, done, total=total)


def _agreed(given: Mapping[str, Any], language: Language) -> str:
    return pages.AGREED_LINE.said(language, moment=given["agreed_at"].strftime(_MOMENT), sha256=given["text_sha256"])


def _go_back() -> None:
    del st.query_params[VIEW_PARAMETER]


def _offer_withdrawal(workspace: Workspace, protocol: Protocol, token: str, language: Language) -> None:
    st.subheader(participation.WITHDRAW.said(language), anchor=False)
    what = participation.WITHDRAW_DELETES if reader_options(protocol).deletes else participation.WITHDRAW_KEEPS
    st.write(f"{participation.WITHDRAW_PAUSE.said(language)}\n\n{what.said(language)}")
    sure = st.checkbox(participation.WITHDRAW_SURE.said(language), key="participation.sure")
    if st.button(participation.WITHDRAW.said(language), disabled=not sure, key="participation.withdraw"):
        withdraw.withdraw(workspace, token)
        st.rerun()
