"""Charts made of labelled rows: the label stands above its row, so that a phone's width is left to the data."""

from html import escape

import plotly.graph_objects as go

from dermdash.charts.labels import LINE, PHONE, line_count, text_width, wrapped
from dermdash.charts.palette import INKS, Theme, plotly_template
from dermdash.records.visible_text import visible_text

ROW_HEIGHT = 46
_GAP = 14
"""Least pixels between a label and the value at its right."""
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
    pixels = row_height + (LINE + 2) * more
    bottom = 0.34 * row_height - LINE / 2 + more
    # All at once: plotly checks every earlier annotation again for each that is added, 1 s for fifty rows.
    annotations = [
        {
            "xref": "paper", "yref": "y", "x": x, "y": row_y(i, n), "xanchor": anchor, "yanchor": "bottom",
            "yshift": bottom + shift, "text": shown, "align": anchor, "showarrow": False,
            "font": {"size": 13, "color": inks.text},
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
        "height": round(pixels * (n + top - _TOP)) + 16,
        "showlegend": False,
    }
    return go.Figure(layout=layout)


def _collide(text: str, value: str) -> bool:
    last = text.rpartition("<br>")[2]
    return bool(text and value) and text_width(last) + text_width(value) + _GAP > PHONE


def row_y(index: int, count: int) -> float:
    """Return the y of the row's centre."""
    return float(count - 1 - index)


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
        "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "text": wrapped(message, size=14), "showarrow": False,
        "font": {"size": 14, "color": INKS[theme].muted},
    }  # fmt: skip
    hidden = {"visible": False}
    layout = {
        "template": plotly_template(theme), "height": height, "xaxis": hidden, "yaxis": hidden, "annotations": [said],
    }  # fmt: skip
    return go.Figure(layout=layout)
