"""Agreement of readers: coefficients before and after assistance, and the kappa of every pair of readers."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dermdash.analyses.agreement.change import AgreementChange
from dermdash.analysis.agreement.coefficients import Coefficient
from dermdash.analysis.arrays import FloatArray
from dermdash.charts.curve_frame import title_layout
from dermdash.charts.labels import text_width, wrapped
from dermdash.charts.palette import CELL_PX, INKS, SERIES_COLORS, SMALL_PX, Theme, plotly_template, with_alpha
from dermdash.charts.rows import empty_figure, row_figure, row_y, short_label
from dermdash.wording import counted, difference, number, number_interval

_ROW_HEIGHT = 66
_OFFSET = 0.12
_NAME_LENGTH = 24
_ROOM = 230
"""Pixels that the names of all readers have side by side on a phone."""
_UPRIGHT = 11
"""Pixels that the letters of an upright name take there; with less for each, the rows alone name every reader."""


def agreement_change_figure(
    rows: Sequence[tuple[str, AgreementChange]],
    *,
    colors: Sequence[str] | None = None,
    title: str,
    theme: Theme = Theme.LIGHT,
) -> go.Figure:
    """Draw one row per coefficient (or part of the readings): open before, filled after, intervals of each.

    Where no row has an after, one filled mark stands in each.

    Parameters
    ----------
    rows
        Label and change; what could not be computed is left out.
    colors
        One per row; None: all the same.
    """
    if colors is None:
        colors = [SERIES_COLORS[0]] * len(rows)
    known = [(label, c, color) for (label, c), color in zip(rows, colors, strict=True) if c.before.value is not None]
    if not known:
        return empty_figure("No coefficient of agreement could be computed.", theme=theme)
    inks = INKS[theme]
    paired = any(change.after is not None for _, change, _ in known)
    figure = row_figure(
        [f"<b>{short_label(label)}</b>" for label, _, _ in known],
        values=[_difference(change) for _, change, _ in known],
        theme=theme,
        row_height=_ROW_HEIGHT,
    )
    lowest = 0.0
    for i, (label, change, color) in enumerate(known):
        y = row_y(i, len(known)) - 0.06
        before, after = change.before, change.after
        if after is not None and after.value is not None:
            figure.add_scatter(
                x=[before.value, after.value], y=[y + _OFFSET, y - _OFFSET], mode="lines", hoverinfo="skip",
                line={"color": color, "width": 2},
            )  # fmt: skip
            _add(figure, after, y=y - _OFFSET, color=color, label=f"{label}, after", filled=True)
        if paired:
            _add(figure, before, y=y + _OFFSET, color=inks.muted, label=f"{label}, before")
        else:
            _add(figure, before, y=y, color=color, label=label, filled=True)
        for found in (before, after):
            if found is not None and found.value is not None:
                lowest = min(lowest, found.value, found.low if found.low is not None else 0.0)
    if lowest < 0:
        figure.add_vline(x=0, line={"color": inks.muted, "width": 1, "dash": "dot"})
    figure.update_xaxes(
        range=[max(-1.02, lowest - 0.04), 1.02],
        title_text=f"Agreement ({'open: before, filled: after; ' if paired else ''}1 is perfect)",
    )
    figure.update_layout(
        height=figure.layout.height + 80,
        title=title_layout(title, theme=theme),
        margin={"t": 38},
        meta={"description": f"{title}{', before and after assistance' if paired else ''}, with intervals."},
    )
    return figure


def pairwise_kappa_figure(
    readers: Sequence[str],
    before: FloatArray,
    after: FloatArray | None,
    common: FloatArray,
    *,
    theme: Theme = Theme.LIGHT,
) -> go.Figure:
    """Draw the kappa of every pair of readers: below the diagonal before assistance, above it after.

    Parameters
    ----------
    before, after, common
        (readers, readers): kappa (NaN where undefined) and cases in common; without ``after`` both halves are before.
    """
    if len(readers) < 2:
        return empty_figure("A matrix of pairs needs two readers.", theme=theme)
    inks, n = INKS[theme], len(readers)
    shown = np.where(np.triu(np.ones((n, n), bool), 1), before if after is None else after, before)
    np.fill_diagonal(shown, np.nan)
    words = [
        [_pair_text(readers, i, j, shown[i, j], common[i, j], "after" if j > i and after is not None else "before")
         for j in range(n)]
        for i in range(n)
    ]  # fmt: skip
    middle = with_alpha(inks.heat, 0.25)
    cells = [[None if not np.isfinite(v) else float(v) for v in row] for row in shown]
    figure = go.Figure(
        go.Heatmap(
            z=cells, x=list(range(n)), y=list(range(n)), zmin=0, zmax=1, xgap=2 if n <= 20 else 1,
            ygap=2 if n <= 20 else 1, colorscale=[[0, inks.surface], [0.2, middle], [1, inks.heat]],
            colorbar={"thickness": 10, "outlinewidth": 0},
            texttemplate="%{z:.2f}" if n <= 6 else None, textfont={"size": CELL_PX, "color": inks.text},
            hovertext=words, hoverinfo="text", hoverongaps=False,
        )
    )  # fmt: skip
    names = [wrapped(short_label(r, _NAME_LENGTH), 110) for r in readers]
    ticks = {
        "tickvals": list(range(n)),
        "ticktext": names,
        "fixedrange": True,
    }
    upright = max(text_width(name) for name in names) > _ROOM / n
    every = -(-n * _UPRIGHT // _ROOM) if upright else 1
    figure.update_xaxes(
        **ticks | {"tickvals": list(range(0, n, every)), "ticktext": names[::every]},
        showgrid=False, tickangle=-90 if upright else 0, tickfont={"size": SMALL_PX} if upright else None,
    )  # fmt: skip
    figure.update_yaxes(**ticks, showgrid=False, autorange="reversed")
    title = "Kappa of each pair" if after is None else "Kappa of each pair: before below, after above the diagonal"
    figure.update_layout(
        template=plotly_template(theme),
        height=max(320, 130 + 26 * n if n > 12 else 130 + 38 * n),
        title=title_layout(title, theme=theme),
        margin={"t": 42},
        meta={"description": f"{title}. One row and column per reader."},
    )
    return figure


def _add(figure: go.Figure, found: Coefficient, *, y: float, color: str, label: str, filled: bool = False) -> None:
    error = None
    value = found.value or 0.0
    text = f"{short_label(label)}: {number_interval(value, found.low, found.high, 2)}"
    if found.low is not None and found.high is not None:
        error = {
            "type": "data", "symmetric": False, "array": [max(0.0, found.high - value)],
            "arrayminus": [max(0.0, value - found.low)], "thickness": 2, "width": 5, "color": color,
        }  # fmt: skip
    figure.add_scatter(
        x=[value], y=[y], mode="markers", error_x=error, hovertext=text, hoverinfo="text",
        marker={"size": 12, "color": color, "symbol": "circle" if filled else "circle-open",
                "line": {"width": 2.5, "color": color}},
    )  # fmt: skip


def _difference(change: AgreementChange) -> str:
    if change.difference is None:
        return "" if change.before.value is None else number(change.before.value, 2)
    return difference(change.difference, change.low, change.high, 2)


def _pair_text(readers: Sequence[str], i: int, j: int, kappa: float, common: float, phase: str) -> str:
    if i == j:
        return ""
    names = f"{short_label(readers[i])} and {short_label(readers[j])}"
    cases = counted(common, "common case")
    if not np.isfinite(kappa):
        return f"{names}<br>no kappa on {cases}"
    return f"{names}<br>{phase}: {number(float(kappa), 2)} on {cases}"
