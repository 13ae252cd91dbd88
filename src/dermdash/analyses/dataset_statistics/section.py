"""What a set of records consists of, in one sentence with one chart; its tables and figures stand below."""

from __future__ import annotations

from dermdash.analyses.answer import AnalysisAnswer, AnswerFigure
from dermdash.analyses.dataset_statistics.figures import class_figure
from dermdash.analyses.section import ResultFigure, Section
from dermdash.records.dataset_statistics import DatasetStatistics
from dermdash.records.verification_stage import VerificationStage
from dermdash.wording import counted, form, number, of_all, percent, plain_number

KEY, TITLE = "dataset-statistics", "Statistics"
CHART = "most-frequent"
_MOST = 8
"""Categories in the chart; with more its labels would touch."""


def statistics_section(found: DatasetStatistics) -> Section:
    """What a page shows of it before all tables and figures."""
    whole = class_figure(found, most=_MOST).figure
    chart = ResultFigure(CHART, whole.title, whole.make, whole.description)
    return Section(KEY, TITLE, (), (), figures=(chart,), exploratory=False, answer=statistics_answer(found))


def statistics_answer(found: DatasetStatistics) -> AnalysisAnswer:
    """The most frequent diagnosis, how many are malignant, and how many histology confirmed; counts, no estimates."""
    if not found.records:
        return AnalysisAnswer("No record passes")
    confirmed = found.stages.get(int(VerificationStage.HISTOLOGY), 0)
    if found.categories:
        most = found.categories[0]
        text = f"{most.name} is the most frequent diagnosis, {of_all(most.n, found.records)} images; "
        text += (
            f"{of_all(found.malignant, found.records)} {form(found.malignant, 'is', 'are')} malignant, and histology "
        )
    else:
        text = "No image has a diagnosis; histology "
    text += f"confirmed {of_all(confirmed, found.records)}" if confirmed else "confirmed none"
    figures = [
        _share("Malignant", found.malignant, found.records),
        _share("Confirmed by histology", confirmed, found.records),
    ]
    if found.verified_share is not None:
        figures.append(
            AnswerFigure(
                "Malignant with histology", percent(found.verified_share), f"of {counted(found.malignant, 'image')}"
            )
        )
    if found.ages.n:
        figures.append(
            AnswerFigure(
                "Median age, years", plain_number(found.ages.median, 1), f"{found.ages.minimum} to {found.ages.maximum}"
            )
        )
    return AnalysisAnswer(text[:1].upper() + text[1:], figures=tuple(figures), chart=CHART)


def _share(name: str, n: int, of: int) -> AnswerFigure:
    return AnswerFigure(name, percent(n / of), f"{number(n, 0)} of {number(of, 0)}")
