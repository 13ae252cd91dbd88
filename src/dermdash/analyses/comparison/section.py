"""A comparison in words, tables and figures: of two models, or of a model with readers."""

from __future__ import annotations

from dataclasses import dataclass

from dermdash.analyses.comparison.answer import CHART, comparison_answer, in_front
from dermdash.analyses.comparison.tables import (
    METRICS,
    class_difference_table,
    difference_text,
    mcnemar_table,
    metric_table,
    reader_metric_table,
)
from dermdash.analyses.mrmc.figures import DifferenceRow, difference_forest_figure
from dermdash.analyses.section import ResultFigure, ResultTable, Section
from dermdash.analysis.model_comparison import ModelComparison
from dermdash.analysis.reader_comparison import ReaderComparison
from dermdash.records.taxonomy import Taxonomy
from dermdash.wording import counted, p_words

KEY, TITLE = "comparison", "Two models"


@dataclass(frozen=True, slots=True)
class ComparisonPart:
    """What an evaluation says of a comparison that was asked for with it."""

    summary: tuple[str, ...] = ()
    tables: tuple[ResultTable, ...] = ()
    warnings: tuple[str, ...] = ()


def comparison_section(
    found: ModelComparison, taxonomy: Taxonomy, *, simulated: bool = False, confidence: float = 0.95
) -> Section:
    """Word and draw a comparison of two models."""
    return Section(
        key=KEY,
        title=TITLE,
        summary=(f"{found.first} minus {found.second}, {counted(found.images, 'image')}.", only_one_right(found)),
        methods=(_how(found),),
        tables=(metric_table(found), class_difference_table(found, taxonomy), mcnemar_table(found)),
        figures=(_differences(found),),
        warnings=found.warnings,
        exploratory=False,
        answer=comparison_answer(found, simulated=simulated, confidence=confidence),
    )


def _how(found: ModelComparison) -> str:
    intervals = (
        "Intervals of the figures of both redraw patients (lesions, where no patient is known) "
        f"{counted(found.replicates, 'time')}, for both alike."
        if found.replicates
        else "No bootstrap draws were requested: the figures of both have no intervals."
    )
    return (
        f"First minus second on the same images. {intervals} Areas by class: DeLong's paired test with the variance "
        "between patients; p (Holm) is corrected over the classes."
    )


def _differences(found: ModelComparison) -> ResultFigure:
    rows = [
        DifferenceRow(
            METRICS[m.metric].removesuffix(" over classes"), m.difference, m.low, m.high, difference_text(m), mean=True
        )
        for m in in_front(found)
    ]
    return ResultFigure(
        CHART,
        "Differences",
        lambda theme: difference_forest_figure(
            rows, axis="Difference in points (AUC: hundredths)", scale=100.0, theme=theme,
            title="Right of the line the first has more",
        ),
        f"First: {found.first}. Second: {found.second}. Each difference with its interval.",
    )  # fmt: skip


def comparison_part(
    found: ModelComparison | ReaderComparison | None,
    taxonomy: Taxonomy,
    *,
    simulated: bool = False,
    confidence: float = 0.95,
) -> ComparisonPart:
    """Word it; nothing where there is none."""
    if found is None:
        return ComparisonPart()
    if isinstance(found, ModelComparison):
        whole = comparison_section(found, taxonomy, simulated=simulated, confidence=confidence)
        assert whole.answer is not None
        return ComparisonPart((whole.answer.sentence, *whole.summary), whole.tables, whole.warnings)
    kind = "simulated reader" if found.simulated else "reader"
    sentence = (
        f"Against {counted(len(found.readers), kind)}, {counted(found.answers, 'unaided answer')} to "
        f"{counted(found.images, 'image')}: the model's malignancy curve passes above {found.readers_below_curve} of "
        f"{found.readers_placed} of them."
    )
    return ComparisonPart((sentence,), (reader_metric_table(found),), found.warnings)


def only_one_right(found: ModelComparison) -> str:
    """How often only one of two models had the diagnosis right, with the test."""
    test = found.mcnemar
    how = "McNemar's test with the variance between lesions or patients" if test.clustered else "McNemar's exact test"
    return (
        f"Only the first was right in {counted(test.only_first, 'image')}, only the second in {test.only_second:,}. "
        f"{how}: {p_words(test.p_value)}."
    )
