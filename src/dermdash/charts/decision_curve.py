"""Net benefit of acting on the probability of malignancy, against treating all and none."""

import numpy as np
import plotly.graph_objects as go

from dermdash.analysis.decision_curve import DecisionCurve
from dermdash.charts.curve_frame import curve_figure
from dermdash.charts.palette import INKS, SERIES_COLORS, Theme, with_alpha
from dermdash.wording import level, number, percent

_COLOR = SERIES_COLORS[0]


def decision_curve_figure(curve: DecisionCurve, *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw the model with its bootstrap band, treating all, and treating none (0 everywhere).

    The unit is true positives per 100 cases, net of false ones at the exchange rate of the threshold.
    """
    figure = curve_figure(
        "Decision curve for malignancy", x="Threshold probability, %", y="Net benefit, true positives per 100 cases",
        theme=theme,
    )  # fmt: skip
    muted = INKS[theme].muted
    x = 100 * curve.thresholds
    if curve.low is not None and curve.high is not None:
        figure.add_scatter(
            x=np.concatenate([x, x[::-1]]), y=100 * np.concatenate([curve.high, curve.low[::-1]]), mode="lines",
            fill="toself", fillcolor=with_alpha(_COLOR, 0.18), line={"width": 0}, hoverinfo="skip",
            name=f"{level(0.95)} band of the model",
        )  # fmt: skip
    figure.add_scatter(
        x=x, y=100 * curve.treat_all, mode="lines", name="Treat all", hoverinfo="text",
        line={"color": muted, "width": 1.6, "dash": "dash"},
        hovertext=[
            f"Treat all at {percent(t, 0)}: {_signed(v)}"
            for t, v in zip(curve.thresholds, curve.treat_all, strict=True)
        ],
    )  # fmt: skip
    figure.add_scatter(
        x=x, y=np.zeros(len(x)), mode="lines", name="Treat none", hoverinfo="skip",
        line={"color": muted, "width": 1.2, "dash": "dot"},
    )  # fmt: skip
    figure.add_scatter(
        x=x, y=100 * curve.model, mode="lines", name="Model", hoverinfo="text", line={"color": _COLOR, "width": 2.4},
        hovertext=[
            f"Model at {percent(t, 0)}: {_signed(v)}<br>{_signed(gain)} over the better of treating all and none"
            for t, v, gain in zip(curve.thresholds, curve.model, curve.advantage, strict=True)
        ],
    )  # fmt: skip
    top = 100 * max(curve.prevalence, float((curve.model if curve.high is None else curve.high).max()))
    # Treating all falls without bound; below a little under zero nobody would act on it.
    figure.update_yaxes(range=[-0.25 * top, 1.05 * top], dtick=None, nticks=7)
    return figure


def _signed(value: float) -> str:
    return f"{number(100 * value, 1)} per 100 cases"
