"""Difficulty and ability in one sentence: how many cases defeat most readers, and whether experience shows."""

from dermdash.analyses.answer import AnalysisAnswer, AnswerFigure, Verdict, capped, interval_words, verdict
from dermdash.analyses.item_response.run import ItemResponseResult
from dermdash.readings.case_votes import CaseSort
from dermdash.records.taxonomy import diagnosis_name
from dermdash.wording import counted, form, number, percent


def item_response_answer(result: ItemResponseResult) -> AnalysisAnswer:
    """How many cases fewer than half of the readers got right; then the trend with experience, as far as tested."""
    fit = result.fit
    if fit.reason is not None:
        return AnalysisAnswer(
            f"Difficulty and ability cannot be told from {counted(fit.answers, 'answer')}: {fit.reason}"
        )
    hard = sum(case.share_right < 0.5 for case in fit.cases)
    text = (
        f"{hard:,} of {counted(len(fit.cases), 'lesion')} {form(hard, 'was', 'were')} read right by fewer than half of "
        "the readers"
    )
    trend = result.trend
    said = Verdict.UNKNOWN if trend is None else verdict(trend.low, trend.high, trend.p, alpha=1 - result.confidence)
    text += {
        Verdict.MORE: "; the more experienced did better",
        Verdict.LESS: "; the more experienced did worse",
        Verdict.UNCLEAR: "; whether the more experienced did better is unclear",
        Verdict.UNKNOWN: "",
    }[said]
    hardest = result.hardest[0]
    truth = f"{diagnosis_name(result.truth[hardest.case])}, " if hardest.case in result.truth else ""
    figures = [
        AnswerFigure("Lesions most readers misread", f"{hard:,}", f"of {len(fit.cases):,}"),
        AnswerFigure(
            "Right on the hardest", percent(hardest.share_right, 0), f"{truth}{counted(hardest.answers, 'reader')}"
        ),
        AnswerFigure("Reliability of abilities", number(fit.reliability, 2), "1: readers told apart with certainty"),
    ]
    if trend is not None and trend.rho is not None:
        interval = interval_words(trend.low, trend.high, 2)
        figures.append(AnswerFigure("Correlation with experience", number(trend.rho, 2), interval))
    return AnalysisAnswer(
        capped(text), said, tuple(figures), "person-item-map", (CaseSort.MISREAD,), len(fit.readers), len(fit.cases)
    )
