"""Several readers and cases in one sentence: with what they tell malignant from benign better."""

from typing import NamedTuple

from dermdash.analyses.answer import MOST_FIGURES, AnalysisAnswer, AnswerFigure, Verdict, capped, uncapped, verdict
from dermdash.analyses.mrmc.result import MrmcComparison, MrmcStudyResult
from dermdash.analyses.mrmc.words import difference_text, mean_text, value_text
from dermdash.analysis.mrmc.choices import Figure
from dermdash.analysis.mrmc.effect import EffectTest
from dermdash.analysis.mrmc.figure_of_merit import FigureOfMerit
from dermdash.analysis.mrmc.result import MrmcResult
from dermdash.readings.case_votes import CaseSort

_CASES = (CaseSort.MISREAD, CaseSort.SPLIT)


class _Pair(NamedTuple):
    """Two modalities of a comparison, with the test of their difference and p corrected."""

    one: MrmcResult
    first: str
    second: str
    test: EffectTest
    p: float | None

    @property
    def verdict(self) -> Verdict:
        return verdict(self.test.low, self.test.high, self.p, alpha=1 - self.one.confidence)

    @property
    def values(self) -> str:
        at = [self.one.data.modalities.index(name) for name in (self.first, self.second)]
        before = [self.one.means[i][self.one.headline].value for i in at]
        return " against ".join(value_text(self.one.merit, value) for value in before)


def mrmc_answer(result: MrmcStudyResult) -> AnalysisAnswer:
    """What is clear of all pairs of modalities; where nothing is, the largest difference with its interval."""
    pairs = [pair for comparison in result.comparisons for pair in _pairs(comparison)]
    done = [c.result for c in result.comparisons if c.result is not None]
    if not done:
        why = next((c.reason for c in result.comparisons if c.reason), "there is nothing to compare")
        return AnalysisAnswer(f"The readers cannot be compared: {why}", cases=_CASES)
    merit, behind = done[0].merit, (max(len(r.data.readers) for r in done), max(len(r.data.cases) for r in done))
    if not pairs:
        mean = done[0].means[0][done[0].headline]
        text = f"readers reached {_subject(merit)} of {value_text(merit, mean.value)}"
        figure = AnswerFigure.of_estimate(merit.short_name, mean_text(merit, mean))
        return AnalysisAnswer(
            capped(text), figures=(figure,), chart="", cases=_CASES, readers=behind[0], n_cases=behind[1]
        )
    clear = [pair for pair in pairs if pair.verdict in (Verdict.MORE, Verdict.LESS)]
    largest = max(pairs, key=lambda pair: abs(pair.test.difference or 0.0))
    if clear:
        text = "; ".join(
            f"{_subject(merit)} was {'higher' if pair.verdict is Verdict.MORE else 'lower'} with "
            f"{uncapped(pair.first)} than with {uncapped(pair.second)} ({pair.values})"
            for pair in clear
        )
        said = clear[0].verdict
    elif largest.verdict is Verdict.UNKNOWN:
        why = f": {largest.test.reason}" if largest.test.reason else ""
        text, said = (
            f"it cannot be said whether {_subject(merit)} differs between kinds of reading{why}",
            Verdict.UNKNOWN,
        )
    else:
        which = "" if len(pairs) == 1 else f"; the largest of {len(pairs)} differences is that"
        text = f"it is unclear whether {_subject(merit)} differs"
        text += f"{which} between {uncapped(largest.first)} and {uncapped(largest.second)}: "
        text += difference_text(merit, largest.test)
        said = Verdict.UNCLEAR
    shown = sorted(pairs, key=lambda pair: -abs(pair.test.difference or 0.0))[:MOST_FIGURES]
    figures = tuple(_figure(merit, pair) for pair in pairs if pair in shown)
    return AnalysisAnswer(capped(text), said, figures[:MOST_FIGURES], "differences", _CASES, *behind)


def _pairs(comparison: MrmcComparison) -> list[_Pair]:
    one = comparison.result
    if one is None:
        return []
    found = []
    for pair in one.pairs:
        test = pair.tests[one.headline]
        p = (
            comparison.p_holm.get(one.headline)
            if comparison.p_holm
            else (test.p if test.p_holm is None else test.p_holm)
        )
        found.append(_Pair(one, pair.first, pair.second, test, p))
    return found


def _subject(merit: FigureOfMerit) -> str:
    if merit.figure is Figure.AUC:
        return "the AUC, how well readers tell cases apart,"
    return f"readers' {uncapped(merit.short_name)}"


def _figure(merit: FigureOfMerit, pair: _Pair) -> AnswerFigure:
    return AnswerFigure.of_estimate(pair.first, difference_text(merit, pair.test), pair.values)
