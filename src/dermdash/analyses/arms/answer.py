"""Arms and periods in one sentence, by the first measure that there is."""

from dermdash.analyses.answer import (
    MOST_FIGURES,
    AnalysisAnswer,
    AnswerFigure,
    Verdict,
    capped,
    more_in_hundred,
    range_in_hundred,
    size_in_hundred,
    verdict,
)
from dermdash.analyses.arms.measures import ArmMeasure
from dermdash.analyses.arms.result import ArmComparison, ArmsResult, CrossoverComparison
from dermdash.analyses.arms.tables import effect_text, mean_text
from dermdash.analysis.mrmc.effect import EffectTest
from dermdash.readings.case_votes import CaseSort

_CASES = (CaseSort.MISREAD, CaseSort.SPLIT)
_COUNTED = {
    "correct": "answers right",
    "sensitivity": "malignant lesions called malignant",
    "specificity": "benign lesions called benign",
}


def arms_answer(result: ArmsResult) -> AnalysisAnswer:
    """The difference between arms, or what assistance changed across the periods of a crossover."""
    arms = next((c for c in result.comparisons if c.reason is None and c.differences), None)
    if arms is not None:
        return _of_arms(result, arms)
    crossed = next((c for c in result.crossover if c.reason is None), None)
    if crossed is not None:
        return _of_crossover(result, crossed)
    why = next(iter(result.not_computed), ("there is nothing to compare", ""))[0]
    return AnalysisAnswer(f"Nothing can be said of arms or periods: {why}", cases=_CASES)


def _of_arms(result: ArmsResult, found: ArmComparison) -> AnalysisAnswer:
    alpha = 1 - result.options.confidence
    titles = {arm.key: arm.title for arm in result.arms}
    several = len(found.differences) > 1
    said, texts = [], []
    for difference in found.differences:
        test = difference.test
        one = verdict(test.low, test.high, test.p_holm if several else test.p, alpha=alpha)
        said.append(one)
        texts.append(
            _text(found.measure, test, one, f"arm {titles[difference.arm]}", f"arm {titles[difference.reference]}")
        )
    figures = [AnswerFigure.of_estimate(f"Arm {v.arm}", mean_text(found.measure, v.mean)) for v in found.values]
    figures += [
        AnswerFigure.of_estimate(f"{d.arm} minus {d.reference}", effect_text(found.measure, d.test))
        for d in found.differences
    ]
    return AnalysisAnswer(
        capped("; ".join(texts)), said[0] if len(set(said)) == 1 else Verdict.UNKNOWN, tuple(figures[:MOST_FIGURES]),
        "arms-differences", _CASES, min(len(value.readers) for value in found.values), found.cases,
    )  # fmt: skip


def _of_crossover(result: ArmsResult, found: CrossoverComparison) -> AnalysisAnswer:
    test = found.assistance
    said = verdict(test.low, test.high, test.p, alpha=1 - result.options.confidence)
    figures = [
        AnswerFigure.of_estimate("With minus without assistance", effect_text(found.measure, test)),
        AnswerFigure.of_estimate("Second minus first period", effect_text(found.measure, found.period)),
    ]
    readers = min(result.sequences.values(), default=0)
    text = _text(found.measure, test, said, "with assistance readers", "without")
    return AnalysisAnswer(capped(text), said, tuple(figures), "arms-effects", _CASES, readers, found.cases)


def _text(measure: ArmMeasure, test: EffectTest, said: Verdict, first: str, second: str) -> str:
    what = _COUNTED.get(measure.key)
    if said is Verdict.UNKNOWN or test.low is None or test.high is None or test.difference is None:
        why = f": {test.reason}" if test.reason else ""
        return f"it cannot be said whether {first} differed from {second}{why}"
    if said is Verdict.UNCLEAR:
        change = range_in_hundred(test.low, test.high, what) if what else effect_text(measure, test)
        return f"it is unclear whether {first} had more {what or measure.title} than {second}: {change}"
    if not what:
        return f"{first} had another {measure.title} than {second}: {effect_text(measure, test)}"
    size = size_in_hundred(test.low, test.high)
    return f"{first} had {more_in_hundred(test.difference, what)} ({size}) than {second}"
