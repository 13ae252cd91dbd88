"""Triage by the model in one sentence: what it would spare, and what it would miss."""

from dermdash.analyses.answer import AnalysisAnswer, AnswerFigure, capped, interval_words
from dermdash.analyses.triage.rates import RateChange
from dermdash.analyses.triage.result import TriageStudy
from dermdash.readings.case_votes import CaseSort
from dermdash.wording import Estimated, estimated_percent, hundred_range, level, points


def triage_answer(study: TriageStudy) -> AnalysisAnswer:
    """A simulation on these cases: shares with their intervals."""
    triage = study.triage
    text = f"sending away what the model calls malignant with less than {level(triage.thresholds.rule_out)}"
    text += f" would spare readers {_of(triage.saved, triage.cases)} lesions and miss "
    text += f"{_of(triage.sent_away_malignant, triage.malignant_cases)} malignant ones"
    figures = [
        AnswerFigure.of_estimate("Lesions nobody reads", estimated_percent(triage.saved)),
        AnswerFigure.of_estimate("Malignant ones sent away", estimated_percent(triage.sent_away_malignant)),
    ]
    if study.second is not None:
        change = study.second.pathways[2]
        figures += [
            _change("Model as second reader: sensitivity", change.sensitivity_change),
            _change("Specificity", change.specificity_change),
        ]
    return AnalysisAnswer(
        capped(text), figures=tuple(figures), chart="triage-thresholds", cases=(CaseSort.MISREAD,),
        readers=triage.readers, n_cases=triage.cases,
    )  # fmt: skip


def _of(rate: Estimated, total: int) -> str:
    if rate.value is None:
        return f"an unknown number of {total:,}"
    among = "" if rate.interval is None else f" ({hundred_range(*rate.interval)} of 100)"
    return f"{round(rate.value * total):,} of {total:,}{among}"


def _change(name: str, change: RateChange) -> AnswerFigure:
    return AnswerFigure(name, points(change.value), interval_words(change.low, change.high, scale=100))
