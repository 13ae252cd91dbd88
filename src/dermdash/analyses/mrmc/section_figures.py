"""Figures of a multi-reader multi-case study."""

import math
from collections.abc import Callable

import plotly.graph_objects as go

from dermdash.analyses.mrmc.figures import (
    DifferenceRow,
    MeanRow,
    average_roc_figure,
    difference_forest_figure,
    modality_means_figure,
)
from dermdash.analyses.mrmc.run import MrmcStudyResult
from dermdash.analyses.mrmc.tables import computed
from dermdash.analyses.mrmc.words import difference_text, mean_text
from dermdash.analyses.section import ResultFigure
from dermdash.analysis.mrmc.average_roc import Along
from dermdash.analysis.mrmc.effect import Inference
from dermdash.analysis.mrmc.figure_of_merit import AREAS
from dermdash.analysis.mrmc.result import MrmcResult
from dermdash.charts.palette import Theme
from dermdash.wording import MINUS

SHOWN_READERS = 30
# A phone has room for a few words beside a difference with its interval.
_SHORT = {
    Inference.RRRC: "Readers and cases",
    Inference.FRRC: "Cases",
    Inference.RRFC: "Readers",
}
Draw = Callable[[Theme], go.Figure]


def mrmc_figures(result: MrmcStudyResult, along: Along) -> tuple[ResultFigure, ...]:
    """The averaged ROC curves of each comparison, the differences, the modalities, and the model against readers."""
    found, model = computed(result.comparisons), computed(result.model)
    margin = result.options.margin
    dashed = "" if margin is None else " Dashed: minus the margin."
    figures = []
    if len(found) == 1 and found[0][1].pairs:
        text = (
            "Squares: mean over readers; the interval holds for other readers and cases, for other cases, or for other "
            "readers, as named. Circles: single readers, for other cases."
        )
        figures.append(ResultFigure("differences", "Differences", _differences(found[0][1], margin), text + dashed))
    if len(found) > 1:
        rows = [row for comparison, one in found for row in _headline_rows(one, comparison.name)]
        text = f"Mean over readers with its interval, for {found[0][1].headline.holds_for}."
        figures.append(ResultFigure("differences", "Differences", _forest(rows, found[0][1], margin), text + dashed))
    for index, (comparison, one) in enumerate(found):
        suffix, heading = ("", "") if len(found) == 1 else (f"-{index + 1}", f": {comparison.name}")
        if one.merit.figure in AREAS:
            text = "Thick: the average reader under each modality. Thin: each reader."
            figures.append(ResultFigure(f"roc{suffix}", f"ROC curves{heading}", _roc(one, along), text))
    if len(found) == 1:
        one = found[0][1]
        text = f"Squares: mean over readers with its interval, for {one.headline.holds_for}. Points: readers."
        figures.append(ResultFigure("modalities", "Each modality", _modalities(one), text))
    if model:
        rows = [row for _, one in model for row in _headline_rows(one, one.data.modalities[1])]
        text = "Model minus mean of the readers, by what they were shown: right of the line the model is better."
        draw = _forest(rows, model[0][1], margin, title="Model against readers")
        figures.append(ResultFigure("model-against-readers", "Model against readers", draw, text + dashed))
    return tuple(figures)


def _roc(one: MrmcResult, along: Along) -> Draw:
    return lambda theme: average_roc_figure(one.data, along=along, theme=theme)


def _differences(one: MrmcResult, margin: float | None) -> Draw:
    return lambda theme: difference_forest_figure(
        _difference_rows(one),
        axis=_difference_axis(one),
        scale=_scale(one),
        margin=margin,
        theme=theme,
        title=f"Difference of {one.merit.short_name}",
    )


def _modalities(one: MrmcResult) -> Draw:
    name = _axis(one)
    return lambda theme: modality_means_figure(
        _mean_rows(one), axis=name, scale=_scale(one), theme=theme, title=f"{name}, mean over readers"
    )


def _forest(rows: list[DifferenceRow], like: MrmcResult, margin: float | None, *, title: str | None = None) -> Draw:
    name = f"Difference of {like.merit.short_name}"
    return lambda theme: difference_forest_figure(
        rows, axis=f"{name}{_unit(like)}", scale=_scale(like), margin=margin, theme=theme, title=title or name
    )


def _headline_rows(one: MrmcResult, name: str) -> list[DifferenceRow]:
    """The most general test of a comparison; of several pairs each."""
    rows = []
    for pair in one.pairs:
        test = pair.tests[one.headline]
        label = name if len(one.pairs) == 1 else f"{pair.first} {MINUS} {pair.second}"
        rows.append(
            DifferenceRow(label, test.difference, test.low, test.high, difference_text(one.merit, test), mean=True)
        )
    return rows


def _difference_rows(one: MrmcResult) -> list[DifferenceRow]:
    rows = []
    for pair in one.pairs:
        name = "" if len(one.pairs) == 1 else f"{pair.first} {MINUS} {pair.second}"
        for kind in Inference if len(one.pairs) == 1 else (one.headline,):
            test = pair.tests[kind]
            label = name or _SHORT[kind]
            text = difference_text(one.merit, test)
            rows.append(DifferenceRow(label, test.difference, test.low, test.high, text, mean=True))
    if len(one.pairs) == 1:
        for name, test in list(one.pairs[0].readers.items())[:SHOWN_READERS]:
            text = difference_text(one.merit, test)
            rows.append(DifferenceRow(f"Reader {name}", test.difference, test.low, test.high, text))
    return rows


def _mean_rows(one: MrmcResult) -> list[MeanRow]:
    rows = []
    for i, name in enumerate(one.data.modalities):
        mean = one.means[i][one.headline]
        if math.isfinite(mean.value):
            text = mean_text(one.merit, mean)
            rows.append(MeanRow(name, mean.value, mean.low, mean.high, text, one.values[:, i], one.data.readers))
    return rows


def _scale(one: MrmcResult) -> float:
    return 1.0 if one.merit.figure in AREAS else 100.0


def _unit(one: MrmcResult) -> str:
    return "" if one.merit.figure in AREAS else ", percentage points"


def _axis(one: MrmcResult) -> str:
    name = one.merit.short_name[0].upper() + one.merit.short_name[1:]
    return name if one.merit.figure in AREAS else f"{name}, %"


def _difference_axis(one: MrmcResult) -> str:
    if len(one.pairs) > 1:
        return f"Difference of {one.merit.short_name}{_unit(one)}"
    return f"Difference of {one.merit.short_name}{_unit(one)} (right: {one.pairs[0].first} higher)"
