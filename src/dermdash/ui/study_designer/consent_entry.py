"""The consent of a draft: as it would be frozen, as readers of each language see it, and in the study's own words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import streamlit as st

from dermdash.errors import DermdashError
from dermdash.reader_study.protocol import CONSENT_TEXT, Protocol
from dermdash.reader_study.protocol_draft import protocol_of_entries
from dermdash.reader_study.standard_consent import is_standard_consent
from dermdash.reader_study.words import pages
from dermdash.reader_study.words.language import Language
from dermdash.reader_study.words.study_texts import study_text
from dermdash.storage.workspace import Workspace
from dermdash.ui.choices import choose_segment
from dermdash.ui.messages import as_text
from dermdash.ui.study_designer.desk import Desk
from dermdash.ui.study_designer.entry_widgets import EntryWidgets, button
from dermdash.ui.study_designer.wording_of_entries import LANGUAGE_WORDS
from dermdash.workflows.reader_study.fitting_consent import with_fitting_consent
from dermdash.workflows.reader_study.join_study import consent_text_of

LONGEST_TEXT = 10_000


def consent_entry(workspace: Workspace, desk: Desk) -> None:
    """The text that a freeze would fix now; a standard one follows the protocol until somebody changes it."""
    entries, entered = EntryWidgets(desk), str(desk.at("consent_text"))
    standard = is_standard_consent(entered)
    protocol = _protocol(workspace, desk)
    shown = entered if protocol is None else protocol.consent_text
    # Another text is another widget: the standard one changes with whatever it follows from.
    entries.loose_text(
        f"consent_text.{sha256(shown.encode()).hexdigest()[:8] if standard else 'own'}", "Consent", shown,
        lambda text: {"consent_text": text}, max_chars=LONGEST_TEXT, draw="text_area", height=330,
    )  # fmt: skip
    entries.say("consent_text")
    if standard:
        st.caption(
            "The standard consent: it follows from the rest of the protocol, in every language. Change it here, and it "
            "is the study's own, which stays as you write it."
        )
        return
    st.caption("The study's own text: nothing that is changed elsewhere changes it.")
    button(
        desk, "Back to the standard consent", lambda _: {"consent_text": CONSENT_TEXT}, key="consent.standard",
        icon=":material/undo:", type="tertiary",
    )  # fmt: skip


def _protocol(workspace: Workspace, desk: Desk) -> Protocol | None:
    """The draft as it would be frozen, whatever its name; None where its entries make no protocol."""
    try:
        protocol = protocol_of_entries(desk.entries | {"name": desk.entries["name"] or "-"})
    except DermdashError:
        return None
    return with_fitting_consent(workspace, protocol)


def preview_consent(workspace: Workspace, desk: Desk) -> None:
    """The consent as readers of each language see it."""
    protocol = _protocol(workspace, desk)
    st.subheader("The consent as readers see it", anchor=False)
    if protocol is None:
        st.caption("It is shown here when nothing is wrong with the protocol any more.")
        return
    language = choose_segment(
        "Language", list(protocol.pages.languages), LANGUAGE_WORDS.__getitem__, key=desk.key("consent.language"),
        label_visibility="collapsed",
    )  # fmt: skip
    text, written_in = consent_text_of(protocol, Language(language))
    if written_in != language:
        st.warning(
            f"Nobody has translated it: these readers get it in {LANGUAGE_WORDS[written_in]}. Write it below.",
            icon=":material/translate:",
        )
    with st.container(border=True):
        st.markdown(text)
        st.caption(pages.CONSENT_VERSION_LINE.said(Language(language), version=as_text(protocol.consent_version)))


def begin_with_standard(workspace: Workspace, desk: Desk, code: str, put: Callable[[str], dict[str, Any]]) -> None:
    """Offer the standard consent in a language as a beginning of its translation, which ``put`` makes an entry."""
    protocol = _protocol(workspace, desk)
    if protocol is None:
        return
    standard = with_fitting_consent(workspace, replace(protocol, consent_text=CONSENT_TEXT))
    text, _ = study_text(standard.consent_text, "consent_text", Language(code), own=Language.ENGLISH, translations={})
    button(
        desk, "Begin with the standard consent in this language", lambda _: put(text), key=f"consent.begin.{code}",
        icon=":material/edit:", type="tertiary",
    )  # fmt: skip
