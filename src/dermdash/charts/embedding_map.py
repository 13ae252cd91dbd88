"""Many points on a map, coloured by a category or by a number.

Few are drawn as any other figure; many by WebGL, which a remote desktop or an old browser may lack: for these a part of
the points can be drawn (`a_part`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dermdash.charts.palette import INKS, SERIES_COLORS, Theme, plotly_template
from dermdash.charts.rows import empty_figure, short_label

MOST_CATEGORIES = 12
OTHERS, UNKNOWN_VALUE = "Others", "Not recorded"
_GREY = "#8a949e"
_MORE_COLORS = (*SERIES_COLORS, "#875a4b", "#96965a", "#874bb4", "#2f6f9f", "#b0413e", "#4d7d2b")
_HEIGHT = 640
PLAIN_UP_TO = 7000
"""Points up to which no WebGL is needed."""
_NAMED_UP_TO = 20_000
"""Points up to which each says its name when pointed at: names are most of what a browser gets."""


@dataclass(frozen=True, slots=True)
class MapPoints:
    """Points to draw: places float32 (n, 2), the row each stands for (int), and its name."""

    places: NDArray[np.float32]
    rows: NDArray[np.intp]
    names: Sequence[str]


def categories_map(
    points: MapPoints, values: Sequence[str], colors: dict[str, str], *, theme: Theme = Theme.LIGHT
) -> go.Figure:
    """One colour per category, the most frequent first; beyond `MOST_CATEGORIES` they are others.

    ``values``: one per point, ``""`` where nothing is recorded. ``colors``: of the categories that have a fixed one.
    """
    if not len(points.rows):
        return empty_figure("No point passes these filters.", theme=theme)
    all_values = np.asarray(values, dtype=object)
    found, counts = np.unique(all_values[all_values != ""].astype(str), return_counts=True)
    ordered = [str(name) for name in found[np.argsort(-counts, kind="stable")]]
    shown = ordered[:MOST_CATEGORIES]
    figure = _frame(theme)
    groups = [
        (name, all_values == name, colors.get(name, _MORE_COLORS[i % len(_MORE_COLORS)]))
        for i, name in enumerate(shown)
    ]
    if ordered[MOST_CATEGORIES:]:
        groups.append((OTHERS, np.isin(all_values.astype(str), ordered[MOST_CATEGORIES:]), INKS[theme].muted))
    if (unknown := all_values == "").any():
        groups.append((UNKNOWN_VALUE, unknown, _GREY))
    for name, mask, color in groups:
        _add(figure, points, np.flatnonzero(mask), {"color": color}, short_label(name, 40))
    figure.update_layout(legend={"itemsizing": "constant"}, showlegend=True)
    return figure


def numbers_map(points: MapPoints, values: NDArray[np.float64], title: str, *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Coloured from dark to light by a number; points without one are grey and lie below."""
    if not len(points.rows):
        return empty_figure("No point passes these filters.", theme=theme)
    known = np.isfinite(values)
    figure = _frame(theme)
    if not known.all():
        _add(figure, points, np.flatnonzero(~known), {"color": _GREY, "opacity": 0.35}, UNKNOWN_VALUE)
    if known.any():
        low, high = np.quantile(values[known], [0.01, 0.99])
        marker = {
            "color": values[known].astype(np.float32), "colorscale": "Viridis", "cmin": float(low),
            "cmax": float(high if high > low else low + 1), "showscale": True,
            "colorbar": {"title": {"text": title, "side": "top"}, "orientation": "h", "y": -0.02, "yanchor": "top",
                         "thickness": 10, "len": 0.6, "x": 0, "xanchor": "left"},
        }  # fmt: skip
        _add(figure, points, np.flatnonzero(known), marker, title)
    figure.update_layout(showlegend=False)
    return figure


def a_part(points: MapPoints) -> NDArray[np.intp]:
    """Which points are drawn where a browser has no WebGL: `PLAIN_UP_TO` of them, always the same."""
    n = len(points.rows)
    if n <= PLAIN_UP_TO:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).choice(n, PLAIN_UP_TO, replace=False))


def _frame(theme: Theme) -> go.Figure:
    figure = go.Figure(layout={"template": plotly_template(theme), "height": _HEIGHT, "dragmode": "lasso"})
    hidden = {"showgrid": False, "showticklabels": False, "zeroline": False, "title": None}
    figure.update_xaxes(**hidden)
    figure.update_yaxes(**hidden, scaleanchor="x", scaleratio=1)
    inks = INKS[theme]
    figure.update_layout(
        # Below the points, where the tools of the map do not cover it.
        legend={"y": -0.02, "yanchor": "top"},
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": inks.muted, "activecolor": inks.accent},
        margin={"t": 36},
    )
    figure.update_layout(meta={"description": "Records as points: what lies together is alike to the model."})
    return figure


def _add(figure: go.Figure, points: MapPoints, rows: NDArray[np.intp], marker: dict[str, object], name: str) -> None:
    n = len(points.rows)
    size = 7 if n <= 1000 else 5 if n <= 8000 else 4 if n <= 30_000 else 3
    named = n <= _NAMED_UP_TO
    figure.add_trace(
        (go.Scatter if n <= PLAIN_UP_TO else go.Scattergl)(
            x=points.places[rows, 0], y=points.places[rows, 1], mode="markers", name=f"{name} ({len(rows):,})",
            customdata=points.rows[rows].astype(np.int32), marker={"size": size, "opacity": 0.75, **marker},
            text=[short_label(points.names[i], 60) for i in rows] if named else None,
            hovertemplate=f"%{{text}}<br>{name}<extra></extra>" if named else f"{name}<extra></extra>",
            unselected={"marker": {"opacity": 0.15}},
        )
    )  # fmt: skip
