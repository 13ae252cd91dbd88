"""Tables as people read them: without an index, and with nothing where nothing is known."""

from typing import Any

import pandas as pd
import streamlit as st

from dermdash.records.safe_csv import escape_text_cell
from dermdash.records.visible_text import visible_text

_ROW_PX = 35
_MARK = "background-color: rgba(217, 140, 20, 0.28)"
"""Under text that stays readable on it in both themes."""


def data_table(frame: pd.DataFrame, *, key: str, marked: pd.DataFrame | None = None, **options: Any) -> Any:
    """Show a table; a cell without a value is empty, never "None". ``options`` go to Streamlit's dataframe.

    ``marked``: which cells to underlay with a colour; what it means has to stand in their text, too.

    The one place that shows a table: Streamlit offers each as a CSV file of its own and lets cells be copied, and a
    spreadsheet would execute what a name out of a file says. So such a cell begins with an apostrophe here already.
    """
    safe: Any = safe_to_take_away(frame)
    if marked is not None:
        colours = marked.map(lambda one: _MARK if one else "")
        safe = safe.style.apply(lambda _: colours.set_axis(safe.columns, axis=1), axis=None)
    return st.dataframe(safe, key=key, hide_index=True, placeholder="", **options)


def safe_to_take_away(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with every text, also in its head, as a spreadsheet shows it instead of executing it."""
    changed = {i: _safe(frame.iloc[:, i]) for i in range(frame.shape[1])}
    names = [_cell(name) for name in frame.columns]
    if all(column is None for column in changed.values()) and names == list(frame.columns):
        return frame
    columns = [frame.iloc[:, i] if column is None else column for i, column in changed.items()]
    safe = pd.concat(columns, axis=1) if columns else frame.copy()
    return safe.set_axis(pd.Index(names), axis=1)


def _safe(column: "pd.Series[Any]") -> "pd.Series[Any] | None":
    """The column with its texts made safe; None where nothing had to be, and its type stays."""
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(column.dtype):
        return None
    values = column.tolist()
    safe = [_cell(value) for value in values]
    same = all(before is after or _same(before, after) for before, after in zip(values, safe, strict=True))
    return None if same else pd.Series(safe, index=column.index, name=column.name)


def _same(before: Any, after: Any) -> bool:
    return list(before) == after if isinstance(before, list | tuple) else bool(before == after)


def _cell(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_cell(item) for item in value]
    return escape_text_cell(visible_text(value)) if isinstance(value, str) else value


def height_of(rows: int, *, most: int) -> int:
    """Height in pixels of a table that shows all of its rows, up to a height of ``most``."""
    return min(_ROW_PX * (rows + 1) + 3, most)
