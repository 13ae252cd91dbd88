"""What panels of readers decide: accuracy against the number of readers, mixes, and calls of malignancy."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

import numpy as np
import plotly.graph_objects as go

from dermdash.analyses.collective.collective_result import ModalityPanels
from dermdash.analyses.collective.malignancy_panels import MalignancyPanels, PanelRate, VoteRule
from dermdash.analyses.collective.mixed_panels import MixedPanels
from dermdash.analyses.collective.model_panels import ModelPanels
from dermdash.analyses.collective.panel_curves import PanelCurve, PanelPoint
from dermdash.charts.curve_frame import curve_figure, series_color
from dermdash.charts.palette import INKS, Theme, modality_color, with_alpha
from dermdash.charts.rows import empty_figure
from dermdash.readings.modality import modality_label
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
        shown = _with_breaks(curve.points)
        figure.add_scatter(
            x=[p and p.size for p in shown], y=[p and 100 * p.accuracy for p in shown], name=curve.label,
            mode="lines+markers", line={"color": color, "width": 2.2},
            marker={"size": 6, "color": color, "symbol": _symbols(shown)}, hoverinfo="text",
            hovertext=[p and _panel_words(curve.label, p.size, p.accuracy, p.low, p.high, covers=p.covers_readers)
                       for p in shown],
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


class _Covering(Protocol):
    """What has an interval that covers the choice of readers, or that of cases alone."""

    @property
    def covers_readers(self) -> bool:
        """Whether it covers both."""


Panel = TypeVar("Panel", bound=_Covering)


def _with_breaks(panels: Sequence[Panel]) -> list[Panel | None]:
    """The panels with None where a line must not join two: with all readers of a case in the panel, the question is
    another. What is estimated is then the answer of these readers and no longer that of readers like them.
    """
    shown: list[Panel | None] = []
    for panel in panels:
        before = shown[-1] if shown else None
        if before is not None and before.covers_readers != panel.covers_readers:
            shown.append(None)
        shown.append(panel)
    return shown


def _symbols(shown: Sequence[_Covering | None]) -> list[str]:
    return ["circle" if p is None or p.covers_readers else "circle-open" for p in shown]


def _panel_words(
    label: str, size: int, value: float, low: float | None, high: float | None, *, covers: bool = True
) -> str:
    return f"{label}<br>{size} in the panel: {percent_interval(value, low, high)}{_of_cases(low, covers)}"


def _of_cases(low: float | None, covers: bool) -> str:
    return "" if covers or low is None else "<br>interval over cases only"


def _add_band(figure: go.Figure, curve: PanelCurve, color: str) -> None:
    for covers in (True, False):
        known = [p for p in curve.points if p.low is not None and p.high is not None and p.covers_readers is covers]
        if len(known) == 1:
            _add_bar(figure, known[0], color)
        elif known:
            _add_part_of_band(figure, known, color)


def _add_bar(figure: go.Figure, point: PanelPoint, color: str) -> None:
    """The interval of a point that no line leads to."""
    figure.add_scatter(
        x=[point.size] * 2, y=[100 * float(point.low or 0), 100 * float(point.high or 0)], mode="lines",
        line={"color": with_alpha(color, 0.6), "width": 1.4}, hoverinfo="skip", showlegend=False,
    )  # fmt: skip


def _add_part_of_band(figure: go.Figure, known: Sequence[PanelPoint], color: str) -> None:
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
            hoverinfo="text", hovertext=f"From {counted(model.equal.size, 'reader')} on panels reach the model's share",
        )  # fmt: skip


def panel_gain_figure(modalities: Sequence[ModalityPanels], *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """How much assistance changes panels of each size: one line per kind of assistance, with intervals."""
    figure = _figure(x="Readers in the panel", y="Change in correct answers, points", theme=theme)
    largest = max(g.size for m in modalities for g in m.gain)
    bounds = [0.0]
    for i, m in enumerate(modalities):
        color = modality_color(m.modality, i)
        # Side by side, so that the intervals of one panel size do not hide one another.
        shift = 0.1 * (i - (len(modalities) - 1) / 2)
        highs = [100 * (g.difference if g.high is None else g.high) for g in m.gain]
        lows = [100 * (g.difference if g.low is None else g.low) for g in m.gain]
        bounds += [*highs, *lows]
        shown = _with_breaks(m.gain)
        figure.add_scatter(
            x=[g and g.size + shift for g in shown], y=[g and 100 * g.difference for g in shown],
            mode="lines+markers", name=modality_label(m.modality), line={"color": color, "width": 1.6},
            marker={"size": 8, "color": color, "symbol": _symbols(shown)}, hoverinfo="text",
            hovertext=[
                g and f"{modality_label(m.modality)}<br>{g.size} in the panel: "
                f"{points(g.difference, g.low, g.high)}{_of_cases(g.low, g.covers_readers)}"
                for g in shown
            ],
            error_y={
                "type": "data", "symmetric": False, "thickness": 1.4, "width": 4, "color": color,
                "array": [g and 100 * ((g.difference if g.high is None else g.high) - g.difference) for g in shown],
                "arrayminus": [g and 100 * (g.difference - (g.difference if g.low is None else g.low)) for g in shown],
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
    shown = _with_breaks(mixed.mixes)
    figure.add_scatter(
        x=[p and p.members[0] for p in shown], y=[p and 100 * p.accuracy for p in shown], mode="lines+markers",
        showlegend=False, line={"color": color, "width": 1.6},
        marker={"size": 10, "color": color, "symbol": _symbols(shown)}, hoverinfo="text",
        hovertext=[
            p and _panel_words(f"{p.members[0]} + {p.members[1]}", p.size, p.accuracy, p.low, p.high,
                               covers=p.covers_readers)
            for p in shown
        ],
        error_y={
            "type": "data", "symmetric": False, "thickness": 1.5, "width": 5, "color": color,
            "array": [p and 100 * ((p.accuracy if p.high is None else p.high) - p.accuracy) for p in shown],
            "arrayminus": [p and 100 * (p.accuracy - (p.accuracy if p.low is None else p.low)) for p in shown],
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
        for name, dash in (("sensitivity", "solid"), ("specificity", "dash")):
            rates = {p.size: p.sensitivity if name == "sensitivity" else p.specificity for p in of}
            shown = _with_breaks([p for p in of if rates[p.size].value is not None])
            if not shown:
                continue
            low = min([low, *(float(r.value) for r in rates.values() if r.value is not None)])
            words = {VoteRule.MAJORITY: "Majority", VoteRule.ANY: "Any vote"}[rule]
            figure.add_scatter(
                x=[p and p.size for p in shown], y=[p and 100 * float(rates[p.size].value or 0) for p in shown],
                mode="lines+markers", name=f"{words}: {name}",
                line={"color": series_color(i), "width": 2.2, "dash": dash},
                marker={"size": 6, "symbol": _symbols(shown)}, hoverinfo="text",
                hovertext=[
                    p and _rate_words(f"{words}, {p.size} in the panel: {name}", rates[p.size])
                    + _of_cases(rates[p.size].low, p.covers_readers)
                    for p in shown
                ],
            )  # fmt: skip
    figure.update_xaxes(range=[0.5, largest + 0.5], dtick=_step(largest), tick0=1 if largest < 12 else 0)
    figure.update_yaxes(range=_percent_axis(low), dtick=None, nticks=7)
    return figure


def _rate_words(label: str, rate: PanelRate) -> str:
    return f"{label} {percent_interval(float(rate.value or 0), rate.low, rate.high)}"


def _percent_axis(low: float) -> list[float]:
    """From the round tenth below the lowest value to a little over 100 %, at least 40 points wide."""
    start = min(10 * np.floor(10 * low - 0.2), 60.0)
    return [max(-2.0, float(start)), 102]


def _step(largest: int) -> int:
    return 1 if largest < 12 else 2 if largest < 20 else 5
