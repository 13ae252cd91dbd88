"""Two models in one sentence: which of them names the right diagnosis more often."""

from __future__ import annotations

from dermdash.analyses.answer import (
    PREDICTIONS,
    AnalysisAnswer,
    AnswerFigure,
    Verdict,
    more_in_hundred,
    range_in_hundred,
    size_in_hundred,
    told,
    verdict,
)
from dermdash.analyses.comparison.tables import METRICS, difference_text, metric_text
from dermdash.analysis.model_comparison import MetricDifference, ModelComparison
from dermdash.readings.case_votes import CaseSort
from dermdash.wording import of_all

CHART = "comparison-differences"
SHOWN = ("accuracy", "mean_recall", "mean_auc", "malignancy_auc")
"""Of the figures of both, those that stand in front; higher is better in all of them."""
_RIGHT = "images right"


def comparison_answer(found: ModelComparison, *, simulated: bool = False, confidence: float = 0.95) -> AnalysisAnswer:
    """The difference of the shares named right; clear only where its interval and McNemar's test both are.

    Both are called the first and the second, as in the tables: names of models with their ids would be the sentence.
    """
    accuracy = next(m for m in found.metrics if m.metric == "accuracy")
    same = not found.mcnemar.only_first and not found.mcnemar.only_second
    said = Verdict.UNKNOWN if same else verdict(
        accuracy.low, accuracy.high, found.mcnemar.p_value, alpha=1 - confidence
    )  # fmt: skip
    answer = AnalysisAnswer(
        "The first and the second had the same images right" if same else _text(accuracy, said, found.images),
        said,
        tuple(_figure(m) for m in in_front(found)),
        CHART,
        (CaseSort.SPLIT,),
        n_cases=found.images,
    )
    return told(answer, simulated=simulated, of=PREDICTIONS)


def in_front(found: ModelComparison) -> list[MetricDifference]:
    """The figures of both that stand in front of all others."""
    return [m for key in SHOWN for m in found.metrics if m.metric == key]


def _text(accuracy: MetricDifference, said: Verdict, images: int) -> str:
    low, high, gap = accuracy.low, accuracy.high, accuracy.difference
    if said is Verdict.UNKNOWN or low is None or high is None or gap is None:
        shares = (accuracy.first, accuracy.second)
        both = " and ".join("none known" if v is None else of_all(round(v * images), images) for v in shares)
        return f"It cannot be said whether the first or the second is right more often: they had {both} {_RIGHT}"
    if said is Verdict.UNCLEAR:
        change = range_in_hundred(low, high, _RIGHT)
        return f"It is unclear whether the first or the second is right more often: the first had {change}"
    return f"The first had {more_in_hundred(gap, _RIGHT)} ({size_in_hundred(low, high)}) than the second"


def _figure(found: MetricDifference) -> AnswerFigure:
    """The difference, and below it the interval with both values."""
    both = f"{metric_text(found, found.first)} against {metric_text(found, found.second)}"
    return AnswerFigure.of_estimate(METRICS[found.metric], difference_text(found), both)
