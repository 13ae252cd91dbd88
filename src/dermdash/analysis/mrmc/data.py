"""The ratings of a multi-reader multi-case study as one checked array.

- ``make_mrmc_data(frame) -> MrmcData``
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analysis.arrays import BoolArray, FloatArray, IntArray
from dermdash.errors import InvalidInput, MissingColumns
from dermdash.wording import counted

COLUMNS = ("reader", "modality", "case", "truth", "rating")
MOST_CELLS = 30_000_000
"""Readers x modalities x cases that are held in memory (240 MB); a table beyond it is no reader study."""


@dataclass(frozen=True, slots=True, eq=False)
class MrmcData:
    """Ratings of readers under modalities.

    Attributes
    ----------
    ratings : FloatArray
        (readers, modalities, cases); higher speaks for the condition; NaN where there is no reading.
    truth : BoolArray
        (cases,); whether the case has the condition.
    readers, modalities, cases : tuple of str
        Names of the levels. A difference is the first modality minus the second.
    source : str
        File or study in words, for messages.
    units : mapping of str to str
        Lesion or patient of a case, where known; cases of one unit are not independent. Others stand for themselves.
    """

    ratings: FloatArray
    truth: BoolArray
    readers: tuple[str, ...]
    modalities: tuple[str, ...]
    cases: tuple[str, ...]
    source: str = "the data"
    units: Mapping[str, str] = field(default_factory=dict)

    @property
    def unit_index(self) -> IntArray:
        """Number of the unit of each case."""
        names = [f"u:{self.units[c]}" if c in self.units else f"c:{c}" for c in self.cases]
        return np.asarray(np.unique(names, return_inverse=True)[1], np.int64)

    @property
    def unit_count(self) -> int:
        """Number of lesions or patients."""
        return len(np.unique(self.unit_index)) if self.units else len(self.cases)

    @property
    def clustered(self) -> bool:
        """Whether some cases are of one lesion or patient."""
        return self.unit_count < len(self.cases)

    @property
    def read(self) -> BoolArray:
        """Which cells hold a reading, (readers, modalities, cases)."""
        return ~np.isnan(self.ratings)

    @property
    def complete(self) -> bool:
        """Whether every reader read every case under every modality."""
        return not bool(np.isnan(self.ratings).any())

    @property
    def readings(self) -> int:
        """Number of ratings."""
        return int(self.read.sum())

    @property
    def diseased(self) -> int:
        """Number of cases with the condition."""
        return int(self.truth.sum())

    def of_modalities(self, names: Sequence[str]) -> "MrmcData":
        """The same study with only these modalities, in this order; readers and cases without a reading go."""
        index = [self.modalities.index(name) for name in names]
        return _without_empty(replace(self, ratings=self.ratings[:, index], modalities=tuple(names)))

    def of_readers(self, keep: BoolArray) -> "MrmcData":
        """The same study with only the readers marked; cases that none of them read go."""
        names = tuple(name for name, kept in zip(self.readers, keep, strict=True) if kept)
        return _without_empty(replace(self, ratings=self.ratings[keep], readers=names))

    def complete_cases(self) -> "MrmcData":
        """The same study with only the cases that every reader read under every modality."""
        keep = np.asarray(self.read.all(axis=(0, 1)))
        names = tuple(name for name, kept in zip(self.cases, keep, strict=True) if kept)
        return replace(self, ratings=self.ratings[:, :, keep], truth=self.truth[keep], cases=names)


def make_mrmc_data(
    frame: pd.DataFrame, *, source: str = "the data", modalities: Sequence[str] | None = None
) -> MrmcData:
    """Check ratings and bring them into one array.

    Parameters
    ----------
    frame
        One row per reading: ``reader``, ``modality``, ``case``, ``truth`` (0 or 1), ``rating`` (empty: not read),
        perhaps ``cluster``, the lesion or patient of the case. A column ``row`` (line in the file) is used in messages;
        without it rows are counted from 1.
    source
        How messages call the data.
    modalities
        Their order; None: sorted, numbers by size, so that the order of rows does not decide the sign of a difference.

    Raises
    ------
    MissingColumns
        A column is absent.
    InvalidInput
        No rating at all, an empty name, a truth that is not 0 or 1 or differs within a case, a rating that is no finite
        number, or a second rating by one reader of one case under one modality; row, column and value are named.
    """
    if missing := [name for name in COLUMNS if name not in frame.columns]:
        raise MissingColumns(f"{source} lacks {', '.join(missing)}; expected {', '.join(COLUMNS)}")
    table = frame.reset_index(drop=True)
    row = table["row"] if "row" in table.columns else pd.Series(range(1, len(table) + 1))
    names = {name: _names(table[name]) for name in ("reader", "modality", "case")}
    for name, values in names.items():
        _refuse(values == "", row, table[name], source, name, "is empty: expected a name")
    truth = _numbers(table["truth"])
    _refuse(~truth.isin([0, 1]), row, table["truth"], source, "truth", "is {value!r}: expected 0 or 1")
    rating = _numbers(table["rating"])
    empty = table["rating"].isna() | (table["rating"].astype(str).str.strip() == "")
    _refuse(
        ~np.isfinite(rating.to_numpy()) & ~empty.to_numpy(),
        row,
        table["rating"],
        source,
        "rating",
        "is {value!r}: expected a finite number",
    )
    first_truth = truth.groupby(names["case"]).transform("first")
    _refuse(
        truth != first_truth, row, table["truth"], source, "truth",
        "is {value} for case {case}, which has another truth before: one truth per case", case=names["case"],
    )  # fmt: skip
    key = pd.DataFrame(names)
    _refuse(
        key.duplicated(), row, table["rating"], source, "rating",
        "is a second one ({value}) by reader {reader} of case {case} under modality {modality}: one was expected",
        **names,
    )  # fmt: skip
    if empty.all():
        raise InvalidInput(f"{source} holds no rating")
    levels = {name: _levels(values) for name, values in names.items()}
    if modalities is not None:
        levels["modality"] = [name for name in modalities if name in set(names["modality"])]
    shape = tuple(len(levels[name]) for name in ("reader", "modality", "case"))
    if (cells := int(np.prod(shape, dtype=np.int64))) > MOST_CELLS:
        raise InvalidInput(
            f"{source} has {counted(shape[0], 'reader')} x {counted(shape[1], 'modality', 'modalities')} x "
            f"{counted(shape[2], 'case')} = {cells:,} cells, more than {MOST_CELLS:,}: analyse fewer modalities or "
            "cases at a time"
        )
    index = {name: pd.Index(levels[name]).get_indexer(pd.Index(values)) for name, values in names.items()}
    ratings = np.full(shape, np.nan)
    used = index["modality"] >= 0
    ratings[index["reader"][used], index["modality"][used], index["case"][used]] = rating.to_numpy(float)[used]
    truths = np.zeros(shape[2], bool)
    truths[index["case"]] = truth.to_numpy(float) == 1
    data = MrmcData(
        ratings,
        truths,
        tuple(levels["reader"]),
        tuple(levels["modality"]),
        tuple(levels["case"]),
        source=source,
        units=_units(table, names["case"]),
    )
    return _without_empty(data)


def _units(table: pd.DataFrame, case: "pd.Series[str]") -> dict[str, str]:
    """The unit of each case, where a column says it."""
    if "cluster" not in table:
        return {}
    cluster = _names(table["cluster"])
    known = cluster != ""
    return dict(zip(case[known], cluster[known], strict=True))


def _without_empty(data: MrmcData) -> MrmcData:
    """Leave out readers and cases without any reading."""
    read = data.read
    readers, cases = np.asarray(read.any(axis=(1, 2))), np.asarray(read.any(axis=(0, 1)))
    if readers.all() and cases.all():
        return data
    return replace(
        data,
        ratings=data.ratings[readers][:, :, cases],
        truth=data.truth[cases],
        readers=tuple(name for name, kept in zip(data.readers, readers, strict=True) if kept),
        cases=tuple(name for name, kept in zip(data.cases, cases, strict=True) if kept),
    )


def _name(value: object) -> str:
    """A level as text; 1, 1.0 and "1" are one level."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _names(values: "pd.Series[Any]") -> "pd.Series[str]":
    """Levels as text; each distinct value is looked at once."""
    codes, distinct = pd.factorize(values, use_na_sentinel=True)
    text = np.array([*(_name(value) for value in distinct), ""], dtype=object)
    return pd.Series(text[codes], index=values.index, dtype=object)


def _numbers(values: "pd.Series[Any]") -> "pd.Series[float]":
    """Numbers, with NaN for what is none; True is 1."""
    return pd.to_numeric(values.astype(object), errors="coerce").astype(float)


def _levels(values: "pd.Series[str]") -> list[str]:
    """Distinct names in the order people expect: 2 before 10."""
    return sorted(set(values), key=lambda name: (_natural(name), name))


def _natural(name: str) -> list[tuple[int, float, str]]:
    parts = re.split(r"([0-9]+)", name)
    return [(0, float(part), "") if part.isdecimal() else (1, 0.0, part.casefold()) for part in parts if part]


def _refuse(
    wrong: "pd.Series[bool] | BoolArray",
    row: "pd.Series[int]",
    values: "pd.Series[Any]",
    source: str,
    column: str,
    problem: str,
    **context: "pd.Series[str]",
) -> None:
    """Raise for the first wrong cell and say how many more there are."""
    places = np.flatnonzero(np.asarray(wrong, bool))
    if len(places) == 0:
        return
    first = places[0]
    value = values.iloc[first]
    value = value.item() if isinstance(value, np.generic) else value
    words = {name: series.iloc[first] for name, series in context.items()}
    more = f" (and {counted(len(places) - 1, 'more row')})" if len(places) > 1 else ""
    raise InvalidInput(f"{source}, row {row.iloc[first]}: {column} {problem.format(value=value, **words)}{more}")
