"""Agreement of readers in one sentence, with one coefficient."""

from dermdash.analyses.agreement.change import AgreementChange
from dermdash.analyses.agreement.options import RATINGS
from dermdash.analyses.agreement.run import AgreementResult
from dermdash.analyses.answer import (
    AnalysisAnswer,
    AnswerFigure,
    Verdict,
    capped,
    interval_words,
    percent_words,
    verdict,
)
from dermdash.analysis.agreement.coefficients import LABELS, Coefficient
from dermdash.readings.case_votes import CaseSort
from dermdash.wording import difference, in_hundred, number, percent

CHART = "one-coefficient"


def agreement_answer(result: AgreementResult) -> AnalysisAnswer:
    """Whether assistance made readers agree more, by the coefficient that decides; how often two agree, in words."""
    part, change = result.overall, result.overall.changes[0]
    alike = part.change("percent")
    figures = [
        AnswerFigure(f"{LABELS[change.statistic]}, before", number(change.before.value, 2), _interval(change.before))
    ]
    if change.after is not None:
        figures += [
            AnswerFigure("After assistance", number(change.after.value, 2), _interval(change.after)),
            AnswerFigure("Change", difference(change.difference), interval_words(change.low, change.high, 3)),
        ]
    if result.intra is not None:
        own = result.intra.pooled[0].before
        figures.append(AnswerFigure("With themselves", percent(own.value), percent_words(own.low, own.high)))
    said = verdict(change.low, change.high, change.p, alpha=1 - result.confidence)
    return AnalysisAnswer(
        capped(_text(result, said, alike)),
        said if change.after is not None else Verdict.UNKNOWN,
        tuple(figures),
        CHART,
        (CaseSort.SPLIT,),
        part.readers,
        part.cases,
    )


def _text(result: AgreementResult, said: Verdict, alike: AgreementChange | None) -> str:
    what = RATINGS[result.rating]
    before = None if alike is None else alike.before.value
    after = None if alike is None or alike.after is None else alike.after.value
    pairs = "" if before is None else f"two readers of a lesion agreed on the {what} in {in_hundred(before)} pairs"
    if result.overall.changes[0].after is None:
        return pairs or f"agreement of readers on the {what} cannot be counted"
    if pairs and after is not None:
        pairs = f": {pairs} before and {in_hundred(after)} after it"
    elif pairs:
        pairs = f": {pairs} before it"
    if said is Verdict.MORE:
        return f"assistance made readers agree more{pairs}"
    if said is Verdict.LESS:
        return f"assistance made readers agree less{pairs}"
    if said is Verdict.UNCLEAR:
        return f"it is unclear whether assistance made readers agree more{pairs}"
    reason = result.overall.changes[0].reason
    return f"it cannot be said whether assistance made readers agree more{pairs}" + (f" ({reason})" if reason else "")


def _interval(found: Coefficient) -> str:
    return interval_words(found.low, found.high, 2)
