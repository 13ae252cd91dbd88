"""The last look: the protocol in sentences, as a file, its cases, and then the freeze."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dermdash.analyses.fitting import unfit_words
from dermdash.analyses.registry import analysis_title
from dermdash.analyses.sample_size.of_protocol import power_of_protocol, power_words
from dermdash.analyses.sample_size.run import ASSUMED_DIFFERENCE
from dermdash.errors import DermdashError
from dermdash.reader_study.before_freezing import warnings_before_freezing
from dermdash.reader_study.freeze_words import amendable_afterwards, fixed_by_freezing
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.protocol_draft import differences
from dermdash.reader_study.protocol_text import protocol_yaml
from dermdash.reader_study.templates import get_template
from dermdash.reader_study.trial_readers import USUAL_READERS
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.case_draw_view import draw_words, preview, say_not_drawn, warn_of_draw, warn_of_list
from dermdash.ui.choices import choose_segment
from dermdash.ui.messages import as_text, error_words
from dermdash.ui.navigation import switch_page
from dermdash.ui.source_choice import link_to_study
from dermdash.ui.study_designer.desk import Desk, desk_of, freezable
from dermdash.ui.study_designer.protocol_file import uploaded_entries
from dermdash.ui.study_designer.protocol_sentences import names_of_protocol, show_sentences
from dermdash.ui.study_designer.wording_of_entries import entry_in_words
from dermdash.ui.study_preview_view import preview_as_reader
from dermdash.ui.study_tabs import invitations_query
from dermdash.ui.study_trial_view import trial
from dermdash.ui.tables import data_table
from dermdash.wording import counted
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.reader_study import study_drafts
from dermdash.workflows.reader_study.draw_cases import DrawnCases, drawn
from dermdash.workflows.reader_study.fitting_consent import with_fitting_consent

STUDY_PAGE = "reader_study/study"
AS_A_READER = "reader"
_PARTS = {
    "protocol": "Protocol", "cases": "Cases", "trial": "Trial run", AS_A_READER: "As a reader", "freeze": "Freeze",
}  # fmt: skip


def part_key(draft_id: str) -> str:
    """Key of the widget that says which part of the review is shown."""
    return f"new.{draft_id}.part"


def show_review(workspace: Workspace, desk: Desk) -> None:
    """One part at a time: to read the protocol, to look at its cases, to try it, and to freeze it."""
    protocol = freezable(desk)
    if protocol is None:
        st.info("The protocol is shown here when nothing is missing any more.", icon=":material/edit:")
        _file(workspace, desk, None)
        return
    protocol = with_fitting_consent(workspace, protocol)  # as the freeze does
    part = choose_segment(
        "Part", list(_PARTS), _PARTS.__getitem__, key=part_key(desk.draft_id), name="part",
        label_visibility="collapsed",
    )  # fmt: skip
    if part == "protocol":
        left, right = st.columns([3, 2], gap="large")
        with left:
            _sentences(workspace, protocol)
        with right:
            _differences(desk)
            _file(workspace, desk, protocol)
    elif part == "cases":
        preview(workspace, protocol)
    elif part == "trial":
        trial(workspace, protocol)
    elif part == AS_A_READER:
        preview_as_reader(workspace, protocol)
    else:
        _freeze(workspace, desk, protocol)


def _sentences(workspace: Workspace, protocol: Protocol) -> None:
    st.subheader("The protocol", anchor=False)
    with st.container(border=True):
        show_sentences(workspace, protocol)


def _differences(desk: Desk) -> None:
    st.subheader("What differs from the template", anchor=False)
    found = differences(desk.entries)
    title = get_template(desk.entries["template"]).title
    if not found:
        st.caption(f"Nothing: it is as *{title}* says.")
        return
    rows = [(entry_in_words(c.entry), _shown(c.before, c.entry), _shown(c.after, c.entry)) for c in found]
    data_table(pd.DataFrame(rows, columns=["Entry", title, "Here"]), key="new.differences")


def _file(workspace: Workspace, desk: Desk, protocol: Protocol | None) -> None:
    st.subheader("The protocol as a file", anchor=False)
    if protocol is not None:
        st.download_button(
            "Protocol (YAML)", protocol_yaml(protocol).encode(), "protocol.yaml", "application/yaml",
            key="new.yaml", icon=":material/download:", on_click="ignore",
        )  # fmt: skip
    entries = uploaded_entries(
        "Changed protocol (YAML)", key=desk.key("file"),
        help="Takes the place of what is entered here; the name of the draft becomes that of the file's study.",
    )  # fmt: skip
    if entries is None:
        return
    changed = [name for name, value in entries.items() if value != desk.entries[name]]
    if not changed:
        st.caption("The file says the same as this draft.")
        return
    st.caption(f"The file changes: {as_text(', '.join(entry_in_words(name) for name in changed))}.")
    st.button(
        "Take it over", key="new.take_over", icon=":material/upload:", on_click=_take_over,
        args=(desk.draft_id, entries),
    )  # fmt: skip


def _take_over(draft_id: str, entries: dict[str, Any]) -> None:
    desk = desk_of(draft_id)
    desk.put(entries)
    desk.begin_widgets_anew()


def _freeze(workspace: Workspace, desk: Desk, protocol: Protocol) -> None:
    st.header("Freeze", anchor=False)
    try:
        found = drawn(workspace, protocol)
    except DermdashError as error:
        say_not_drawn(workspace, protocol, error)
        return
    selection = found.selection
    st.write(draw_words(protocol, selection))
    warn_of_draw(protocol, selection)
    warn_of_list(workspace, protocol, found)
    for warning in filter(None, (*warnings_before_freezing(protocol), unfit_words(protocol))):
        st.warning(warning, icon=":material/warning:")
    _what_is_fixed(workspace, protocol, found)
    if found.lock is None:
        st.button(
            "Look through the cases and lock the list", key="new.to_cases", icon=":material/grid_view:",
            type="tertiary", on_click=_to_cases, args=(desk.draft_id,),
        )  # fmt: skip
    if desk.is_behind or desk.unsaved:
        st.warning("First settle what is said at the head of the page.", icon=":material/warning:")
        return
    with st.popover("Freeze the protocol", icon=":material/lock:", type="primary"):
        cases = counted(protocol.case_count, "case")
        st.write(
            as_text(f"“{desk.at('name')}” with {cases} becomes a study, fixed as it says above. This cannot be undone.")
        )
        asked = st.button(
            "Freeze protocol and create study", type="primary", key="new.freeze", icon=":material/lock:",
            on_click=_remember_list, args=(selection.digest,),
        )  # fmt: skip
        if asked:
            _freeze_now(workspace, desk, str(st.session_state.pop(keys.LIST_SEEN, selection.digest)))


def _what_is_fixed(workspace: Workspace, protocol: Protocol, found: DrawnCases) -> None:
    """In words, what holds for good and what does not: nobody should freeze and be surprised."""
    readers = protocol.conduct.target_readers or USUAL_READERS
    power = power_words(power_of_protocol(protocol, readers=readers, difference=ASSUMED_DIFFERENCE))
    fixed = fixed_by_freezing(
        protocol, names_of_protocol(workspace, protocol), exchanged=len(found.exchanges), locked=found.lock is not None,
        power=f"Planned with {counted(readers, 'complete reader')}. {power}",
    )  # fmt: skip
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("Fixed for good", anchor=False)
        with st.container(border=True):
            for section in fixed:
                st.markdown(f"**{section.title}.** {as_text(' '.join(section.sentences))}")
    with right:
        st.subheader("Can be amended afterwards", anchor=False)
        with st.container(border=True):
            st.markdown("\n".join(f"- {as_text(words)}" for words in amendable_afterwards(protocol)))
            st.caption(
                "Each amendment is numbered, has a reason, and stands in every export. Readers follow it from their "
                "next step on. For anything else make a new study."
            )


def _to_cases(draft_id: str) -> None:
    st.session_state[part_key(draft_id)] = "cases"


def _remember_list(digest: str) -> None:
    """Which list stood on the page when the button was pressed: the run that follows draws it anew."""
    st.session_state[keys.LIST_SEEN] = digest


def _freeze_now(workspace: Workspace, desk: Desk, list_seen: str) -> None:
    bar = st.progress(0.0, "Drawing cases")

    def show(message: str, share: float) -> None:
        bar.progress(share, message)

    actor = access.act(Right.RUN_STUDIES)
    try:
        study_id = study_drafts.freeze_draft(
            workspace, actor, desk.draft_id, after=desk.number, list_seen=list_seen, progress=show
        )
    except DermdashError as error:
        bar.empty()
        st.error(error_words(error), icon=":material/error:")
        return
    switch_page(STUDY_PAGE, query_params=link_to_study(study_id) | invitations_query())


def _shown(value: Any, entry: str) -> str:
    if value is None or value in ([], {}):
        return "–"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list) and entry == "prespecified_analyses":
        return ", ".join(analysis_title(each) for each in value)
    if isinstance(value, list):
        return ", ".join(str(each.get("name", each)) if isinstance(each, dict) else str(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {each}" for name, each in value.items())
    return str(value)
