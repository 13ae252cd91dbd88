"""The unaided and the aided reading of one reader and case side by side."""

from weakref import WeakKeyDictionary

import pandas as pd

from dermdash.readings.modality import Phase
from dermdash.readings.readings_table import READING_KEY, ReadingsTable

PAIR_KEY = tuple(name for name in READING_KEY if name != "phase")
ANSWERS = (
    "period", "dx", "malignant_answer", "malignancy_rating", "confidence", "trust", "management", "client_ms",
    "correct",
)  # fmt: skip
"""Columns that a pair has twice, as ``dx_unaided`` and ``dx_aided``."""


_found: WeakKeyDictionary[ReadingsTable, pd.DataFrame] = WeakKeyDictionary()


def reading_pairs(table: ReadingsTable) -> pd.DataFrame:
    """One row per pair of answers: the same reader, session, case and repetition before and after assistance.

    Returns
    -------
    DataFrame
        `PAIR_KEY`, ``modality``, the columns of ``ANSWERS`` with the suffixes ``_unaided`` and ``_aided``, the truth,
        the advice (of the aided reading) and everything about reader and place in the session under their own names.
        Modality is the aided reading's. Readings without their other half are left out (see `unpaired`).
        Put together once for a table, which an analysis asks ten times; each who asks may change what they get.
    """
    if (found := _found.get(table)) is None:
        found = _found[table] = _paired(table.frame)
    return found.copy()


def _paired(frame: pd.DataFrame) -> pd.DataFrame:
    before = frame.loc[frame["phase"] == Phase.UNAIDED, [*PAIR_KEY, *ANSWERS]]
    after = frame[frame["phase"] == Phase.AIDED].drop(columns="phase")
    return after.merge(before, on=list(PAIR_KEY), suffixes=("_aided", "_unaided"), validate="one_to_one")


def unpaired(table: ReadingsTable) -> int:
    """Number of readings whose other half is missing: unaided ones that assistance should have followed, and aided ones
    without the answer before.
    """
    wanted = table.frame[table.frame["modality"] != "none"]
    return int((wanted.groupby(list(PAIR_KEY))["phase"].transform("size") == 1).sum())
