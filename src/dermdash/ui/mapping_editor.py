"""The editor of a mapping: what each table is, a line for each of its columns, its words, a preview, saving."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from dermdash.dataset.formats.layout import ColumnRole, Layout, TableLayout
from dermdash.dataset.formats.mapped_source import absent_tables, in_words, kind_name, kind_of
from dermdash.dataset.formats.mapping import TableMapping, meanings_of
from dermdash.dataset.formats.mapping_proposal import MappingProposal, proposed_table
from dermdash.dataset.formats.mapping_trial import MappingTrial, try_mapping
from dermdash.dataset.formats.source_proposal import JoinProposal, SourceProposal, as_joined, propose_source
from dermdash.dataset.formats.table_plan import NAMES_IMAGE
from dermdash.dataset.formats.table_sources import FoundTable
from dermdash.records.taxonomy import Taxonomy, get_taxonomy
from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.ui.choices import choose, choose_tab, switch
from dermdash.ui.mapping_choice import choose_mapping, keep_as_draft, offer_to_keep
from dermdash.ui.mapping_columns import edit_columns
from dermdash.ui.mapping_join import IMAGES, JOINED, UNUSED, choose_role, show_fit
from dermdash.ui.mapping_preview import ROWS, show_trial
from dermdash.ui.mapping_words import ask_for_order, edit_classes, edit_words
from dermdash.ui.messages import as_text
from dermdash.wording import counted
from dermdash.workflows.dataset.look_at_source import SourceLook


@dataclass(frozen=True, slots=True)
class _Table:
    """A table to be edited: what is proposed for it, and which table of the mapping that was begun with it is."""

    table: FoundTable
    rows: int
    proposal: MappingProposal
    kind: TableLayout | None
    join: JoinProposal | None
    parts: tuple[str, ...] = ()
    """Names of tables with the same columns, which are read the same way."""


def edit_mapping(workspace: Workspace, look: SourceLook, *, taxonomy: str | None) -> TableMapping | None:
    """Draw the editor; the mapping as it is, None while it cannot be used."""
    st.header("What the columns are", anchor=False)
    proposal = _proposal(look, taxonomy)
    begun = choose_mapping(workspace, look.tables, proposal.mapping)
    base = begun.mapping
    if taxonomy is not None and base is not None:
        base = replace(base, taxonomy=taxonomy)
    classes = get_taxonomy((base.taxonomy if base else "") or proposal.taxonomy)
    why = "" if taxonomy is not None else " Another one can be chosen above."
    st.caption(f"Diagnoses become classes of *{as_text(classes.title)}*.{why}")
    tables = _tables(look, proposal, base)
    _say_absent(base, tables)
    # Another taxonomy proposes other meanings of words, and takes away nothing that was edited of columns and tables.
    of_begun = None if begun.proposed else begun.mapping
    told = (tuple((t.table.name, t.table.table.columns) for t in tables), of_begun, begun.option)
    state = hashlib.sha256(repr(told).encode()).hexdigest()[:12]
    mapping, places, why_not = _edit_tables(tables, base, classes, state)
    # What is not among the files today is read now by nothing, and stays in what is kept for the next time.
    kept = replace(mapping, layout=replace(mapping.layout, tables=(*mapping.layout.tables, *_absent(base, tables))))
    keep_as_draft(workspace, look.tables, begun, kept)
    if why_not:
        st.warning(why_not, icon=":material/image_search:")
        return None
    trial = _trial(look, mapping, classes)
    if trial is not None:
        cut = any(rows > len(t.table.body) for t, rows in zip(look.tables, look.rows, strict=True))
        for fit in trial.fits:
            if fit.table in places:
                with places[fit.table]:
                    show_fit(fit, cut=cut, key=hashlib.sha256(fit.table.encode()).hexdigest()[:8])
        show_trial(trial)
    offer_to_keep(workspace, kept, begun)
    return mapping


def _proposal(look: SourceLook, taxonomy: str | None) -> SourceProposal:
    """What is proposed for the tables: worked out once for each look."""
    kept = st.session_state.get(keys.IMPORT_PROPOSAL)
    told_by = (tuple((t.name, t.table.columns) for t in look.tables), look.rows, taxonomy)
    if kept is None or kept[0] != told_by:
        kept = (told_by, propose_source(look.tables, taxonomy=taxonomy))
        st.session_state[keys.IMPORT_PROPOSAL] = kept
    proposal: SourceProposal = kept[1]
    return proposal


def _trial(look: SourceLook, mapping: TableMapping, classes: Taxonomy) -> MappingTrial | None:
    """What the mapping makes of the tables: tried once for each change of it."""
    kept = st.session_state.get(keys.IMPORT_TRIAL)
    if kept is None or kept[0] is not look.tables or kept[1:3] != (mapping, classes):
        kept = (look.tables, mapping, classes, try_mapping(mapping, look.tables, classes, rows=ROWS))
        st.session_state[keys.IMPORT_TRIAL] = kept
    trial: MappingTrial | None = kept[3]
    return trial


def _tables(look: SourceLook, proposal: SourceProposal, base: TableMapping | None) -> list[_Table]:
    """The tables, that whose rows are images first; those with the same columns as one."""
    proposals = {table.name: found for table, found in proposal.tables}
    joins = {j.table: j for j in proposal.joins}
    rows = {t.name: n for t, n in zip(look.tables, look.rows, strict=True)}
    order = {table.name: place for place, (table, _) in enumerate(proposal.tables)}
    by_columns: dict[frozenset[str], _Table] = {}
    for table in sorted(look.tables, key=lambda t: order.get(t.name, len(order))):
        if (first := by_columns.get(table.columns)) is not None:
            by_columns[table.columns] = replace(first, parts=(*first.parts, table.name))
            continue
        kind = kind_of(base, table) if base is not None else None
        if kind is not None and any(t.kind is kind for t in by_columns.values()):
            kind = None
        by_columns[table.columns] = _Table(table, rows[table.name], proposals[table.name], kind, joins.get(table.name))
    return list(by_columns.values())


def _absent(base: TableMapping | None, tables: Sequence[_Table]) -> tuple[TableLayout, ...]:
    """Tables of the mapping begun with that are not among the files, where others of it are."""
    if base is None or all(t.kind is None for t in tables):
        return ()
    return absent_tables(base, (t.kind for t in tables))


def _say_absent(base: TableMapping | None, tables: Sequence[_Table]) -> None:
    """Name tables of a saved mapping that are not among the files."""
    if absent := _absent(base, tables):
        names = as_text(", ".join(map(in_words, absent)))
        st.warning(
            f"The mapping also joins what is not among the files: {names}. Give that, too; without it the rest comes "
            "in alone.",
            icon=":material/link_off:",
        )


def _edit_tables(
    tables: Sequence[_Table], base: TableMapping | None, classes: Taxonomy, state: str
) -> tuple[TableMapping, dict[str, Any], str]:
    """The mapping as edited, a place in each table's part of the page for how it fits, and why it cannot be used."""
    kinds: list[TableLayout] = []
    places: dict[str, Any] = {}
    if len(tables) == 1:
        kinds.append(_edit(tables[0], IMAGES, "", "", classes, f"{state}.0"))
    else:
        titles = {str(i): f"{as_text(t.table.name)}" for i, t in enumerate(tables)}
        tabs = choose_tab(titles, key="import.table", name="table")
        for i, one in enumerate(tables):
            with tabs[str(i)]:
                usual = IMAGES if base is None and i == 0 else UNUSED
                role, column, of = choose_role(one.table, one.kind, one.join, f"{state}.{i}", usual=usual)
                places[one.table.name] = st.container()
                if role == UNUSED:
                    st.caption("Nothing of it is stored.")
                else:
                    kinds.append(_edit(one, role, column, of, classes, f"{state}.{i}"))
    kinds = _called_apart(sorted(kinds, key=lambda kind: not kind.names_images))
    targets = {c.to for kind in kinds for c in kind.columns}
    constants, of_patient = _what_holds_for_all(base, kinds, targets, state)
    layout = base.layout if base is not None else Layout(tables=())
    layout = replace(layout, tables=tuple(kinds), constants=constants, lesion_of_patient=of_patient)
    mapping = replace(base or TableMapping(layout=layout), layout=layout, taxonomy=classes.name)
    return mapping, places, _why_not(kinds)


def _called_apart(kinds: Sequence[TableLayout]) -> list[TableLayout]:
    """The tables, each under a name of its own."""
    found: list[TableLayout] = []
    for kind in kinds:
        taken = {k.kind for k in found}
        called = kind.kind if kind.kind not in taken else f"{kind.kind} {len(found) + 1}"
        found.append(replace(kind, kind=called))
    return found


def _why_not(kinds: Sequence[TableLayout]) -> str:
    naming = [kind for kind in kinds if kind.names_images]
    if len(naming) > 1:
        return (
            f"{counted(len(naming), 'table')} say that their rows are images: let that be one, and the others belong "
            "to it by a column."
        )
    if not naming or not naming[0].needs:
        return (
            "No column names the images yet: let one go to *Image: id or file name* or *Image: path of its file*, or "
            "several to *One of several images*."
        )
    for kind in kinds:
        others = {str(c.to) for k in kinds if k is not kind for c in k.columns}
        wanted = {str(kind.of), *(NAMES_IMAGE if kind.of == ColumnRole.IMAGE_ID else ())}
        if kind.key and not others & wanted:
            return f"Nothing says by what {as_text(kind.kind)} is found: no column of another table goes to {kind.of}."
    return ""


def _edit(one: _Table, role: str, key: str, of: str, classes: Taxonomy, state: str) -> TableLayout:
    """Draw the editor of one table; the table as edited. Of one that names no image yet, ``needs`` is empty."""
    if one.parts:
        st.caption(f"Read the same way, as they have the same columns: {as_text(', '.join(one.parts))}.")
    chosen = edit_columns(one.proposal.columns, one.kind, one.rows, state)
    for column in chosen.columns:
        ask_for_order(one.table, column)
    columns = [replace(c, values=edit_words(one.table, c, classes, state)) for c in chosen.columns]
    old = one.kind or proposed_table(one.proposal.columns)
    images = tuple(c.name for c in columns if c.to in NAMES_IMAGE)
    called = one.kind.kind if one.kind is not None else kind_name(one.table) if role == JOINED else "table"
    edited = replace(
        old,
        kind=called,
        needs=(*images, *(p.column for p in chosen.pictures)),
        columns=tuple(columns),
        one_hot=edit_classes(chosen.spread, old.one_hot, classes, state),
        pictures=chosen.pictures,
        ignored=chosen.left_out,
        key="",
        of=str(ColumnRole.IMAGE_ID),
        names_images=True,
    )
    return as_joined(edited, key, of) if role == JOINED else edited


def _what_holds_for_all(
    base: TableMapping | None, kinds: Sequence[TableLayout], targets: set[str], state: str
) -> tuple[dict[str, Any], bool]:
    """What is the same for every image, and whether lesion ids are unique only within a patient."""
    constants = dict(base.layout.constants) if base is not None else {}
    place = st.container(horizontal=True, vertical_alignment="bottom")
    of_pictures = [p for k in kinds for p in k.pictures]
    if "image_type" not in targets and not (of_pictures and all(p.constants.get("image_type") for p in of_pictures)):
        image_type = choose(
            "All images are", ["", *meanings_of("image_type")], lambda i: i.replace("_", " ") or "Not said",
            key=f"import.image_type.{state}", default=str(constants.get("image_type", "")), place=place, width=320,
        )  # fmt: skip
        constants.pop("image_type", None)
        constants |= {"image_type": image_type} if image_type else {}
    of_patient = base is not None and base.layout.lesion_of_patient
    if {ColumnRole.LESION_ID, ColumnRole.PATIENT_ID} <= targets:
        of_patient = switch(
            "Lesion ids are unique only within a patient", key=f"import.of_patient.{state}", default=of_patient,
            place=place,
        )  # fmt: skip
    return constants, of_patient
