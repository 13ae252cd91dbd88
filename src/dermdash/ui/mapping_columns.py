"""The lines of a mapping's editor: for each column of a table where it goes, and how its numbers or dates are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from dermdash.dataset.formats.cells import is_date, scale_of, target_spec
from dermdash.dataset.formats.layout import Picture, SourceColumn, TableLayout
from dermdash.dataset.formats.mapping import units_of, with_words_kept
from dermdash.dataset.formats.mapping_proposal import LOOKED_AT, ColumnProposal, proposed_table
from dermdash.records.cell_dates import ORDERS
from dermdash.ui.lasting_editor import edit_table
from dermdash.ui.mapping_targets import KEPT, NOT_USED, PICTURE, SPREAD, TARGET_IDS, of_picture, target_title
from dermdash.ui.messages import as_text
from dermdash.ui.tables import height_of
from dermdash.wording import counted, percent

_AS_WRITTEN, _INVERTED = "-", "turned round"
_READ_AS = (_AS_WRITTEN, "mm", "cm", "µm", "years", "months", "weeks", "days", *ORDERS, _INVERTED)


@dataclass(frozen=True, slots=True)
class ColumnChoices:
    """Where the columns of a table go: those that become values, those that name images, classes and nothing."""

    columns: tuple[SourceColumn, ...]
    pictures: tuple[Picture, ...]
    spread: tuple[str, ...]
    left_out: tuple[str, ...]


def edit_columns(proposed: Sequence[ColumnProposal], kind: TableLayout | None, rows: int, key: str) -> ColumnChoices:
    """Draw a line for each column of a table; where each goes, as edited."""
    kind = kind or proposed_table(proposed)
    start = [_start_of(c, kind) for c in proposed]
    chosen = _draw(proposed, start, rows, key)
    there = {c.name.lower(): c for c in kind.columns}
    old_pictures = {p.column.lower(): p for p in kind.pictures}
    own = {c.name.lower(): p.column for p in kind.pictures for c in p.columns}
    columns, pictures, spread, left_out, unfit = [], [], [], [], []
    for c, (to, read_as), (was, _) in zip(proposed, chosen, start, strict=True):
        low = c.name.lower()
        if to == NOT_USED:
            left_out.append(c.name)
        elif to == SPREAD:
            spread.append(c.name)
        elif (image_type := of_picture(to)) is not None:
            pictures.append(_picture(c.name, image_type, old_pictures.get(low)))
        elif low in own and to == was:
            continue  # stays with its image
        else:
            column = _column(c.name, "" if to == KEPT else to, there.get(low), read_as)
            if column is None:
                unfit.append(f"{c.name} ({read_as})")
                column = _column(c.name, to, there.get(low), _AS_WRITTEN)
            assert column is not None
            columns.append(column)
    if unfit:
        st.caption(f"Does not belong to the target and is not used: {as_text(', '.join(unfit))}.")
    _say_what_becomes_of_all(proposed, chosen)
    return ColumnChoices(tuple(columns), tuple(pictures), tuple(spread), tuple(left_out))


def _start_of(proposed: ColumnProposal, kind: TableLayout) -> tuple[str, str]:
    low = proposed.name.lower()
    picture = next((p for p in kind.pictures if p.column.lower() == low), None)
    if picture is not None:
        said = str(picture.constants.get("image_type", ""))
        return (f"{PICTURE}:{said}" if said else PICTURE), _AS_WRITTEN
    if kind.one_hot is not None and low in {name.lower() for name in kind.one_hot.classes}:
        return SPREAD, _AS_WRITTEN
    if low in {name.lower() for name in kind.ignored}:
        return NOT_USED, _AS_WRITTEN
    every = (*kind.columns, *(c for p in kind.pictures for c in p.columns))
    column = next((c for c in every if c.name.lower() == low), None)
    if column is None:
        return (str(kind.of) if kind.key.lower() == low else KEPT), _AS_WRITTEN
    return column.to or KEPT, column.unit or column.order or (_INVERTED if column.inverted else _AS_WRITTEN)


def _picture(name: str, image_type: str, old: Picture | None) -> Picture:
    constants = {k: v for k, v in (old.constants if old else {}).items() if k != "image_type"}
    constants |= {"image_type": image_type} if image_type else {}
    return Picture(column=name, constants=constants, columns=old.columns if old else ())


def _column(name: str, to: str, old: SourceColumn | None, read_as: str) -> SourceColumn | None:
    """The column as chosen, with what the editor does not show as it was; None where ``read_as`` is not for it."""
    read_as = "" if read_as == _AS_WRITTEN else read_as
    column = replace(old, unit="", order="", inverted=False) if old and old.to == to else SourceColumn(name=name, to=to)
    if not read_as:
        return with_words_kept(column)
    if read_as in units_of(to):
        return with_words_kept(replace(column, unit="" if read_as == units_of(to)[0] else read_as))
    if read_as in ORDERS and is_date(column):
        return with_words_kept(replace(column, order=read_as))
    if read_as == _INVERTED and scale_of(target_spec(to)) is not None:
        return with_words_kept(replace(column, inverted=True, values={}))
    return None


def _draw(
    columns: Sequence[ColumnProposal], start: Sequence[tuple[str, str]], rows: int, key: str
) -> list[tuple[str, str]]:
    looked = f" Proposed by the first {LOOKED_AT:,} of {counted(rows, 'row')}." if rows > LOOKED_AT else ""
    st.caption(
        "Choose a cell of *Goes to* or *Read as* and press Enter, or double-click it, to change it. Columns kept as "
        "text stay with the record and can be exported." + looked
    )
    frame = pd.DataFrame(
        {
            "column": [c.name for c in columns],
            "to": [to for to, _ in start],
            "unit": [read_as for _, read_as in start],
            "examples": [" · ".join(c.examples) for c in columns],
            "sure": [_how_sure(c, to) for c, (to, _) in zip(columns, start, strict=True)],
        }
    )
    edited = edit_table(
        frame,
        key=f"import.columns.{key}",
        ids=("to", "unit"),
        height=height_of(len(columns), most=620),
        disabled=["column", "examples", "sure"],
        column_config={
            "column": st.column_config.TextColumn("Column", pinned=True),
            "to": st.column_config.SelectboxColumn(
                "Goes to",
                options=list(TARGET_IDS),
                format_func=lambda to: target_title(str(to)),
                required=True,
                width="medium",
            ),
            "unit": st.column_config.SelectboxColumn(
                "Read as", options=list(_READ_AS), width="small", required=True,
                help="The unit of its numbers, the order of day and month in its dates, or that a scale runs from the "
                "best to the worst where the target runs from the worst to the best.",
            ),
            "examples": st.column_config.TextColumn("For example"),
            "sure": st.column_config.TextColumn("How sure"),
        },
    )  # fmt: skip
    return list(zip(map(str, edited["to"]), map(str, edited["unit"]), strict=True))


def _how_sure(c: ColumnProposal, to: str) -> str:
    proposed = SPREAD if c.stands_for else NOT_USED if c.left_out else c.to or KEPT
    if c.picture is not None:
        proposed = f"{PICTURE}:{c.picture}" if c.picture else PICTURE
    if proposed != to:
        return "chosen"
    return f"{percent(c.confidence, 0)}, {c.why}" if c.to or c.picture is not None else c.why


def _say_what_becomes_of_all(columns: Sequence[ColumnProposal], chosen: Sequence[tuple[str, str]]) -> None:
    kept = [c.name for c, (to, _) in zip(columns, chosen, strict=True) if to == KEPT]
    gone = [c.name for c, (to, _) in zip(columns, chosen, strict=True) if to == NOT_USED]
    words = [f"{counted(len(columns) - len(kept) - len(gone), 'column')} used"]
    words += [f"{len(kept)} kept as text: {as_text(', '.join(kept))}"] if kept else []
    words += [f"{len(gone)} left out: {as_text(', '.join(gone))}"] if gone else []
    st.caption("; ".join(words) + ".")
