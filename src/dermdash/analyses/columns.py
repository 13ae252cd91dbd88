"""Tables from columns: each column says once what stands in it, as a number for the CSV and as text for people.

No row is written twice, and no text is read back into numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import pandas as pd

from dermdash.analyses.section import ResultTable
from dermdash.wording import Estimated, estimated_number, estimated_percent

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column of a table of results.

    Attributes
    ----------
    head
        For people; empty: they do not see it.
    key
        snake_case name in the CSV; empty: it is not there.
    value
        A row to its value, in full precision.
    written
        The value in words; None: as it is.
    parts
        Further numbers of the same value, by what follows the key: a bound, a count.
    """

    head: str
    key: str
    value: Callable[[Row], Any]
    written: Callable[[Any], Any] | None = None
    parts: tuple[tuple[str, Callable[[Any], Any]], ...] = ()

    def numbers(self, row: Row) -> dict[str, Any]:
        """What the CSV holds of it."""
        value = self.value(row)
        if not self.parts:
            return {self.key: value}
        return {f"{self.key}{suffix}": part(value) for suffix, part in self.parts}

    def shown(self, row: Row) -> Any:
        """What people see of it."""
        value = self.value(row)
        return value if self.written is None else self.written(value)


_BOUNDS: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("", lambda estimate: None if estimate is None else estimate.value),
    ("_low", lambda estimate: None if estimate is None or estimate.interval is None else estimate.interval[0]),
    ("_high", lambda estimate: None if estimate is None or estimate.interval is None else estimate.interval[1]),
)


def share_column(head: str, key: str, value: Callable[[Row], Estimated | None]) -> Column[Row]:
    """A share with its interval: per cent for people, 0..1 with both bounds in the CSV; None: not of this row."""
    return Column(head, key, value, lambda found: "\N{EN DASH}" if found is None else estimated_percent(found), _BOUNDS)


def number_column(head: str, key: str, value: Callable[[Row], Estimated | None]) -> Column[Row]:
    """A number with its interval."""
    return Column(head, key, value, lambda found: "\N{EN DASH}" if found is None else estimated_number(found), _BOUNDS)


def table_of(name: str, title: str, columns: Sequence[Column[Row]], rows: Iterable[Row], note: str = "") -> ResultTable:
    """The table of these rows."""
    rows = list(rows)
    numbers: list[dict[str, Any]] = [{} for _ in rows]
    shown: list[dict[str, Any]] = [{} for _ in rows]
    for column in columns:
        for row, into, words in zip(rows, numbers, shown, strict=True):
            if column.key:
                into |= column.numbers(row)
            if column.head:
                words[column.head] = column.shown(row)
    # A table without rows keeps its columns.
    keys = [f"{c.key}{suffix}" for c in columns if c.key for suffix, _ in (c.parts or (("", None),))]
    heads = [c.head for c in columns if c.head]
    return ResultTable(name, title, pd.DataFrame(numbers, columns=keys), pd.DataFrame(shown, columns=heads), note)
