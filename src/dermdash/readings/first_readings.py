"""The first reading of a case by a reader: the one that every analysis but that of repetition counts.

A case that comes back to the same reader measures how far they agree with themselves. Their later answer is no second
independent one, so it counts in no comparison, wherever it would: benefit, reliance, time, several readers and cases,
agreement between readers, collective decisions.
"""

from collections.abc import Sequence
from dataclasses import replace
from weakref import WeakKeyDictionary

import pandas as pd

from dermdash.readings.readings_table import ReadingsTable

LATER = "later reading of a case by the same reader"
"""Reason under which they are counted as left out."""


def in_reading_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Readings of each reader and case, the earliest first: by repetition, round and session (numbers as numbers)."""
    number = pd.to_numeric(rows["session"], errors="coerce")
    order = ["reader", "case", "repeat", "round", "_session", "session", "position"]
    return rows.assign(_session=number).sort_values(order, kind="stable").drop(columns="_session")


def first_of(rows: pd.DataFrame, key: Sequence[str]) -> tuple[pd.DataFrame, int]:
    """The first reading of each key in reading order, and how many later ones there were."""
    ordered = in_reading_order(rows)
    again = ordered.duplicated(list(key))
    return ordered[~again], int(again.sum())


_found: WeakKeyDictionary[ReadingsTable, ReadingsTable | None] = WeakKeyDictionary()
"""Of tables that somebody holds, as a report asks ten times; None: every reading is a first one."""


def first_readings(table: ReadingsTable) -> ReadingsTable:
    """The table with one reading of each reader, case and kind of assistance; the others are counted.

    It is the first with answers before and after assistance, where there is one: an answer without its other half says
    nothing of a change.
    """
    if table not in _found:
        first = _first_readings(table)
        # A table that is its own value would hold itself for ever.
        _found[table] = None if first is table else first
    return _found[table] or table


def _first_readings(table: ReadingsTable) -> ReadingsTable:
    frame = table.frame
    occasion = ["reader", "session", "case", "repeat", "modality"]
    halves = frame.groupby(occasion, dropna=False)["phase"].transform("size")
    rows = in_reading_order(frame.assign(_halves=-halves)).sort_values("_halves", kind="stable")
    first = rows.drop_duplicates(["reader", "case", "modality"])[occasion]
    kept = frame.merge(first, on=occasion, how="inner")
    if not (later := len(frame) - len(kept)):
        return table
    return replace(table, frame=kept, excluded={**table.excluded, LATER: table.excluded.get(LATER, 0) + later})
