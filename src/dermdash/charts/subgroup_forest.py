"""The same figure in every part of the cases, with intervals, below the figure of all cases."""

from collections.abc import Sequence
from typing import Literal

import plotly.graph_objects as go

from dermdash.analysis.estimates import Estimate
from dermdash.analysis.subgroups import Subgroup, SubgroupTable
from dermdash.charts.curve_frame import error_bar, title_layout
from dermdash.charts.palette import INKS, SERIES_COLORS, Theme
from dermdash.charts.rows import empty_figure, row_figure, row_y, short_label
from dermdash.wording import counted, estimated_number, estimated_percent

Measure = Literal["auc", "sensitivity", "specificity", "accuracy", "mean_recall"]
MEASURES: dict[str, str] = {
    "auc": "AUC for malignancy",
    "sensitivity": "Sensitivity for malignancy",
    "specificity": "Specificity for malignancy",
    "accuracy": "Top-1 accuracy",
    "mean_recall": "Mean recall",
}
_ROW = 44


def subgroup_estimate(part: Subgroup, measure: str) -> Estimate:
    """The measure of one part."""
    found: Estimate = part.auc.estimate if measure == "auc" else getattr(part, measure)
    return found


def subgroup_forest_figure(
    tables: Sequence[SubgroupTable],
    *,
    measure: str,
    overall: Estimate | None = None,
    theme: Theme = Theme.LIGHT,
) -> go.Figure:
    """Draw one row per part; parts too small to conclude from have an open mark, and say so when pointed at."""
    if not tables:
        return empty_figure("No subgroup: nothing is recorded that parts these cases.", theme=theme)
    inks = INKS[theme]
    # An area is read as a number from 0 to 1, everything else in percent.
    scale = 1.0 if measure == "auc" else 100.0
    rows: list[tuple[str, Subgroup | None]] = []
    for table in tables:
        rows.append((f"<b>{table.title}</b>", None))
        rows += [(_label(part), part) for part in table.rows]
    estimates = [None if part is None else subgroup_estimate(part, measure) for _, part in rows]
    figure = row_figure(
        [label for label, _ in rows],
        values=["" if e is None else _value(e, measure) for e in estimates],
        theme=theme,
        row_height=_ROW,
    )
    if overall is not None and overall.value is not None:
        figure.add_shape(
            type="line", xref="x", yref="paper", x0=scale * overall.value, x1=scale * overall.value, y0=0, y1=1,
            line={"color": inks.muted, "width": 1.2, "dash": "dot"},
        )  # fmt: skip
    lowest = scale
    for i, ((label, part), estimate) in enumerate(zip(rows, estimates, strict=True)):
        if part is None or estimate is None or estimate.value is None:
            continue
        lowest = min(lowest, scale * (estimate.interval[0] if estimate.interval else estimate.value))
        small = part.note is not None
        text = f"{label}<br>{MEASURES[measure]} {_value(estimate, measure)}" + (f"<br>{part.note}" if part.note else "")
        color = inks.muted if small else SERIES_COLORS[0]
        figure.add_scatter(
            x=[scale * estimate.value], y=[row_y(i, len(rows)) - 0.05], mode="markers", hoverinfo="text",
            error_x=error_bar(estimate, color=color, scale=scale),
            hovertext=[text],
            marker={
                "size": 11, "color": color, "symbol": "circle-open" if small else "square",
                "line": {"width": 2, "color": color},
            },
        )  # fmt: skip
    unit = "" if measure == "auc" else ", %"
    figure.update_xaxes(
        title_text=f"{MEASURES[measure]}{unit} (dotted: all cases; open: too few cases)",
        range=[max(-0.02 * scale, scale * (10 * lowest / scale // 1 / 10 - 0.02)), 1.02 * scale],
        nticks=7,
    )
    figure.update_layout(
        title=title_layout(f"{MEASURES[measure]} by subgroup", theme=theme),
        margin={"t": 38},
        height=figure.layout.height + 74,
        meta={"description": f"{MEASURES[measure]} by subgroup with intervals{unit.replace(', %', ', in percent')}."},
    )  # fmt: skip
    return figure


def _label(part: Subgroup) -> str:
    text = short_label(part.value.replace("_", " "))
    return f"{text} \N{MIDDLE DOT} {counted(part.images, 'image')}, {part.malignant:,} malignant"


def _value(estimate: Estimate, measure: str) -> str:
    return estimated_number(estimate) if measure == "auc" else estimated_percent(estimate)
