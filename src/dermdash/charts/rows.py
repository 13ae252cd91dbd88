"""Charts made of labelled rows: the label stands above its row, so that a phone's width is left to the data."""

from html import escape

import plotly.graph_objects as go

from dermdash.charts.palette import INKS, Theme, plotly_template

ROW_HEIGHT = 46


def row_figure(labels: list[str], *, values: list[str], theme: Theme, row_height: int = ROW_HEIGHT) -> go.Figure:
    """Return a figure with one row per label, the first on top at the highest y, and a value text at its right.

    Row ``i`` is centred at y = ``row_y(i, len(labels))``; its label is drawn above the centre.
    """
    inks = INKS[theme]
    n = len(labels)
    # All at once: plotly checks every earlier annotation again for each that is added, 1 s for fifty rows.
    texts = [
        {
            "xref": "paper", "yref": "y", "x": x, "y": row_y(i, n) + 0.34, "xanchor": anchor, "text": text,
            "showarrow": False, "font": {"size": 13, "color": inks.text},
        }
        for i, (label, value) in enumerate(zip(labels, values, strict=True))
        for x, anchor, text in ((0, "left", label), (1, "right", value))
    ]  # fmt: skip
    figure = go.Figure(layout={"template": plotly_template(theme), "annotations": texts})
    figure.update_yaxes(visible=False, range=[-0.55, n - 1 + 0.6], fixedrange=True)
    figure.update_xaxes(fixedrange=True)
    figure.update_layout(height=row_height * n + 16, showlegend=False)
    return figure


def row_y(index: int, count: int) -> float:
    """Return the y of the row's centre."""
    return float(count - 1 - index)


def percent(share: float, decimals: int = 0) -> str:
    """Write a share (0..1) as percent; what is neither 0 nor 1 never rounds to 0 % or 100 %."""
    text = f"{100 * share:.{decimals}f}"
    step = 10.0**-decimals
    if share > 0 and float(text) == 0:
        return f"< {step:.{decimals}f} %"
    if share < 1 and float(text) == 100:
        return f"> {100 - step:.{decimals}f} %"
    return f"{text} %"


def plain(text: str, most: int = 42) -> str:
    """A name out of a file as a label: plotly reads a little HTML, and a long name pushes the plot aside."""
    shown = text if len(text) <= most else text[: most - 1] + "\N{HORIZONTAL ELLIPSIS}"
    return escape(shown, quote=False)


def empty_figure(message: str, *, theme: Theme, height: int = 160) -> go.Figure:
    """Return a figure without axes that says what is missing and what to do."""
    figure = go.Figure(layout={"template": plotly_template(theme), "height": height})
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.add_annotation(
        xref="paper", yref="paper", x=0.5, y=0.5, text=message, showarrow=False,
        font={"size": 14, "color": INKS[theme].muted},
    )  # fmt: skip
    return figure
