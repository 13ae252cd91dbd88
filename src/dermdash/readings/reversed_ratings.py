"""Ratings whose scale runs the other way round: higher is less suspicious."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from dermdash.errors import InvalidInput
from dermdash.readings.formats.parsed_log import ParsedLog


def turned_round(ratings: "pd.Series[Any]") -> tuple["pd.Series[Any]", str]:
    """Ratings turned round within their range, so that the scale stays the same, and a note that says so.

    The highest becomes the lowest: of ratings from 1 to 5, 6 minus the rating. Empty ones stay empty.
    """
    numbers = pd.to_numeric(ratings, errors="coerce")
    low, high = float(numbers.min()), float(numbers.max())
    note = (
        f"The ratings were reversed, as was asked: {low + high:g} minus the rating of the file (they run from {low:g} "
        f"to {high:g} there), so that higher is more suspicious."
    )
    return low + high - numbers, note


def with_reversed_ratings(log: ParsedLog, *, source: str) -> ParsedLog:
    """The same log with its malignancy ratings turned round.

    Raises
    ------
    InvalidInput
        It has none, or they are derived from the answers, which do not turn with them.
    """
    rows = log.rows
    if "malignancy_rating" not in rows or rows["malignancy_rating"].isna().all():
        raise InvalidInput(f"{source} holds no malignancy rating that could be reversed")
    if log.rating_derived:
        raise InvalidInput(
            f"{source}: its malignancy rating follows from the answers and cannot be reversed by itself. If it seems "
            "reversed, look at how the answers and the truth are written"
        )
    ratings, note = turned_round(rows["malignancy_rating"])
    values: Sequence[float | None] = [None if value != value else float(value) for value in ratings.to_numpy(float)]
    reversed_rows = rows.assign(malignancy_rating=pd.Series(values, index=rows.index, dtype=object))
    return replace(log, rows=reversed_rows, notes=(*log.notes, note))
