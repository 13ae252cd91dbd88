"""The tables of reading times, in numbers and in words."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from dermdash.analyses.columns import Column, csv_only, interval_column, table_of
from dermdash.analyses.rate_cells import SMALL, rate_column, small_note
from dermdash.analyses.reading_time.learning import SessionPart
from dermdash.analyses.reading_time.ratios import TimeRatio
from dermdash.analyses.reading_time.speed_accuracy import AccuracyAtSpeed, Correlation, ReaderSpeed
from dermdash.analyses.reading_time.study import ReadingTime
from dermdash.analyses.reading_time.summary import TimeSummary
from dermdash.analyses.section import ResultTable
from dermdash.analyses.slope_table import slope_table
from dermdash.analysis.reader_slopes import Slope
from dermdash.readings.modality import modality_name
from dermdash.readings.small_groups import SMALL_READERS
from dermdash.wording import bounds, level, number_interval, p_value, percent, seconds, time_limit

PHASES = {"unaided": "before", "aided": "after"}
OUTCOMES = {
    "time unaided": "Time before assistance",
    "time aided": "Time after assistance",
    "accuracy unaided": "Right answers before assistance",
    "accuracy aided": "Right answers after assistance",
}


def tables(found: ReadingTime) -> tuple[ResultTable, ...]:
    """Every table that these readings allow."""
    made = [
        _summary_table(found),
        _ratio_table(
            "time-ratios", "Time after against time before assistance", found.ratios, confidence=found.confidence,
            note="Below 1: the answer after assistance takes less time than the one before. Every reader weighs the "
            "same. Holm's correction is over the modalities.",
        ),
        _ratio_table(
            "time-total", "Both answers together against the answer before assistance", found.total_ratios,
            confidence=found.confidence,
            note=f"How much longer a case takes with assistance than without: 1.40 is {level(0.4)} more time.",
        ),
        _ratio_table(
            "time-within-readers", "Wrong and changed answers against others of the same readers", found.within,
            confidence=found.confidence,
            note="Ratio of each reader's geometric mean times. Holm's correction is over the rows.",
        ),
        _ratio_table(
            "time-sensitivity", "Time after against time before assistance, without implausible times",
            found.sensitivity, confidence=found.confidence,
            note=f"Only times from {time_limit(found.rule.shortest_ms)} to {time_limit(found.rule.longest_ms)}.",
        ),
        _slopes_table(
            "time-learning", "Along the session", found.learning.slopes,
            note="For times the ratio of geometric means, for right answers the odds ratio. Holm's correction is over "
            "the rows.",
        ),
        _parts_table(found),
        _slopes_table(
            "time-accuracy-slopes", "Accuracy and time within readers", found.speed_accuracy.slopes,
            note="Odds ratio of a right answer, for twice the reader's usual time. Holm's correction is over the rows.",
        ),
        _curve_table(found),
        _correlation_table(found),
        _readers_table(found),
    ]  # fmt: skip
    return tuple(table for table in made if not table.numbers.empty)


_TWO_PLACES = partial(number_interval, decimals=2)
_PHASE: Column[Any] = Column("Assistance", "phase", None, PHASES.__getitem__)
_TIME: Column[Any] = Column("Geometric mean time", "geometric_mean_ms", lambda row: row.time, seconds)


def _summary_table(found: ReadingTime) -> ResultTable:
    columns: list[Column[TimeSummary]] = [
        _PHASE,
        Column("Modality", "modality", None, modality_name),
        Column("Answers", "group", None, lambda group: group or "all"),
        Column("Median", "median_ms", lambda s: s.median, seconds),
        Column("Quartiles", "", lambda s: f"{seconds(s.first_quartile)} to {seconds(s.third_quartile)}"),
        Column("", "first_quartile_ms", lambda s: s.first_quartile),
        Column("", "third_quartile_ms", lambda s: s.third_quartile),
        interval_column(
            "Geometric mean",
            "geometric_mean_ms",
            seconds,
            of=("geometric_mean", "low", "high"),
            bounds=("low_ms", "high_ms"),
        ),
        Column("Readings", "readings"),
        Column("Readers", "readers"),
        Column("Cases", "cases"),
        Column("Note", "", lambda s: small_note(s.readers, s.cases)),
        *csv_only("reason"),
    ]
    note = "Browser times, from the painted image (before) or assistance (after) to the answer. In brackets: interval."
    order = ("phase", "modality", "group", "readings", "readers", "cases")
    return table_of("reading-times", "Reading times", columns, found.summaries, note, csv_first=order)


def _ratio_table(name: str, title: str, ratios: Sequence[TimeRatio], *, confidence: float, note: str) -> ResultTable:
    within, tested = name == "time-within-readers", name != "time-total"
    bootstrapped = any(r.bootstrap_low is not None for r in ratios)
    first: list[Column[TimeRatio]] = [
        Column("Assistance", "", lambda r: PHASES[r.group]),
        Column("Ratio of", "name"),
    ]
    columns: list[Column[TimeRatio]] = [
        *(first if within else (Column("Pairs of", "", lambda r: r.group or modality_name(r.modality)),)),
        *csv_only(*([] if within else ["name"]), "modality", "group"),
        interval_column(
            f"Ratio ({level(confidence)} interval)",
            "ratio",
            _TWO_PLACES,
            of=("ratio", "low", "high"),
            bounds=("low", "high"),
        ),
        *csv_only("t"),
        Column("Bootstrap" if bootstrapped else "", "", _bootstrap_words),
        Column("p" if tested else "", "p", lambda r: r.p_value, p_value),
        Column("p (Holm)" if tested else "", "p_holm", None, lambda p: "" if p is None else p_value(p)),
        *csv_only("bootstrap_low", "bootstrap_high"),
        Column("Readings" if within else "Pairs", "pairs"),
        Column("Readers", "readers"),
        Column("Cases", "cases"),
        Column("Note", "", lambda r: r.reason or (SMALL if r.small else "")),
        *csv_only("reason"),
    ]
    order = ("name", "modality", "group", "pairs", "readers", "cases")
    return table_of(name, title, columns, ratios, note, csv_first=order)


def _bootstrap_words(ratio: TimeRatio) -> str:
    return "" if ratio.bootstrap_low is None else bounds(ratio.bootstrap_low, ratio.bootstrap_high, 2)


def _slopes_table(name: str, title: str, slopes: Sequence[Slope], *, note: str) -> ResultTable:
    outcome: Column[Slope] = Column("Outcome", "outcome", None, lambda outcome: OUTCOMES.get(outcome, outcome))
    return slope_table(name, title, slopes, (outcome,), note)


def _parts_table(found: ReadingTime) -> ResultTable:
    columns: list[Column[SessionPart]] = [
        _PHASE,
        Column("Cases", "", lambda p: f"{p.first:g} to {p.last:g}"),
        *csv_only("first", "last", "mean_position"),
        interval_column(
            "Geometric mean time",
            "geometric_mean_ms",
            seconds,
            of=("time", "time_low", "time_high"),
            bounds=("low_ms", "high_ms"),
        ),
        rate_column("Right answers", "accuracy", lambda p: p.accuracy),
        Column("Readings", "readings"),
    ]
    order = ("phase", "first", "last", "mean_position", "readings")
    return table_of("time-session-parts", "Parts of the session", columns, found.learning.parts, csv_first=order)


def _curve_table(found: ReadingTime) -> ResultTable:
    columns: list[Column[AccuracyAtSpeed]] = [
        _PHASE,
        Column("Part", "part"),
        _TIME,
        rate_column("Right answers", "accuracy", lambda p: p.accuracy),
        Column("Readings", "readings"),
    ]
    return table_of(
        "time-conditional-accuracy",
        "Accuracy from each reader's quickest to slowest answers",
        columns,
        found.speed_accuracy.curve,
        "Part 1: the quickest answers of each reader.",
        csv_first=("phase", "part", "readings"),
    )


def _correlation_table(found: ReadingTime) -> ResultTable:
    columns: list[Column[Correlation]] = [
        _PHASE,
        interval_column("Spearman's rho", "rho", _TWO_PLACES, bounds=("low", "high")),
        Column("p", "p", lambda c: c.p_value, p_value),
        Column("Readers", "readers"),
        Column("Note", "", lambda c: c.reason or ("few readers" if c.readers < SMALL_READERS else "")),
        *csv_only("reason"),
    ]
    return table_of(
        "time-accuracy-between-readers",
        "Are slower readers better?",
        columns,
        found.speed_accuracy.correlations,
        "Correlation over readers of geometric mean time and accuracy. Above 0: slower readers are right more often. "
        "Not corrected for two comparisons.",
        csv_first=("phase", "readers"),
    )


def _readers_table(found: ReadingTime) -> ResultTable:
    columns: list[Column[ReaderSpeed]] = [
        _PHASE,
        Column("Reader", "reader"),
        _TIME,
        Column("Right answers", "accuracy", None, percent),
        Column("Readings", "readings"),
    ]
    return table_of(
        "time-by-reader",
        "Time and accuracy of each reader",
        columns,
        found.speed_accuracy.readers,
        csv_first=("phase", "reader", "readings"),
    )
