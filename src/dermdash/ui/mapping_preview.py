"""The first rows of a table as a mapping reads them, with what it cannot use marked and said, cell by cell."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from dermdash.dataset.formats.diagnoses import class_of
from dermdash.dataset.formats.layout import ColumnRole
from dermdash.dataset.formats.mapped_source import CellProblem, cell_problems, kind_of
from dermdash.dataset.formats.mapping import TableMapping
from dermdash.dataset.formats.table_plan import NamedTable, TablePlan
from dermdash.dataset.formats.table_sources import FoundTable
from dermdash.records.safe_csv import unescape_cell
from dermdash.records.taxonomy import Taxonomy
from dermdash.ui.mapping_targets import target_title
from dermdash.ui.messages import as_text
from dermdash.ui.source_look import problem_table
from dermdash.ui.tables import data_table, height_of
from dermdash.wording import cell as shown
from dermdash.wording import counted

_ROWS = 12


def preview_mapping(table: FoundTable, mapping: TableMapping, taxonomy: Taxonomy) -> None:
    """Show the first rows as they would be read."""
    kind = kind_of(mapping, table)
    if kind is None:
        lacks = [n for t in mapping.layout.tables for n in t.needs if n.lower() not in table.table.columns]
        st.warning(
            f"This table has no column {as_text(', '.join(lacks))}, which the mapping needs.", icon=":material/warning:"
        )
        return
    named = NamedTable(table.name, kind, table.table)
    first = NamedTable(table.name, kind, replace(table.table, body=table.table.body[:_ROWS]))
    problems = tuple(cell_problems(named, taxonomy))
    in_preview = {(p.row, p.column): p for p in problems}
    st.markdown(f"**The first {counted(len(first.table.body), 'row')} as they would be read**")
    frame, marked = _frame(first, taxonomy, in_preview)
    data_table(frame, key="import.preview", marked=marked, height=height_of(len(frame), most=460))
    if problems:
        of = f"of the first {counted(len(table.table.body), 'row')}"
        with st.expander(f"{counted(len(problems), 'value')} {of} cannot be used as they stand"):
            data_table(
                problem_table(problems[:500]).drop(columns="Table"), key="import.preview_problems",
                height=height_of(min(len(problems), 500), most=320),
            )  # fmt: skip


def _frame(
    named: NamedTable, taxonomy: Taxonomy, problems: dict[tuple[int, str], CellProblem]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Row by row what each column gives, and which of these cells have a problem."""
    plan = TablePlan(named.kind, named.table)
    lines, marks = [], []
    heads = {c.at: f"{target_title(c.column.to)} ← {c.name}" for c in plan.columns}
    for row in named.table:
        if row.values is None:
            line = {"Row": row.number, **dict.fromkeys(heads.values(), "")}
            lines.append(line | {next(iter(heads.values())): f"⟨{row.problem}⟩"})
            marks.append(dict.fromkeys(line, True))
            continue
        line, mark = {"Row": row.number}, {"Row": False}
        for c in plan.columns:
            text = unescape_cell(row.values[c.at]).strip()
            value = c.read(text).value
            said = shown(value)
            if c.column.to == ColumnRole.DIAGNOSIS and value is not None:
                code = class_of(value, taxonomy)
                said = taxonomy[code].name if code is not None else ""
            bad = (row.number, c.name) in problems
            line[heads[c.at]] = f"{said or 'empty'} ⟨{text}⟩" if bad else said
            mark[heads[c.at]] = bad
        if plan.one_hot:
            ones = [label for at, label in plan.one_hot if row.values[at].strip() in ("1", "1.0")]
            line["Diagnosis ← columns"] = ", ".join(ones)
            mark["Diagnosis ← columns"] = len(ones) != 1
        lines.append(line)
        marks.append(mark)
    return pd.DataFrame(lines), pd.DataFrame(marks)
