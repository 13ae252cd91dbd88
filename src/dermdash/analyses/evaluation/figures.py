"""The figure of an evaluation that shows its answer."""

from __future__ import annotations

import numpy as np

from dermdash.analyses.evaluation.answer import CHART
from dermdash.analyses.section import ResultFigure
from dermdash.analysis.evaluation import Evaluation
from dermdash.charts.recall_by_class import ClassRecall, recall_figure
from dermdash.records.taxonomy import Taxonomy
from dermdash.wording import counted

MOST_CLASSES = 8
"""In the chart of the answer; with more its labels would touch. The table has all."""


def recall_by_class(evaluation: Evaluation, taxonomy: Taxonomy) -> ResultFigure:
    """The share of the images of each class that was named right, the least first."""
    scores = evaluation.classification
    sizes = dict(zip(scores.codes, np.asarray(scores.confusion).sum(axis=1).tolist(), strict=True))
    known = [code for code in scores.codes if scores.recalls[code].value is not None]
    known.sort(key=lambda code: scores.recalls[code].value or 0.0)
    rows = [ClassRecall(taxonomy[code].name, sizes[code], scores.recalls[code]) for code in known[:MOST_CLASSES]]
    rest = len(known) - len(rows)
    return ResultFigure(
        CHART,
        "Named right, by diagnosis",
        lambda theme: recall_figure(rows, overall=scores.accuracy, theme=theme),
        "Each image is called by its most probable class; the diagnosis named right least often stands first."
        + (f" {counted(rest, 'further class', 'further classes')} stand in the details." if rest else ""),
    )
