"""Precision against recall, class by class."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dermdash.analysis.one_vs_rest import OneVsRest
from dermdash.charts.curve_frame import class_color, class_dash, curve_figure
from dermdash.charts.palette import Theme, with_alpha
from dermdash.charts.rows import empty_figure
from dermdash.wording import number, percent, threshold

_POINTS = 400


def precision_recall_figure(classes: Sequence[OneVsRest], *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw each class with its share of the cases as a faint dotted line: what calling at random would reach."""
    drawn = [c for c in classes if c.precision_recall is not None]
    if not drawn:
        return empty_figure("No curve: positive and negative cases are both needed.", theme=theme)
    figure = curve_figure(
        "Precision and recall", x="Recall (sensitivity), %", y="Precision (right calls among calls), %", theme=theme
    )
    for found in drawn:
        curve, color = found.precision_recall, class_color(found.code, theme=theme)
        assert curve is not None
        share = found.positives / (found.positives + found.negatives)
        figure.add_scatter(
            x=[0, 100], y=[100 * share] * 2, mode="lines", hoverinfo="skip", showlegend=False, legendgroup=found.code,
            line={"color": with_alpha(color, 0.55) if color.startswith("#") else color, "width": 1, "dash": "dot"},
        )  # fmt: skip
        n = len(curve.thresholds)
        at = np.unique(np.linspace(0, n - 1, min(n, _POINTS)).round().astype(int))
        value = found.average_precision.value
        average = "" if value is None else f" \N{MIDDLE DOT} AP {number(value)}"
        figure.add_scatter(
            x=100 * curve.recall[at], y=100 * curve.precision[at], mode="lines", name=f"{found.name}{average}",
            legendgroup=found.code, line={"color": color, "width": 2.2, "dash": class_dash(found.code), "shape": "vh"},
            hoverinfo="text",
            hovertext=[
                f"{found.name}<br>precision {percent(p)}, recall {percent(r)}<br>threshold {threshold(t)}"
                for t, p, r in zip(curve.thresholds[at], curve.precision[at], curve.recall[at], strict=True)
            ],
        )  # fmt: skip
    return figure
