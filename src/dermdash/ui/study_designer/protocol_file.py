"""A protocol that somebody uploads, as entries of a draft."""

import streamlit as st

from dermdash.errors import DermdashError
from dermdash.reader_study.protocol_draft import DraftEntries
from dermdash.reader_study.protocol_text import MOST_BYTES
from dermdash.records.text_file import read_text
from dermdash.ui.messages import error_words
from dermdash.workflows.reader_study import study_drafts


def uploaded_entries(label: str, *, key: str, help: str) -> DraftEntries | None:
    """Ask for a file; None while there is none, or it can be no draft, which is said."""
    sent = st.file_uploader(label, type=["yaml", "yml"], key=key, max_upload_size=1, help=help)
    if sent is None:
        return None
    try:
        text = read_text(sent.getvalue()[: MOST_BYTES + 1], file_kind="protocol")
        return study_drafts.from_yaml(text, file=sent.name)
    except DermdashError as error:
        st.error(error_words(error), icon=":material/error:")
        return None
