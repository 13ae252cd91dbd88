"""A classifier in one sentence: how often its most probable class was right, and of which diagnosis least often."""

from __future__ import annotations

from dermdash.analyses.answer import (
    PREDICTIONS,
    AnalysisAnswer,
    AnswerFigure,
    capped,
    interval_words,
    share_in_hundred,
    told,
    uncapped,
)
from dermdash.analysis.estimates import Estimate
from dermdash.analysis.evaluation import Evaluation
from dermdash.readings.case_votes import CaseSort
from dermdash.records.taxonomy import get_taxonomy
from dermdash.wording import number, percent

CHART = "recall-by-class"
MELANOMA = ("mel", "melanoma")
"""What taxonomies call it."""


def evaluation_answer(evaluation: Evaluation) -> AnalysisAnswer:
    """Shares with their intervals; nothing is tested, so that nothing is said to be more or less."""
    source = evaluation.source
    of_model = source.get("kind") == "model"
    who = "the model" if of_model else "these predictions"
    unseen = of_model and not source.get("too_good")
    accuracy = evaluation.classification.accuracy
    if accuracy.value is None:
        text = f"how often {who} named the right diagnosis cannot be said: {accuracy.reason}"
    else:
        which = " that it was not trained on" if unseen else ""
        text = f"{who} named the right diagnosis for {_hundred(accuracy, f' images{which}')}{_least(evaluation)}"
    if of_model and not unseen:
        text += "; it was trained on some of these images, or may have been, so that this is too good"
    answer = AnalysisAnswer(
        capped(text),
        figures=tuple(_figures(evaluation)),
        chart=CHART,
        cases=(CaseSort.MISREAD,) if evaluation.misread_cases else (),
        n_cases=evaluation.images,
    )
    return told(answer, simulated=bool(source.get("simulated")), of=PREDICTIONS)


def _hundred(found: Estimate, what: str) -> str:
    """A share in words with its interval: "82 of 100 images (78 to 85)"."""
    assert found.value is not None
    low, high = found.interval or (None, None)
    counts = None if found.hits is None or not found.total else (found.hits, found.total)
    return share_in_hundred(found.value, low, high, what, counts=counts)


def _least(evaluation: Evaluation) -> str:
    """The class that was named right least often, of those that have an interval: others are too few."""
    recalls = evaluation.classification.recalls
    known = [(found.value, code) for code, found in recalls.items() if found.value is not None and found.interval]
    if len(known) < 2:
        return ""
    _, code = min(known)
    name = get_taxonomy(evaluation.taxonomy)[code].name
    return f", least often for {uncapped(name)}: {_hundred(recalls[code], '')}"


def _figures(evaluation: Evaluation) -> list[AnswerFigure]:
    """Top-1, mean recall, and the areas of malignancy and melanoma."""
    scores = evaluation.classification
    figures = [
        AnswerFigure(name, percent(found.value), _below(found))
        for name, found in (("Top-1 accuracy", scores.accuracy), ("Mean recall", scores.mean_recall))
    ]
    melanoma = next((c for c in evaluation.classes if c.code in MELANOMA), None)
    for name, of in (("AUC, malignant", evaluation.malignancy), ("AUC, melanoma", melanoma)):
        if of is not None:
            area = of.auc.estimate
            figures.append(AnswerFigure(name, number(area.value), _below(area, decimals=3, scale=1)))
    return figures


def _below(found: Estimate, *, decimals: int = 1, scale: float = 100) -> str:
    """What stands below a figure: its interval, or why there is no figure."""
    if found.value is None:
        return found.reason or ""
    low, high = found.interval or (None, None)
    return interval_words(low, high, decimals, scale=scale)
