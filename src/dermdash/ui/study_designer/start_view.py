"""Where a study begins: a draft to go on with, a template, a file, or the protocol of another study."""

from __future__ import annotations

import secrets

import streamlit as st

from dermdash.analyses.benefit.planned import KEY as BENEFIT
from dermdash.analyses.benefit.planned import READERS_AND_CASES
from dermdash.errors import DermdashError
from dermdash.reader_study.protocol_draft import DraftEntries, protocol_of_entries
from dermdash.reader_study.templates import STUDY_TEMPLATES, StudyTemplate
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, address, keys
from dermdash.ui.choices import choose, pick
from dermdash.ui.messages import as_text, error_words
from dermdash.ui.model_and_images import datasets_with_records
from dermdash.ui.navigation import page_link, switch_page
from dermdash.ui.study_designer.desk import PAGE, usual_of_entries
from dermdash.ui.study_designer.drafts_view import show_drafts
from dermdash.ui.study_designer.protocol_file import uploaded_entries
from dermdash.ui.study_designer.protocol_sentences import show_sentences
from dermdash.wording import counted
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.reader_study import study_drafts, study_results
from dermdash.workflows.reader_study.study_drafts import LONGEST_NAME

_CARD_PX = 304
"""Four beside one another on a desk, three on a laptop, two on a tablet, one on a phone."""


def show_start(workspace: Workspace) -> None:
    """Drafts first, as most who come back come for them; then the templates, a file, another study."""
    asked = address.given("template")
    if asked in STUDY_TEMPLATES:
        _template(workspace, STUDY_TEMPLATES[asked])
        return
    if asked is not None:
        st.warning(f"There is no template “{as_text(asked)}”. These there are.", icon=":material/link_off:")
    show_drafts(workspace)
    st.header("Begin with a template", anchor=False)
    with st.container(horizontal=True):
        for template in STUDY_TEMPLATES.values():
            with st.container(border=True, width=_CARD_PX, height="stretch"):
                _card(template)
    left, right = st.columns(2, gap="large")
    with left:
        _upload(workspace)
    with right:
        _study(workspace)


def _card(template: StudyTemplate) -> None:
    st.subheader(template.title, anchor=False)
    st.markdown(as_text(template.summary))
    if template.source:
        st.caption(as_text(template.source))
    page_link(
        PAGE, label=f"Begin with {template.title}", icon=":material/arrow_forward:",
        query_params={"template": template.key},
    )  # fmt: skip


def _template(workspace: Workspace, template: StudyTemplate) -> None:
    """A template looked at closely: what it says for a data set, and the draft that begins with it."""
    page_link(PAGE, label="All drafts and templates", icon=":material/arrow_back:", query_params={})
    st.header(template.title, anchor=False)
    st.markdown(as_text(template.summary))
    if template.source:
        st.caption(as_text(template.source))
    datasets = datasets_with_records(workspace)
    with st.container(border=True):
        name = st.text_input(
            "Name of the study", key="new.first_name", max_chars=LONGEST_NAME,
            placeholder="Readers see this name; it can wait",
        )  # fmt: skip
        dataset_id = choose("Data set", list(datasets), datasets.__getitem__, key="new.first_dataset", name="dataset")
        # The same as the draft will have: what is read below is what is begun with.
        seed = st.session_state.setdefault(keys.DRAFT_SEED, secrets.randbelow(10**6))
        entries = _with_usual_analyses(
            study_drafts.from_template(workspace, template.key, dataset_id=dataset_id, name=name, seed=seed)
        )
        if st.button("Begin a draft", type="primary", key="new.begin", icon=":material/edit_document:"):
            del st.session_state[keys.DRAFT_SEED]
            _begin(workspace, entries)
    _in_sentences(workspace, entries)


def _in_sentences(workspace: Workspace, entries: DraftEntries) -> None:
    st.subheader("What it says", anchor=False)
    try:
        protocol = protocol_of_entries(entries | {"name": entries["name"] or "-"})
    except DermdashError as error:
        st.info(
            f"With this data set: {error_words(error)}. All of it can be changed in the draft.", icon=":material/info:"
        )
        return
    show_sentences(workspace, protocol)
    st.caption("All of it can be changed in the draft.")


def _with_usual_analyses(entries: DraftEntries) -> DraftEntries:
    """With what studies of assistance are asked."""
    usual = usual_of_entries(entries)
    return entries | {"prespecified_analyses": [BENEFIT, READERS_AND_CASES] if usual is None else usual}


def _upload(workspace: Workspace) -> None:
    st.header("Begin with a file", anchor=False)
    entries = uploaded_entries(
        "Protocol (YAML)", key="new.file",
        help="As a draft or a study gives it to download, or `dermdash study protocol` writes it. What is left out is "
        "as the template says.",
    )  # fmt: skip
    if entries is None:
        return
    st.write(as_text(f"“{entries['name']}”, after {STUDY_TEMPLATES[entries['template']].title}."))
    if st.button("Begin a draft with this file", type="primary", key="new.begin_file", icon=":material/upload:"):
        _begin(workspace, entries)


def _study(workspace: Workspace) -> None:
    st.header("Begin with another study", anchor=False)
    studies = {str(s["id"]): s for s in study_results.list_studies(workspace)}
    if not studies:
        st.caption("There is no study yet whose protocol could be a starting point.")
        return
    chosen = pick(
        "Take over the protocol of", list(studies), lambda i: str(studies[i]["name"]), key="new.from_study",
        placeholder=counted(len(studies), "study", "studies"),
    )  # fmt: skip
    if st.button(
        "Begin a draft with its protocol",
        key="new.begin_study",
        icon=":material/content_copy:",
        disabled=chosen is None,
    ):
        _begin(workspace, study_drafts.from_study(workspace, str(chosen)))


def _begin(workspace: Workspace, entries: DraftEntries) -> None:
    draft_id = study_drafts.begin_draft(workspace, access.act(Right.RUN_STUDIES), entries)
    switch_page(PAGE, query_params={"draft": draft_id})
