"""Shares and differences of readings as columns of tables, the same for every analysis that has them."""

from collections.abc import Callable
from typing import TypeVar

from dermdash.analyses.columns import Column, parts_of
from dermdash.analysis.two_way import Rate, RateDifference
from dermdash.readings.small_groups import SMALL_CASES, SMALL_READERS
from dermdash.wording import percent_interval, points

SMALL = "few readers or cases"
Row = TypeVar("Row")
_DIFFERENCE = {"": "value", "_low": "low", "_high": "high", "_p": "p_value"} | {
    "_bootstrap_low": "bootstrap_low", "_bootstrap_high": "bootstrap_high", "_reason": "reason",
}  # fmt: skip
_RATE = {"": "value", "_low": "low", "_high": "high"} | {
    "_bootstrap_low": "bootstrap_low", "_bootstrap_high": "bootstrap_high", "_hits": "hits", "_n": "total",
    "_readers": "readers", "_cases": "cases", "_reason": "reason",
}  # fmt: skip


def small_note(readers: int, cases: int) -> str:
    """That few readers or cases stand behind a row, else nothing."""
    return SMALL if readers < SMALL_READERS or cases < SMALL_CASES else ""


def rate_text(rate: Rate) -> str:
    """A share with its interval, or why there is none."""
    return percent_interval(rate.value, rate.low, rate.high)


def change_text(change: Rate | RateDifference) -> str:
    """A difference of shares with its interval, in points."""
    return points(change.value, change.low, change.high)


def rate_column(
    head: str, key: str, value: Callable[[Row], Rate], written: Callable[[Rate], str] = rate_text
) -> Column[Row]:
    """A share or a mean; the CSV holds all that is known of it, under names that start alike."""
    parts = parts_of({f"{key}{suffix}": attribute for suffix, attribute in _RATE.items()})
    return Column(head, key, value, written, parts, interval=True)


def difference_column(head: str, key: str, value: Callable[[Row], RateDifference]) -> Column[Row]:
    """A difference of shares; the CSV holds all that is known of it, under names that start alike."""
    parts = parts_of({f"{key}{suffix}": attribute for suffix, attribute in _DIFFERENCE.items()})
    return Column(head, key, value, change_text, parts, interval=True)
