"""Figures of a multi-reader multi-case study."""

import math
from collections.abc import Callable

import plotly.graph_objects as go

from dermdash.analysis.mrmc.analysis import MrmcResult
from dermdash.analysis.mrmc.average_roc import Along
from dermdash.analysis.mrmc.effect import Inference
from dermdash.analysis.mrmc.merit import AREAS
from dermdash.charts.mrmc import (
    DifferenceRow,
    MeanRow,
    average_roc_figure,
    difference_forest_figure,
    modality_means_figure,
)
from dermdash.charts.palette import Theme
from dermdash.report.section import ResultFigure
from dermdash.report.sections.mrmc_tables import Found, computed, difference_text, mean_text
from dermdash.report.wording import MINUS
from dermdash.workflows.analyses.mrmc import MrmcStudyResult

SHOWN_READERS = 30
Draw = Callable[[Theme], go.Figure]


def mrmc_figures(result: MrmcStudyResult, along: Along) -> tuple[ResultFigure, ...]:
    """Of each comparison the averaged ROC curves, the differences and the modalities; the model against readers."""
    found, model = computed(result.comparisons), computed(result.model)
    margin = result.options.margin
    figures = []
    for index, (comparison, one) in enumerate(found):
        suffix = "" if len(found) == 1 else f"-{index + 1}"
        heading = "" if len(found) == 1 else f": {comparison.name}"
        if one.merit.figure in AREAS:
            text = "Thick: the average reader under each modality. Thin: each reader."
            figures.append(ResultFigure(f"roc{suffix}", f"ROC curves{heading}", _roc(one, along), text))
        if one.pairs:
            text = "Squares: over all readers, for what stands beside them. Circles: single readers. Lines: intervals."
            text += "" if margin is None else " Dashed: minus the margin."
            figures.append(
                ResultFigure(f"differences{suffix}", f"Differences{heading}", _differences(one, margin), text)
            )
        text = f"Squares: mean over readers with its interval ({one.headline.holds_for}). Points: readers."
        figures.append(ResultFigure(f"modalities{suffix}", f"Each modality{heading}", _modalities(one), text))
    if model:
        text = "Right of the line the model is better than the mean of the readers."
        figures.append(ResultFigure("model", "Model against readers", _model(model, margin), text))
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


def _model(found: Found, margin: float | None) -> Draw:
    rows = []
    for _, one in found:
        test = one.overall[one.headline]
        label = f"{one.data.modalities[0]} {MINUS} readers, {one.data.modalities[1]}"
        text = difference_text(one.merit, test)
        rows.append(DifferenceRow(label, test.difference, test.low, test.high, text, mean=True))
    first = found[0][1]
    return lambda theme: difference_forest_figure(
        rows,
        axis=f"Difference of {first.merit.short_name}{_unit(first)}",
        scale=_scale(first),
        margin=margin,
        theme=theme,
        title="Model against readers",
    )


def _difference_rows(one: MrmcResult) -> list[DifferenceRow]:
    rows = []
    for pair in one.pairs:
        name = "" if len(one.pairs) == 1 else f"{pair.first} {MINUS} {pair.second}, "
        for kind in Inference if len(one.pairs) == 1 else (one.headline,):
            test = pair.tests[kind]
            label = f"{name}{kind.holds_for}" if name else kind.holds_for.capitalize()
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
