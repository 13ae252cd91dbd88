"""Reliance against what it may depend on: shares in bins with bands."""

import plotly.graph_objects as go

from dermdash.analyses.reliance.dependence import Bin, Dependence
from dermdash.analyses.reliance.forest_figures import rate_text
from dermdash.analysis.two_way import Rate
from dermdash.charts.curve_frame import curve_figure
from dermdash.charts.palette import SERIES_COLORS, Theme, with_alpha
from dermdash.charts.rows import empty_figure
from dermdash.wording import counted

MEASURE_NAMES = {
    "switch": "Changed to the advice",
    "rair": "Followed right advice (RAIR)",
    "rsr": "Kept a right answer (RSR)",
}
_STYLE = {
    "switch": (SERIES_COLORS[2], "solid", "circle"),
    "rair": (SERIES_COLORS[0], "dash", "square"),
    "rsr": (SERIES_COLORS[3], "dot", "diamond"),
}


def dependence_figure(curve: Dependence, *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw the three measures against the mean of each bin; bands are intervals, larger marks more answers."""
    if curve.reason is not None or len(curve.bins) < 2:
        return empty_figure(f"{curve.name}: {curve.reason or 'it has one value only'}.", theme=theme)
    scale = 100 if curve.percent else 1
    figure = curve_figure("", x=curve.name + (", %" if curve.percent else ""), y="Share of answers, %", theme=theme)
    figure.update_layout(margin={"t": 12}, height=400)
    for measure, (color, dash, symbol) in _STYLE.items():
        bins = [b for b in curve.bins if getattr(b, measure).value is not None]
        banded = [b for b in bins if getattr(b, measure).low is not None]
        if banded:
            figure.add_scatter(
                x=[scale * b.centre for b in banded] + [scale * b.centre for b in reversed(banded)],
                y=[100 * _rate(b, measure, "high") for b in banded]
                + [100 * _rate(b, measure, "low") for b in reversed(banded)],
                mode="lines", fill="toself", fillcolor=with_alpha(color, 0.13), line={"width": 0}, hoverinfo="skip",
                showlegend=False, legendgroup=measure,
            )  # fmt: skip
        if bins:
            most = max(getattr(b, measure).total for b in bins)
            figure.add_scatter(
                x=[scale * b.centre for b in bins], y=[100 * _rate(b, measure, "value") for b in bins],
                mode="lines+markers", name=MEASURE_NAMES[measure], legendgroup=measure,
                line={"color": color, "width": 2, "dash": dash}, hoverinfo="text",
                hovertext=[_text(b, getattr(b, measure), measure, scale) for b in bins],
                marker={
                    "symbol": symbol, "color": color,
                    "size": [6 + 7 * (getattr(b, measure).total / most) ** 0.5 for b in bins],
                },
            )  # fmt: skip
    low, high = scale * curve.bins[0].centre, scale * curve.bins[-1].centre
    room = 0.04 * (high - low)
    figure.update_xaxes(range=[low - room, high + room], dtick=1 if curve.key == "confidence" else None, nticks=8)
    return figure


def _rate(one: Bin, measure: str, what: str) -> float:
    return float(getattr(getattr(one, measure), what))


def _text(one: Bin, rate: Rate, measure: str, scale: int) -> str:
    span = f"{scale * one.low:g}" if one.low == one.high else f"{scale * one.low:.4g} to {scale * one.high:.4g}"
    return f"{MEASURE_NAMES[measure]} at {span}<br>{rate_text(rate)} of {counted(rate.total, 'answer')}"
