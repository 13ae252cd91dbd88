"""Faithfulness of saliency maps: a figure by class and by correct or wrong, and insertion and deletion curves."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dermdash.analysis.faithfulness_summary import CurveSummary, FaithfulnessRow
from dermdash.charts.palette import DIAGNOSIS_COLORS, INKS, Theme, plotly_template, with_alpha
from dermdash.charts.rows import empty_figure, row_figure, row_y
from dermdash.records.taxonomy import Taxonomy
from dermdash.wording import PERCENT_SIGN, estimated_percent, level, number, percent

_ROW_HEIGHT = 58
_MAPS = {"gradcam": "Grad-CAM", "centre": "Centred map", "random": "Random map"}
_DASHES = {"gradcam": "solid", "centre": "dash", "random": "dot"}


def faithfulness_figure(
    rows: Sequence[FaithfulnessRow], table: pd.DataFrame, *, figure: str, taxonomy: Taxonomy, theme: Theme
) -> go.Figure:
    """Draw one figure for all records, correct ones, wrong ones and each class of the truth.

    Each record is a faint point (a figure of 0 or 1 only is not drawn by record), the mean a filled one with its
    interval; a bar marks chance, a diamond the map that only knows the middle.

    Parameters
    ----------
    rows
        From ``summarise``.
    table
        The measured records behind it.
    figure
        One of ``FIGURES``.
    """
    parts = [row for row in rows if row.figure == figure and row.estimate.value is not None]
    if not parts:
        return empty_figure("No explained record has a mask yet.", theme=theme)
    inks = INKS[theme]
    drawn = row_figure(
        [f"<b>{_part_title(row.part, taxonomy)}</b> · {row.records:,}" for row in parts],
        values=[estimated_percent(row.estimate) for row in parts],
        theme=theme,
        row_height=_ROW_HEIGHT,
    )
    for i, row in enumerate(parts):
        y = row_y(i, len(parts)) - 0.1
        color = DIAGNOSIS_COLORS.get(row.part, inks.accent)
        values = table.loc[_among(table, row.part), figure].to_numpy(float)
        if figure != "pointing":
            _points(drawn, values, y=y, color=color)
        _mean(drawn, row, y=y, color=color)
        for name, value, symbol in (
            ("Chance", row.chance, "line-ns-open"),
            ("Centred map", row.centre, "diamond-open"),
        ):
            if value is not None:
                drawn.add_scatter(
                    x=[100 * value], y=[y], mode="markers", hoverinfo="text", hovertext=f"{name}: {percent(value)}",
                    marker={"symbol": symbol, "size": 14 if name == "Chance" else 9, "color": inks.text,
                            "line": {"width": 2, "color": inks.text}},
                )  # fmt: skip
    drawn.update_xaxes(
        range=[-2, 102],
        title=f"Percent \N{MIDDLE DOT} filled: mean with {level(0.95)} interval · bar: chance · diamond: centred map",
    )
    return drawn


def curves_figure(curves: Sequence[CurveSummary], *, direction: str, theme: Theme) -> go.Figure:
    """Draw the mean curve of each kind of map with its band: output against the share of pixels replaced."""
    chosen = [curve for curve in curves if curve.direction == direction]
    if not chosen:
        return empty_figure("No curve has been made yet.", theme=theme)
    inks = INKS[theme]
    figure = go.Figure(layout={"template": plotly_template(theme)})
    for curve in chosen:
        color = inks.accent if curve.order == "gradcam" else inks.muted
        x = 100 * np.linspace(0, 1, len(curve.mean))
        if curve.low is not None and curve.high is not None and curve.order == "gradcam":
            figure.add_scatter(
                x=[*x, *x[::-1]], y=[*(100 * curve.high), *(100 * curve.low)[::-1]], fill="toself", hoverinfo="skip",
                fillcolor=with_alpha(color, 0.18), line={"width": 0}, showlegend=False,
            )  # fmt: skip
        name = _MAPS[curve.order]
        area = "" if curve.area.value is None else f" · area {number(curve.area.value, 2)}"
        figure.add_scatter(
            x=x, y=100 * curve.mean, mode="lines", name=f"{name}{area}",
            line={"color": color, "width": 3 if curve.order == "gradcam" else 2, "dash": _DASHES[curve.order]},
            hovertemplate=f"{name}: %{{y:.1f}}{PERCENT_SIGN} at %{{x:.0f}}{PERCENT_SIGN} of the pixels<extra></extra>",
        )  # fmt: skip
    words = "removed, most salient first" if direction == "deletion" else "shown, most salient first"
    figure.update_xaxes(title=f"Pixels {words}, %", range=[0, 100], fixedrange=True)
    figure.update_yaxes(title="Probability of what is explained, %", rangemode="tozero", fixedrange=True)
    figure.update_layout(height=380, margin={"t": 64})
    return figure


def _part_title(part: str, taxonomy: Taxonomy) -> str:
    if part in taxonomy:
        return taxonomy[part].name
    return {"all": "All records", "correct": "Classified correctly", "wrong": "Classified wrongly"}[part]


def _among(table: pd.DataFrame, part: str) -> "pd.Series[bool]":
    if part == "all":
        return table["dx"].map(lambda _: True).astype(bool)
    if part in ("correct", "wrong"):
        return table["correct"].eq(part == "correct")
    return table["dx"].eq(part)


def _points(figure: go.Figure, values: np.ndarray, *, y: float, color: str, most: int = 400) -> None:
    # Many points hide one another: an even selection by rank keeps the shape of the distribution.
    ordered = np.sort(values)
    if len(ordered) > most:
        ordered = ordered[np.linspace(0, len(ordered) - 1, most).round().astype(int)]
    spread = (np.arange(len(ordered)) * 0.618 % 1 - 0.5) * 0.3
    figure.add_scatter(
        x=100 * ordered, y=y + spread, mode="markers", hoverinfo="skip",
        marker={"size": 4, "color": with_alpha(color, 0.3)},
    )  # fmt: skip


def _mean(figure: go.Figure, row: FaithfulnessRow, *, y: float, color: str) -> None:
    value, interval = row.estimate.value, row.estimate.interval
    assert value is not None
    error = None
    if interval is not None:
        error = {
            "type": "data", "symmetric": False, "array": [100 * (interval[1] - value)],
            "arrayminus": [100 * (value - interval[0])], "thickness": 2.5, "width": 6, "color": color,
        }  # fmt: skip
    figure.add_scatter(
        x=[100 * value], y=[y], mode="markers", error_x=error, hoverinfo="text",
        hovertext=estimated_percent(row.estimate),
        marker={"size": 13, "color": color, "symbol": "circle"},
    )  # fmt: skip
