"""What readers say of themselves leaves the workspace only in groups that no single person stands in.

A value that fewer than the minimum of readers share (the one nurse, the one reader from Malta) is merged with others
into ``other``. The merged group has at least two values and at least the minimum of readers, with the next smallest
value where it would not: a single value that is left out could be computed from the total and the rest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import pandas as pd

from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.readings_table import ReadingsTable
from dermdash.wording import counted

Table = TypeVar("Table", ReadingsTable, AggregateTable, ReadingsTable | AggregateTable)
OTHER = "other"
PROFILE_COLUMNS = ("profession", "experience_group", "age_group", "gender", "country")
YEARS = "years_experience"
SAYS_NOTHING = frozenset({"prefer_not_to_say", "not said", ""})
"""Answers that say nothing of a person, and so nothing that could be told from their number."""
_NAMES = {
    "profession": "profession", "experience_group": "group of experience", "age_group": "age group", "gender": "gender",
    "country": "country", YEARS: "years of experience",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SmallCells:
    """A table without small cells, and how many readers' value was merged (or left empty), by column."""

    frame: pd.DataFrame
    readers: Mapping[str, int] = field(default_factory=dict)
    minimum: int = 1

    @property
    def note(self) -> str | None:
        """What was merged, as a sentence; None where nothing was."""
        if not self.readers:
            return None
        parts = [f"{_NAMES.get(column, column)} of {counted(n, 'reader')}" for column, n in self.readers.items()]
        return (
            f"So that nobody can be told from the tables, values that fewer than {self.minimum} readers share were "
            f"merged into one called other: {', '.join(parts)}."
        )


def values_to_merge(counts: Mapping[str, int], minimum: int) -> frozenset[str]:
    """The values that go into ``OTHER`` so that no group of fewer than ``minimum`` readers is left.

    Parameters
    ----------
    counts
        Number of readers by value. What says nothing (`SAYS_NOTHING`) is left alone.
    minimum
        Fewest readers of a group; 1 merges nothing.

    Returns
    -------
    frozenset of str
        Nothing, or two values at least of ``minimum`` readers at least together (else all there are). A value that is
        called ``OTHER`` already counts as one of them.
    """
    said = {value: n for value, n in counts.items() if n > 0 and value not in SAYS_NOTHING}
    merged = {value for value, n in said.items() if n < minimum}
    if not merged:
        return frozenset()
    merged |= {OTHER} & said.keys()
    rest = sorted(said.keys() - merged, key=lambda value: (said[value], value))
    while rest and (len(merged) < 2 or sum(said[value] for value in merged) < minimum):
        merged.add(rest.pop(0))
    return frozenset(merged)


def without_small_cells(
    frame: pd.DataFrame, *, minimum: int, columns: Sequence[str] = PROFILE_COLUMNS, years: bool = False
) -> SmallCells:
    """Merge the values of each column that too few readers share.

    Parameters
    ----------
    frame
        Rows with a column ``reader`` and what they said of themselves; columns that are absent are passed over.
    minimum
        Fewest readers of a value.
    years
        Also empty ``years_experience`` where too few readers have these years, or their group was merged: for a file of
        single readers. Their group says what may be said.
    """
    found, merged = frame.copy(), {}
    for column in (c for c in columns if c in frame.columns):
        text = frame[column].astype(object).where(frame[column].notna(), None)
        inside = text.isin(values_to_merge(_readers_by_value(frame["reader"], text), minimum))
        if changed := _readers(frame["reader"][inside & (text != OTHER)]):
            found[column] = text.where(~inside, OTHER)
            merged[column] = changed
    if years and minimum > 1 and YEARS in frame.columns:
        counts = _readers_by_value(frame["reader"], frame[YEARS])
        rare = frame[YEARS].isin([value for value, n in counts.items() if n < minimum])
        if "experience_group" in found:
            rare |= (found["experience_group"] == OTHER) & frame[YEARS].notna()
        rare = rare.fillna(False).astype(bool)
        if changed := _readers(frame["reader"][rare]):
            found[YEARS] = frame[YEARS].mask(rare)
            merged[YEARS] = changed
    return SmallCells(found, merged, minimum)


def table_without_small_cells(table: Table, minimum: int) -> Table:
    """The same readings in groups that are large enough to be shown; a note says what was merged.

    Done once, when it is settled which readings count: leaving some out makes groups smaller. Years of experience stay,
    since no table has a cell for each of them. Counts per image say nothing of readers and stay as they are.
    """
    if not isinstance(table, ReadingsTable):
        return table
    found = without_small_cells(table.frame, minimum=minimum)
    if found.note is None:
        return table
    return replace(table, frame=found.frame, notes=(*table.notes, found.note))


def rare_combinations(frame: pd.DataFrame, minimum: int) -> int:
    """How many readers have a combination of the profile columns that fewer than ``minimum`` share."""
    columns = [c for c in (*PROFILE_COLUMNS, YEARS) if c in frame.columns]
    people = frame.drop_duplicates("reader")[columns].astype(object)
    people = people[people.notna().any(axis=1)]
    if people.empty:
        return 0
    sizes = people.fillna("").astype(str).groupby(columns)[columns[0]].transform("size")
    return int((sizes < minimum).sum())


def _readers(readers: "pd.Series[Any]") -> int:
    return int(readers.nunique())


def _readers_by_value(readers: "pd.Series[Any]", values: "pd.Series[Any]") -> dict[Any, int]:
    known = pd.DataFrame({"reader": readers.to_numpy(), "value": values.to_numpy()}).dropna().drop_duplicates()
    return {value: int(n) for value, n in known["value"].value_counts().items()}
