"""Arms, differences, sequences and periods as tables."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dermdash.analyses.arms.conditions import SEQUENCES, ArmReaders
from dermdash.analyses.arms.measures import ArmMeasure
from dermdash.analyses.arms.result import ArmsResult, ArmValue, PeriodValue
from dermdash.analyses.columns import Column, parts_of, table_of
from dermdash.analyses.section import ResultTable
from dermdash.analysis.estimates import json_number
from dermdash.analysis.mrmc.effect import EffectTest, MeanEstimate
from dermdash.wording import difference, number_interval, p_value, percent_interval, points

EFFECTS = {
    "assistance": "With minus without assistance, adjusted for the period",
    "period": "Second minus first period",
    "sequence": "Without first minus with first, mean of both periods",
}


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of a table of differences."""

    measure: ArmMeasure
    what: str
    test: EffectTest


def tables(result: ArmsResult) -> tuple[ResultTable, ...]:
    """All of a result, in the order to show."""
    found = []
    if result.comparisons:
        found += [_readers(result), _arms(result), _differences(result)]
    if result.crossover:
        found += [_periods(result), _effects(result)]
    return tuple(found)


def mean_text(measure: ArmMeasure, mean: MeanEstimate) -> str:
    """A mean with its interval in words."""
    return (percent_interval if measure.share else number_interval)(mean.value, mean.low, mean.high)


def effect_text(measure: ArmMeasure, test: EffectTest) -> str:
    """A difference with its interval in words."""
    return (points if measure.share else difference)(test.difference, test.low, test.high)


def _readers(result: ArmsResult) -> ResultTable:
    columns: list[Column[ArmReaders]] = [
        Column("Arm", "arm", lambda a: a.key),
        Column("Read", "condition"),
        Column("Readers", "n_readers", lambda a: len(a.readers)),
        Column("Cases", "n_cases", lambda a: a.cases),
        Column("Answers", "n_readings", lambda a: a.readings),
    ]
    return table_of("arms-readers", "Arms", columns, result.arms, "The last answer of each reader to each case.")


def _arms(result: ArmsResult) -> ResultTable:
    rows: list[tuple[ArmMeasure, ArmValue]] = [(c.measure, v) for c in result.comparisons for v in c.values]
    columns: list[Column[tuple[ArmMeasure, ArmValue]]] = [
        Column("Measure", "measure", lambda r: r[0].title),
        Column("Arm", "arm", lambda r: r[1].arm),
        Column("Readers", "n_readers", lambda r: len(r[1].readers)),
        _mean_column(lambda r: (r[0], r[1].mean)),
        Column("Remark", "reason", lambda r: r[1].mean.reason or ""),
    ]
    return table_of("arms-means", "Each arm", columns, rows)


def _differences(result: ArmsResult) -> ResultTable:
    rows = [_Line(c.measure, f"{d.arm} minus {d.reference}", d.test) for c in result.comparisons for d in c.differences]
    several = len(result.arms) > 2
    return _effect_table("arms-differences", "Differences between arms", rows, "Arms", holm=several)


def _periods(result: ArmsResult) -> ResultTable:
    rows: list[tuple[ArmMeasure, PeriodValue]] = [(c.measure, v) for c in result.crossover for v in c.values]
    columns: list[Column[tuple[ArmMeasure, PeriodValue]]] = [
        Column("Measure", "measure", lambda r: r[0].title),
        Column("Sequence", "sequence", lambda r: SEQUENCES[r[1].sequence]),
        Column("Period", "period", lambda r: r[1].period),
        Column("Read", "assisted", lambda r: r[1].assisted, lambda a: "with" if a else "without"),
        Column("Readers", "n_readers", lambda r: len(r[1].value.readers)),
        _mean_column(lambda r: (r[0], r[1].value.mean)),
        Column("Remark", "reason", lambda r: r[1].value.mean.reason or ""),
    ]
    return table_of(
        "arms-periods", "Sequences and periods", columns, rows, "Readers who answered in both periods, on those cases."
    )


def _effects(result: ArmsResult) -> ResultTable:
    rows = [
        _Line(c.measure, EFFECTS[name], getattr(c, name))
        for c in result.crossover
        if c.reason is None
        for name in EFFECTS
    ]
    note = (
        "The last of the three holds a carry-over and chance between readers in one number: it is shown, and nothing "
        "is decided by it."
    )
    return _effect_table("arms-effects", "Assistance, period and sequence", rows, "Effect", note=note)


def _effect_table(
    name: str, title: str, rows: list[_Line], what: str, *, holm: bool = False, note: str = ""
) -> ResultTable:
    columns: list[Column[_Line]] = [
        Column("Measure", "measure", lambda r: r.measure.title),
        Column(what, "contrast", lambda r: r.what),
        Column(
            "Difference, with interval",
            "difference",
            lambda r: r,
            lambda r: effect_text(r.measure, r.test),
            parts_of({"difference": "test.difference", "difference_low": "test.low", "difference_high": "test.high"}),
            interval=True,
        ),
        Column("", "se", lambda r: r.test.se),
        Column("", "df", lambda r: r.test.df2),
        Column("p", "p", lambda r: r.test.p, p_value),
    ]
    if holm:
        columns.append(Column("Holm p", "p_holm", lambda r: r.test.p_holm, p_value))
    columns.append(Column("Remark", "reason", lambda r: r.test.reason or ""))
    return table_of(name, title, columns, rows, note)


def _mean_column(of: Callable[[Any], tuple[ArmMeasure, MeanEstimate]]) -> Column[Any]:
    parts = {"value": "value", "value_low": "low", "value_high": "high"}
    return Column(
        "Mean over readers, with interval",
        "value",
        of,
        lambda found: mean_text(*found),
        {key: _part(name) for key, name in parts.items()},
        interval=True,
    )


def _part(name: str) -> Callable[[tuple[ArmMeasure, MeanEstimate]], float | None]:
    return lambda found: json_number(getattr(found[1], name))
