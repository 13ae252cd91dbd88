"""What the pages of readers say, in which languages, and what readers are asked about themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dermdash.reader_study.before_freezing import TOLD_TWICE
from dermdash.reader_study.profile import PROFILE_QUESTIONS
from dermdash.reader_study.protocol_parts import LANGUAGES, Feedback
from dermdash.reader_study.standard_consent import is_standard_consent
from dermdash.storage.workspace import Workspace
from dermdash.ui.study_designer.consent_entry import LONGEST_TEXT, begin_with_standard, consent_entry, preview_consent
from dermdash.ui.study_designer.desk import Desk
from dermdash.ui.study_designer.entry_widgets import EntryWidgets
from dermdash.ui.study_designer.wording_of_entries import LANGUAGE_WORDS, PROFILE_WORDS
from dermdash.wording import counted

_FEEDBACK = {
    Feedback.OFF: "Not, except in practice",
    Feedback.END: "At the end",
    Feedback.AT_ONCE: "After each case",
}
_TEXTS = {"question": "Question", "instructions": "Instructions", "consent_text": "Consent"}


def show_readers_pages(workspace: Workspace, desk: Desk) -> None:
    """Languages and what is offered on the left, the texts on the right, translations below."""
    entries = EntryWidgets(desk)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Languages and offers", anchor=False)
        entries.say("pages")
        entries.several("pages.languages", "Languages on offer", list(LANGUAGES), LANGUAGE_WORDS.__getitem__)
        entries.choice(
            "pages.language", "Where a browser asks for none of them", list(LANGUAGES), LANGUAGE_WORDS.__getitem__
        )
        entries.choice(
            "pages.feedback", "Readers learn how right they were", list(Feedback), lambda f: _FEEDBACK[Feedback(f)]
        )
        if desk.at("pages.feedback") == Feedback.AT_ONCE:
            st.warning(TOLD_TWICE, icon=":material/warning:")
        entries.switch("pages.certificate", "A certificate at the end")
        entries.switch(
            "pages.game", "Game elements",
            help="Streak, level and high score under a name of one's own choice; never the truth of an open case.",
        )  # fmt: skip
        entries.several(
            "profile_questions", "Readers are asked about themselves", list(PROFILE_QUESTIONS),
            PROFILE_WORDS.__getitem__, placeholder="Nothing",
        )  # fmt: skip
    with right:
        st.subheader("Texts", anchor=False)
        entries.paragraph(
            "pages.instructions", "Instructions before practice", max_chars=LONGEST_TEXT, height=110,
            placeholder="What readers should know that the pages do not say by themselves",
        )  # fmt: skip
        consent_entry(workspace, desk)
        entries.text("consent_version", "Version of the consent", max_chars=40, help="Kept with who agreed to which.")
    preview_consent(workspace, desk)
    _translations(workspace, desk)


def _translations(workspace: Workspace, desk: Desk) -> None:
    st.subheader("Translations of the study's own words", anchor=False)
    own, translated = desk.at("pages.language"), desk.at("pages.translations") or {}
    offered = [code for code in desk.at("pages.languages") or () if code in LANGUAGES]
    others = [code for code in offered if code != own or code in translated]  # the texts above are in the study's own
    st.caption(
        "All other words of the pages are translated already. Name the study's own texts here in the languages on "
        "offer; what is left empty stands as it is above."
    )
    EntryWidgets(desk).say("pages.translations")
    for code in others:
        said = translated.get(code, {})
        done = f" · {counted(len(said), 'text')}" if said else ""
        with st.expander(f"{LANGUAGE_WORDS[code]}{done}", key=desk.key(f"translated.{code}")):
            _of_language(desk, code, said)
            if "consent_text" not in said and not is_standard_consent(str(desk.at("consent_text"))):
                begin_with_standard(workspace, desk, code, _translated(desk, code, "consent_text", str.strip))


def _of_language(desk: Desk, code: str, said: dict[str, Any]) -> None:
    entries = EntryWidgets(desk)
    for name, title in _TEXTS.items():
        entries.loose_paragraph(
            f"translation.{code}.{name}", title, str(said.get(name, "")), _translated(desk, code, name, str.strip),
            max_chars=LONGEST_TEXT,
        )  # fmt: skip
    levels = said.get("confidence_levels", [])
    entries.loose_paragraph(
        f"translation.{code}.confidence_levels", "Levels of confidence, one a line",
        "\n".join(levels) if isinstance(levels, list) else str(levels),
        _translated(desk, code, "confidence_levels", lambda text: [t.strip() for t in text.splitlines() if t.strip()]),
        max_chars=1000,
    )  # fmt: skip


def _translated(desk: Desk, code: str, name: str, read: Callable[[str], Any]) -> Callable[[str], dict[str, Any]]:
    """What enters a translation; an empty one is none."""

    def changed(text: str) -> dict[str, Any]:
        every = {language: dict(words) for language, words in (desk.at("pages.translations") or {}).items()}
        words = every.setdefault(code, {})
        words.pop(name, None)
        if read(text):
            words[name] = read(text)
        return {"pages.translations": {language: words for language, words in every.items() if words}}

    return changed
