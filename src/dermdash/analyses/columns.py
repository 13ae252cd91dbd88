"""Tables from columns: each column says once what stands in it, as a number for the CSV and as text for people.

No row is written twice, and no text is read back into numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from operator import attrgetter
from typing import Any, Generic, TypeVar

import pandas as pd

from dermdash.analyses.section import ResultTable
from dermdash.wording import Estimated, estimated_number, estimated_percent

Row = TypeVar("Row")
Part = Callable[[Any], Any]
DASH = "\N{EN DASH}"


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
        A row to its value, in full precision; None: the attribute of the row that is called like the key.
    written
        The value in words; None: as it is.
    parts
        The columns of the CSV where the value makes several: a name to what stands there, e.g. bounds and counts.
    interval
        Whether people see an estimate with its interval behind it, which may stand on a line of its own in print.
    """

    head: str
    key: str
    value: Callable[[Row], Any] | None = None
    written: Callable[[Any], Any] | None = None
    parts: Mapping[str, Part] = field(default_factory=dict)
    interval: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """Its columns in the CSV."""
        return tuple(self.parts) if self.parts and self.key else (self.key,) * bool(self.key)

    def numbers(self, row: Row) -> dict[str, Any]:
        """What the CSV holds of it."""
        value = self._of(row)
        if not self.parts:
            return {self.key: value}
        return {key: part(value) for key, part in self.parts.items()}

    def shown(self, row: Row) -> Any:
        """What people see of it."""
        value = self._of(row)
        return value if self.written is None else self.written(value)

    def _of(self, row: Row) -> Any:
        return getattr(row, self.key) if self.value is None else self.value(row)


def csv_only(*names: str, of: Callable[[Row], Any] = lambda row: row) -> tuple[Column[Row], ...]:
    """Attributes of the row, or ``of`` a part of it, that stand in the CSV under their own names and nowhere else."""

    def attribute(name: str) -> Callable[[Row], Any]:
        return lambda row: getattr(of(row), name)

    return tuple(Column("", name, attribute(name)) for name in names)


def parts_of(attributes: Mapping[str, str]) -> dict[str, Part]:
    """Columns of the CSV from attributes of a value (a name to its attribute); empty where there is no value."""

    def part(attribute: str) -> Part:
        get = attrgetter(attribute)
        return lambda value: None if value is None else get(value)

    return {key: part(attribute) for key, attribute in attributes.items()}


def interval_column(
    head: str,
    key: str,
    written: Callable[[Any, Any, Any], str],
    value: Callable[[Row], Any] = lambda row: row,
    *,
    of: tuple[str, str, str] = ("value", "low", "high"),
    bounds: tuple[str, str] | None = None,
    missing: str = "",
) -> Column[Row]:
    """A figure with both bounds, which are attributes of one thing.

    Parameters
    ----------
    head, key
        As of `Column`.
    written
        Figure and bounds in words, e.g. `dermdash.wording.points`.
    value
        What has the figure; None of a row without one. Default: the row itself.
    of
        The names of figure, lower and upper bound there.
    bounds
        Their names in the CSV; default: ``key`` with ``_low`` and ``_high``.
    missing
        What people see in a row without the figure.
    """
    names = (key, *(bounds or (f"{key}_low", f"{key}_high")))
    figures = tuple(map(attrgetter, of))
    return Column(
        head,
        key,
        value,
        lambda found: missing if found is None else written(*(figure(found) for figure in figures)),
        parts_of(dict(zip(names, of, strict=True))),
        interval=True,
    )


def share_column(
    head: str,
    key: str,
    value: Callable[[Row], Estimated | None],
    *,
    why: bool = False,
    bounds: tuple[str, str] | None = None,
) -> Column[Row]:
    """A share with its interval: per cent for people, 0..1 with both bounds in the CSV; None: not of this row.

    ``why``: with the reason where there is no figure; ``bounds`` as of `interval_column`.
    """
    return _estimate_column(head, key, value, partial(estimated_percent, why=why), bounds)


def number_column(head: str, key: str, value: Callable[[Row], Estimated | None]) -> Column[Row]:
    """A number with its interval."""
    return _estimate_column(head, key, value, estimated_number)


def _estimate_column(
    head: str,
    key: str,
    value: Callable[[Row], Estimated | None],
    written: Callable[[Estimated], str],
    bounds: tuple[str, str] | None = None,
) -> Column[Row]:
    def end(which: int) -> Part:
        return lambda found: None if found is None or found.interval is None else found.interval[which]

    low, high = bounds or (f"{key}_low", f"{key}_high")
    parts = parts_of({key: "value"}) | {low: end(0), high: end(1)}
    return Column(head, key, value, lambda found: DASH if found is None else written(found), parts, interval=True)


def table_of(
    name: str,
    title: str,
    columns: Sequence[Column[Row]],
    rows: Iterable[Row],
    note: str = "",
    *,
    csv_first: Sequence[str] = (),
    shown_rows: Iterable[Row] | None = None,
) -> ResultTable:
    """The table of these rows; one without rows keeps its columns.

    Columns stand in the order given; in the CSV those with the keys ``csv_first`` come before all others.
    ``shown_rows``: what people see where that is not all that the CSV holds.
    """
    rows = list(rows)
    seen_rows = rows if shown_rows is None else list(shown_rows)
    held, seen = [c for c in columns if c.key], [c for c in columns if c.head]
    held.sort(key=lambda c: csv_first.index(c.key) if c.key in csv_first else len(csv_first))
    numbers = [{key: value for column in held for key, value in column.numbers(row).items()} for row in rows]
    shown = [{column.head: column.shown(row) for column in seen} for row in seen_rows]
    return ResultTable(
        name,
        title,
        pd.DataFrame(numbers, columns=[key for column in held for key in column.keys]),
        pd.DataFrame(shown, columns=[column.head for column in seen]),
        note,
        frozenset(column.head for column in seen if column.interval),
    )


def shown_table(
    name: str,
    title: str,
    columns: Sequence[Column[Row]],
    rows: Iterable[Row],
    numbers: pd.DataFrame | Sequence[Mapping[str, Any]],
    note: str = "",
) -> ResultTable:
    """A table whose CSV has lines of its own: people see them crossed, or the CSV holds whole records as JSON does."""
    return replace(table_of(name, title, columns, rows, note), numbers=pd.DataFrame(numbers))
