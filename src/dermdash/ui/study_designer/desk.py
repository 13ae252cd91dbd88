"""The draft on the desk of this tab: what it has read and typed, saved after every change, never over a newer state."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from dermdash.analyses.fitting import usual_analyses
from dermdash.errors import DermdashError, InvalidInput
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.protocol_draft import (
    OF_EVERY_STUDY,
    DraftEntries,
    DraftFault,
    entry_at,
    faults_of_entries,
    protocol_of_entries,
    template_of_entries,
    with_entry,
)
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, address, keys
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.reader_study import study_drafts
from dermdash.workflows.reader_study.study_drafts import StudyDraft

PAGE = "reader_study/new_study"
_REMEMBERED = 5
_ANALYSES = "prespecified_analyses"


@dataclass
class Desk:
    """A draft as this tab has it.

    Attributes
    ----------
    entries, number
        What was typed here, and the state of the draft that it follows.
    unsaved
        Why the last change is on no disk yet; empty where all is.
    generation
        Part of the keys of widgets: they are others when entries come from elsewhere than from them.
    latest
        The draft as the database has it in this run.
    faults, template
        What keeps the entries from being a protocol, and what the template says in their place, in this run.
    """

    draft_id: str
    entries: DraftEntries
    number: int
    unsaved: str = ""
    generation: int = 0
    latest: StudyDraft = field(init=False)
    faults: tuple[DraftFault, ...] = ()
    template: DraftEntries = field(default_factory=dict)

    @property
    def is_behind(self) -> bool:
        """Whether the draft was changed elsewhere since this tab read it."""
        return self.latest.number != self.number

    def at(self, path: str) -> Any:
        """What is entered at a path."""
        return entry_at(self.entries, path)

    def of_template(self, path: str) -> Any:
        """What the template says of an entry; None where it says nothing."""
        return None if path in OF_EVERY_STUDY else entry_at(self.template, path)

    def key(self, path: str) -> str:
        """Key of the widget for an entry."""
        return f"new.{self.draft_id}.{self.generation}.{path}"

    def faults_at(self, path: str) -> list[DraftFault]:
        """What is wrong with exactly this entry."""
        return [fault for fault in self.faults if fault.entry == path]

    def protocol(self) -> Protocol:
        """The protocol that the entries make; raises InvalidInput where they make none."""
        return protocol_of_entries(self.entries)

    def put(self, changed: dict[str, Any], *, typed_in: str = "") -> None:
        """Enter values by path and save; where they cannot be saved they stay on the desk, and the page says why.

        ``typed_in``: key of the widget that says so already. What others say follows from the entries.
        """
        before = self.entries
        for path, value in changed.items():
            self._enter(path, value, typed_in=typed_in)
        if _ANALYSES not in changed:
            self._let_analyses_follow(before)
        self.save()

    def _enter(self, path: str, value: Any, *, typed_in: str = "") -> None:
        self.entries = with_entry(self.entries, path, value)
        if (key := self.key(path)) != typed_in:
            st.session_state.pop(key, None)

    def _let_analyses_follow(self, before: DraftEntries) -> None:
        """Analyses that nobody chose are those that fit what is asked: as long as they are, they follow it."""
        usual = usual_of_entries(before)
        if usual and self.at(_ANALYSES) == usual and (now := usual_of_entries(self.entries)) is not None:
            self._enter(_ANALYSES, now)

    def save(self) -> None:
        """Save what is on the desk."""
        try:
            actor = access.act(Right.RUN_STUDIES)
            self.number = study_drafts.save_draft(
                access.current_workspace(), actor, self.draft_id, self.entries, after=self.number
            )
        except DermdashError as error:
            self.unsaved = str(error)
        else:
            self.unsaved = ""

    def find_faults(self) -> None:
        """Look again at what is wrong with what is entered, and what the template would say."""
        self.faults = faults_of_entries(self.entries)
        self.template = template_of_entries(self.entries)

    def begin_widgets_anew(self) -> None:
        """Let every widget ask the entries what to say: these were changed by something else."""
        self.generation += 1

    def load(self, draft: StudyDraft) -> None:
        """Put another state on the desk in place of what is there."""
        self.entries, self.number, self.unsaved = draft.entries, draft.number, ""
        self.begin_widgets_anew()


def usual_of_entries(entries: DraftEntries) -> list[str] | None:
    """The analyses that fit what is asked; None where the entries make no protocol yet."""
    try:
        return usual_analyses(protocol_of_entries(entries | {"name": entries["name"] or "-", _ANALYSES: []}))
    except DermdashError:
        return None


def desk_of(draft_id: str) -> Desk:
    """The desk of a draft that is open in this tab, for callbacks."""
    desk: Desk = st.session_state[keys.DRAFTS][draft_id]
    return desk


def open_desk(workspace: Workspace, draft_id: str) -> Desk:
    """Put a draft on the desk, or go on with the one that lies there.

    Raises
    ------
    NotFound
        There is no such draft.
    InvalidInput
        It cannot be read.
    """
    latest = study_drafts.get_draft(workspace, draft_id)
    if latest.broken:
        raise InvalidInput(latest.broken)
    desks: dict[str, Desk] = st.session_state.setdefault(keys.DRAFTS, {})
    desk = desks.get(draft_id)
    if desk is None:
        desk = desks[draft_id] = Desk(draft_id, latest.entries, latest.number)
        while len(desks) > _REMEMBERED:
            desks.pop(next(iter(desks)))
    desk.latest = latest
    if desk.is_behind and not desk.unsaved and address.opened():
        desk.load(latest)
    elif desk.unsaved and not desk.is_behind and latest.is_open:
        _save_again(workspace, desk)
    desk.find_faults()
    return desk


def _save_again(workspace: Workspace, desk: Desk) -> None:
    desk.save()
    desk.latest = study_drafts.get_draft(workspace, desk.draft_id)


def freezable(desk: Desk) -> Protocol | None:
    """The protocol on the desk where nothing is wrong with it."""
    if desk.faults:
        return None
    try:
        return desk.protocol()
    except InvalidInput:
        return None
