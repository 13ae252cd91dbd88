"""The tables of reading times, in numbers and in words."""

from collections.abc import Sequence

import pandas as pd

from dermdash.analyses.rate_cells import SMALL, modality_text, rate_columns, rate_text
from dermdash.analyses.reading_time.ratios import TimeRatio
from dermdash.analyses.reading_time.study import ReadingTime
from dermdash.analyses.section import ResultTable
from dermdash.analysis.reader_slopes import Slope
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
            "same. "
            "Holm's correction is over the modalities.",
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
        slopes_table(
            "time-learning", "Along the session", found.learning.slopes,
            note="For times the ratio of geometric means, for right answers the odds ratio. Holm's correction is over "
            "the "
            "rows.",
        ),
        _parts_table(found),
        slopes_table(
            "time-accuracy-slopes", "Accuracy and time within readers", found.speed_accuracy.slopes,
            note="Odds ratio of a right answer, for twice the reader's usual time. Holm's correction is over the rows.",
        ),
        _curve_table(found),
        _correlation_table(found),
        _readers_table(found),
    ]  # fmt: skip
    return tuple(table for table in made if not table.numbers.empty)


def _summary_table(found: ReadingTime) -> ResultTable:
    numbers = [
        {
            "phase": s.phase, "modality": s.modality, "group": s.group, "readings": s.readings, "readers": s.readers,
            "cases": s.cases, "median_ms": s.median, "first_quartile_ms": s.first_quartile,
            "third_quartile_ms": s.third_quartile, "geometric_mean_ms": s.geometric_mean, "low_ms": s.low,
            "high_ms": s.high, "reason": s.reason,
        }
        for s in found.summaries
    ]  # fmt: skip
    shown = [
        {
            "Assistance": PHASES[s.phase],
            "Modality": modality_text(s.modality),
            "Answers": s.group or "all",
            "Median": seconds(s.median),
            "Quartiles": f"{seconds(s.first_quartile)} to {seconds(s.third_quartile)}",
            "Geometric mean": seconds(s.geometric_mean, s.low, s.high),
            "Readings": s.readings,
            "Readers": s.readers,
            "Cases": s.cases,
            "Note": SMALL if s.readers < 5 or s.cases < 10 else "",
        }
        for s in found.summaries
    ]
    return ResultTable(
        "reading-times",
        "Reading times",
        pd.DataFrame(numbers),
        pd.DataFrame(shown),
        "Browser times, from the painted image (before) or assistance (after) to the answer. In brackets: interval.",
    )


def _ratio_table(name: str, title: str, ratios: Sequence[TimeRatio], *, confidence: float, note: str) -> ResultTable:
    numbers = [
        {
            "name": r.name, "modality": r.modality, "group": r.group, "pairs": r.pairs, "readers": r.readers,
            "cases": r.cases, "ratio": r.ratio, "low": r.low, "high": r.high, "t": r.t, "p": r.p_value,
            "p_holm": r.p_holm, "bootstrap_low": r.bootstrap_low, "bootstrap_high": r.bootstrap_high,
            "reason": r.reason,
        }
        for r in ratios
    ]  # fmt: skip
    within = name == "time-within-readers"
    bootstrapped = any(r.bootstrap_low is not None for r in ratios)
    shown = [
        (
            {"Assistance": PHASES[r.group], "Ratio of": r.name}
            if within
            else {"Pairs of": r.group or modality_text(r.modality)}
        )
        | {f"Ratio ({level(confidence)} interval)": number_interval(r.ratio, r.low, r.high, 2)}
        | (
            {"Bootstrap": "" if r.bootstrap_low is None else bounds(r.bootstrap_low, r.bootstrap_high, 2)}
            if bootstrapped
            else {}
        )
        | (
            {"p": p_value(r.p_value), "p (Holm)": "" if r.p_holm is None else p_value(r.p_holm)}
            if name != "time-total"
            else {}
        )
        | {
            "Readings" if within else "Pairs": r.pairs,
            "Readers": r.readers,
            "Cases": r.cases,
            "Note": r.reason or (SMALL if r.small else ""),
        }
        for r in ratios
    ]
    return ResultTable(name, title, pd.DataFrame(numbers), pd.DataFrame(shown), note)


def slopes_table(name: str, title: str, slopes: Sequence[Slope], *, note: str) -> ResultTable:
    """Slopes as a table."""
    numbers = [s.as_dict() for s in slopes]
    for row in numbers:
        row["low"], row["high"] = row.pop("ci") or (None, None)
    shown = [
        {
            "Outcome": OUTCOMES.get(s.outcome, s.outcome),
            "Ratio": number_interval(s.ratio, s.low, s.high, 2),
            "Per": s.unit,
            "p": p_value(s.p_value),
            "p (Holm)": p_value(s.p_holm),
            "Readings": s.readings,
            "Readers": s.readers,
            "Cases": s.cases,
            "Note": s.reason or "",
        }
        for s in slopes
    ]
    return ResultTable(name, title, pd.DataFrame(numbers), pd.DataFrame(shown), note)


def _parts_table(found: ReadingTime) -> ResultTable:
    numbers = [
        {
            "phase": p.phase, "first": p.first, "last": p.last, "mean_position": p.mean_position,
            "readings": p.readings, "geometric_mean_ms": p.time, "low_ms": p.time_low, "high_ms": p.time_high,
        }
        | rate_columns("accuracy", p.accuracy)
        for p in found.learning.parts
    ]  # fmt: skip
    shown = [
        {
            "Assistance": PHASES[p.phase],
            "Cases": f"{p.first:g} to {p.last:g}",
            "Geometric mean time": seconds(p.time, p.time_low, p.time_high),
            "Right answers": rate_text(p.accuracy),
            "Readings": p.readings,
        }
        for p in found.learning.parts
    ]
    return ResultTable("time-session-parts", "Parts of the session", pd.DataFrame(numbers), pd.DataFrame(shown))


def _curve_table(found: ReadingTime) -> ResultTable:
    numbers = [
        {"phase": p.phase, "part": p.part, "readings": p.readings, "geometric_mean_ms": p.time}
        | rate_columns("accuracy", p.accuracy)
        for p in found.speed_accuracy.curve
    ]
    shown = [
        {
            "Assistance": PHASES[p.phase],
            "Part": p.part,
            "Geometric mean time": seconds(p.time),
            "Right answers": rate_text(p.accuracy),
            "Readings": p.readings,
        }
        for p in found.speed_accuracy.curve
    ]
    return ResultTable(
        "time-conditional-accuracy",
        "Accuracy from each reader's quickest to slowest answers",
        pd.DataFrame(numbers),
        pd.DataFrame(shown),
        "Part 1: the quickest answers of each reader.",
    )


def _correlation_table(found: ReadingTime) -> ResultTable:
    numbers = [
        {
            "phase": c.phase, "readers": c.readers, "rho": c.value, "low": c.low, "high": c.high, "p": c.p_value,
            "reason": c.reason,
        }
        for c in found.speed_accuracy.correlations
    ]  # fmt: skip
    shown = [
        {
            "Assistance": PHASES[c.phase],
            "Spearman's rho": number_interval(c.value, c.low, c.high, 2),
            "p": p_value(c.p_value),
            "Readers": c.readers,
            "Note": c.reason or ("few readers" if c.readers < 5 else ""),
        }
        for c in found.speed_accuracy.correlations
    ]
    return ResultTable(
        "time-accuracy-between-readers",
        "Are slower readers better?",
        pd.DataFrame(numbers),
        pd.DataFrame(shown),
        "Correlation over readers of geometric mean time and accuracy. Above 0: slower readers are right more often. "
        "Not "
        "corrected for two comparisons.",
    )


def _readers_table(found: ReadingTime) -> ResultTable:
    numbers = [
        {
            "phase": r.phase, "reader": r.reader, "readings": r.readings, "geometric_mean_ms": r.time,
            "accuracy": r.accuracy,
        }
        for r in found.speed_accuracy.readers
    ]  # fmt: skip
    shown = [
        {
            "Assistance": PHASES[r.phase], "Reader": r.reader, "Geometric mean time": seconds(r.time),
            "Right answers": percent(r.accuracy), "Readings": r.readings,
        }
        for r in found.speed_accuracy.readers
    ]  # fmt: skip
    return ResultTable("time-by-reader", "Time and accuracy of each reader", pd.DataFrame(numbers), pd.DataFrame(shown))
