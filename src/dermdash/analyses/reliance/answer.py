"""Reliance on advice in one sentence: how often wrong advice led astray, and right advice was taken."""

from dermdash.analyses.answer import AnalysisAnswer, AnswerFigure, capped, share_in_hundred
from dermdash.analyses.reliance.run import RelianceResult
from dermdash.analysis.two_way import Rate
from dermdash.readings.case_votes import CaseSort
from dermdash.readings.modality import ALL_MODALITIES
from dermdash.wording import counted, estimated_percent


def reliance_answer(result: RelianceResult) -> AnalysisAnswer:
    """Of all modalities together; nothing is tested, so that shares stand with their intervals."""
    found = result.reliance
    rates = next((r for r in found.rates if r.modality == ALL_MODALITIES), found.rates[0])
    over, corrected = rates.over_reliance, rates.rair
    said = []
    if over.value is not None:
        said.append(f"readers gave up {_of(over)} right answers for wrong advice")
    if corrected.value is not None:
        took = f"took right advice for {_of(corrected)} wrong ones"
        said.append(took if said else f"readers {took.replace('wrong ones', 'wrong answers')}")
    if not said and rates.switch.value is not None:
        said.append(f"readers changed {_of(rates.switch)} answers that differed from the advice to it")
    text = " and ".join(said) or "it cannot be said how often readers followed advice: no answer could be judged"
    figures = [
        ("Right answers given up for wrong advice", over),
        ("Wrong answers corrected by right advice", corrected),
        ("Changed to the advice", rates.switch),
    ]
    return AnalysisAnswer(
        capped(text),
        figures=tuple(_figure(name, rate) for name, rate in figures if rate.value is not None),
        chart="reliance-alluvial"
        if over.value is not None or corrected.value is not None
        else "reliance-switch-fraction",
        cases=(CaseSort.MISLED, CaseSort.RESCUED),
        readers=rates.readers,
        n_cases=rates.cases,
    )


def _of(rate: Rate) -> str:
    assert rate.value is not None
    return share_in_hundred(rate.value, *(rate.interval or (None, None)))


def _figure(name: str, rate: Rate) -> AnswerFigure:
    among = () if rate.interval is None else (f"of {counted(rate.total, 'answer')}",)
    return AnswerFigure.of_estimate(name, estimated_percent(rate), *among)
