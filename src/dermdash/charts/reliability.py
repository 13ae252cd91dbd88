"""Reliability: what was stated against what came true, before and after temperature scaling."""

import plotly.graph_objects as go

from dermdash.analysis.calibration import ReliabilityCurve
from dermdash.charts.curve_frame import add_diagonal, curve_figure
from dermdash.charts.palette import INKS, SERIES_COLORS, Theme
from dermdash.charts.rows import empty_figure
from dermdash.wording import counted, percent, percent_interval, percent_range


def reliability_figure(
    before: ReliabilityCurve | None,
    after: ReliabilityCurve | None,
    *,
    title: str,
    y: str = "Came true, %",
    theme: Theme = Theme.LIGHT,
) -> go.Figure:
    """Draw the bins of both curves with Wilson intervals; on the diagonal, probabilities mean what they say.

    The area of a point grows with the number of cases in its bin.
    """
    drawn = [
        (name, curve, color, symbol)
        for name, curve, color, symbol in (
            ("As stated by the model", before, INKS[theme].muted, "circle-open"),
            ("After temperature scaling", after, SERIES_COLORS[0], "circle"),
        )
        if curve is not None
    ]
    if not drawn:
        return empty_figure("No calibration: there is no probability of this kind.", theme=theme)
    figure = curve_figure(title, x="Stated probability, %", y=y, theme=theme)
    add_diagonal(figure, theme=theme)
    most = max(b.count for _, curve, _, _ in drawn for b in curve.bins)
    for name, curve, color, symbol in drawn:
        bins = curve.bins
        figure.add_scatter(
            x=[100 * b.stated for b in bins], y=[100 * b.observed for b in bins], mode="lines+markers",
            name=f"{name} \N{MIDDLE DOT} calibration error {percent(curve.expected_error)}",
            line={"color": color, "width": 1.4},
            marker={
                "symbol": symbol, "color": color, "line": {"width": 2, "color": color},
                "size": [6 + 12 * (b.count / most) ** 0.5 for b in bins],
            },
            error_y={
                "type": "data", "symmetric": False, "array": [100 * (b.high - b.observed) for b in bins],
                "arrayminus": [100 * (b.observed - b.low) for b in bins], "thickness": 1.3, "width": 3, "color": color,
            },
            hoverinfo="text",
            hovertext=[
                f"{name}<br>stated {percent(b.stated)} on average, in {percent_range(b.lower, b.upper, 0)}<br>"
                f"came true {percent_interval(b.observed, b.low, b.high)}<br>{counted(b.count, 'case')}"
                for b in bins
            ],
        )  # fmt: skip
    return figure
