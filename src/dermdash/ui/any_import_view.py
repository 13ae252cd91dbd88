"""Importing whatever somebody gives: what it was recognised as, what would come in, how it is read, and the import."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, BinaryIO

import streamlit as st

from dermdash.dataset.dataset_name import DatasetName, named_after
from dermdash.dataset.formats import any_table
from dermdash.dataset.formats.mapping import TableMapping
from dermdash.dataset.formats.registry import FORMATS, RECOGNISED
from dermdash.errors import InvalidInput
from dermdash.records.taxonomy import TAXONOMIES
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.choices import choose, switch
from dermdash.ui.import_view import PLACES, SERVER, UPLOAD, how_to_import, paths_of
from dermdash.ui.import_watch import is_importing, start_import
from dermdash.ui.mapping_choice import say_drafts
from dermdash.ui.mapping_editor import edit_mapping
from dermdash.ui.messages import as_code, as_text
from dermdash.ui.source_look import show_found, show_verdict
from dermdash.ui.uploads import spooled_by_name
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.dataset.import_report import ImportProgress, ImportReport
from dermdash.workflows.dataset.import_source import dataset_called, import_prepared, prepare_import
from dermdash.workflows.dataset.look_at_source import SourceLook, look_at_source
from dermdash.workflows.lesion_identity.listed_duplicates import keep_found


@dataclass(frozen=True, slots=True)
class AnyImport:
    """What the page asks for; files are uploaded or paths on this machine."""

    files: list[BinaryIO | Path]
    masks: list[BinaryIO | Path]
    asked: str | None
    taxonomy: str | None
    dataset_id: str | None
    name: str | None
    encoding: str | None
    update: bool
    workers: int | None
    pseudonyms: bool = False

    @property
    def told_by(self) -> tuple[Any, ...]:
        """What a look at the files depends on; others may be changed while it stands there."""
        files = tuple(f if isinstance(f, Path) else f.file_id for f in self.files)  # type: ignore[attr-defined]
        return (files, self.asked, self.encoding)

    @property
    def unnamed(self) -> DatasetName | None:
        """What the data set is called where it is named neither here nor by its format."""
        return named_after(f if isinstance(f, Path) else PurePath(f.name) for f in self.files)

    @property
    def counted_for(self) -> tuple[str | None, str | None, bool]:
        """What its counts depend on."""
        return (self.taxonomy, self.dataset_id, self.pseudonyms)


def import_anything(workspace: Workspace) -> None:
    """Draw this way of importing: files, what is in them, the mapping where one is needed, the import."""
    request = _choices()
    look = _look_of(request)
    with st.container(horizontal=True):
        asked = st.button(
            "See what is there", key="import.look", icon=":material/visibility:",
            type="secondary" if look is not None else "primary",
            help="Reads the tables and lists the images. Nothing is stored.",
        )  # fmt: skip
    if asked:
        _look(workspace, request, None)
        st.rerun()
    if look is None:
        st.caption("Nothing is stored before *Import* is pressed.")
        say_drafts(workspace)
        return
    if look.mapping is not None:
        st.header("What every row says", anchor=False)
    show_verdict(look)
    acts = st.container()
    if look.summary is not None:
        show_found(look, look.summary)
    mapping = None
    if _maps(look):
        mapping = edit_mapping(workspace, look, taxonomy=request.taxonomy)
        if mapping is None:
            return
    elif look.summary is None:
        return
    with acts:  # above what was found, however much that is
        _acts(workspace, request, look, mapping)


def _acts(workspace: Workspace, request: AnyImport, look: SourceLook, mapping: TableMapping | None) -> None:
    if look.mapping is not None and look.mapping != mapping:
        st.info("The mapping was changed since. *Check every row* counts again.", icon=":material/info:")
    _say_where(workspace, request, look)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Import", key="import.go", type="primary", icon=":material/upload:", disabled=is_importing(workspace)
        ):
            _import(workspace, request, mapping)
        if mapping is not None and st.button(
            "Check every row", key="import.dry_run", icon=":material/rule:",
            help="Reads all rows by this mapping and lists what cannot be used. Nothing is stored.",
        ):  # fmt: skip
            _look(workspace, request, mapping)
            st.rerun()
        st.caption(
            "An import is under way: the top of the page says how far it is."
            if is_importing(workspace)
            else "Rows that were imported before are skipped; an import that breaks off goes on where it stopped."
        )


def _say_where(workspace: Workspace, request: AnyImport, look: SourceLook) -> None:
    """Which data set it would come into: a new one, or which of those that are there."""
    form = any_table.FORMAT if look.summary is None else FORMATS[look.summary.format]
    called = dataset_called(form, request.dataset_id, request.unnamed)
    there = browse_records.dataset_names(workspace).get(called.id)
    if there is None:
        st.markdown(f"Into the new data set **{as_text(request.name or called.name)}** (id {as_code(called.id)}).")
    else:
        st.markdown(
            f"Into **{as_text(there)}** (id {as_code(called.id)}), which is there already. Another id above makes a "
            "data set of its own."
        )


def _choices() -> AnyImport:
    place = choose(
        "Where are the files?", list(PLACES), {**PLACES, UPLOAD: "Upload them"}.__getitem__, key="import.place",
        name="place", draw="radio", horizontal=True,
    )  # fmt: skip
    files: list[BinaryIO | Path] = []
    masks: list[BinaryIO | Path] = []
    if place == UPLOAD:
        # Any ending, or none: what they hold decides.
        files += st.file_uploader(
            "Tables, zip files, images", accept_multiple_files=True, key="import.files",
            help="Several tables that belong together, tables without an ending, zip files in zip files.",
        )  # fmt: skip
    else:
        files += paths_of(
            st.text_area("Tables, folders and zip files", key="import.paths", help="One path a line.", height=96)
        )
    asked, classes = st.columns(2)
    form = choose(
        "Format", ["", *RECOGNISED], lambda key: RECOGNISED[key].title if key else "Found out", key="import.asked",
        name="format", place=asked, help="Say it where several are found, or to be told what is missing.",
    )  # fmt: skip
    taxonomy = choose(
        "Taxonomy of the diagnoses", ["", *TAXONOMIES],
        lambda name: TAXONOMIES[name].title if name else "That of the format, or the one that fits",
        key="import.classes", name="taxonomy", place=classes,
    )  # fmt: skip
    own_id, own_name = st.columns(2)
    dataset_id = own_id.text_input(
        "Data set id (optional)", key="import.dataset_id", max_chars=80, placeholder="that of the format, or the files",
        help="Letters, digits, '-', '_' and '.'. Every data set needs its own.",
    )  # fmt: skip
    name = own_name.text_input(
        "Name (optional)", key="import.name", max_chars=200, placeholder="that of the format, or the files"
    )
    with st.expander("Masks, encoding, and how to import"):
        if place == SERVER:
            masks += paths_of(st.text_area("Folders and zip files of lesion masks", key="import.mask_paths", height=68))
        else:
            masks += st.file_uploader(
                "Lesion masks (zip, optional)", type="zip", accept_multiple_files=True, key="import.mask_files"
            )
        how = how_to_import()
    return AnyImport(
        files, masks, form or None, taxonomy or None, dataset_id.strip() or None, name.strip() or None, **how
    )


def _look_of(request: AnyImport) -> SourceLook | None:
    """What was seen of these files under these choices; None where they are others."""
    kept = st.session_state.get(keys.IMPORT_LOOK)
    if kept is None or not request.files:
        return None
    told_by, counted_for, look = kept
    if told_by != request.told_by:
        return None
    if counted_for != request.counted_for:
        st.info(
            "The counts below are those of another taxonomy or data set id, or of other names of patients. "
            "*See what is there* counts again.",
            icon=":material/info:",
        )
    found: SourceLook = look
    return found


def _how_to_prepare(workspace: Workspace, request: AnyImport, mapping: TableMapping | None) -> dict[str, Any]:
    """How the files are read, for a look and for the import alike; a mapping says the taxonomy itself."""
    return {
        "asked": request.asked,
        "taxonomy": None if mapping else request.taxonomy,
        "dataset_id": request.dataset_id,
        "workspace": workspace,
        "mapping": mapping,
        "encoding": request.encoding,
        "unnamed": request.unnamed,
    }


def _look(workspace: Workspace, request: AnyImport, mapping: TableMapping | None) -> SourceLook:
    if not request.files:
        raise InvalidInput("Name the files first: tables, zip files or folders.")
    access.act(Right.IMPORT_RECORDS)
    with spooled_by_name(workspace, request.files) as paths, st.spinner("Reading the tables and listing the images"):
        look = look_at_source(
            paths, pseudonyms=request.pseudonyms, **_how_to_prepare(workspace, request, mapping)
        )  # fmt: skip
    st.session_state[keys.IMPORT_LOOK] = (request.told_by, request.counted_for, look)
    return look


def _maps(look: SourceLook) -> bool:
    """Whether the columns are mapped here: where no format says how they are read, or somebody wants to."""
    if look.proposed or look.mapping is not None:
        return True
    return bool(look.tables) and switch(
        "Map the columns myself", key="import.map", name="map",
        help=f"Instead of as {as_text(look.summary.title) if look.summary else 'recognised'}.",
    )  # fmt: skip


def _import(workspace: Workspace, request: AnyImport, mapping: TableMapping | None) -> None:
    account = access.act(Right.IMPORT_RECORDS)
    start_import(
        workspace, account.id, lambda progress: _run(workspace, request, mapping, account.id, progress)
    )  # fmt: skip


def _run(
    workspace: Workspace,
    request: AnyImport,
    mapping: TableMapping | None,
    imported_by: str,
    progress: Callable[[ImportProgress], None],
) -> ImportReport:
    """The import itself, beside the page: nothing here draws."""
    with (
        spooled_by_name(workspace, request.files) as paths,
        spooled_by_name(workspace, request.masks) as masks,
        closing(prepare_import(paths, masks=masks, **_how_to_prepare(workspace, request, mapping))) as prepared,
    ):
        report = import_prepared(
            workspace,
            prepared,
            name=request.name,
            update=request.update,
            workers=request.workers,
            pseudonyms=request.pseudonyms,
            processes=None,
            progress=progress,
            imported_by=imported_by,
        )
    if prepared.source.pairs:
        keep_found(workspace, prepared.source.pairs, dataset_id=report.dataset)
    return report
