"""What readers say of themselves leaves the workspace only in groups that no single person stands in.

A value that fewer than the minimum of readers share (the one nurse, the one reader from Malta) is merged with others
into ``other``. The merged group has at least two values and at least the minimum of readers, with the next smallest
value where it would not: a single value that is left out could be computed from the total and the rest.

In a file of single readers what one of them says in several columns must not single them out either: of those whose
combination fewer than the minimum share, columns are left empty one after another, what analyses need least first
(local suppression: Hundepool et al., Statistical Disclosure Control, 2012, section 3).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from dermdash.readings.any_table import Table
from dermdash.readings.readings_table import ReadingsTable
from dermdash.wording import counted

OTHER = "other"
PROFILE_COLUMNS = ("profession", "experience_group", "age_group", "gender", "country")
YEARS = "years_experience"
LEFT_EMPTY_FIRST = (YEARS, "country", "age_group", "gender", "profession", "experience_group")
"""In this order the columns of a reader are left empty whose combination too few share."""
SAYS_NOTHING = frozenset({"prefer_not_to_say", "not said", ""})
"""Answers that say nothing of a person, and so nothing that could be told from their number."""
_NAMES = {
    "profession": "profession", "experience_group": "group of experience", "age_group": "age group", "gender": "gender",
    "country": "country", YEARS: "years of experience",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SmallCells:
    """A table without small cells, and how many readers' value was merged, by column.

    ``emptied``: of how many readers it was left empty, as their combination was rare (years also where they are).
    """

    frame: pd.DataFrame
    readers: Mapping[str, int] = field(default_factory=dict)
    minimum: int = 1
    emptied: Mapping[str, int] = field(default_factory=dict)

    @property
    def note(self) -> str | None:
        """What was merged, as a sentence; None where nothing was."""
        said = []
        if self.readers:
            said.append(
                f"So that nobody can be told from the tables, values that fewer than {self.minimum} readers share were "
                f"merged into one called other: {_listed(self.readers)}."
            )
        if self.emptied:
            said.append(
                f"What fewer than {self.minimum} readers share, alone or together with their other answers, was left "
                f"empty: {_listed(self.emptied)}."
            )
        return " ".join(said) or None


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
    frame: pd.DataFrame, *, minimum: int, columns: Sequence[str] = PROFILE_COLUMNS, single_readers: bool = False
) -> SmallCells:
    """Merge the values of each column that too few readers share.

    Parameters
    ----------
    frame
        Rows with a column ``reader`` and what they said of themselves; columns that are absent are passed over.
    minimum
        Fewest readers of a value.
    single_readers
        The file has a row for each of them: also leave ``years_experience`` empty where too few have these years or
        their group was merged, and of rare combinations of all columns as many as it takes.
    """
    found, merged = frame.copy(), {}
    emptied: dict[str, int] = {}
    for column in (c for c in columns if c in frame.columns):
        small = values_to_merge(_readers_by_value(frame["reader"], frame[column]), minimum)
        if not small:
            continue
        text = frame[column].astype(object).where(frame[column].notna(), None)
        inside = text.isin(small)
        if changed := _readers(frame["reader"][inside & (text != OTHER)]):
            found[column] = text.where(~inside, OTHER)
            merged[column] = changed
    if single_readers and minimum > 1 and YEARS in frame.columns:
        counts = _readers_by_value(frame["reader"], frame[YEARS])
        rare = frame[YEARS].isin([value for value, n in counts.items() if n < minimum])
        if "experience_group" in found:
            rare |= (found["experience_group"] == OTHER) & frame[YEARS].notna()
        rare = rare.fillna(False).astype(bool)
        if changed := _readers(frame["reader"][rare]):
            found[YEARS] = frame[YEARS].mask(rare)
            emptied[YEARS] = changed
    if single_readers:
        for column, n in _without_rare_combinations(found, minimum).items():
            emptied[column] = emptied.get(column, 0) + n
    return SmallCells(found, merged, minimum, emptied)


def _without_rare_combinations(frame: pd.DataFrame, minimum: int) -> dict[str, int]:
    """Empty columns of ``frame``, in place, until every combination left is shared; readers by column."""
    emptied = {}
    for column in (c for c in LEFT_EMPTY_FIRST if c in frame.columns):
        if not (readers := _rare_readers(frame, minimum)):
            break
        rare = frame["reader"].isin(readers)
        says = frame[column].notna() & ~frame[column].isin(SAYS_NOTHING)
        if n := _readers(frame["reader"][rare & says]):
            frame[column] = frame[column].mask(rare & says)
            emptied[column] = n
    return emptied


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


def _rare_readers(frame: pd.DataFrame, minimum: int) -> set[Any]:
    """Readers with a combination of the profile columns, one that says something, that fewer than ``minimum`` share."""
    people = frame.drop_duplicates("reader")
    said = [_words(people[column]) for column in LEFT_EMPTY_FIRST if column in frame.columns]
    combinations = list(zip(*said, strict=True))
    sizes = Counter(combinations)
    readers = people["reader"].tolist()
    return {
        reader
        for reader, combination in zip(readers, combinations or [()] * len(readers), strict=True)
        if any(combination) and sizes[combination] < minimum
    }


def _words(column: "pd.Series[Any]") -> list[str]:
    """What each said in it, empty where that says nothing."""
    words = ["" if missing else str(value) for value, missing in zip(column.tolist(), column.isna(), strict=True)]
    return ["" if word in SAYS_NOTHING else word for word in words]


def _listed(readers: Mapping[str, int]) -> str:
    return ", ".join(f"{_NAMES.get(column, column)} of {counted(n, 'reader')}" for column, n in readers.items())


def _readers(readers: "pd.Series[Any]") -> int:
    return int(readers.nunique())


def _readers_by_value(readers: "pd.Series[Any]", values: "pd.Series[Any]") -> dict[Any, int]:
    known = (readers.notna() & values.notna()).to_numpy(bool)
    pairs = set(zip(readers[known].tolist(), values[known].tolist(), strict=True))
    return dict(Counter(value for _, value in pairs))
