"""What panels of readers decide: accuracy against the number of readers, mixes, and calls of malignancy."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dermdash.analysis.collective.collective_result import ModalityPanels
from dermdash.analysis.collective.malignancy_panels import MalignancyPanels, Rate, VoteRule
from dermdash.analysis.collective.mixed_panels import MixedPanels
from dermdash.analysis.collective.model_panels import ModelPanels
from dermdash.analysis.collective.panel_curves import PanelCurve
from dermdash.charts.curve_frame import curve_figure, series_color
from dermdash.charts.palette import INKS, MODALITY_COLORS, Theme, with_alpha
from dermdash.charts.rows import empty_figure
from dermdash.readings.modality import Modality, modality_label
from dermdash.wording import counted, percent, percent_interval, points


def panel_curve_figure(
    curves: Sequence[PanelCurve],
    *,
    model: ModelPanels | None = None,
    bands: bool = True,
    theme: Theme = Theme.LIGHT,
) -> go.Figure:
    """Draw curves of accuracy against panel size, with the model as a horizontal line where it is given.

    Parameters
    ----------
    bands
        Whether the intervals are shaded; with many curves they hide one another, and beside the model only the first
        curve has its own.
    """
    if not curves:
        return empty_figure("No panel can be drawn from these readings.", theme=theme)
    figure = _figure(x="Readers in the panel", y="Correct, %", theme=theme)
    largest = max(p.size for c in curves for p in c.points)
    shaded = [bands or (model is not None and i == 0) for i in range(len(curves))]
    low = min(
        (p.accuracy if p.low is None or not band else p.low)
        for c, band in zip(curves, shaded, strict=True)
        for p in c.points
    )
    for i, curve in enumerate(curves):
        color = series_color(i)
        if shaded[i]:
            _add_band(figure, curve, color)
        figure.add_scatter(
            x=[p.size for p in curve.points], y=[100 * p.accuracy for p in curve.points], name=curve.label,
            mode="lines+markers", line={"color": color, "width": 2.2}, marker={"size": 6, "color": color},
            hoverinfo="text", hovertext=[_panel_words(curve.label, p.size, p.accuracy, p.low, p.high)
                                         for p in curve.points],
        )  # fmt: skip
    if model is not None:
        _add_model(figure, model, largest, theme=theme)
        low = min(low, model.accuracy.accuracy)
    figure.update_xaxes(range=[0.5, largest + 0.5], dtick=_step(largest), tick0=1 if largest < 12 else 0)
    figure.update_yaxes(range=_percent_axis(low), dtick=None, nticks=7)
    return figure


def _figure(*, x: str, y: str, theme: Theme) -> go.Figure:
    """A curve figure whose heading stands above it."""
    figure = curve_figure("", x=x, y=y, theme=theme)
    figure.update_layout(margin={"t": 12})
    return figure


def _panel_words(label: str, size: int, value: float, low: float | None, high: float | None) -> str:
    return f"{label}<br>{size} in the panel: {percent_interval(value, low, high)}"


def _add_band(figure: go.Figure, curve: PanelCurve, color: str) -> None:
    known = [p for p in curve.points if p.low is not None and p.high is not None]
    if len(known) < 2:
        return
    sizes = [p.size for p in known]
    figure.add_scatter(
        x=sizes + sizes[::-1],
        y=[100 * float(p.high or 0) for p in known] + [100 * float(p.low or 0) for p in reversed(known)],
        fill="toself", fillcolor=with_alpha(color, 0.13), line={"width": 0}, hoverinfo="skip", showlegend=False,
        mode="lines",
    )  # fmt: skip


def _add_model(figure: go.Figure, model: ModelPanels, largest: int, *, theme: Theme) -> None:
    figure.add_scatter(
        x=[0.5, largest + 0.5], y=[100 * model.accuracy.accuracy] * 2, mode="lines", name="Model alone",
        line={"color": INKS[theme].text, "width": 1.6, "dash": "dash"}, hoverinfo="text",
        hovertext=f"Model alone: {percent(model.accuracy.accuracy)}",
    )  # fmt: skip
    if model.equal.size is not None:
        figure.add_scatter(
            x=[model.equal.size], y=[100 * model.accuracy.accuracy], mode="markers", showlegend=False,
            marker={"size": 14, "symbol": "circle-open", "color": INKS[theme].text, "line": {"width": 2}},
            hoverinfo="text", hovertext=f"From {counted(model.equal.size, 'reader')} on a panel equals the model",
        )  # fmt: skip


def panel_gain_figure(modalities: Sequence[ModalityPanels], *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """How much assistance changes panels of each size: one line per kind of assistance, with intervals."""
    figure = _figure(x="Readers in the panel", y="Change in correct answers, points", theme=theme)
    largest = max(g.size for m in modalities for g in m.gain)
    bounds = [0.0]
    for i, m in enumerate(modalities):
        ours = m.modality in set(Modality)
        color = MODALITY_COLORS[Modality(m.modality)] if ours else series_color(i)
        # Side by side, so that the intervals of one panel size do not hide one another.
        shift = 0.1 * (i - (len(modalities) - 1) / 2)
        highs = [100 * (g.difference if g.high is None else g.high) for g in m.gain]
        lows = [100 * (g.difference if g.low is None else g.low) for g in m.gain]
        values = [100 * g.difference for g in m.gain]
        bounds += [*highs, *lows]
        figure.add_scatter(
            x=[g.size + shift for g in m.gain], y=values, mode="lines+markers", name=modality_label(m.modality),
            line={"color": color, "width": 1.6}, marker={"size": 8, "color": color}, hoverinfo="text",
            hovertext=[
                f"{modality_label(m.modality)}<br>{g.size} in the panel: {points(g.difference, g.low, g.high)}"
                for g in m.gain
            ],
            error_y={
                "type": "data", "symmetric": False, "thickness": 1.4, "width": 4, "color": color,
                "array": [h - v for h, v in zip(highs, values, strict=True)],
                "arrayminus": [v - low for v, low in zip(values, lows, strict=True)],
            },
        )  # fmt: skip
    figure.add_hline(y=0, line={"color": INKS[theme].muted, "width": 1, "dash": "dot"})
    figure.update_xaxes(range=[0.5, largest + 0.5], dtick=_step(largest), tick0=1 if largest < 12 else 0)
    figure.update_yaxes(range=[min(bounds) - 3, max(bounds) + 3], dtick=None, nticks=7)
    return figure


def mixed_panels_figure(mixed: MixedPanels, *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Accuracy of panels of one size against how many of their members are of the first kind."""
    figure = _figure(
        x=f"Members with {mixed.first}", y="Correct, %",
        theme=theme,
    )  # fmt: skip
    color = series_color(0)
    shares = [p.accuracy for p in mixed.mixes]
    figure.add_scatter(
        x=[p.members[0] for p in mixed.mixes], y=[100 * s for s in shares], mode="lines+markers", showlegend=False,
        line={"color": color, "width": 1.6}, marker={"size": 10, "color": color}, hoverinfo="text",
        hovertext=[
            _panel_words(f"{p.members[0]} + {p.members[1]}", p.size, p.accuracy, p.low, p.high) for p in mixed.mixes
        ],
        error_y={
            "type": "data", "symmetric": False, "thickness": 1.5, "width": 5, "color": color,
            "array": [100 * (p.accuracy if p.high is None else p.high) - 100 * p.accuracy for p in mixed.mixes],
            "arrayminus": [100 * p.accuracy - 100 * (p.accuracy if p.low is None else p.low) for p in mixed.mixes],
        },
    )  # fmt: skip
    figure.update_xaxes(range=[-0.4, mixed.size + 0.4], dtick=1)
    figure.update_yaxes(
        range=_percent_axis(min(p.accuracy if p.low is None else p.low for p in mixed.mixes)), dtick=None, nticks=7
    )
    return figure


def malignancy_panels_figure(panels: MalignancyPanels, *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Sensitivity (solid) and specificity (dashed) for malignancy against panel size, by rule."""
    figure = _figure(x="Readers in the panel", y="Share, %", theme=theme)
    largest = max(p.size for p in panels.panels)
    low = 1.0
    for i, rule in enumerate(VoteRule):
        of = panels.of(rule)
        for name, dash, rates in (
            ("sensitivity", "solid", [p.sensitivity for p in of]),
            ("specificity", "dash", [p.specificity for p in of]),
        ):
            known = [(p.size, r) for p, r in zip(of, rates, strict=True) if r.value is not None]
            if not known:
                continue
            low = min([low, *(float(r.value or 0) for _, r in known)])
            words = {VoteRule.MAJORITY: "Majority", VoteRule.ANY: "Any vote"}[rule]
            figure.add_scatter(
                x=[k for k, _ in known], y=[100 * float(r.value or 0) for _, r in known], mode="lines+markers",
                name=f"{words}: {name}", line={"color": series_color(i), "width": 2.2, "dash": dash},
                marker={"size": 6}, hoverinfo="text",
                hovertext=[_rate_words(f"{words}, {k} in the panel: {name}", r) for k, r in known],
            )  # fmt: skip
    figure.update_xaxes(range=[0.5, largest + 0.5], dtick=_step(largest), tick0=1 if largest < 12 else 0)
    figure.update_yaxes(range=_percent_axis(low), dtick=None, nticks=7)
    return figure


def _rate_words(label: str, rate: Rate) -> str:
    return f"{label} {percent_interval(float(rate.value or 0), rate.low, rate.high)}"


def _percent_axis(low: float) -> list[float]:
    """From the round tenth below the lowest value to a little over 100 %, at least 40 points wide."""
    start = min(10 * np.floor(10 * low - 0.2), 60.0)
    return [max(-2.0, float(start)), 102]


def _step(largest: int) -> int:
    return 1 if largest < 12 else 2 if largest < 20 else 5
