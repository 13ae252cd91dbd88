"""The tab of documents: each question with what the numbers say and what people said; answered in place."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pandas as pd
import streamlit as st

from dermdash.dataset.documents.dataset_facts import DatasetFacts
from dermdash.dataset.documents.document import ANSWERED, NOBODY, NOT_KNOWN, DatasetDocument, FilledDocument, FilledItem
from dermdash.dataset.documents.registry import DOCUMENTS
from dermdash.report.dataset_documents import facts_of_dataset, fill_document, written
from dermdash.storage import records
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.choices import choose, choose_segment, pick
from dermdash.ui.messages import as_text, empty_state, leave_outcome, show_outcome
from dermdash.ui.navigation import page_link
from dermdash.ui.tables import data_table
from dermdash.wording import counted, moment
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.dataset.dataset_answers import (
    LONGEST_ANSWER,
    answer_changes,
    answer_history,
    answer_question,
    answer_words,
    dataset_answers,
)
from dermdash.workflows.exports.answer_drafts import draft_of, drop_answer_draft, keep_answer_draft

_PLACE = "documents.answers"
_COUNTED_FOR_S = 60
"""How old numbers on the page may be: not all that they rest on leaves a trace in the change log."""
_ICONS = {ANSWERED: ":material/check_circle:", NOT_KNOWN: ":material/help:"}
_OPEN_ICON = ":material/radio_button_unchecked:"
_FILES = {".md": ("Markdown", "text/markdown"), ".html": ("HTML", "text/html"), ".pdf": ("PDF", "application/pdf")}


def pick_dataset(workspace: Workspace) -> str | None:
    """The data set that the page is about; None where the workspace has none, which is said."""
    names = browse_records.dataset_names(workspace)
    if not names:
        empty_state("upload", "Nothing to export yet", "Import a data set first; then it can leave in any format here.")
        page_link("dataset/import_images", label="Import a data set", icon=":material/upload:")
        return None
    return choose("Data set", list(names), names.__getitem__, key="documents.dataset", name="dataset", width=420)


def show_documents(workspace: Workspace, dataset_id: str) -> None:
    """One document: how complete it is, its downloads, its questions section by section."""
    document = DOCUMENTS[
        choose_segment(
            "Document", list(DOCUMENTS), lambda key: DOCUMENTS[key].title, key="documents.document", name="document",
            label_visibility="collapsed",
        )
    ]  # fmt: skip
    facts = _facts(workspace, dataset_id)
    filled = fill_document(document, facts, dataset_answers(workspace, dataset_id), made_at=datetime.now(UTC))
    st.caption(f"Questions {as_text(document.source)}.")
    st.progress(
        (filled.count(ANSWERED) + filled.count(NOT_KNOWN)) / max(len(filled.items), 1), f"**{filled.completeness}**"
    )
    _downloads(filled)
    titles = [section.title for section in document.sections]
    title = choose_segment(
        "Section", titles, key=f"documents.section.{document.key}", name="section", label_visibility="collapsed"
    )
    section = next(section for section in document.sections if section.title == title)
    show_outcome(_PLACE)
    may_answer = access.may(Right.DESCRIBE_DATASETS)
    widget = f"documents.edit.{document.key}.{title}"
    editing = pick(
        "Question to answer", [item.id for item in section.items],
        lambda i: f"{i} {next(item.question for item in section.items if item.id == i)}",
        key=widget, name="edit", placeholder="Choose one here, or press Answer beside it",
    )  # fmt: skip
    for item in section.items:
        _show_item(filled.items[item.id], widget=widget if may_answer and item.id != editing else "")
        if item.id == editing:
            _edit(workspace, dataset_id, filled.items[item.id])
    _show_history(workspace, dataset_id, document)


@st.cache_data(max_entries=8, ttl=_COUNTED_FOR_S, show_spinner="Counting ...")
def _facts_at(_workspace: Workspace, home: str, version: str, dataset_id: str) -> DatasetFacts:
    del home, version
    account = access.act(Right.READ_ANSWERS)
    return facts_of_dataset(_workspace, account, dataset_id)


def _facts(workspace: Workspace, dataset_id: str) -> DatasetFacts:
    """The numbers as they stand; counted again when records or findings have changed."""
    return _facts_at(workspace, str(workspace.home), records.data_version(workspace.engine), dataset_id)


def _downloads(filled: FilledDocument) -> None:
    with st.container(horizontal=True):
        for suffix, (title, mime) in _FILES.items():
            st.download_button(
                title, partial(written, filled, suffix),
                file_name=f"{filled.dataset_id}-{filled.document.key}{suffix}", mime=mime,
                key=f"documents.file{suffix}", icon=":material/download:", on_click="ignore",
            )  # fmt: skip


def _show_item(filled: FilledItem, *, widget: str) -> None:
    """A question with its answer; ``widget``: key of the list that a button chooses it in, empty for no button."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{_ICONS.get(filled.state, _OPEN_ICON)} **{filled.item.id}** {as_text(filled.item.question)}")
        if widget:
            st.button(
                "Change" if filled.text else "Answer", key=f"{widget}.{filled.item.id}", type="tertiary",
                icon=":material/edit:", on_click=_choose_question, args=(widget, filled.item.id),
            )  # fmt: skip
    with st.container(border=filled.state != "open"):
        if filled.computed:
            st.markdown(as_text(filled.computed))
        for text in filled.words[1 if filled.computed else 0 :]:
            if text == NOBODY:
                st.caption(NOBODY)
            else:
                st.markdown("  \n".join(as_text(line) for line in text.splitlines()))
        if filled.by:
            st.caption(f"{as_text(filled.by)}, {filled.on}")


def _choose_question(widget: str, item_id: str) -> None:
    st.session_state[widget] = item_id


def _edit(workspace: Workspace, dataset_id: str, filled: FilledItem) -> None:
    key, account = filled.item.answer, access.current_account()
    if account is None or not access.may(Right.DESCRIBE_DATASETS):
        return
    widget = f"{keys.ANSWER}.{dataset_id}.{key}"
    draft = draft_of(workspace.home, account.id, dataset_id, key)
    if widget not in st.session_state:
        st.session_state[widget] = filled.text if draft is None else draft
        st.session_state[f"{widget}.began"] = _last(workspace, dataset_id, key)
    with st.container(border=True):
        if filled.computed:
            st.caption("The numbers answer this; what you add stands beneath them.")
        st.text_area(
            "Answer", key=widget, max_chars=LONGEST_ANSWER, height=140, on_change=_draft,
            args=(workspace, dataset_id, key, widget),
        )  # fmt: skip
        if draft is not None and draft != filled.text:
            st.caption("Not saved yet; it is kept here for you until you save it or let it go.")
        with st.container(horizontal=True):
            how = (workspace, dataset_id, key, widget)
            st.button("Save the answer", key=f"{widget}.save", type="primary", on_click=_save, args=(*how, False))
            st.button("Say that it is not known", key=f"{widget}.unknown", on_click=_save, args=(*how, True))
            if draft is not None:
                st.button("Let the changes go", key=f"{widget}.drop", type="tertiary", on_click=_drop, args=how)
        history = answer_changes(workspace, dataset_id, key)
        if history:
            with st.expander(f"{counted(len(history), 'answer')} so far"):
                for one in history:
                    st.markdown(
                        f"{moment(one.answer.at)}, {as_text(one.answer.by)}: {as_text(answer_words(one.answer))} "
                        f"(before: {as_text(answer_words(one.before))})"
                    )


def _show_history(workspace: Workspace, dataset_id: str, document: DatasetDocument) -> None:
    """Who answered which of its questions, when, and what stood there before."""
    numbers: dict[str, list[str]] = {}
    for section in document.sections:
        for item in section.items:
            numbers.setdefault(item.answer, []).append(item.id)
    changes = [one for one in answer_changes(workspace, dataset_id) if one.answer.key in numbers]
    if not changes:
        return
    with st.expander(f"History: {counted(len(changes), 'answer')} to this document", icon=":material/history:"):
        data_table(
            pd.DataFrame(
                {
                    "Question": [", ".join(numbers[one.answer.key]) for one in changes],
                    "Answered": [moment(one.answer.at) for one in changes],
                    "By": [one.answer.by for one in changes],
                    "Now": [answer_words(one.answer) for one in changes],
                    "Before": [answer_words(one.before) for one in changes],
                }
            ),
            key="documents.history",
        )


def _draft(workspace: Workspace, dataset_id: str, key: str, widget: str) -> None:
    account = access.act(Right.DESCRIBE_DATASETS)
    keep_answer_draft(workspace.home, account.id, dataset_id, key, st.session_state[widget])


def _save(workspace: Workspace, dataset_id: str, key: str, widget: str, unknown: bool) -> None:
    account = access.act(Right.DESCRIBE_DATASETS)
    began, now = st.session_state.get(f"{widget}.began"), _last(workspace, dataset_id, key)
    if began != now:
        st.session_state[f"{widget}.began"] = now
        keep_answer_draft(workspace.home, account.id, dataset_id, key, st.session_state[widget])
        leave_outcome(
            _PLACE, "Somebody has answered this since you began: read what stands there now. Your text is kept below; "
            "saving it once more puts it in the place of theirs.", well=False,
        )  # fmt: skip
        return
    changed = answer_question(workspace, account, dataset_id, key, st.session_state[widget], unknown=unknown)
    drop_answer_draft(workspace.home, account.id, dataset_id, key)
    st.session_state[f"{widget}.began"] = _last(workspace, dataset_id, key)
    leave_outcome(_PLACE, "The answer is kept." if changed else "It said that already.")


def _last(workspace: Workspace, dataset_id: str, key: str) -> int:
    """How many answers the question has had: another number, and somebody has answered meanwhile."""
    return len(answer_history(workspace, dataset_id, key))


def _drop(workspace: Workspace, dataset_id: str, key: str, widget: str) -> None:
    account = access.act(Right.DESCRIBE_DATASETS)
    drop_answer_draft(workspace.home, account.id, dataset_id, key)
    st.session_state.pop(widget, None)
