"""A comparison in words and tables: of two models, or of a model with readers."""

from __future__ import annotations

from dataclasses import dataclass

from dermdash.analyses.comparison.tables import (
    class_difference_table,
    mcnemar_table,
    metric_table,
    reader_metric_table,
)
from dermdash.analyses.section import ResultTable
from dermdash.analysis.model_comparison import ModelComparison
from dermdash.analysis.reader_comparison import ReaderComparison
from dermdash.records.taxonomy import Taxonomy
from dermdash.wording import counted, p_words


@dataclass(frozen=True, slots=True)
class ComparisonPart:
    """What an evaluation says of a comparison that was asked for with it."""

    summary: tuple[str, ...] = ()
    tables: tuple[ResultTable, ...] = ()
    warnings: tuple[str, ...] = ()


def comparison_part(found: ModelComparison | ReaderComparison | None, taxonomy: Taxonomy) -> ComparisonPart:
    """Word it; nothing where there is none."""
    if found is None:
        return ComparisonPart()
    if isinstance(found, ModelComparison):
        return ComparisonPart(
            (f"{found.first} minus {found.second}, {counted(found.images, 'image')}.", only_one_right(found)),
            (metric_table(found), class_difference_table(found, taxonomy), mcnemar_table(found)),
            found.warnings,
        )
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
