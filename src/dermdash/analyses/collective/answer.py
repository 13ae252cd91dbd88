"""Panels of readers in one sentence: one alone, and all of them voting."""

from dermdash.analyses.answer import (
    AnalysisAnswer,
    AnswerFigure,
    Verdict,
    capped,
    interval_words,
    percent_words,
    share_in_hundred,
    verdict,
)
from dermdash.analyses.collective.collective_result import CollectiveResult
from dermdash.analyses.collective.panel_curves import PanelPoint
from dermdash.readings.case_votes import CaseSort
from dermdash.wording import counted, percent, points


def collective_answer(result: CollectiveResult) -> AnalysisAnswer:
    """Shares with their intervals: panels of different sizes are not tested against one another."""
    curve, model = result.unaided, result.model
    one, last = curve.points[0], curve.points[-1]
    text = f"one reader alone was right in {_of(one)} lesions"
    figures = [_figure("One reader", one)]
    said = Verdict.UNKNOWN
    if last.size > 1:
        text += f", a vote of {counted(last.size, 'reader')} in {_of(last)}"
        figures.append(_figure(f"Vote of {last.size}", last))
    if model is not None:
        gain = model.voting_gain[0]
        said = verdict(gain.low, gain.high)
        text += {
            Verdict.MORE: "; with the model's vote one reader did better",
            Verdict.LESS: "; with the model's vote one reader did worse",
            Verdict.UNCLEAR: "; whether the model's vote helps one reader is unclear",
            Verdict.UNKNOWN: "",
        }[said]
        figures += [
            _figure("The model alone", model.accuracy),
            AnswerFigure(
                "One reader with the model's vote",
                points(gain.difference),
                interval_words(gain.low, gain.high, scale=100),
            ),
        ]
    return AnalysisAnswer(
        capped(text), said, tuple(figures), "collective-readers", (CaseSort.SPLIT, CaseSort.MISREAD), curve.readers,
        curve.cases,
    )  # fmt: skip


def _of(point: PanelPoint) -> str:
    return share_in_hundred(point.accuracy, point.low, point.high)


def _figure(name: str, point: PanelPoint) -> AnswerFigure:
    return AnswerFigure(name, percent(point.accuracy), percent_words(point.low, point.high))
