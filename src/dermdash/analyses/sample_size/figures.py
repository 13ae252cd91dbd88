"""Curves of equal power: the cases that so many readers need."""

import numpy as np
import plotly.graph_objects as go

from dermdash.analyses.sample_size.plan import Plan
from dermdash.charts.curve_frame import curve_figure, series_color
from dermdash.charts.labels import apart_on_log_axis
from dermdash.charts.palette import INKS, Theme
from dermdash.charts.rows import empty_figure
from dermdash.wording import counted, level, percent

_TICKS = (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)
_READERS = (2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500, 1000)


def equal_power_figure(plan: Plan, *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Cases against readers, one line per power; the study asked about is marked."""
    lines = [
        (curve.power, [(r, c) for r, c in zip(curve.readers, curve.cases, strict=True) if c is not None])
        for curve in plan.curves
    ]
    if not any(points for _, points in lines):
        return empty_figure("No number of cases reaches this power with these numbers of readers.", theme=theme)
    figure = curve_figure("", x="Readers", y="Cases", theme=theme)
    figure.update_layout(margin={"t": 12})
    largest = max(r for _, points in lines for r, _ in points)
    most = max(c for _, points in lines for _, c in points)
    least = min(c for _, points in lines for _, c in points)
    for i, (power, points) in enumerate(lines):
        chosen = power == plan.target
        figure.add_scatter(
            x=[r for r, _ in points], y=[c for _, c in points], mode="lines+markers", name=f"Power {level(power)}",
            line={"color": series_color(i), "width": 3 if chosen else 1.6}, marker={"size": 7 if chosen else 5},
            hoverinfo="text",
            hovertext=[f"{counted(r, 'reader')}, {counted(c, 'case')}: power {level(power)}" for r, c in points],
        )  # fmt: skip
    if plan.readers is not None and plan.cases is not None and plan.at is not None:
        figure.add_scatter(
            x=[plan.readers], y=[plan.cases], mode="markers", name="The study asked about",
            marker={"size": 14, "symbol": "x", "color": INKS[theme].text}, hoverinfo="text",
            hovertext=f"{counted(plan.readers, 'reader')}, {counted(plan.cases, 'case')}: power {percent(plan.at)}",
        )  # fmt: skip
        largest, most, least = max(largest, plan.readers), max(most, plan.cases), min(least, plan.cases)
    fewest = min(r for _, points in lines for r, _ in points)
    fewest = fewest if plan.readers is None or plan.at is None else min(fewest, plan.readers)
    ticks = apart_on_log_axis(_READERS, list(map(str, _READERS)), low=0.89 * fewest, high=1.13 * largest)
    figure.update_xaxes(
        type="log", range=[np.log10(fewest) - 0.05, np.log10(largest) + 0.05], dtick=None,
        tickvals=[tick for tick, _ in ticks], ticktext=[text for _, text in ticks], tickangle=0,
    )  # fmt: skip
    figure.update_yaxes(
        type="log", range=[np.log10(least) - 0.15, np.log10(most) + 0.15], dtick=None, tickvals=list(_TICKS),
        ticktext=[f"{t:,}" for t in _TICKS],
    )  # fmt: skip
    return figure
