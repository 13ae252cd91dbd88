"""Sensitivity and specificity against the threshold, several data sets on one plot (Han et al., JID 2018, Figure 4).

It shows why one threshold does not travel: where the lines of two data sets part, the same threshold means something
else.
"""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from dermdash.analysis.one_vs_rest import OneVsRest
from dermdash.analysis.threshold_rates import rates_at, threshold_grid
from dermdash.charts.curve_frame import curve_figure, series_color
from dermdash.charts.palette import CELL_PX, INKS, Theme
from dermdash.charts.rows import empty_figure
from dermdash.wording import percent, threshold

SMALLEST = 1e-4
_TICKS = (0.0001, 0.001, 0.01, 0.1, 1.0)


def threshold_figure(
    by_dataset: Mapping[str, OneVsRest],
    *,
    chosen: float | None = None,
    logarithmic: bool = False,
    theme: Theme = Theme.LIGHT,
) -> go.Figure:
    """Draw one class (or malignancy).

    Parameters
    ----------
    by_dataset
        Name of the data set to the figures of this class there; those without a curve are left out.
    chosen
        Threshold (0..1) to mark.
    logarithmic
        Axis of the threshold on a logarithmic scale from 0.01 %, where those of rare classes lie.
    """
    curves = {name: found.roc for name, found in by_dataset.items() if found.roc is not None}
    if not curves:
        return empty_figure("No curve: positive and negative cases are both needed.", theme=theme)
    what = next(iter(by_dataset.values())).name
    figure = curve_figure(
        f"{what}: sensitivity and specificity against the threshold", x="Threshold (probability), %", y="Share, %",
        theme=theme,
    )  # fmt: skip
    grid = threshold_grid(smallest=SMALLEST)
    if logarithmic:
        grid = grid[grid >= SMALLEST]
        figure.update_xaxes(
            type="log", range=[np.log10(100 * SMALLEST), 2.02], dtick=None, tickvals=[100 * t for t in _TICKS],
            ticktext=[f"{100 * t:g}" for t in _TICKS],
        )  # fmt: skip
    for i, (name, curve) in enumerate(curves.items()):
        rates = rates_at(curve, grid)
        for kind, values, dash in (
            ("sensitivity", rates.sensitivity, "solid"),
            ("specificity", rates.specificity, "dash"),
        ):
            figure.add_scatter(
                x=100 * grid, y=100 * values, mode="lines", name=f"{name}: {kind}", hoverinfo="text",
                line={"color": series_color(i), "width": 2.2, "dash": dash},
                hovertext=[
                    f"{name}<br>{kind} {percent(v)} at the threshold {threshold(t)}"
                    for t, v in zip(grid, values, strict=True)
                ],
            )  # fmt: skip
    if chosen is not None and (not logarithmic or chosen >= SMALLEST):
        at = np.log10(100 * chosen) if logarithmic else 100 * chosen
        figure.add_shape(
            type="line", xref="x", yref="paper", x0=100 * chosen, x1=100 * chosen, y0=0, y1=1,
            line={"color": INKS[theme].text, "width": 1.2, "dash": "dot"},
        )  # fmt: skip
        figure.add_annotation(
            xref="x", yref="paper", x=at, y=1, yanchor="bottom", xanchor="center",
            text=f"chosen {threshold(chosen)}", showarrow=False, font={"size": CELL_PX, "color": INKS[theme].muted},
        )  # fmt: skip
    return figure
