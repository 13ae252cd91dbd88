"""Agreement of reviewers in one sentence, with one coefficient."""

from __future__ import annotations

from dermdash.analyses.answer import LABELS as OF_LABELS
from dermdash.analyses.answer import (
    AnalysisAnswer,
    AnswerFigure,
    capped,
    interval_words,
    percent_words,
    share_in_hundred,
    told,
)
from dermdash.analyses.label_agreement.results import LabelAgreement
from dermdash.analysis.agreement.coefficients import LABELS, Coefficient
from dermdash.readings.case_votes import CaseSort
from dermdash.wording import number, percent

CHART = "by-class"


def label_answer(result: LabelAgreement) -> AnalysisAnswer:
    """How often two reviewers say the same, by words; the coefficient that decides beside it."""
    part = result.overall
    alpha, alike = part.coefficients[0], part.coefficient("percent")
    figures = [AnswerFigure(LABELS[alpha.statistic], number(alpha.value, 2), interval_words(alpha.low, alpha.high, 2))]
    if alike is not None:
        figures.append(_share("Same diagnosis", alike))
    if result.intra is not None:
        figures.append(_share("With themselves", result.intra.pooled[0].before))
    answer = AnalysisAnswer(
        capped(_text(alpha, alike)),
        figures=tuple(figures),
        chart=CHART,
        cases=(CaseSort.SPLIT,) if result.split else (),
        readers=part.reviewers,
        n_cases=part.records,
    )
    return told(answer, simulated=result.simulated, of=OF_LABELS)


def _text(alpha: Coefficient, alike: Coefficient | None) -> str:
    if alike is None or alike.value is None:
        return f"how far reviewers agree on the diagnosis cannot be said: {alpha.reason or 'no two of them met'}"
    share = share_in_hundred(alike.value, alike.low, alike.high, " pairs")
    return f"two reviewers of a record gave the same diagnosis in {share}"


def _share(name: str, found: Coefficient) -> AnswerFigure:
    return AnswerFigure(name, percent(found.value), percent_words(found.low, found.high))
