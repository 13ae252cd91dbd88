"""CSV that a spreadsheet shows instead of executing (OWASP: CSV injection)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

LIST_SEPARATOR = ";"
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
# Digits, signs between them, and our words; no name, no call, no reference to a cell or to another program.
_FIGURES = re.compile(
    r"[+-]\d[\d.,]*(?:[ \N{NO-BREAK SPACE}%()\d.,;–+-]|\N{MINUS SIGN}|\bto\b|\bpoints?\b|\bpp\b|\bm?s\b|\bof\b)*"
)
_EXACT = 2**53
"""Above it a float no longer tells one whole number from the next."""
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def escape_cell(value: Any) -> Any:
    """Return text that a spreadsheet would execute with a leading apostrophe, and anything else as it is.

    Text is executed when it starts with ``= + - @``, tab or a line break and is not a number. A text that
    already starts with an apostrophe before such a character gets a second one, so that `unescape_cell`
    always restores the original.
    """
    if not isinstance(value, str):
        return value
    bare = value.lstrip("'")
    if bare.startswith(_FORMULA_START) and not (bare == value and _NUMBER.fullmatch(value)):
        return "'" + value
    return value


def escape_text_cell(text: str) -> str:
    """`escape_cell` for what a page shows: a figure as we write it ("-0.2 to 0.3", "+3.1 points") stays as it is.

    It may begin with a sign and then holds numbers and the words between them, of which no spreadsheet makes more than
    a sum.
    """
    return text if _FIGURES.fullmatch(text) else str(escape_cell(text))


def unescape_cell(text: str) -> str:
    """Undo `escape_cell`: drop the apostrophe that stands before a formula character."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_FORMULA_START) else text


def to_safe_csv(frame: pd.DataFrame) -> bytes:
    """Write a frame without its index as UTF-8 CSV with escaped cells and column names.

    Lists become one cell joined by ``;``; missing values become empty cells. Whole numbers that stand in a column of
    floats only because others are missing (pandas knows no other way) are written as whole: "46", not "46.0".
    """
    import pandas as pd  # half a second that a command which only reads cells does not pay for

    safe = pd.DataFrame(
        {i: _safe_column(frame.iloc[:, i]) for i in range(frame.shape[1])},
        index=frame.index,
    )
    safe.columns = pd.Index([escape_cell(str(name)) for name in frame.columns])
    return safe.to_csv(index=False, lineterminator="\n").encode()


def _safe_column(column: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd
    from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype

    kind = column.dtype.kind
    if kind == "f" and _are_whole(column.dropna().to_numpy(float)):
        return column.astype("Int64")
    if kind == "f" or is_numeric_dtype(column.dtype) or is_datetime64_any_dtype(column.dtype):
        return column
    values, missing = column.tolist(), column.isna()
    if all(gone or isinstance(value, str) for value, gone in zip(values, missing, strict=True)):
        # Plain Python: a table of results has a dozen rows, for which pandas takes ten times as long.
        return pd.Series([escape_cell(value) for value in values], index=column.index, dtype=object)
    floats = all(gone or isinstance(value, float) for value, gone in zip(values, missing, strict=True))
    if floats and _are_whole(column.dropna().to_numpy(float)):
        return column.map(int, na_action="ignore").astype("Int64")
    return column.astype(object).map(_safe_value)


def _are_whole(known: npt.NDArray[np.float64]) -> bool:
    import numpy as np

    return len(known) > 0 and bool(((np.abs(known) < _EXACT) & (known == np.trunc(known))).all())


def _safe_value(value: Any) -> Any:
    if isinstance(value, list | tuple | set | frozenset):
        return escape_cell(join_list(value))
    return escape_cell(value)


def join_list(items: Iterable[Any]) -> str:
    """Join the items of a list field into one cell."""
    return LIST_SEPARATOR.join(str(item) for item in items)
