"""The curves of a training: loss by step, and mean recall and accuracy on the held-out images by epoch."""

from collections.abc import Sequence

import plotly.graph_objects as go

from dermdash.charts.palette import INKS, SECOND_COLOR, Theme, plotly_template
from dermdash.charts.rows import empty_figure
from dermdash.wording import PERCENT_SIGN

_HEIGHT = 260


def loss_figure(points: Sequence[tuple[int, float]], *, steps: int, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw the loss (running mean) of (step, loss) over ``steps`` planned ones, counted from the start."""
    if not points:
        return empty_figure("The first steps are still being taken.", theme=theme, height=_HEIGHT)
    figure = _figure(theme)
    figure.add_scatter(
        x=[step for step, _ in points], y=[loss for _, loss in points], mode="lines", name="Loss",
        line={"color": INKS[theme].accent, "width": 2}, hovertemplate="step %{x:,}: loss %{y:.3f}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(title="Step", range=[0, 1.02 * steps], tickformat=",d", nticks=7)
    figure.update_yaxes(rangemode="tozero", nticks=6)
    figure.update_layout(showlegend=False)
    return figure


def measured_figure(
    points: Sequence[tuple[int, float, float]], *, epochs: int, theme: Theme = Theme.LIGHT
) -> go.Figure:
    """Draw mean recall and accuracy (0..1) of (epoch, mean recall, accuracy) over ``epochs`` planned ones."""
    if not points:
        return empty_figure("Not measured on the held-out images yet.", theme=theme, height=_HEIGHT)
    figure = _figure(theme)
    # Told apart without colour too: filled dots on a line, open diamonds on a dashed one.
    for name, position, color, symbol, dash in (
        ("Mean recall", 1, INKS[theme].accent, "circle", "solid"),
        ("Accuracy", 2, SECOND_COLOR, "diamond-open", "dash"),
    ):
        figure.add_scatter(
            x=[p[0] for p in points], y=[100 * p[position] for p in points], mode="lines+markers", name=name,
            line={"color": color, "width": 2, "dash": dash}, marker={"size": 8, "symbol": symbol},
            hovertemplate=f"epoch %{{x}}: {name.lower()} %{{y:.1f}}{PERCENT_SIGN}<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title="Epoch", range=[0, epochs + 0.5], tickformat="d", nticks=7)
    figure.update_yaxes(range=[0, 102], title="Held-out images, %", nticks=6)
    return figure


def _figure(theme: Theme) -> go.Figure:
    return go.Figure(
        layout={"template": plotly_template(theme), "height": _HEIGHT, "margin": {"l": 8, "r": 8, "t": 28, "b": 8}}
    )
