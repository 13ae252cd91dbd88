"""Charts made of labelled rows: the label stands above its row, so that a phone's width is left to the data."""

from html import escape
from math import ceil
from typing import Any

import plotly.graph_objects as go

from dermdash.charts.labels import LINE, PHONE, line_count, text_width, wrapped
from dermdash.charts.palette import INKS, LABEL_PX, TEXT_PX, Theme, plotly_template
from dermdash.records.visible_text import visible_text

ROW_HEIGHT = 46
_AXIS_PX = 56
"""Room of the axis below the rows, with a title of two lines."""
_GAP = 14
"""Least pixels between a label and the value at its right."""
_OFF_MARKS = 9
"""Least pixels from the centre of a row to its label: a mark and its whiskers reach no further up."""
_MARKS_SHARE, _MARKS_PX = 0.2, 9
"""How far marks reach below the centre of their row: a share of its height (a second line), and half a mark."""
_ABOVE_PX = 34
"""Room above the first row of a figure that is lower than it was made: labels keep their size."""
_MARGIN_PX = 8
"""Around a figure, as the template of all figures has it."""
BAR_WIDTH = 0.26
"""Of a bar, in rows. It is drawn at the centre of its row: close under its own label, well off the next one."""
_TOP = 0.6
"""How far the plot reaches above the centre of the first row, in rows."""


def row_figure(labels: list[str], *, values: list[str], theme: Theme, row_height: int = ROW_HEIGHT) -> go.Figure:
    """Return a figure with one row per label, the first on top at the highest y, and a value text at its right.

    Row ``i`` is centred at y = ``row_y(i, len(labels))``; its label is drawn above the centre. Where label and value
    have no room beside one another on a phone, the label wraps and the value stands on a line of its own; every row
    is then higher, which ``layout.height`` allows for: add to it what a title or an axis needs.
    """
    inks = INKS[theme]
    n = len(labels)
    texts = [wrapped(label) for label in labels]
    apart = [_collide(text, value) for text, value in zip(texts, values, strict=True)]
    more = max((line_count(text) + away for text, away in zip(texts, apart, strict=True)), default=1) - 1
    pixels = row_height + (LINE + 6) * more  # marks grow with their row
    bottom = max(0.34 * row_height - LINE / 2, _OFF_MARKS) + more
    # All at once: plotly checks every earlier annotation again for each that is added, 1 s for fifty rows.
    annotations = [
        {
            "xref": "paper", "yref": "y", "x": x, "y": row_y(i, n), "xanchor": anchor, "yanchor": "bottom",
            "yshift": bottom + shift, "text": shown, "align": anchor, "showarrow": False,
            "font": {"size": LABEL_PX, "color": inks.text},
            "bgcolor": inks.background, "borderpad": 0,  # no line of the plot runs through a label
        }
        for i, (text, value) in enumerate(zip(texts, values, strict=True))
        for x, anchor, shown, shift in ((0, "left", text, LINE * apart[i]), (1, "right", value, 0))
    ]  # fmt: skip
    top = max(_TOP, (bottom + LINE * (more + 1)) / pixels)
    layout = {
        "template": plotly_template(theme),
        "annotations": annotations,
        "xaxis": {"fixedrange": True},
        "yaxis": {"visible": False, "range": [-0.55, n - 1 + top], "fixedrange": True},
        "height": round(pixels * (n + top - _TOP)) + 2 * _MARGIN_PX,
        "showlegend": False,
    }
    if short := _cut_px(layout, reach=bottom + LINE * (more + 1), above=top):
        layout |= {"height": layout["height"] + short, "margin": {"t": _MARGIN_PX + short}}
    return go.Figure(layout=layout)


def _cut_px(layout: dict[str, Any], *, reach: float, above: float) -> int:
    """What the first label lacks: of few rows the axis below them takes so much that it would stand out at the top.

    ``reach``: of the label above the centre of its row, in pixels; ``above``: of the plot, in rows.
    """
    low, high = layout["yaxis"]["range"]
    row = (layout["height"] - _MARGIN_PX - _AXIS_PX) / (high - low)
    return max(0, ceil(reach - row * above - _MARGIN_PX))


def _collide(text: str, value: str) -> bool:
    last = text.rpartition("<br>")[2]
    return bool(text and value) and text_width(last) + text_width(value) + _GAP > PHONE


def row_y(index: int, count: int) -> float:
    """Return the y of the row's centre."""
    return float(count - 1 - index)


def lowered(figure: go.Figure, most_px: int) -> go.Figure:
    """The figure, at most so high, but never so low that the label of a row would lie on the marks above it."""
    made = figure.layout.height or 450
    if made > most_px:
        least = _least_px(figure)
        above = max(figure.layout.margin.t or 0, _ABOVE_PX)
        figure.update_layout(height=min(made, max(most_px, least)), margin_t=above)
    return figure


def _least_px(figure: go.Figure) -> int:
    """How high a figure of rows has to be; 0 of another."""
    axis, layout = figure.layout.yaxis, figure.layout
    labels = [a for a in layout.annotations if a.yref == "y" and a.xref == "paper" and a.text]
    if axis.visible is not False or not labels:
        return 0
    reach = max(a.yshift + LINE * line_count(a.text) for a in labels)
    row = (reach + _MARKS_PX) / (1 - _MARKS_SHARE)
    below = _AXIS_PX if layout.xaxis.visible is not False else layout.margin.b or 0
    return round(row * (axis.range[1] - axis.range[0]) + max(layout.margin.t or 0, _ABOVE_PX) + below)


def short_label(text: str, most: int = 120) -> str:
    """A name out of a file as a label or in a hover text.

    Plotly reads a little HTML, a name without end pushes the plot aside, and some characters turn what stands beside.
    """
    text = visible_text(text)
    shown = text if len(text) <= most else text[: most - 1] + "\N{HORIZONTAL ELLIPSIS}"
    return escape(shown, quote=False)


def empty_figure(message: str, *, theme: Theme, height: int = 160) -> go.Figure:
    """Return a figure without axes that says what is missing and what to do."""
    said = {
        "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "text": wrapped(message, size=TEXT_PX),
        "showarrow": False,
        "font": {"size": TEXT_PX, "color": INKS[theme].muted},
    }  # fmt: skip
    hidden = {"visible": False}
    layout = {
        "template": plotly_template(theme), "height": height, "xaxis": hidden, "yaxis": hidden, "annotations": [said],
    }  # fmt: skip
    return go.Figure(layout=layout)
