"""With which mapping to begin: what is proposed, one that was saved, a file; and saving, deleting, taking away."""

from __future__ import annotations

import streamlit as st

from dermdash.dataset.formats.mapped_source import fit_of
from dermdash.dataset.formats.mapping import TableMapping
from dermdash.dataset.formats.mapping_file import SUFFIX, read_mapping_bytes
from dermdash.dataset.formats.mapping_text import mapping_yaml
from dermdash.dataset.formats.table_sources import FoundTable
from dermdash.errors import DermdashError
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.choices import choose, switch
from dermdash.ui.messages import as_text, error_words, redraw_saying, show_outcome
from dermdash.wording import percent
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset.saved_mappings import FITS, delete_mapping, list_mappings, save_mapping

_SAID = "import.mapping"
_PROPOSED, _FILE, _SAVED = "proposed", "file", "saved-"
_MOST_MEGABYTES = 1


def choose_mapping(
    workspace: Workspace, table: FoundTable, proposed: TableMapping | None
) -> tuple[TableMapping | None, str]:
    """Choose what to begin with; that, and the name under which it was saved (empty: it was not)."""
    show_outcome(_SAID)
    saved = list_mappings(workspace.home)
    for problem in saved.problems.values():
        st.warning(f"A saved mapping cannot be used. {as_text(problem)}", icon=":material/warning:")
    fits = {name: fit_of(mapping, table.table.columns) for name, mapping in saved.mappings.items()}
    order = sorted(saved.mappings, key=lambda name: (-fits[name], name))
    uploaded = _uploaded()
    options = [*([_FILE] if uploaded is not None else []), *(_SAVED + name for name in order), _PROPOSED]
    best = _SAVED + order[0] if order and fits[order[0]] >= FITS else _PROPOSED

    def title(option: str) -> str:
        if option in (_PROPOSED, _FILE):
            return {_PROPOSED: "What is proposed", _FILE: "The file below"}[option]
        name = option.removeprefix(_SAVED)
        share = fits[name]
        return f"{name} (saved; {f'fits {percent(share, 0)} of its columns' if share else 'is for other columns'})"

    chosen = choose(
        "Begin with", options, title, key="import.mapping", name="mapping",
        default=_FILE if uploaded is not None else best,
    )  # fmt: skip
    if chosen == _PROPOSED:
        return proposed, ""
    if chosen == _FILE:
        return uploaded, ""
    name = chosen.removeprefix(_SAVED)
    return saved.mappings[name], name


def _uploaded() -> TableMapping | None:
    file = st.session_state.get("import.mapping_file")
    if file is None:
        return None
    try:
        return read_mapping_bytes(file.getvalue(), file=file.name)
    except DermdashError as error:
        st.error(error_words(error), icon=":material/error:")
        return None


def offer_to_keep(workspace: Workspace, mapping: TableMapping, called: str) -> None:
    """Save the mapping under a name, take it away as a file, bring one, delete the one chosen."""
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
        replacing = switch("Replace one of that name", key="import.mapping_replace", default=bool(called))
        st.file_uploader(
            "A mapping file (YAML)", type=["yaml", "yml"], key="import.mapping_file", max_upload_size=_MOST_MEGABYTES
        )
    if pressed:
        access.act(Right.IMPORT_RECORDS)
        save_mapping(workspace.home, name.strip(), mapping, replace=replacing)
        redraw_saying(_SAID, f"The mapping was saved as {as_text(name.strip())}.")
    if deleted:
        access.act(Right.IMPORT_RECORDS)
        delete_mapping(workspace.home, called)
        redraw_saying(_SAID, f"The mapping {as_text(called)} was deleted.")
