"""The first records as a mapping would store them, with what it cannot use marked and said, cell by cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dermdash.dataset.formats.layout import ColumnRole
from dermdash.dataset.formats.mapped_source import CellProblem
from dermdash.dataset.formats.mapping_trial import TRIED, MappingTrial, TriedRecord
from dermdash.dataset.source_records import Exclusion, SourceRecord
from dermdash.dataset.stored_values import stored_values
from dermdash.records.details import FURTHER
from dermdash.records.fields import is_filled
from dermdash.records.taxonomy import diagnosis_name
from dermdash.ui.mapping_targets import target_title
from dermdash.ui.source_look import problem_table
from dermdash.ui.tables import data_table, height_of
from dermdash.wording import cell as shown
from dermdash.wording import counted

ROWS = 12
_LISTED = 500
_LEFT_OUT = "Left out"


def show_trial(trial: MappingTrial) -> None:
    """Show the first rows as they would be stored, and what cannot be used."""
    st.markdown(f"**The first {counted(len({t.place for t in trial.first}), 'row')} as they would be stored**")
    frame, marked = _frame(trial.first)
    data_table(frame, key="import.preview", marked=marked, height=height_of(len(frame), most=460))
    if not trial.problems:
        st.caption(f"Every value can be used, of {TRIED:,} rows of each table at most that were looked at.")
        return
    st.markdown(f"**{counted(len(trial.problems), 'value')} that cannot be used as they stand**")
    st.caption(
        f"Of the beginnings of the tables ({TRIED:,} rows, and more of those joined). *Check every row* reads them all."
    )
    counts = Counter((p.table, p.column or "the row", _kind(p)) for p in trial.problems)
    lines = [(column, why, n, table) for (table, column, why), n in counts.most_common()]
    data_table(
        pd.DataFrame(lines, columns=["Column", "Problem", "Values", "Table"]), key="import.preview_counts",
        height=height_of(len(lines), most=320),
    )  # fmt: skip
    with st.expander(f"Each of them by row and column ({len(trial.problems):,})"):
        if len(trial.problems) > _LISTED:
            st.caption(f"The first {_LISTED}; *Check every row* lists all.")
        data_table(
            problem_table(trial.problems[:_LISTED]), key="import.preview_problems",
            height=height_of(min(len(trial.problems), _LISTED), most=320),
        )  # fmt: skip


def _kind(problem: CellProblem) -> str:
    """The problem without what is particular to one value."""
    why = problem.why.partition(": ")[0]
    return "was read as another number, as it says more" if why.startswith("was read as") else why


def _frame(first: Sequence[TriedRecord]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Row by row what is stored, and which cells have a problem."""
    lines, marks = [], []
    for tried in first:
        line = {"Row": str(tried.place[1]), **_stored(tried.outcome)}
        mark: dict[str, bool] = {}
        for to, problem in tried.problems.items():
            head = _head(to) if to else "Not found"
            there = line.get(head) or ("" if not to else "empty")
            # Of a key without a row the cell itself is all right.
            said = problem.value if problem.value and there != problem.value else problem.why
            line[head] = f"{there} ⟨{said}⟩".strip()
            mark[head] = True
        if isinstance(tried.outcome, Exclusion):
            mark[_LEFT_OUT] = True
        lines.append(line)
        marks.append(mark)
    frame = pd.DataFrame(lines).fillna("")
    order = [head for head in (*_IDS.values(), _LEFT_OUT) if head in frame]
    frame = frame[["Row", *order, *(head for head in frame if head not in order and head != "Row")]]
    return frame, pd.DataFrame([{str(head): mark.get(str(head), False) for head in frame} for mark in marks])


_IDS = {
    "image_id": "Image id",
    "lesion_id": "Lesion",
    "patient_id": "Patient",
    "source_label": "Label",
    "dx": "Diagnosis",
}
_HEAD_OF = {
    ColumnRole.IMAGE_ID: "Image id",
    ColumnRole.IMAGE_PATH: "Image id",
    ColumnRole.LESION_ID: "Lesion",
    ColumnRole.PATIENT_ID: "Patient",
    ColumnRole.DIAGNOSIS: "Diagnosis",
}


def _head(to: str) -> str:
    return _HEAD_OF.get(ColumnRole(to), target_title(to)) if to in set(ColumnRole) else target_title(to)


def _stored(outcome: SourceRecord | Exclusion) -> dict[str, str]:
    if isinstance(outcome, Exclusion):
        return {"Image id": outcome.image_id, _LEFT_OUT: outcome.detail}
    line = {head: str(getattr(outcome, name) or "") for name, head in _IDS.items()}
    line["Diagnosis"] = diagnosis_name(outcome.dx) if outcome.dx else ""
    for name, value in stored_values(outcome).items():
        if name == FURTHER:
            line |= {f"{column} (text)": text for column, text in (value or {}).items()}
        elif is_filled(value) and name not in ("clinical_diagnosis", "verification_stage"):
            line[target_title(name)] = shown(value)
    return line
