"""What both MRMC formats check: truth 0 or 1, one truth per case, finite ratings, one rating per reader and case."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dermdash.errors import InvalidInput
from dermdash.readings.formats.cell_text import check_text
from dermdash.wording import counted

MRMC_COLUMNS = ("reader", "modality", "case", "truth", "rating")
_TRUTHS = {
    "0": 0, "1": 1, "false": 0, "true": 1, "no": 0, "yes": 1, "benign": 0, "malignant": 1,
    "negative": 0, "positive": 1, "normal": 0, "abnormal": 1, "nondiseased": 0, "diseased": 1,
}  # fmt: skip


def ratings_of(texts: Sequence[str], rows: Sequence[int], *, source: str) -> np.ndarray:
    """Finite numbers, with decimal point or comma; any real number is a rating, higher is more suspicious."""
    bare = pd.Series(list(texts), dtype=object).str.strip()
    values = pd.to_numeric(bare.str.replace(",", ".", regex=False), errors="coerce").to_numpy(float)
    if len(wrong := np.flatnonzero(~np.isfinite(values))):
        row, text = rows[wrong[0]], bare.iloc[wrong[0]]
        what = "is empty: leave the row out where a reader did not read a case" if not text else f"is {text!r}"
        raise InvalidInput(f"{source}, row {row}: rating {what}, expected a finite number{_more(len(wrong))}")
    return values


def truths_of(texts: Sequence[str], rows: Sequence[int], *, source: str) -> np.ndarray:
    """0 or 1 from 0/1, benign/malignant, negative/positive and the like."""
    bare = pd.Series(list(texts), dtype=object).str.strip()
    numbers = pd.to_numeric(bare.str.replace(",", ".", regex=False), errors="coerce")
    values = bare.str.lower().map(_TRUTHS).fillna(numbers.where(numbers.isin([0, 1]))).to_numpy(float)
    if len(wrong := np.flatnonzero(np.isnan(values))):
        raise InvalidInput(
            f"{source}, row {rows[wrong[0]]}: truth is {bare.iloc[wrong[0]]!r}, expected 0 (not diseased) or 1 "
            f"(diseased){_more(len(wrong))}"
        )
    return values.astype(int)


def check_names(frame: pd.DataFrame, *, source: str) -> None:
    """Raise for an empty reader, modality or case, or one that no page could show."""
    for name in ("reader", "modality", "case"):
        if len(empty := frame[frame[name].str.len() == 0]):
            raise InvalidInput(f"{source}, row {empty['row'].iloc[0]}: {name} is empty{_more(len(empty))}")
    check_text(frame, ("reader", "modality", "case"), source=source)


def check_one_truth(frame: pd.DataFrame, *, source: str) -> None:
    """Raise when a case has two truths; both rows are named."""
    _check_one(frame, "truth", source)


def check_one_cluster(frame: pd.DataFrame, *, source: str) -> None:
    """Raise when a case is of two patients or lesions; both rows are named."""
    _check_one(frame[frame["cluster"].notna()], "cluster", source)


def _check_one(frame: pd.DataFrame, name: str, source: str) -> None:
    first = frame.drop_duplicates("case").set_index("case")
    other = frame[frame[name].to_numpy() != frame["case"].map(first[name]).to_numpy()]
    if len(other):
        bad = other.iloc[0]
        raise InvalidInput(
            f"{source}, row {bad['row']}: case {bad['case']} has {name} {bad[name]}, in row "
            f"{first['row'][bad['case']]} it has {first[name][bad['case']]}: one {name} per case{_more(len(other))}"
        )


def check_one_rating(frame: pd.DataFrame, *, source: str) -> None:
    """Raise when a reader rates a case twice in one modality; both rows are named."""
    key = ["reader", "modality", "case"]
    twice = frame[frame.duplicated(key)]
    if len(twice):
        bad = twice.iloc[0]
        before = frame[(frame[key] == bad[key]).all(axis=1)].iloc[0]
        raise InvalidInput(
            f"{source}, row {bad['row']}: reader {bad['reader']} rates case {bad['case']} in modality "
            f"{bad['modality']} again (first in row {before['row']}): one rating was expected{_more(len(twice))}"
        )


def _more(count: int) -> str:
    return f" (and {counted(count - 1, 'more row')})" if count > 1 else ""
