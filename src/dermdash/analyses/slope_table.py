"""Slopes within readers as a table, the same for every analysis that has them."""

from collections.abc import Sequence

from dermdash.analyses.columns import Column, csv_only, table_of
from dermdash.analyses.section import ResultTable
from dermdash.analysis.reader_slopes import Slope
from dermdash.wording import number_interval, p_value


def slope_table(
    name: str,
    title: str,
    slopes: Sequence[Slope],
    first: Sequence[Column[Slope]],
    note: str,
    *,
    ratio: str = "Ratio",
    readings: str = "Readings",
) -> ResultTable:
    """One row per slope.

    Parameters
    ----------
    name, title, note
        Of the table.
    first
        The columns that say what each slope is of; the outcome must be among them.
    ratio, readings
        Heads of the slope and of the readings that it rests on.
    """
    columns: list[Column[Slope]] = [
        *first,
        *csv_only("predictor"),
        Column(ratio, "", lambda s: number_interval(s.ratio, s.low, s.high, 2), interval=True),
        Column("Per", "unit"),
        *csv_only("ratio"),
        Column("p", "p", lambda s: s.p_value, p_value),
        Column("p (Holm)", "p_holm", None, p_value),
        Column(readings, "n_readings", lambda s: s.readings),
        Column("Readers", "n_readers", lambda s: s.readers),
        Column("Cases", "n_cases", lambda s: s.cases),
        *csv_only("correlation", "covariance"),
        Column("Note", "reason", None, lambda reason: reason or ""),
        *csv_only("low", "high"),
    ]
    order = ("outcome", "predictor", "unit", "ratio", "p", "p_holm", "n_readers", "n_cases")
    return table_of(name, title, columns, slopes, note, csv_first=order)
