"""ROC curves with their operating points, and readers beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dermdash.analysis.estimates import Estimate
from dermdash.analysis.one_vs_rest import OneVsRest
from dermdash.analysis.roc import RocCurve
from dermdash.charts.curve_frame import (
    add_diagonal,
    class_color,
    class_dash,
    curve_figure,
    error_bar,
)
from dermdash.charts.palette import INKS, Theme, with_alpha
from dermdash.charts.rows import empty_figure
from dermdash.wording import estimated_percent, number, percent, threshold

_POINTS = 400
TITLE = "Receiver operating characteristic"


@dataclass(frozen=True, slots=True)
class RocLine:
    """One curve with the figures of its operating point; ``auc`` stands in the legend."""

    name: str
    curve: RocCurve
    color: str
    dash: str = "solid"
    auc: Estimate | None = None
    threshold: float | None = None
    sensitivity: Estimate | None = None
    specificity: Estimate | None = None


@dataclass(frozen=True, slots=True)
class ReaderMark:
    """A reader (or the mean of readers) as a point: sensitivity and specificity 0..1."""

    name: str
    sensitivity: float
    specificity: float


def roc_line(found: OneVsRest, *, theme: Theme) -> RocLine | None:
    """The line of one class in its fixed colour; None where it has no curve."""
    if found.roc is None:
        return None
    return RocLine(
        name=found.name,
        curve=found.roc,
        color=class_color(found.code, theme=theme),
        dash=class_dash(found.code),
        auc=found.auc.estimate,
        threshold=found.threshold,
        sensitivity=found.sensitivity,
        specificity=found.specificity,
    )


def roc_figure(
    lines: Sequence[RocLine],
    *,
    readers: Sequence[ReaderMark] = (),
    mean: ReaderMark | None = None,
    title: str = TITLE,
    theme: Theme = Theme.LIGHT,
) -> go.Figure:
    """Draw the curves with the interval of each operating point, and readers with their mean where given."""
    if not lines:
        return empty_figure("No curve: positive and negative cases are both needed.", theme=theme)
    figure = curve_figure(title, x="1 \N{MINUS SIGN} specificity, %", y="Sensitivity, %", theme=theme)
    add_diagonal(figure, theme=theme)
    for line in lines:
        _add_line(figure, line)
    if readers:
        muted = INKS[theme].muted
        figure.add_scatter(
            x=[100 * (1 - r.specificity) for r in readers], y=[100 * r.sensitivity for r in readers], mode="markers",
            name="Readers", hoverinfo="text", hovertext=[_reader_text(r) for r in readers],
            marker={"size": 9, "color": with_alpha(muted, 0.45), "line": {"width": 1, "color": muted}},
        )  # fmt: skip
    if mean is not None:
        figure.add_scatter(
            x=[100 * (1 - mean.specificity)], y=[100 * mean.sensitivity], mode="markers", name=mean.name,
            hoverinfo="text", hovertext=[_reader_text(mean)],
            marker={"size": 15, "color": INKS[theme].text, "symbol": "cross", "line": {"width": 0}},
        )  # fmt: skip
    return figure


def _add_line(figure: go.Figure, line: RocLine) -> None:
    thin = line.curve.thinned(_POINTS)
    auc = "" if line.auc is None or line.auc.value is None else f" \N{MIDDLE DOT} AUC {number(line.auc.value)}"
    figure.add_scatter(
        x=100 * (1 - thin.specificity), y=100 * thin.sensitivity, mode="lines", name=f"{line.name}{auc}",
        legendgroup=line.name, line={"color": line.color, "width": 2.2, "dash": line.dash}, hoverinfo="text",
        hovertext=[
            f"{line.name}<br>sensitivity {percent(se)}, specificity {percent(sp)}<br>"
            + ("nothing is called" if t == float("inf") else f"threshold {threshold(t)}")
            for t, se, sp in zip(thin.thresholds, thin.sensitivity, thin.specificity, strict=True)
        ],
    )  # fmt: skip
    sensitivity, specificity = line.sensitivity, line.specificity
    if sensitivity is None or specificity is None or sensitivity.value is None or specificity.value is None:
        return
    across = error_bar(specificity, color=line.color)
    if across is not None:  # the axis runs against specificity
        across |= {"array": across["arrayminus"], "arrayminus": across["array"]}
    figure.add_scatter(
        x=[100 * (1 - specificity.value)], y=[100 * sensitivity.value], mode="markers", showlegend=False,
        legendgroup=line.name, error_x=across, error_y=error_bar(sensitivity, color=line.color), hoverinfo="text",
        hovertext=[
            f"{line.name} at the threshold {threshold(line.threshold or 0.0)}<br>"
            f"sensitivity {estimated_percent(sensitivity, why=True)}<br>"
            f"specificity {estimated_percent(specificity, why=True)}"
        ],
        marker={"size": 9, "color": line.color, "line": {"width": 0}},
    )  # fmt: skip


def _reader_text(mark: ReaderMark) -> str:
    return f"{mark.name}<br>sensitivity {percent(mark.sensitivity)}, specificity {percent(mark.specificity)}"
