"""The editor of a mapping: a line for each column of a table, its words, a preview, a dry run, saving."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from dermdash.dataset.formats.layout import ColumnRole, Layout, OneHot, SourceColumn, TableLayout
from dermdash.dataset.formats.mapping import TableMapping, has_words, meanings_of, units_of, with_words_kept
from dermdash.dataset.formats.mapping_proposal import (
    LOOKED_AT,
    MOST_WORDS,
    ColumnProposal,
    MappingProposal,
    propose_mapping,
    propose_words,
    words_of,
)
from dermdash.dataset.formats.table_sources import FoundTable
from dermdash.records.taxonomy import Taxonomy, diagnosis_name, get_taxonomy
from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.ui.choices import choose, switch
from dermdash.ui.mapping_choice import choose_mapping, offer_to_keep
from dermdash.ui.mapping_preview import preview_mapping
from dermdash.ui.mapping_targets import KEPT, NOT_USED, SPREAD, TARGET_IDS, target_title
from dermdash.ui.messages import as_text
from dermdash.ui.tables import height_of, safe_to_take_away
from dermdash.wording import counted, percent
from dermdash.workflows.dataset.look_at_source import SourceLook

_AS_WRITTEN = "-"
_UNITS = (_AS_WRITTEN, "mm", "cm", "µm", "years", "months", "weeks", "days")
_AS_IT_STANDS, _NOTHING = "as_it_stands", "nothing"
_IMAGES = (ColumnRole.IMAGE_ID, ColumnRole.IMAGE_PATH)


def edit_mapping(workspace: Workspace, look: SourceLook, *, taxonomy: str | None) -> TableMapping | None:
    """Draw the editor; the mapping as it is, None while no column names the images."""
    st.header("What the columns are", anchor=False)
    places = list(range(len(look.tables)))
    at = 0
    if len(places) > 1:
        at = choose("Table", places, lambda i: look.tables[i].name, key="import.table", name="table")
    table = look.tables[at]
    proposal = _proposal(look, at, taxonomy)
    base, called = choose_mapping(workspace, table, proposal.mapping)
    if taxonomy is not None and base is not None:
        base = replace(base, taxonomy=taxonomy)
    classes = get_taxonomy((base.taxonomy if base else "") or proposal.taxonomy)
    why = "" if taxonomy is not None else " Another one can be chosen above."
    st.caption(f"Diagnoses become classes of *{as_text(classes.title)}*.{why}")
    if base is not None and _as_it_stands(base):
        st.info("This mapping joins tables or names several images a row: it is used as it stands.")
        mapping: TableMapping | None = base
    else:
        state = hashlib.sha256(repr((table.name, table.table.columns, base, called)).encode()).hexdigest()[:12]
        mapping = _edit(table, look.rows[at], proposal, base, classes, state)
    if mapping is None:
        st.warning(
            "No column names the images yet: let one go to *Image: id or file name* or *Image: path of its file*.",
            icon=":material/image_search:",
        )
        return None
    preview_mapping(table, mapping, classes)
    offer_to_keep(workspace, mapping, called)
    return mapping


def _proposal(look: SourceLook, at: int, taxonomy: str | None) -> MappingProposal:
    """What is proposed for the table: worked out once for each look."""
    kept = st.session_state.get(keys.IMPORT_PROPOSAL)
    told_by = (look.tables[at].name, look.tables[at].table.columns, look.rows[at], taxonomy)
    if kept is None or kept[0] != told_by:
        kept = (told_by, propose_mapping(look.tables[at], taxonomy=taxonomy))
        st.session_state[keys.IMPORT_PROPOSAL] = kept
    proposal: MappingProposal = kept[1]
    return proposal


def _as_it_stands(mapping: TableMapping) -> bool:
    return len(mapping.layout.tables) != 1 or bool(mapping.layout.tables[0].pictures)


def _edit(
    table: FoundTable,
    rows: int,
    proposal: MappingProposal,
    base: TableMapping | None,
    classes: Taxonomy,
    state: str,
) -> TableMapping | None:
    kind = base.layout.tables[0] if base is not None else TableLayout(kind="table", needs=())
    there = {c.name.lower(): c for c in kind.columns}
    spread = {name.lower(): label for name, label in (kind.one_hot.classes if kind.one_hot else {}).items()}
    ignored = {name.lower() for name in kind.ignored}
    start = []
    for c in proposal.columns:
        low = c.name.lower()
        to = SPREAD if low in spread else NOT_USED if low in ignored else there[low].to if low in there else ""
        start.append((to or KEPT, (there[low].unit if low in there else "") or _AS_WRITTEN))
    chosen = _columns_table(proposal.columns, start, rows, state)
    columns, unfit = [], []
    for c, (to, unit) in zip(proposal.columns, chosen, strict=True):
        if to in (NOT_USED, SPREAD):
            continue
        old = there.get(c.name.lower())
        if unit and unit not in units_of(to):
            unfit.append(f"{c.name} ({unit})")
            unit = ""
        unit = "" if units_of(to)[:1] == (unit,) else unit
        same = old is not None and old.to == to
        column = replace(old, unit=unit) if old is not None and same else SourceColumn(name=c.name, to=to, unit=unit)
        columns.append(column)
    if unfit:
        st.caption(f"Units that do not belong to the target are not used: {as_text(', '.join(unfit))}.")
    columns = _edit_words(table, columns, classes, state)
    constants, of_patient = _what_holds_for_all(base, {c.to for c in columns})
    images = tuple(c.name for c in columns if c.to in _IMAGES)
    if not images:
        return None
    stands_for = {
        c.name: spread.get(c.name.lower(), c.name)
        for c, (to, _) in zip(proposal.columns, chosen, strict=True)
        if to == SPREAD
    }
    layout = base.layout if base is not None else Layout(tables=())
    edited = replace(
        kind,
        needs=images,
        columns=tuple(map(with_words_kept, columns)),
        one_hot=replace(kind.one_hot or OneHot(classes={}), classes=stands_for) if stands_for else None,
        ignored=tuple(c.name for c, (to, _) in zip(proposal.columns, chosen, strict=True) if to == NOT_USED),
    )
    layout = replace(layout, tables=(edited,), constants=constants, lesion_of_patient=of_patient)
    return replace(base or TableMapping(layout=layout), layout=layout, taxonomy=classes.name)


def _columns_table(
    columns: Sequence[ColumnProposal], start: Sequence[tuple[str, str]], rows: int, state: str
) -> list[tuple[str, str]]:
    """A line for each column; where each goes and its unit, as edited."""
    looked = f" Proposed by the first {LOOKED_AT:,} of {counted(rows, 'row')}." if rows > LOOKED_AT else ""
    st.caption(
        "Choose a cell of *Goes to* and press Enter, or double-click it, to change it. Columns kept as text stay with "
        "the record and can be exported." + looked
    )
    frame = pd.DataFrame(
        {
            "column": [c.name for c in columns],
            "examples": [" · ".join(c.examples) for c in columns],
            "to": [to for to, _ in start],
            "unit": [unit for _, unit in start],
            "sure": [
                "chosen" if (c.to or KEPT) != to else f"{percent(c.confidence, 0)}, {c.why}" if c.to else c.why
                for c, (to, _) in zip(columns, start, strict=True)
            ],
        }
    )
    edited: pd.DataFrame = st.data_editor(
        _shown(frame),
        key=f"import.columns.{state}",
        hide_index=True,
        height=height_of(len(columns), most=620),
        disabled=["column", "examples", "sure"],
        column_config={
            "column": st.column_config.TextColumn("Column", pinned=True),
            "examples": st.column_config.TextColumn("For example"),
            "to": st.column_config.SelectboxColumn(
                "Goes to",
                options=list(TARGET_IDS),
                format_func=lambda to: target_title(str(to)),
                required=True,
                width="medium",
            ),
            "unit": st.column_config.SelectboxColumn("Unit", options=list(_UNITS), width="small"),
            "sure": st.column_config.TextColumn("How sure"),
        },
    )
    chosen = zip(map(str, edited["to"]), map(str, edited["unit"]), strict=True)
    return [("" if to == KEPT else to, unit if unit in _UNITS[1:] else "") for to, unit in chosen]


def _edit_words(table: FoundTable, columns: list[SourceColumn], classes: Taxonomy, state: str) -> list[SourceColumn]:
    """Below the columns, for each whose cells are words of a kind, what they mean."""
    done = []
    for column in columns:
        if has_words(column.to):
            column = replace(column, values=_words_table(table, column, classes, state))
        done.append(column)
    return done


def _words_table(table: FoundTable, column: SourceColumn, classes: Taxonomy, state: str) -> Mapping[str, str]:
    words = words_of(table, column.name)
    title = f"{as_text(column.name)} → {target_title(column.to)}"
    if len(words) > MOST_WORDS:
        st.caption(f"{title}: {counted(len(words), 'word')}, each is read as it stands.")
        return column.values
    of_diagnosis = column.to in (ColumnRole.DIAGNOSIS, ColumnRole.HISTOLOGY)
    options = [_AS_IT_STANDS, _NOTHING, *(classes.codes if of_diagnosis else meanings_of(column.to))]
    if len(options) == 2:
        return column.values
    said = {word.lower(): meaning or _NOTHING for word, meaning in column.values.items()}
    proposed = propose_words(column.to, words, classes)
    means = [said.get(p.word.lower(), p.meaning) for p in proposed]
    open_words = sum(not m for m in means)
    label = f"{title}: {counted(len(proposed), 'word')}"
    with st.expander(f"{label}, {open_words} without a meaning" if open_words else label, expanded=bool(open_words)):
        frame = pd.DataFrame(
            {
                "word": [p.word for p in proposed],
                "rows": [p.rows for p in proposed],
                "means": [m if m in options else _AS_IT_STANDS for m in means],
                "sure": [
                    percent(p.confidence, 0) + (f", {p.why}" if p.why else "") if p.meaning else p.why for p in proposed
                ],
            }
        )
        place = hashlib.sha256(repr((column.name, column.to, classes.name)).encode()).hexdigest()[:8]
        edited: pd.DataFrame = st.data_editor(
            _shown(frame),
            key=f"import.words.{state}.{place}",
            hide_index=True,
            height=height_of(len(frame), most=430),
            disabled=["word", "rows", "sure"],
            column_config={
                "word": st.column_config.TextColumn("Word", pinned=True, width="medium"),
                "rows": st.column_config.NumberColumn("Rows", format="localized", width="small"),
                "means": st.column_config.SelectboxColumn(
                    "Means", options=options, width="medium", required=True,
                    format_func=_diagnosis_title if of_diagnosis else _choice_title,
                ),
                "sure": st.column_config.TextColumn("How sure"),
            },
        )  # fmt: skip
    pairs = zip(proposed, map(str, edited["means"]), strict=True)
    return {p.word: "" if meaning == _NOTHING else meaning for p, meaning in pairs if meaning != _AS_IT_STANDS}


def _what_holds_for_all(base: TableMapping | None, targets: set[str]) -> tuple[dict[str, Any], bool]:
    """What is the same for every image, and whether lesion ids are unique only within a patient."""
    constants = dict(base.layout.constants) if base is not None else {}
    kind, within = st.columns(2, vertical_alignment="bottom")
    if "image_type" not in targets:
        image_type = choose(
            "All images are", ["", *meanings_of("image_type")], lambda i: i.replace("_", " ") or "Not said",
            key="import.image_type", default=str(constants.get("image_type", "")), place=kind,
        )  # fmt: skip
        constants.pop("image_type", None)
        constants |= {"image_type": image_type} if image_type else {}
    of_patient = base is not None and base.layout.lesion_of_patient
    if {ColumnRole.LESION_ID, ColumnRole.PATIENT_ID} <= targets:
        of_patient = switch(
            "Lesion ids are unique only within a patient", key="import.of_patient", default=of_patient, place=within
        )
    return constants, of_patient


def _shown(frame: pd.DataFrame) -> pd.DataFrame:
    """Names and words out of a file as they can be copied; ids as they are."""
    safe = safe_to_take_away(frame)
    return safe.assign(**{name: frame[name] for name in ("to", "unit", "means") if name in frame})


def _choice_title(meaning: object) -> str:
    return {_AS_IT_STANDS: "As it stands", _NOTHING: "Nothing"}.get(str(meaning), str(meaning).replace("_", " "))


def _diagnosis_title(code: object) -> str:
    return {_AS_IT_STANDS: "No class: stays a label", _NOTHING: "No diagnosis"}.get(str(code)) or diagnosis_name(
        str(code)
    )
