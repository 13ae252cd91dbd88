"""Probabilities per class as horizontal bars in the classes' fixed colours."""

from collections.abc import Mapping

import plotly.graph_objects as go

from dermdash.charts.palette import INKS, Theme, diagnosis_color
from dermdash.charts.rows import BAR_WIDTH, row_figure, row_y
from dermdash.records.taxonomy import Taxonomy
from dermdash.wording import percent


def class_probabilities_figure(
    probabilities: Mapping[str, float], *, taxonomy: Taxonomy, theme: Theme = Theme.LIGHT
) -> go.Figure:
    """Draw one bar per class (0..100 %) in taxonomy order, so that a class is always found at the same place.

    Malignant classes say so in words beside their name.
    """
    classes = taxonomy.classes
    highest = max(classes, key=lambda c: probabilities[c.code]).code
    labels = [f"{c.name} \N{MIDDLE DOT} malignant" if c.is_malignant else c.name for c in classes]
    values = [percent(probabilities[c.code], 0) for c in classes]
    strong = [c.code == highest for c in classes]
    figure = row_figure(
        [f"<b>{text}</b>" if bold else text for text, bold in zip(labels, strong, strict=True)],
        values=[f"<b>{text}</b>" if bold else text for text, bold in zip(values, strong, strict=True)],
        theme=theme,
    )
    rows = [row_y(i, len(classes)) - 0.05 for i in range(len(classes))]
    figure.add_bar(
        x=[100] * len(classes),
        y=rows,
        orientation="h",
        width=BAR_WIDTH,
        hoverinfo="skip",
        marker={"color": INKS[theme].grid},
    )
    figure.add_bar(
        x=[100 * probabilities[c.code] for c in classes], y=rows, orientation="h", width=BAR_WIDTH,
        marker={"color": [diagnosis_color(c.code) for c in classes]}, hoverinfo="text",
        hovertext=[f"{c.name}: {percent(probabilities[c.code], 1)}" for c in classes],
    )  # fmt: skip
    figure.update_layout(barmode="overlay")
    figure.update_xaxes(visible=False, range=[0, 100])
    return figure
