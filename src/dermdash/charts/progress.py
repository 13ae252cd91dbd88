"""How far each reader has come."""

import pandas as pd
import plotly.graph_objects as go

from dermdash.charts.palette import INKS, Theme
from dermdash.charts.rows import BAR_WIDTH, empty_figure, row_figure, row_y, short_label
from dermdash.wording import counted


def reader_progress_figure(readers: pd.DataFrame, *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw one bar per row of ``reader`` (text shown), ``cases_done`` and ``cases_total``, in the given order."""
    if readers.empty:
        return empty_figure("Nobody has started. Send out the invitation links.", theme=theme)
    inks = INKS[theme]
    names = [short_label(str(name)) for name in readers["reader"]]
    done, total = [int(v) for v in readers["cases_done"]], [int(v) for v in readers["cases_total"]]
    states = [
        f"{d:,} of {counted(t, 'case')}" + (", finished" if d >= t > 0 else "")
        for d, t in zip(done, total, strict=True)
    ]
    figure = row_figure(names, values=states, theme=theme)
    rows = [row_y(i, len(names)) for i in range(len(names))]
    shares = [100 * d / t if t else 0.0 for d, t in zip(done, total, strict=True)]
    figure.add_bar(
        x=[100] * len(rows), y=rows, orientation="h", width=BAR_WIDTH, hoverinfo="skip", marker={"color": inks.grid}
    )
    figure.add_bar(
        x=shares, y=rows, orientation="h", width=BAR_WIDTH, marker={"color": inks.accent}, hoverinfo="text",
        hovertext=[f"{name}: {state}" for name, state in zip(names, states, strict=True)],
    )  # fmt: skip
    figure.update_layout(barmode="overlay")
    figure.update_xaxes(visible=False, range=[0, 100])
    return figure
