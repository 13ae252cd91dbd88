"""With which mapping to begin: what is proposed, one that was saved, a file; and saving, deleting, taking away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from dermdash.dataset.formats.mapped_source import fit_of_tables
from dermdash.dataset.formats.mapping import TableMapping
from dermdash.dataset.formats.mapping_file import SUFFIX, read_mapping_bytes
from dermdash.dataset.formats.mapping_text import mapping_yaml
from dermdash.dataset.formats.table_sources import FoundTable
from dermdash.errors import DermdashError
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.choices import choose, switch
from dermdash.ui.messages import as_text, error_words, redraw_saying, show_outcome
from dermdash.wording import counted, moment, percent
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset.mapping_drafts import (
    MappingDraft,
    count_drafts,
    discard_draft,
    keep_draft,
    list_drafts,
    new_draft,
)
from dermdash.workflows.dataset.saved_mappings import FITS, delete_mapping, list_mappings, save_mapping

_SAID = "import.mapping"
_KEY = "import.mapping"
_PROPOSED, _FILE, _SAVED, _DRAFT = "proposed", "file", "saved-", "draft-"
_MOST_MEGABYTES = 1


@dataclass(frozen=True, slots=True)
class Begun:
    """With what the editor began: its id in the address, the mapping, and the name under which it was saved."""

    option: str
    mapping: TableMapping | None
    saved_as: str = ""

    @property
    def proposed(self) -> bool:
        """Whether it is what is proposed for the tables."""
        return self.option == _PROPOSED


def choose_mapping(workspace: Workspace, tables: Sequence[FoundTable], proposed: TableMapping | None) -> Begun:
    """Choose what to begin with: what was left unfinished, a file, one that was saved, what is proposed."""
    show_outcome(_SAID)
    saved = list_mappings(workspace.home)
    for problem in saved.problems.values():
        st.warning(f"A saved mapping cannot be used. {as_text(problem)}", icon=":material/warning:")
    columns = [table.table.columns for table in tables]
    fits = {name: fit_of_tables(mapping, columns) for name, mapping in saved.mappings.items()}
    order = sorted(saved.mappings, key=lambda name: (-fits[name], name))
    uploaded = _uploaded()
    drafts = {f"{_DRAFT}{d.id}": d for d in _drafts(workspace, columns)}
    options = [
        *([_FILE] if uploaded is not None else []), *drafts, *(_SAVED + name for name in order), _PROPOSED
    ]  # fmt: skip
    best = _SAVED + order[0] if order and fits[order[0]] >= FITS else _PROPOSED
    best = next(iter(drafts), best)
    if (edited := _edited_for_other_tables(columns)) in drafts:
        st.session_state[_KEY] = edited  # a further file was given: what was edited goes on with it

    def title(option: str) -> str:
        if option in (_PROPOSED, _FILE):
            return {_PROPOSED: "What is proposed", _FILE: "The file below"}[option]
        if option in drafts:
            return f"Not saved yet, begun {moment(drafts[option].begun_at)}"
        name = option.removeprefix(_SAVED)
        share = fits[name]
        return f"{name} (saved; {f'fits {percent(share, 0)} of its columns' if share else 'is for other columns'})"

    chosen = choose(
        "Begin with", options, title, key=_KEY, name="mapping", default=_FILE if uploaded is not None else best
    )
    if chosen in drafts:
        st.caption("This is what was edited here and not saved. *What is proposed* begins anew.")
        return Begun(chosen, drafts[chosen].mapping)
    if chosen == _PROPOSED:
        return Begun(chosen, proposed)
    if chosen == _FILE:
        return Begun(chosen, uploaded)
    name = chosen.removeprefix(_SAVED)
    return Begun(chosen, saved.mappings[name], name)


def _uploaded() -> TableMapping | None:
    """The mapping of the file that was given; one that was just given is begun with."""
    file = st.session_state.get("import.mapping_file")
    if file is None:
        return None
    try:
        mapping = read_mapping_bytes(file.getvalue(), file=file.name)
    except DermdashError as error:
        st.error(error_words(error), icon=":material/error:")
        return None
    if st.session_state.get(keys.IMPORT_MAPPING_FILE) != file.file_id:
        st.session_state[keys.IMPORT_MAPPING_FILE] = file.file_id
        st.session_state[_KEY] = _FILE
    return mapping


def _account() -> str:
    account = access.current_account()
    return account.id if account is not None else ""


@dataclass(frozen=True, slots=True)
class _Sitting:
    """What is being edited: what it began with, the draft it is kept as (empty: nothing was edited), and its text."""

    begun: tuple[str, tuple[tuple[str, ...], ...]]
    draft: str
    text: str


def _drafts(workspace: Workspace, columns: Sequence[Sequence[str]]) -> list[MappingDraft]:
    """Those of other sittings, and that of this one where it was begun with already, or other tables were given."""
    sitting: _Sitting | None = st.session_state.get(keys.IMPORT_DRAFT)
    own = sitting.draft if sitting is not None and sitting.begun[1] == tuple(columns) else ""
    chosen = st.session_state.get(_KEY)
    found = list_drafts(workspace.home, _account(), columns)
    return [d for d in found if d.id != own or chosen == f"{_DRAFT}{d.id}"]


def say_drafts(workspace: Workspace) -> None:
    """Say that what was edited before the page was left is kept, and how to get it back."""
    if kept := count_drafts(workspace.home, _account()):
        st.caption(
            f"{counted(kept, 'mapping')} that you edited and did not save {'is' if kept == 1 else 'are'} kept: give "
            "the same tables again to go on."
        )


def _edited_for_other_tables(columns: Sequence[Sequence[str]]) -> str:
    """What was edited on this page before other files were given, as an option to begin with; empty for nothing."""
    sitting: _Sitting | None = st.session_state.get(keys.IMPORT_DRAFT)
    if sitting is None or not sitting.draft or sitting.begun[1] == tuple(columns):
        return ""
    return f"{_DRAFT}{sitting.draft}"


def keep_as_draft(workspace: Workspace, tables: Sequence[FoundTable], begun: Begun, mapping: TableMapping) -> None:
    """Keep what was edited on the server, so that neither a reload nor a lost connection takes it away."""
    columns = tuple(table.table.columns for table in tables)
    text = mapping_yaml(mapping)
    sitting: _Sitting | None = st.session_state.get(keys.IMPORT_DRAFT)
    if sitting is None or sitting.begun != (begun.option, columns):
        st.session_state[keys.IMPORT_DRAFT] = _Sitting((begun.option, columns), "", text)
        return
    if text == sitting.text:
        return
    draft = sitting.draft or new_draft(_account(), columns)
    keep_draft(workspace.home, draft, mapping)
    st.session_state[keys.IMPORT_DRAFT] = replace(sitting, draft=draft, text=text)


def _discard_drafts(workspace: Workspace, begun: Begun) -> None:
    """What was saved under a name is no draft any more."""
    sitting: _Sitting | None = st.session_state.pop(keys.IMPORT_DRAFT, None)
    own = [sitting.draft] if sitting is not None and sitting.draft else []
    if begun.option.startswith(_DRAFT):
        own.append(begun.option.removeprefix(_DRAFT))
    for draft in own:
        discard_draft(workspace.home, draft)


def offer_to_keep(workspace: Workspace, mapping: TableMapping, begun: Begun) -> None:
    """Save the mapping under a name, take it away as a file, bring one, delete the one chosen."""
    called = begun.saved_as
    text = mapping_yaml(mapping)
    with st.expander("Save this mapping, take it away as a file, or bring one"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input(
                "Name", value=called, key=f"import.mapping_name.{called}", max_chars=40, placeholder="clinic-2024",
                help="Small letters, digits, - and _.", width=260,
            )  # fmt: skip
            pressed = st.button("Save", key="import.mapping_save", icon=":material/save:")
            st.download_button(
                "Download (YAML)", text, file_name=f"{called or 'mapping'}{SUFFIX}", mime="application/yaml",
                key="import.mapping_yaml", icon=":material/download:", on_click="ignore",
            )  # fmt: skip
            deleted = bool(called) and st.button(
                f"Delete {called}", key="import.mapping_delete", icon=":material/delete:", type="tertiary"
            )
        replacing = switch("Replace one of that name", key=f"import.mapping_replace.{called}", default=bool(called))
        st.file_uploader(
            "A mapping file (YAML)", type=["yaml", "yml"], key="import.mapping_file", max_upload_size=_MOST_MEGABYTES
        )
    if pressed:
        access.act(Right.IMPORT_RECORDS)
        save_mapping(workspace.home, name.strip(), mapping, replace=replacing)
        _discard_drafts(workspace, begun)
        redraw_saying(_SAID, f"The mapping was saved as {as_text(name.strip())}.")
    if deleted:
        access.act(Right.IMPORT_RECORDS)
        delete_mapping(workspace.home, called)
        redraw_saying(_SAID, f"The mapping {as_text(called)} was deleted.")
