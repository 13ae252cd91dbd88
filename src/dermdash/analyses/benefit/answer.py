"""Benefit of assistance in one sentence.

The sentence speaks of these cases where only the paired t test over readers is clear, and of other readers and cases
where the analysis of both is, too.
"""

from collections.abc import Sequence

from dermdash.analyses.answer import (
    MOST_FIGURES,
    NO_INTERVAL,
    AnalysisAnswer,
    AnswerFigure,
    Verdict,
    capped,
    more_in_hundred,
    range_in_hundred,
    size_in_hundred,
    uncapped,
    verdict,
)
from dermdash.analyses.benefit.image_changes import AggregateRow
from dermdash.analyses.benefit.measures import WORDS, Measure
from dermdash.analyses.benefit.rows import BenefitRow
from dermdash.analyses.benefit.run import BenefitResult
from dermdash.analyses.benefit.tables import Row, row_interval
from dermdash.readings.case_votes import CaseSort
from dermdash.readings.modality import ALL_MODALITIES, modality_name
from dermdash.wording import bounds, level, percent, points

_HELPED = {
    True: {Verdict.MORE: "helped", Verdict.LESS: "did harm"},
    False: {Verdict.MORE: "did harm", Verdict.LESS: "helped"},
}
_CASES = {
    True: {
        Verdict.MORE: (CaseSort.RESCUED, CaseSort.MISLED),
        Verdict.LESS: (CaseSort.MISLED, CaseSort.RESCUED),
    },
    False: {},
}


def benefit_answer(result: BenefitResult) -> AnalysisAnswer:
    """What assistance changed, first of each kind of it, then of all together where no single one is clear."""
    main, confidence = result.found.main, result.found.confidence
    rows: list[Row] = list(main.rows)
    if not rows:
        return AnalysisAnswer(
            f"Nothing can be said of {WORDS[main.measure].subject}: no kind of assistance has the cases it needs"
        )
    several = len(rows) > 1
    overall: Row | None = main.overall if several else None
    clear = [row for row in rows if _verdict(row, several, confidence) in (Verdict.MORE, Verdict.LESS)]
    if clear:
        text = "; ".join(_clear(row, main.measure, confidence, several=several) for row in clear)
        if others := len(rows) - len(clear):
            text += (
                "; of the other kind of assistance" if others == 1 else f"; of the other {others} kinds of assistance"
            )
            text += " it is unclear"
        found = _verdict(clear[0], several, confidence)
    elif overall is not None:
        found = _verdict(overall, False, confidence)
        text = _of(overall, main.measure, found, confidence)
        if found in (Verdict.MORE, Verdict.LESS):
            text += "; of no single kind of assistance is it clear"
    else:
        found = _verdict(rows[0], False, confidence)
        text = _of(rows[0], main.measure, found, confidence)
    # What the sentence is of stands first; of all modalities where there is room, or where it is of them.
    first = [overall] if overall is not None and (not clear or len(rows) < MOST_FIGURES) else []
    shown = [*first, *_largest(rows, MOST_FIGURES - len(first))]
    return AnalysisAnswer(
        capped(text),
        found,
        tuple(_figure(row, confidence) for row in shown),
        "change",
        _CASES[WORDS[main.measure].higher_is_better is True].get(found, (CaseSort.RESCUED, CaseSort.MISLED)),
        *_behind(overall or rows[0]),
    )


def _largest(rows: Sequence[Row], most: int) -> list[Row]:
    """So many with the largest change, in the order of the rows."""
    kept = sorted(rows, key=lambda row: -abs(_numbers(row)[2]))[:most]
    return [row for row in rows if row in kept]


def _verdict(row: Row, several: bool, confidence: float) -> Verdict:
    found = row.change if isinstance(row, BenefitRow) else row
    return verdict(*row_interval(row), found.p_holm if several else found.p_value, alpha=1 - confidence)


def _numbers(row: Row) -> tuple[float, float, float]:
    found = row.change if isinstance(row, BenefitRow) else row
    return found.unaided, found.aided, found.difference


def _name(row: Row) -> str:
    return "assistance" if row.modality == ALL_MODALITIES else uncapped(modality_name(row.modality))


def _clear(row: Row, measure: Measure, confidence: float, *, several: bool) -> str:
    return _of(row, measure, _verdict(row, several, confidence), confidence, several=several)


def _of(row: Row, measure: Measure, found: Verdict, confidence: float, *, several: bool = False) -> str:
    words = WORDS[measure]
    difference, (low, high) = _numbers(row)[2], row_interval(row)
    name = _name(row)
    if found is Verdict.UNKNOWN or low is None or high is None:
        why = row.change.reason if isinstance(row, BenefitRow) else row.reason
        return f"it cannot be said whether {name} changed {words.subject}" + (f": {why}" if why else "")
    if found is Verdict.UNCLEAR:
        doubt = "changed" if words.higher_is_better is None else "helped"
        said = (
            range_in_hundred(low, high, words.of_hundred)
            if words.of_hundred
            else f"{words.subject} changed by {points(difference, low, high)}"
        )
        return f"it is unclear whether {name} {doubt}: {said}"
    verb = "changed answers" if words.higher_is_better is None else _HELPED[words.higher_is_better][found]
    if not words.of_hundred:
        change = points(difference, low, high)
        return f"{name} {verb}: {words.subject} changed by {change}, {_whom(row, several, confidence)}"
    return (
        f"{name} {verb}: {more_in_hundred(difference, words.of_hundred)} ({size_in_hundred(low, high)}), "
        f"{_whom(row, several, confidence)}"
    )


def _whom(row: Row, several: bool, confidence: float) -> str:
    if isinstance(row, AggregateRow):
        return "for these readers and lesions like these"
    both = None if row.populations is None else row.populations.both
    if both is not None:
        found = verdict(both.low, both.high, both.p_holm if several else both.p, alpha=1 - confidence)
        if found in (Verdict.MORE, Verdict.LESS):
            return "for readers and lesions like these"
    return "on these lesions; whether also on others is unclear"


def _figure(row: Row, confidence: float) -> AnswerFigure:
    before, after, difference = _numbers(row)
    low, high = row_interval(row)
    interval = NO_INTERVAL if low is None else f"{bounds(low, high, 1, scale=100)} ({level(confidence)})"
    name = "All together" if row.modality == ALL_MODALITIES else modality_name(row.modality)
    return AnswerFigure(
        name, points(difference), f"{interval}; {percent(before, 0)} \N{RIGHTWARDS ARROW} {percent(after, 0)}"
    )


def _behind(row: Row) -> tuple[int | None, int]:
    if isinstance(row, AggregateRow):
        return None, row.images
    return row.change.readers, row.change.cases
