"""A triage by the model: what each rule-out threshold does, and where the cases of each class go."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dermdash.analyses.triage.simulation import TriageResult
from dermdash.charts.curve_frame import curve_figure, series_color
from dermdash.charts.palette import CELL_PX, INKS, ON_COLOR, Theme
from dermdash.records.taxonomy import diagnosis_name, short_diagnosis_name
from dermdash.wording import percent, threshold

SMALLEST = 1e-3
_TICKS = (0.001, 0.01, 0.1, 1.0)


def triage_curve_figure(result: TriageResult, *, logarithmic: bool = True, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Share of cases read, sensitivity and specificity against the rule-out threshold, the chosen one marked."""
    figure = curve_figure(
        "", x="Rule-out threshold (malignancy probability), %", y="Share, %",
        theme=theme,
    )  # fmt: skip
    points = [p for p in result.curve if not logarithmic or p.rule_out >= SMALLEST]
    lines: tuple[tuple[str, str, Sequence[float | None]], ...] = (
        ("Cases a reader sees", "dot", [p.read for p in points]),
        ("Sensitivity", "solid", [p.sensitivity for p in points]),
        ("Specificity", "dash", [p.specificity for p in points]),
    )
    for i, (name, dash, values) in enumerate(lines):
        known = [(p, v) for p, v in zip(points, values, strict=True) if v is not None]
        if not known:
            continue
        figure.add_scatter(
            x=[100 * p.rule_out for p, _ in known], y=[100 * v for _, v in known], mode="lines", name=name,
            line={"color": series_color((2, 3, 0)[i]), "width": 2.2, "dash": dash, "shape": "hv"}, hoverinfo="text",
            hovertext=[
                f"{name} {percent(v)} below {threshold(p.rule_out)}; {p.missed} malignant sent away"
                for p, v in known
            ],
        )  # fmt: skip
    top = max((p.rule_out for p in points), default=1.0)
    if logarithmic:
        figure.update_xaxes(
            type="log", range=[np.log10(100 * SMALLEST), np.log10(100 * top) + 0.02], dtick=None,
            tickvals=[100 * t for t in _TICKS], ticktext=[f"{100 * t:g}" for t in _TICKS],
        )  # fmt: skip
    chosen = result.thresholds.rule_out
    if not logarithmic or chosen >= SMALLEST:
        figure.add_shape(
            type="line", xref="x", yref="paper", x0=100 * chosen, x1=100 * chosen, y0=0, y1=1,
            line={"color": INKS[theme].text, "width": 1.2, "dash": "dot"},
        )  # fmt: skip
        figure.add_annotation(
            xref="x", yref="paper", x=np.log10(100 * chosen) if logarithmic else 100 * chosen, y=1,
            yanchor="bottom", xanchor="center", text=f"chosen {threshold(chosen)}", showarrow=False,
            font={"size": CELL_PX, "color": INKS[theme].muted},
        )  # fmt: skip
    return figure


def triage_flow_figure(result: TriageResult, *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Where the cases of each true class go: sent away, read, referred unread."""
    figure = curve_figure("", x="Cases, %", y="", theme=theme, height=120 + 42 * len(result.flows))
    # In two lines: on a phone, one would leave no room for the bars.
    labels = [
        f"{'Malignant' if f.malignant else 'Benign'}:<br>{short_diagnosis_name(f.name)} ({f.cases})"
        for f in result.flows
    ]
    inks = INKS[theme]
    parts = (
        ("Sent away unread", [f.sent_away for f in result.flows], series_color(3)),
        ("Read", [f.read for f in result.flows], inks.accent),
        ("Referred unread", [f.referred for f in result.flows], series_color(1)),
    )
    for name, values, color in parts:
        if not any(values) and name == "Referred unread":
            continue
        figure.add_bar(
            y=labels, x=[100 * v / max(f.cases, 1) for v, f in zip(values, result.flows, strict=True)], name=name,
            orientation="h", marker={"color": color}, hoverinfo="text",
            hovertext=[
                f"{name}: {v} of {f.cases} ({diagnosis_name(f.name)})"
                for v, f in zip(values, result.flows, strict=True)
            ],
            text=[str(v) if v else "" for v in values], textposition="inside", insidetextanchor="middle",
            textfont={"color": inks.surface if name == "Read" else ON_COLOR},
        )  # fmt: skip
    figure.update_layout(barmode="stack", bargap=0.35, margin={"t": 12})
    figure.update_xaxes(range=[0, 100])
    figure.update_yaxes(range=None, dtick=None, autorange="reversed", type="category")
    return figure
