"""Of the images of each class, the share that was named right, the least first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dermdash.analysis.estimates import Estimate
from dermdash.charts.curve_frame import error_bar, title_layout
from dermdash.charts.palette import INKS, SERIES_COLORS, Theme
from dermdash.charts.rows import empty_figure, row_figure, row_y, short_label
from dermdash.wording import counted, estimated_percent, percent

_ROW = 44


@dataclass(frozen=True, slots=True)
class ClassRecall:
    """A class by its name, with how many images it has and the share of them that was named right."""

    name: str
    images: int
    recall: Estimate


def recall_figure(
    rows: Sequence[ClassRecall], *, overall: Estimate, title: str = "Named right, by diagnosis", theme: Theme
) -> go.Figure:
    """Draw one row per class in the order given; dotted: the share over all images."""
    shown = [row for row in rows if row.recall.value is not None]
    if not shown:
        return empty_figure("No class has an image.", theme=theme)
    inks = INKS[theme]
    # Label and value have room side by side on a phone; the interval is drawn, and said when pointed at.
    figure = row_figure(
        [short_label(row.name) for row in shown], values=[percent(row.recall.value) for row in shown], theme=theme,
        row_height=_ROW,
    )  # fmt: skip
    if overall.value is not None:
        figure.add_shape(
            type="line", xref="x", yref="paper", x0=100 * overall.value, x1=100 * overall.value, y0=0, y1=1,
            line={"color": inks.muted, "width": 1.2, "dash": "dot"},
        )  # fmt: skip
    for i, row in enumerate(shown):
        assert row.recall.value is not None
        figure.add_scatter(
            x=[100 * row.recall.value], y=[row_y(i, len(shown)) - 0.05], mode="markers", hoverinfo="text",
            error_x=error_bar(row.recall, color=SERIES_COLORS[0]),
            hovertext=[
                f"{short_label(row.name)}<br>{estimated_percent(row.recall)} of {counted(row.images, 'image')}"
            ],
            marker={"size": 11, "color": SERIES_COLORS[0], "symbol": "square"},
        )  # fmt: skip
    figure.update_xaxes(title_text="Named right, % (dotted: all images)", range=[-2, 102], nticks=7)
    figure.update_layout(
        title=title_layout(title, theme=theme),
        margin={"t": 38},
        height=figure.layout.height + 74,
        meta={"description": f"{title}, in percent with intervals."},
    )  # fmt: skip
    return figure
