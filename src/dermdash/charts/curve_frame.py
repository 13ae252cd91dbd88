"""What all curves share: a title, two axes with their units, a legend below, colours of classes and of series."""

from typing import Any

import plotly.graph_objects as go

from dermdash.analysis.estimates import Estimate
from dermdash.analysis.scored_cases import MALIGNANCY
from dermdash.charts.palette import (
    DASHED_CLASSES,
    INKS,
    SERIES_COLORS,
    TITLE_PX,
    Theme,
    diagnosis_color,
    plotly_template,
)

CURVE_HEIGHT = 470
LEGEND_MAX = 1000
"""Pixels: plotly would cut a legend below the plot at half the height of the plot."""
LEGEND_BELOW: dict[str, Any] = {
    "orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom", "itemsizing": "constant",
    "maxheight": LEGEND_MAX,
}  # fmt: skip
"""A legend whose lines take room below the plot, which `labels.fitted` adds; above, they would press the plot flat."""
_PERCENT_RANGE = (-2, 102)


def curve_figure(title: str, *, x: str, y: str, theme: Theme, height: int = CURVE_HEIGHT) -> go.Figure:
    """Return an empty figure with title, axis titles (these name the unit) and room for a legend below.

    Both axes run over 0..100 %; `update_xaxes` changes that where the figure is another.
    """
    axis = {"range": _PERCENT_RANGE, "fixedrange": True, "dtick": 20}
    # All at once: each update looks through the whole layout again.
    layout = {
        "template": plotly_template(theme),
        "height": height,
        "title": title_layout(title, theme=theme),
        "margin": {"t": 38},
        "legend": LEGEND_BELOW,
        "meta": {"description": f"{title}. Horizontal: {x}. Vertical: {y}."},
        "xaxis": {"title": {"text": x}, **axis},
        "yaxis": {"title": {"text": y}, **axis},
    }  # fmt: skip
    return go.Figure(layout=layout)


def title_layout(text: str, *, theme: Theme) -> dict[str, Any]:
    """Plotly's title of a figure: at the top left, the size of a table's head."""
    return {
        "text": text, "x": 0, "xanchor": "left", "xref": "container", "y": 1, "yanchor": "top", "yref": "container",
        "pad": {"t": 6}, "font": {"size": TITLE_PX, "color": INKS[theme].text},
    }  # fmt: skip


def add_diagonal(figure: go.Figure, *, theme: Theme, falling: bool = False, text: str = "") -> None:
    """Draw the line of chance (or of agreement), thin and dotted."""
    figure.add_scatter(
        x=[0, 100], y=[100, 0] if falling else [0, 100], mode="lines", hoverinfo="skip", showlegend=bool(text),
        name=text, line={"color": INKS[theme].muted, "width": 1, "dash": "dot"},
    )  # fmt: skip


def class_color(code: str, *, theme: Theme) -> str:
    """The fixed colour of a class; malignancy, which is several classes, has the colour of the text."""
    return INKS[theme].text if code == MALIGNANCY else diagnosis_color(code)


def class_dash(code: str) -> str:
    """Dash of a class's line: colour alone does not tell all classes apart."""
    return "dash" if code in DASHED_CLASSES else "solid"


def series_color(index: int) -> str:
    """Colour of the data set or model at this place."""
    return SERIES_COLORS[index % len(SERIES_COLORS)]


def error_bar(estimate: Estimate, *, color: str, scale: float = 100) -> dict[str, Any] | None:
    """Plotly's error bar of an estimate, in percent unless ``scale`` says otherwise; None without an interval."""
    if estimate.value is None or estimate.interval is None:
        return None
    low, high = estimate.interval
    value = estimate.value
    return {
        "type": "data", "symmetric": False, "array": [max(0.0, scale * (high - value))],
        "arrayminus": [max(0.0, scale * (value - low))], "thickness": 1.5, "width": 4, "color": color,
    }  # fmt: skip
