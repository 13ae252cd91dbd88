"""A draft section by section: which one is shown stands in the address, and what is wrong stands above all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from dermdash.errors import DermdashError, InvalidInput, NotFound
from dermdash.reader_study.protocol_draft import DraftFault
from dermdash.reader_study.templates import get_template
from dermdash.storage.study_drafts import DELETED, FREEZING, FROZEN
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.choices import choose_segment
from dermdash.ui.messages import as_message, as_text, leave_outcome, page_head, show_outcome
from dermdash.ui.navigation import page_link, switch_page
from dermdash.ui.source_choice import link_to_study
from dermdash.ui.study_designer.analyses_section import show_analyses
from dermdash.ui.study_designer.arms_section import show_arms
from dermdash.ui.study_designer.asked_section import show_asked_and_shown
from dermdash.ui.study_designer.assistance_section import show_assistance
from dermdash.ui.study_designer.checks_section import show_checks
from dermdash.ui.study_designer.conduct_section import show_conduct
from dermdash.ui.study_designer.crowd_choice import pool_crowd
from dermdash.ui.study_designer.desk import PAGE, Desk, desk_of, open_desk
from dermdash.ui.study_designer.entry_widgets import fault_in_words
from dermdash.ui.study_designer.pages_section import show_readers_pages
from dermdash.ui.study_designer.question_section import show_question_and_cases
from dermdash.ui.study_designer.review_section import AS_A_READER, STUDY_PAGE, part_key, show_review
from dermdash.wording import counted, moment, sentence
from dermdash.workflows.accounts.people import names_of
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.reader_study import study_drafts

PLACE = "new"


@dataclass(frozen=True, slots=True)
class DesignSection:
    """A section of the form, and the beginnings of the entries that are changed there."""

    key: str
    title: str
    show: Callable[[Workspace, Desk], None]
    entries: tuple[str, ...] = ()


_SECTIONS = (
    DesignSection(
        "cases", "Question and cases", show_question_and_cases,
        ("name", "question", "dataset_id", "taxonomy", "borderline", "record_filter", "class_mix", "cases_per_round",
         "rounds", "seed", "draw", "design.cases_per_reader"),
    ),
    DesignSection("arms", "Arms and order", show_arms, ("design",)),
    DesignSection(
        "asked", "Asked and shown", show_asked_and_shown, ("asked", "view", "time_limit_s", "confidence_levels")
    ),
    DesignSection(
        "assistance", "Assistance", show_assistance,
        ("model_id", "modalities", "cbir_k", "minimum_crowd_readers", "frozen_crowd", "wrong_advice"),
    ),
    DesignSection("checks", "Checks", show_checks, ("checks", "practice_cases")),
    DesignSection("conduct", "Conduct", show_conduct, ("conduct",)),
    DesignSection(
        "pages", "Readers' pages", show_readers_pages,
        ("pages", "consent_text", "consent_version", "profile_questions"),
    ),
    DesignSection("analyses", "Analyses", show_analyses, ("prespecified_analyses",)),
    DesignSection("review", "Review and freeze", show_review),
)  # fmt: skip
_BY_KEY = {section.key: section for section in _SECTIONS}


def show_draft(workspace: Workspace, draft_id: str) -> None:
    """The draft of the address, at the section that the address names."""
    if (copied := st.session_state.pop(keys.DRAFT_COPIED, None)) is not None:
        switch_page(PAGE, query_params={"draft": copied})
    try:
        desk = open_desk(workspace, draft_id)
    except NotFound as error:
        page_head("New study", f"{fault_in_words(DraftFault('', str(error)))} It may be one of another workspace.")
        page_link(PAGE, label="All drafts and templates", icon=":material/arrow_back:", query_params={})
        return
    except InvalidInput as error:
        page_head("New study", f"This draft cannot be opened: {fault_in_words(DraftFault('', str(error)))}")
        st.caption("What is kept of it is safe, and it opens again once that is there. It can be deleted in the list.")
        page_link(PAGE, label="All drafts and templates", icon=":material/arrow_back:", query_params={})
        return
    _head(workspace, desk)
    show_outcome(PLACE)
    if not _say_standing(workspace, desk):
        return
    pool_crowd(workspace, desk)
    key = _section_key(desk.draft_id)
    chosen = choose_segment(
        "Section", list(_BY_KEY), lambda k: _BY_KEY[k].title, key=key, name="section", label_visibility="collapsed"
    )
    _faults(desk, chosen)
    _BY_KEY[chosen].show(workspace, desk)
    _turn(chosen, key)


def _head(workspace: Workspace, desk: Desk) -> None:
    draft, template = desk.latest, get_template(desk.entries["template"])
    name = str(desk.at("name")).strip() or "New study"
    who = as_text(names_of(workspace).get(draft.changed_by, draft.changed_by))
    page_head(
        as_text(name),
        f"A draft after *{template.title}*: kept after every change, frozen when it is whole.",
        "Not saved" if desk.unsaved else f"Saved {moment(draft.changed_at)} by {who}",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        page_link(PAGE, label="All drafts and templates", icon=":material/arrow_back:", query_params={})
        page_link("analysis/sample_size", label="How many readers and cases?", icon=":material/calculate:")
        if draft.is_open:
            st.button(
                "Try as a reader", key="new.try", icon=":material/visibility:", type="tertiary",
                on_click=_try_as_reader, args=(desk.draft_id,),
                help="Every screen as readers will get it, in each language and at three sizes. Nothing is stored.",
            )  # fmt: skip


def _say_standing(workspace: Workspace, desk: Desk) -> bool:
    """Say what happened to the draft elsewhere; False where it is open no more."""
    draft = desk.latest
    who = as_text(names_of(workspace).get(draft.changed_by, draft.changed_by))
    when = moment(draft.changed_at)
    if draft.kind == FROZEN:
        st.success(f"{who} froze this draft as a study, {when}.", icon=":material/lock:")
        page_link(
            STUDY_PAGE, label="To the study", icon=":material/mail:", query_params=link_to_study(str(draft.study_id))
        )
        st.button(
            "Begin a new draft with the same protocol", key="new.again", icon=":material/content_copy:",
            on_click=_copy, args=(desk.draft_id,),
        )  # fmt: skip
        return False
    if draft.kind == DELETED:
        st.warning(f"{who} deleted this draft, {when}.", icon=":material/delete:")
        st.button("Bring it back", key="new.restore", icon=":material/undo:", on_click=_restore, args=(desk.draft_id,))
        return False
    if desk.is_behind:
        what = "is just being frozen" if draft.kind == FREEZING else "was changed elsewhere"
        mine = " What you typed since is **not saved**." if desk.unsaved else ""
        st.warning(
            f"This draft {what} by {who}, {when}, after this tab had read it.{mine}", icon=":material/sync_problem:"
        )
        with st.container(horizontal=True):
            st.button("Load the newer", key="new.load", type="primary", on_click=_load, args=(desk.draft_id,))
            st.button("Keep mine as a copy", key="new.copy", on_click=_copy, args=(desk.draft_id,))
    elif desk.unsaved:
        st.error(f"Not saved: {as_message(sentence(desk.unsaved))}", icon=":material/cloud_off:")
        st.button("Save again", key="new.save", on_click=_save, args=(desk.draft_id,))
    return True


def _faults(desk: Desk, chosen: str) -> None:
    """Where something is wrong, beside the section that is shown: there it stands at the entry."""
    elsewhere: dict[str, list[DraftFault]] = {}
    for fault in desk.faults:
        section = section_of(fault.entry)
        if section.key != chosen:
            elsewhere.setdefault(section.key, []).append(fault)
    if not elsewhere:
        return
    if chosen == "review":
        lines = [f"- **{_BY_KEY[k].title}**: {fault_in_words(f)}" for k, found in elsewhere.items() for f in found]
        n = sum(map(len, elsewhere.values()))
        st.warning(f"Before the freeze {counted(n, 'entry', 'entries')} must change:\n\n" + "\n".join(lines))
        return
    where = ", ".join(_BY_KEY[key].title for key in elsewhere)
    st.caption(f":material/error: To be settled elsewhere: {where}")


def section_of(entry: str) -> DesignSection:
    """The section where an entry is changed: that which names the longest beginning of it."""
    fitting = [
        (len(begin), section) for section in _SECTIONS for begin in section.entries
        if entry == begin or entry.startswith(f"{begin}.")
    ]  # fmt: skip
    return max(fitting, key=lambda found: found[0])[1] if fitting else _SECTIONS[0]


def _turn(chosen: str, key: str) -> None:
    place = [section.key for section in _SECTIONS].index(chosen)
    with st.container(horizontal=True):
        if place > 0:
            before = _SECTIONS[place - 1]
            st.button(
                before.title, key="new.before", icon=":material/arrow_back:", on_click=_go, args=(key, before.key)
            )
        if place + 1 < len(_SECTIONS):
            after = _SECTIONS[place + 1]
            st.button(
                after.title, key="new.after", icon=":material/arrow_forward:", icon_position="right", on_click=_go,
                args=(key, after.key),
            )  # fmt: skip


def _try_as_reader(draft_id: str) -> None:
    _go(_section_key(draft_id), "review")
    st.session_state[part_key(draft_id)] = AS_A_READER


def _section_key(draft_id: str) -> str:
    return f"new.{draft_id}.section"


def _go(key: str, section: str) -> None:
    st.session_state[key] = section


def _load(draft_id: str) -> None:
    desk = desk_of(draft_id)
    desk.load(study_drafts.get_draft(access.current_workspace(), draft_id))


def _save(draft_id: str) -> None:
    desk_of(draft_id).save()


def _restore(draft_id: str) -> None:
    try:
        actor = access.act(Right.RUN_STUDIES)
        study_drafts.restore_draft(access.current_workspace(), actor, draft_id)
        _load(draft_id)
    except DermdashError as error:
        leave_outcome(PLACE, as_message(str(error)), well=False)


def _copy(draft_id: str) -> None:
    """Keep what this tab has as a draft of its own; the page goes there."""
    desk = desk_of(draft_id)
    try:
        actor = access.act(Right.RUN_STUDIES)
        name = f"{str(desk.at('name')).strip()} (copy)".strip()
        st.session_state[keys.DRAFT_COPIED] = study_drafts.begin_draft(
            access.current_workspace(), actor, desk.entries | {"name": name}
        )
    except DermdashError as error:
        leave_outcome(PLACE, as_message(str(error)), well=False)
        return
    desk.load(study_drafts.get_draft(access.current_workspace(), draft_id))
