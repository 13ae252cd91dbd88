"""Readers and a model in one sentence: which finds more malignant lesions at the same specificity."""

from dermdash.analyses.answer import (
    AnalysisAnswer,
    AnswerFigure,
    Verdict,
    capped,
    interval_words,
    more_in_hundred,
    range_in_hundred,
    size_in_hundred,
    verdict,
)
from dermdash.analyses.human_machine.comparison import HumanMachine
from dermdash.analyses.human_machine.mean_position import ALL
from dermdash.analyses.human_machine.reader_position import BELOW
from dermdash.analyses.human_machine.tables import difference_from, ends
from dermdash.analysis.reader_calls import SENSITIVITY_AT_SPECIFICITY
from dermdash.analysis.scored_cases import MALIGNANCY
from dermdash.readings.case_votes import CaseSort
from dermdash.wording import number, percent, points

_CASES = (CaseSort.MISREAD, CaseSort.SPLIT)


def human_machine_answer(result: HumanMachine) -> AnalysisAnswer:
    """The mean reader against the model's curve, for malignancy."""
    main = result.target(MALIGNANCY)
    everyone = main.mean(ALL)
    if main.curve is None or everyone is None:
        return AnalysisAnswer(f"Readers cannot be placed beside the model: {main.reason}", cases=_CASES)
    found = difference_from(everyone, SENSITIVITY_AT_SPECIFICITY)
    said = verdict(found.low, found.high, alpha=1 - result.confidence)
    what = "malignant lesions"
    if found.difference is None or found.low is None or found.high is None:
        why = f": {found.reason}" if found.reason else ""
        text = f"it cannot be said whether the model found more {what} than readers at their specificity{why}"
    elif said is Verdict.UNCLEAR:
        text = (
            f"it is unclear whether the model found more {what} than readers at their specificity: "
            f"{range_in_hundred(found.low, found.high, '')}"
        )
    else:
        size = size_in_hundred(found.low, found.high)
        text = f"the model found {more_in_hundred(found.difference, what)} ({size}) than readers at their specificity"
    area, interval = main.auc.estimate, everyone.mean.sensitivity.interval
    figures = (
        AnswerFigure(
            "Readers' sensitivity", percent(everyone.mean.sensitivity.value),
            interval_words(*(interval or (None, None)), scale=100),
        ),
        AnswerFigure(
            "Model minus readers", points(found.difference),
            interval_words(found.low, found.high, scale=100),
        ),
        AnswerFigure("AUC of the model", number(area.value), interval_words(*ends(area), 3)),
        AnswerFigure("Readers below the model", f"{main.count(BELOW):,}", f"of {main.placed:,}, with certainty"),
    )  # fmt: skip
    return AnalysisAnswer(capped(text), said, figures, "readers-and-curve", _CASES, result.readers, result.cases)
