"""Which readings agreement is measured on: one per reader and case, before and after assistance."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dermdash.analyses.agreement.options import RATINGS
from dermdash.analysis.agreement.ratings import Ratings, make_ratings
from dermdash.readings.first_readings import LATER, first_of
from dermdash.readings.modality import Phase
from dermdash.readings.pairs import reading_pairs
from dermdash.readings.readings_table import ReadingsTable

ORDERED = ("confidence", "malignancy_rating")


def first_pairs(table: ReadingsTable, rating: str) -> tuple[pd.DataFrame, dict[str, int]]:
    """One row per reader and case: ``before`` and ``after`` (empty without assistance); and what was left out."""
    excluded: dict[str, int] = {}

    def leave_out(reason: str, frame: pd.DataFrame, drop: "pd.Series[bool]", readings: int) -> pd.DataFrame:
        if drop.any():
            excluded[reason] = readings * int(drop.sum())
        return frame[~drop]

    pairs = reading_pairs(table)
    if len(pairs):
        rows = pairs.rename(columns={f"{rating}_unaided": "before", f"{rating}_aided": "after"})
        if alone := len(table.frame) - 2 * len(pairs):
            excluded["no answer of the other phase"] = alone
    else:
        rows = table.frame[table.frame["phase"] == Phase.UNAIDED].rename(columns={rating: "before"})
        rows = rows.assign(after=pd.Series(None, index=rows.index, dtype=object))
        excluded |= {"answers with assistance only": n} if (n := len(table.frame) - len(rows)) else {}
    both = 2 if len(pairs) else 1
    missing = rows["before"].isna() | (rows["after"].isna() if len(pairs) else False)
    rows = leave_out(f"no {RATINGS[rating]} given", rows, missing, both)
    rows, later = first_of(rows, ("reader", "case"))
    if later:
        excluded[LATER] = both * later
    return rows, excluded


def rating_scale(table: ReadingsTable, rating: str) -> tuple[object, ...]:
    """The whole scale where it is known: classes of the taxonomy, levels from the lowest to the highest used."""
    if rating == "malignant_answer":
        return (False, True)
    found = table.frame[rating].dropna()
    if rating == "dx" and table.classes is not None:
        return tuple(table.classes.codes)
    if rating not in ORDERED:
        return tuple(sorted(found.astype(str).unique()))
    numbers = np.unique(found.to_numpy(float))
    whole = np.arange(numbers[0], numbers[-1] + 1)
    if len(whole) <= 21 and np.isin(numbers, whole).all():
        numbers = whole
    # A rating derived from diagnosis and confidence has no zero: nobody can give it.
    if rating == "malignancy_rating" and 0 not in set(found.to_numpy(float)):
        numbers = numbers[numbers != 0]
    return tuple(numbers.tolist())


def rating_matrices(
    rows: pd.DataFrame, scale: Sequence[object], aided: bool
) -> tuple[Ratings, Ratings | None, tuple[str, ...], tuple[str, ...]]:
    """Tables of readers x cases before and after, and the names of both; ``rows`` are those of `first_pairs`."""
    reader, readers = pd.factorize(rows["reader"], sort=True)
    case, cases = pd.factorize(rows["case"], sort=True)

    def one(column: str) -> Ratings:
        table = np.full((len(readers), len(cases)), None, object)
        table[reader, case] = rows[column].to_numpy(object)
        return make_ratings(table, scale)

    return one("before"), one("after") if aided else None, tuple(readers), tuple(cases)


def true_classes(table: ReadingsTable, column: str) -> tuple[str, ...]:
    """Values of ``truth_dx`` or ``truth_malignant`` in the order to show."""
    found = {str(v) for v in table.frame[column].dropna()}
    if column == "truth_dx" and table.classes is not None:
        return tuple(code for code in table.classes.codes if code in found)
    return tuple(sorted(found))
