"""Reading time in one sentence: what assistance costs or saves."""

from dermdash.analyses.answer import (
    AnalysisAnswer,
    AnswerFigure,
    Verdict,
    capped,
    interval_words,
    size_in_hundred,
    verdict,
)
from dermdash.analyses.reading_time.ratios import TimeRatio
from dermdash.analyses.reading_time.run import TimeResult
from dermdash.analyses.reading_time.study import ReadingTime
from dermdash.analyses.reading_time.summary import TimeSummary
from dermdash.readings.case_votes import CaseSort
from dermdash.readings.modality import ALL_MODALITIES, Phase
from dermdash.wording import number, percent, seconds


def reading_time_answer(result: TimeResult) -> AnalysisAnswer:
    """Of both answers to a case together against the first alone; in separate periods of the assisted reading."""
    found = result.time
    both = _of_all(found.total_ratios)
    ratio = both or _of_all(found.ratios)
    before, after = (_times(found, phase) for phase in (Phase.UNAIDED, Phase.AIDED))
    figures = [
        AnswerFigure(name, seconds(times.median), _quartiles(times))
        for name, times in (("Without assistance, median", before), ("With assistance, median", after))
        if times is not None
    ]
    if ratio is None or ratio.ratio is None:
        usual = before or after
        text = "no case was read without and with assistance"
        if usual is not None:
            text = f"readers took {seconds(usual.median)} for a lesion, the middle one of the times,"
            text += f" {_quartiles(usual)}"
        return AnalysisAnswer(
            capped(text), figures=tuple(figures), chart="time-rows", cases=(CaseSort.SLOW,), readers=found.readers,
            n_cases=found.cases,
        )  # fmt: skip
    said = verdict(ratio.low, ratio.high, none=1.0, alpha=1 - found.confidence)
    figures.append(
        AnswerFigure(
            "Both answers against the first" if both else "With against without",
            _times_as_long(ratio.ratio),
            interval_words(ratio.low, ratio.high, 2),
        )
    )
    return AnalysisAnswer(
        capped(_text(ratio, said, together=both is not None)), said, tuple(figures), "time-rows", (CaseSort.SLOW,),
        ratio.readers, ratio.cases,
    )  # fmt: skip


def _text(ratio: TimeRatio, said: Verdict, *, together: bool) -> str:
    assert ratio.ratio is not None
    what = "a lesion with its assistance" if together else "reading with assistance"
    if said is Verdict.UNKNOWN or ratio.low is None or ratio.high is None:
        why = f": {ratio.reason}" if ratio.reason else ""
        return f"it cannot be said how much longer or shorter {what} took{why}"
    if said is Verdict.UNCLEAR:
        return f"it is unclear whether {what} took longer: {_times_as_long(ratio.low)} to {_times_as_long(ratio.high)}"
    change = abs(ratio.ratio - 1)
    longer = "longer" if ratio.ratio > 1 else "less time"
    than = "than the first answer alone" if together else "than reading without"
    size = size_in_hundred(ratio.low - 1, ratio.high - 1)
    return f"{what} took readers {percent(change, 0)} {longer} ({size}) {than}"


def _quartiles(times: TimeSummary) -> str:
    return f"quartiles {seconds(times.first_quartile)} to {seconds(times.third_quartile)}"


def _times_as_long(ratio: float) -> str:
    return f"{number(ratio, 2)} times as long"


def _of_all(ratios: tuple[TimeRatio, ...]) -> TimeRatio | None:
    plain = [r for r in ratios if not r.group]
    return next((r for r in plain if r.modality == ALL_MODALITIES), plain[0] if len(plain) == 1 else None)


def _times(found: ReadingTime, phase: Phase) -> TimeSummary | None:
    rows = [s for s in found.summaries if s.phase == phase and not s.group]
    return next((s for s in rows if s.modality == ALL_MODALITIES), rows[0] if len(rows) == 1 else None)
