"""How precision falls with the number of similar images shown."""

import plotly.graph_objects as go

from dermdash.analysis.retrieval_quality import RetrievalScores
from dermdash.charts.curve_frame import curve_figure
from dermdash.charts.palette import INKS, Theme, with_alpha
from dermdash.wording import percent_interval


def precision_at_k_figure(scores: RetrievalScores, *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw precision at 1 to k over all images and as mean over the classes, with the intervals there are."""
    figure = curve_figure(
        "Precision at k", x="Similar images shown (k)", y="Of the same diagnosis, %", theme=theme, height=380
    )
    ks = list(range(1, scores.k + 1))
    inks = INKS[theme]
    for name, found, color, dash in (
        ("All images", scores.overall, inks.accent, "solid"),
        ("Mean over classes", scores.macro, inks.text, "dash"),
    ):
        at = [found[f"precision_at_{k}"] for k in ks]
        high = [100 * e.high for e in at if e.high is not None]
        low = [100 * e.low for e in at if e.low is not None]
        if len(high) == len(low) == len(ks):
            figure.add_scatter(
                x=[*ks, *reversed(ks)], y=high + low[::-1], fill="toself", line={"width": 0}, hoverinfo="skip",
                fillcolor=with_alpha(color, 0.14), showlegend=False, legendgroup=name,
            )  # fmt: skip
        figure.add_scatter(
            x=ks, y=[100 * e.value for e in at], mode="lines+markers", name=name, legendgroup=name,
            line={"color": color, "width": 2.2, "dash": dash}, marker={"size": 6}, hoverinfo="text",
            hovertext=[
                f"{name}<br>k = {k}: {percent_interval(e.value, e.low, e.high)}"
                for k, e in zip(ks, at, strict=True)
            ],
        )  # fmt: skip
    figure.update_xaxes(range=[0.5, scores.k + 0.5], dtick=1 if scores.k <= 12 else 5)
    return figure
