"""Panels of readers in one sentence: one alone, and all of them voting."""

from dermdash.analyses.answer import AnalysisAnswer, AnswerFigure, Verdict, capped, verdict
from dermdash.analyses.collective.collective_result import CollectiveResult
from dermdash.analyses.collective.panel_curves import PanelPoint
from dermdash.readings.case_votes import CaseSort
from dermdash.wording import bounds, counted, hundred_range, in_hundred, percent, percent_range, points


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
                "One reader with the model's vote", points(gain.difference),
                "no interval" if gain.low is None or gain.high is None else bounds(gain.low, gain.high, 1, scale=100),
            ),
        ]  # fmt: skip
    return AnalysisAnswer(
        capped(text), said, tuple(figures), "collective-readers", (CaseSort.SPLIT, CaseSort.MISREAD), curve.readers,
        curve.cases,
    )  # fmt: skip


def _of(point: PanelPoint) -> str:
    interval = "" if point.low is None or point.high is None else f" ({hundred_range(point.low, point.high)})"
    return f"{in_hundred(point.accuracy)}{interval}"


def _figure(name: str, point: PanelPoint) -> AnswerFigure:
    interval = "no interval" if point.low is None or point.high is None else percent_range(point.low, point.high)
    return AnswerFigure(name, percent(point.accuracy), interval)
