"""The differential diagnosis and the malignancy probability as bars against their thresholds."""

import plotly.graph_objects as go

from dermdash.analysis.differential import Differential
from dermdash.charts.palette import INKS, Theme, diagnosis_color
from dermdash.charts.rows import row_figure, row_y
from dermdash.wording import percent

_BAR = 0.26


def differential_figure(found: Differential, *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw every class by falling probability, each with its threshold; those listed in their colour and bold."""
    inks = INKS[theme]
    listed = {c.code for c in found.listed}
    labels = [f"{c.name} \N{MIDDLE DOT} malignant" if c.malignant else c.name for c in found.classes]
    strong = [c.code in listed for c in found.classes]
    figure = row_figure(
        [f"<b>{text}</b>" if bold else text for text, bold in zip(labels, strong, strict=True)],
        values=[
            f"<b>{percent(c.probability, 0)}</b>" if bold else percent(c.probability, 0)
            for c, bold in zip(found.classes, strong, strict=True)
        ],
        theme=theme,
    )
    _add_bars(
        figure,
        [c.probability for c in found.classes],
        colors=[diagnosis_color(c.code) if c.code in listed else inks.muted for c in found.classes],
        words=[
            f"{c.name}: {percent(c.probability)}, "
            + ("no threshold" if c.threshold is None else f"threshold {percent(c.threshold)}")
            for c in found.classes
        ],
        thresholds=[c.threshold for c in found.classes],
        theme=theme,
    )
    return figure


def malignancy_figure(probability: float, threshold: float | None, *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw the malignancy probability (0..1) as one bar with its threshold's mark."""
    figure = row_figure(["<b>Malignancy</b>"], values=[f"<b>{percent(probability, 0)}</b>"], theme=theme)
    words = "no threshold" if threshold is None else f"threshold {percent(threshold)}"
    _add_bars(
        figure, [probability], colors=[INKS[theme].text], thresholds=[threshold], theme=theme,
        words=[f"Malignancy: {percent(probability)}, {words}"],
    )  # fmt: skip
    return figure


def _add_bars(
    figure: go.Figure,
    shares: list[float],
    *,
    colors: list[str],
    words: list[str],
    thresholds: list[float | None],
    theme: Theme,
) -> None:
    inks = INKS[theme]
    count = len(shares)
    rows = [row_y(i, count) - 0.1 for i in range(count)]
    figure.add_bar(x=[100] * count, y=rows, orientation="h", width=_BAR, hoverinfo="skip", marker={"color": inks.grid})
    figure.add_bar(
        x=[100 * share for share in shares], y=rows, orientation="h", width=_BAR, marker={"color": colors},
        hoverinfo="text", hovertext=words,
    )  # fmt: skip
    for y, threshold in zip(rows, thresholds, strict=True):
        if threshold is not None:
            figure.add_shape(
                type="line", x0=100 * threshold, x1=100 * threshold, y0=y - 0.23, y1=y + 0.23,
                line={"color": inks.text, "width": 3},
            )  # fmt: skip
    figure.update_layout(barmode="overlay")
    figure.update_xaxes(visible=False, range=[-0.5, 100.5])
