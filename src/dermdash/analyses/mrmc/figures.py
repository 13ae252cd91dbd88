"""Figures of a multi-reader multi-case study: averaged ROC curves, differences by reader, means by modality."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dermdash.analysis.arrays import FloatArray
from dermdash.analysis.mrmc.average_roc import Along, average_curve, reader_curves
from dermdash.analysis.mrmc.data import MrmcData
from dermdash.charts.curve_frame import add_diagonal, curve_figure, series_color, title_layout
from dermdash.charts.palette import INKS, MODALITY_COLORS, Theme, with_alpha
from dermdash.charts.rows import empty_figure, row_figure, row_y, short_label
from dermdash.wording import number, percent

_BY_LABEL = {modality.label: color for modality, color in MODALITY_COLORS.items()}
_THIN_CURVES, _POINTS = 60, 120
_ROW, _MEAN_ROW = 44, 62


def modality_color(name: str, index: int) -> str:
    """Our modalities in their fixed colour, others in the order of the study."""
    return _BY_LABEL.get(name) or series_color(index)


def average_roc_figure(
    data: MrmcData, *, along: Along = "specificity", theme: Theme = Theme.LIGHT, title: str = "Average reader"
) -> go.Figure:
    """Draw each modality's averaged curve, with the readers' own thin behind it."""
    figure = curve_figure(title, x="1 \N{MINUS SIGN} specificity, %", y="Sensitivity, %", theme=theme)
    add_diagonal(figure, theme=theme)
    drawn = False
    for i, modality in enumerate(data.modalities):
        curves = reader_curves(data, modality)
        if not curves:
            continue
        drawn = True
        color = modality_color(modality, i)
        # Behind a mean of hundreds of readers a part of them shows the spread as well.
        step = max(1, -(-len(curves) // _THIN_CURVES))
        for name, curve in list(curves.items())[::step]:
            thin = curve.thinned(_POINTS)
            figure.add_scatter(
                x=100 * (1 - thin.specificity), y=100 * thin.sensitivity, mode="lines", showlegend=False,
                legendgroup=str(i), line={"color": with_alpha(color, 0.36), "width": 1}, hoverinfo="text",
                hovertext=f"{short_label(name)}, {short_label(modality)}",
            )  # fmt: skip
        x, y = average_curve(list(curves.values()), along=along)
        figure.add_scatter(
            x=100 * x, y=100 * y, mode="lines", name=f"{short_label(modality)} (mean of {len(curves):,})",
            legendgroup=str(i), line={"color": color, "width": 3.4}, hoverinfo="text",
            hovertext=[
                f"{short_label(modality)}, average reader<br>sensitivity {percent(s)}, specificity {percent(1 - f)}"
                for f, s in zip(x, y, strict=True)
            ],
        )  # fmt: skip
    if not drawn:
        return empty_figure("No curve: readers need cases with and without the condition.", theme=theme)
    return figure


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """One line of the forest: a difference with its interval (None: none), ``mean`` for a result over readers."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    text: str
    mean: bool = False


def difference_forest_figure(
    rows: Sequence[DifferenceRow],
    *,
    axis: str,
    scale: float = 1.0,
    margin: float | None = None,
    theme: Theme = Theme.LIGHT,
    title: str = "Differences",
) -> go.Figure:
    """Draw differences around 0: results over readers as filled squares, single readers as open circles.

    ``scale`` is 100 for percentage points. ``margin`` draws minus that margin as a dashed line.
    """
    shown = [row for row in rows if row.value is not None]
    if not shown:
        return empty_figure("No difference could be computed.", theme=theme)
    inks = INKS[theme]
    figure = row_figure(
        [f"<b>{short_label(row.label)}</b>" if row.mean else short_label(row.label) for row in shown],
        values=[row.text for row in shown],
        theme=theme,
        row_height=_ROW,
    )
    for place, dash in ((0.0, "solid"), *(((-margin, "dash"),) if margin is not None else ())):
        figure.add_shape(
            type="line", xref="x", yref="paper", x0=scale * place, x1=scale * place, y0=0, y1=1,
            line={"color": inks.muted, "width": 1.2, "dash": dash},
        )  # fmt: skip
    ends = [0.0]
    for i, row in enumerate(shown):
        assert row.value is not None
        color = inks.accent if row.mean else inks.muted
        bar = None
        ends.append(row.value)
        if row.low is not None and row.high is not None:
            ends += [row.low, row.high]
            bar = {
                "type": "data", "symmetric": False, "array": [scale * (row.high - row.value)],
                "arrayminus": [scale * (row.value - row.low)], "thickness": 2 if row.mean else 1.3, "width": 4,
                "color": color,
            }  # fmt: skip
        figure.add_scatter(
            x=[scale * row.value], y=[row_y(i, len(shown)) - 0.06], mode="markers", error_x=bar, hoverinfo="text",
            hovertext=f"{short_label(row.label)}<br>{row.text}",
            marker={
                "size": 10 if row.mean else 8, "color": color, "symbol": "square" if row.mean else "circle-open",
                "line": {"width": 1.8, "color": color},
            },
        )  # fmt: skip
    pad = 0.06 * (max(ends) - min(ends) or 0.1)
    figure.update_xaxes(
        range=[scale * (min(ends) - pad), scale * (max(ends) + pad)], title_text=short_label(axis), nticks=7
    )
    return _titled(figure, title, theme=theme)


@dataclass(frozen=True, slots=True)
class MeanRow:
    """One modality: its mean with interval, and the figure of each reader (NaN where there is none)."""

    label: str
    value: float
    low: float | None
    high: float | None
    text: str
    readers: FloatArray
    names: tuple[str, ...]


def modality_means_figure(
    rows: Sequence[MeanRow], *, axis: str, scale: float = 1.0, theme: Theme = Theme.LIGHT, title: str = "By modality"
) -> go.Figure:
    """Draw each modality's mean over readers with its interval, the readers as faint points below it."""
    shown = [row for row in rows if np.isfinite(row.value)]
    if not shown:
        return empty_figure("No modality has a figure of merit.", theme=theme)
    figure = row_figure(
        [f"<b>{short_label(row.label)}</b>" for row in shown],
        values=[row.text for row in shown],
        theme=theme,
        row_height=_MEAN_ROW,
    )
    low = 1.0
    for i, row in enumerate(shown):
        y, color = row_y(i, len(shown)), modality_color(row.label, i)
        known = np.isfinite(row.readers)
        values = row.readers[known]
        names = [name for name, there in zip(row.names, known, strict=True) if there]
        low = min([low, row.value, *values, *([row.low] if row.low is not None else [])])
        figure.add_scatter(
            x=scale * values, y=np.full(len(values), y - 0.3), mode="markers", hoverinfo="text",
            hovertext=[f"{short_label(n)}: {_figure(v, scale)}" for n, v in zip(names, values, strict=True)],
            marker={"size": 7, "color": with_alpha(color, 0.4)},
        )  # fmt: skip
        bar = None
        if row.low is not None and row.high is not None:
            bar = {
                "type": "data", "symmetric": False, "array": [scale * (row.high - row.value)],
                "arrayminus": [scale * (row.value - row.low)], "thickness": 2, "width": 5, "color": color,
            }  # fmt: skip
        figure.add_scatter(
            x=[scale * row.value], y=[y - 0.04], mode="markers", error_x=bar, hoverinfo="text",
            hovertext=f"{short_label(row.label)}<br>{row.text}",
            marker={"size": 11, "color": color, "symbol": "square"},
        )  # fmt: skip
    start = max(-0.02, np.floor(20 * low - 0.3) / 20)
    figure.update_xaxes(range=[scale * start, 1.01 * scale], title_text=axis, nticks=7)
    return _titled(figure, title, theme=theme)


def _titled(figure: go.Figure, title: str, *, theme: Theme) -> go.Figure:
    figure.update_layout(
        title=title_layout(title, theme=theme),
        margin={"t": 38},
        height=figure.layout.height + 76,
        meta={"description": title},
    )
    return figure


def _figure(value: float, scale: float) -> str:
    return number(value) if scale == 1.0 else percent(value)
