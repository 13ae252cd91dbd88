"""The drafts of all who may run studies: go on, rename, delete, bring back."""

from __future__ import annotations

import streamlit as st

from dermdash.errors import DermdashError
from dermdash.reader_study.templates import get_template
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.messages import as_message, as_text, error_words, leave_outcome, show_outcome
from dermdash.ui.navigation import page_link
from dermdash.ui.study_designer.desk import PAGE
from dermdash.wording import counted, moment, sentence
from dermdash.workflows.accounts.people import names_of
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.reader_study import study_drafts
from dermdash.workflows.reader_study.study_drafts import LONGEST_NAME, StudyDraft

_PLACE = "new.drafts.list"
_SHOWN = 10


def show_drafts(workspace: Workspace) -> None:
    """One line per draft, those changed last first; nothing where there is none."""
    show_outcome(_PLACE)
    drafts, deleted = study_drafts.list_drafts(workspace), study_drafts.list_drafts(workspace, deleted=True)
    names = names_of(workspace)
    if drafts:
        st.header("Go on with a draft", anchor=False)
        for draft in drafts[:_SHOWN]:
            _draft(draft, names)
        if drafts[_SHOWN:]:
            with st.expander(f"{counted(len(drafts) - _SHOWN, 'older draft')}"):
                for draft in drafts[_SHOWN:]:
                    _draft(draft, names)
    if deleted:
        with st.expander(counted(len(deleted), "deleted draft")):
            for draft in deleted[:_SHOWN]:
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.markdown(f"{_title(draft)} · {_said(draft, names)}", width="content")
                    st.button(
                        "Bring back", key=f"new.draft.{draft.id}.restore", icon=":material/undo:", type="tertiary",
                        on_click=_restore, args=(draft.id,),
                    )  # fmt: skip


def _draft(draft: StudyDraft, names: dict[str, str]) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container():
            if draft.broken:
                st.markdown(f"**{_title(draft)}**")
                st.caption(_said(draft, names))
                st.warning(
                    f"It cannot be opened: {as_message(sentence(draft.broken))} What is kept of it is safe, and it "
                    "opens again once that is there.",
                    icon=":material/warning:",
                )
            else:
                page_link(PAGE, label=_title(draft), icon=":material/edit_document:", query_params={"draft": draft.id})
                st.caption(f"{get_template(draft.entries['template']).title} · {_said(draft, names)}")
        with st.popover("Rename", key=f"new.draft.{draft.id}.renaming"):
            name = st.text_input(
                "Name of the study", draft.name, key=f"new.draft.{draft.id}.name.{draft.number}", max_chars=LONGEST_NAME
            )
            st.button(
                "Rename", key=f"new.draft.{draft.id}.rename", type="primary", on_click=_rename, args=(draft.id, name)
            )
        with st.popover("Delete", key=f"new.draft.{draft.id}.deleting"):
            st.write("The draft goes off this list. It can be brought back.")
            st.button("Delete this draft", key=f"new.draft.{draft.id}.delete", on_click=_delete, args=(draft.id,))


def _title(draft: StudyDraft) -> str:
    return as_text(draft.name or "Without a name so far")


def _said(draft: StudyDraft, names: dict[str, str]) -> str:
    begun, changed = (as_text(names.get(who, who)) for who in (draft.begun_by, draft.changed_by))
    if draft.number == 1:
        return f"begun by {begun}, {moment(draft.begun_at)}"
    return f"begun by {begun}, changed last by {changed}, {moment(draft.changed_at)}"


def _rename(draft_id: str, name: str) -> None:
    try:
        study_drafts.rename_draft(access.current_workspace(), access.act(Right.RUN_STUDIES), draft_id, name)
    except DermdashError as error:
        leave_outcome(_PLACE, error_words(error), well=False)


def _delete(draft_id: str) -> None:
    try:
        study_drafts.delete_draft(access.current_workspace(), access.act(Right.RUN_STUDIES), draft_id)
    except DermdashError as error:
        leave_outcome(_PLACE, error_words(error), well=False)
        return
    leave_outcome(_PLACE, "The draft is deleted. It stands below and can be brought back.")


def _restore(draft_id: str) -> None:
    try:
        study_drafts.restore_draft(access.current_workspace(), access.act(Right.RUN_STUDIES), draft_id)
    except DermdashError as error:
        leave_outcome(_PLACE, error_words(error), well=False)
