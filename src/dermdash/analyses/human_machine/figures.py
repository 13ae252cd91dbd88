"""A model's ROC curve with readers beside it, as in Figure 3 of Han et al. 2018; and each reader's distance to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dermdash.analyses.human_machine.comparison import HumanMachine, TargetComparison
from dermdash.analyses.human_machine.mean_position import AIDED, ALL, MeanPosition
from dermdash.analyses.human_machine.reader_position import ABOVE, BELOW
from dermdash.analysis.reader_calls import ReaderDifference, RocPoint
from dermdash.charts.curve_frame import class_color, series_color, title_layout
from dermdash.charts.labels import wrapped
from dermdash.charts.palette import INKS, LABEL_PX, MODALITY_COLORS, Theme, plotly_template, with_alpha
from dermdash.charts.roc_curves import ReaderMark, RocLine, roc_figure
from dermdash.charts.rows import empty_figure, short_label
from dermdash.reader_study.profile import group_name
from dermdash.readings.modality import Modality, modality_label
from dermdash.wording import counted, percent, points

_SYMBOLS = ("circle", "square", "triangle-up", "triangle-down", "pentagon", "star")
_ROW = 22
_PANEL = 96
"""Pixels that one of three panels beside one another has on a phone."""
_MOST_LABELLED = 40


@dataclass(frozen=True, slots=True)
class ReaderGroup:
    """Readers that are drawn alike: their name, their rows among all readers, and their mean."""

    name: str
    rows: tuple[int, ...]
    mean: MeanPosition | None = None


def groups_of(target: TargetComparison, column: str | None) -> tuple[ReaderGroup, ...]:
    """Groups by a column of the readers' profiles in the order of the means; None: all in one."""
    if column is None or not any(m.kind == column for m in target.means):
        return (ReaderGroup("Readers", tuple(range(len(target.readers)))),)
    groups = [
        ReaderGroup(m.name, tuple(i for i, r in enumerate(target.readers) if r.profile.get(column) == m.name), m)
        for m in target.means
        if m.kind == column
    ]
    rest = set(range(len(target.readers))) - {i for g in groups for i in g.rows}
    return (*groups, *((ReaderGroup("not said", tuple(sorted(rest))),) if rest else ()))


def readers_beside_curve_figure(
    found: HumanMachine, code: str, *, group_by: str | None = None, theme: Theme = Theme.LIGHT
) -> go.Figure:
    """Draw the model's curve, each reader's point, the means of groups and the mean of all readers."""
    target = found.target(code)
    if target.curve is None:
        return empty_figure(f"No curve: {target.reason}.", theme=theme)
    line = RocLine("Model", target.curve, class_color(code, theme=theme), auc=target.auc.estimate)
    figure = roc_figure([line], title=f"{target.name}: model and readers", theme=theme)
    ink = INKS[theme]
    for g, group in enumerate(groups_of(target, group_by)):
        color, symbol = series_color(g), _SYMBOLS[g % len(_SYMBOLS)]
        marks = [(i, target.readers[i].place.point) for i in group.rows]
        known = [(i, p) for i, p in marks if p.sensitivity is not None and p.specificity is not None]
        label = short_label(group_name(group.name))
        _add_marks(
            figure,
            [
                ReaderMark(short_label(target.readers[i].reader), p.sensitivity or 0.0, p.specificity or 0.0)
                for i, p in known
            ],
            name=f"{label} ({len(group.rows)})",
            marker={
                "size": 8,
                "symbol": symbol,
                "color": with_alpha(color, 0.55),
                "line": {"width": 1, "color": color},
            },
        )
        mean = group.mean
        if mean is not None and (mark := _mean_mark(f"Mean, {label}", mean)) is not None:
            _add_marks(
                figure,
                [mark],
                name=f"mean, {label}",
                marker={"size": 15, "symbol": symbol, "color": color, "line": {"width": 2, "color": ink.text}},
                legend=False,
            )
    everyone = target.mean(ALL)
    if everyone is not None and len(target.readers) > 1 and (mark := _mean_mark("Mean of readers", everyone)):
        _add_marks(
            figure,
            [mark],
            name=f"Mean of {counted(everyone.readers, 'reader')}",
            marker={"size": 16, "symbol": "cross", "color": ink.text, "line": {"width": 1.5, "color": ink.background}},
        )
    return _square(figure)


def change_beside_curve_figure(found: HumanMachine, code: str, *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw arrows from each reader's point without assistance to that with it, and the means by modality."""
    target = found.target(code)
    changes = [(i, r) for i, r in enumerate(target.readers) if _complete(r.before) and _complete(r.after)]
    if target.curve is None or not changes:
        return empty_figure("Nobody has read these cases without and with assistance.", theme=theme)
    ink = INKS[theme]
    line = RocLine("Model", target.curve, class_color(code, theme=theme), auc=target.auc.estimate)
    figure = roc_figure([line], title=f"{target.name}: before and after", theme=theme)
    arrows = [_arrow(r.before, r.after, color=with_alpha(ink.muted, 0.5)) for _, r in changes if r.before != r.after]
    figure.update_layout(annotations=arrows)  # all at once: one by one takes minutes for hundreds of readers
    ends = [ReaderMark(f"{short_label(r.reader)}, with assistance", *_rates(r.after)) for _, r in changes]
    starts = [ReaderMark(f"{short_label(r.reader)}, without", *_rates(r.before)) for _, r in changes]
    small = {"size": 6, "line": {"width": 1, "color": ink.muted}}
    _add_marks(figure, starts, name="Reader, without", marker=small | {"color": ink.background})
    _add_marks(figure, ends, name="Reader, with", marker=small | {"color": ink.muted})
    everyone = target.mean(ALL)
    if everyone is not None and (mark := _mean_mark("Mean without assistance", everyone)):
        _add_marks(
            figure,
            [mark],
            name="Mean without",
            marker={"size": 15, "symbol": "cross", "color": ink.text, "line": {"width": 1.5, "color": ink.background}},
        )
    aided = [m for m in target.means if m.kind == AIDED]
    for m in [m for m in aided if m.name != ALL] or aided:
        name = "assistance" if m.name == ALL else modality_label(m.name).lower()
        color = MODALITY_COLORS[Modality(m.name)] if m.name in set(Modality) else ink.text
        if (mark := _mean_mark(f"Mean with {short_label(name)}", m)) is not None:
            _add_marks(
                figure,
                [mark],
                name=f"Mean with {short_label(name)}",
                marker={"size": 14, "symbol": "diamond", "color": color, "line": {"width": 1.5, "color": ink.text}},
            )
    return _square(figure)


def class_panels_figure(found: HumanMachine, *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw one small panel per class: the model's curve, every reader, and their mean."""
    targets = [t for t in found.targets[1:] if t.curve is not None]
    if not targets:
        return empty_figure("No class has both cases of its own and others.", theme=theme)
    columns = min(3, len(targets))
    rows = -(-len(targets) // columns)
    ink = INKS[theme]
    figure = make_subplots(
        rows=rows,
        cols=columns,
        subplot_titles=[wrapped(f"{_short(t.name)} ({t.positives})", _PANEL) for t in targets],
        horizontal_spacing=0.07,
        vertical_spacing=0.3 / max(rows, 2),
        shared_xaxes="all",
        shared_yaxes="all",
    )
    for i, target in enumerate(targets):
        at = {"row": i // columns + 1, "col": i % columns + 1}
        assert target.curve is not None
        thin = target.curve.thinned(200)
        figure.add_scatter(
            x=[0, 100], y=[0, 100], mode="lines", hoverinfo="skip", showlegend=False,
            line={"color": ink.muted, "width": 1, "dash": "dot"}, **at,
        )  # fmt: skip
        figure.add_scatter(
            x=100 * (1 - thin.specificity), y=100 * thin.sensitivity, mode="lines", name="Model", showlegend=i == 0,
            line={"color": class_color(target.code, theme=theme), "width": 2}, hoverinfo="skip", **at,
        )  # fmt: skip
        marks = [
            ReaderMark(short_label(r.reader), *_rates(r.place.point))
            for r in target.readers
            if _complete(r.place.point)
        ]
        figure.add_scatter(
            x=[100 * (1 - m.specificity) for m in marks], y=[100 * m.sensitivity for m in marks], mode="markers",
            name="Reader", showlegend=i == 0, hoverinfo="text", hovertext=[_text(m) for m in marks],
            marker={"size": 5, "color": with_alpha(ink.muted, 0.45), "line": {"width": 0.5, "color": ink.muted}}, **at,
        )  # fmt: skip
        everyone = target.mean(ALL)
        if everyone is not None and (mark := _mean_mark("Mean of readers", everyone)) is not None:
            figure.add_scatter(
                x=[100 * (1 - mark.specificity)], y=[100 * mark.sensitivity], mode="markers", name="Mean of readers",
                showlegend=i == 0, hoverinfo="text", hovertext=[_text(mark)],
                marker={
                    "size": 12, "symbol": "cross", "color": ink.text, "line": {"width": 1, "color": ink.background},
                },
                **at,
            )  # fmt: skip
    figure.update_xaxes(range=(-3, 103), dtick=50, fixedrange=True)
    figure.update_yaxes(range=(-3, 103), dtick=50, fixedrange=True)
    figure.update_layout(
        template=plotly_template(theme),
        title=title_layout("Each class against the rest", theme=theme),
        margin={"t": 84, "b": 100, "l": 60},
        height=215 * rows + 170,
        legend={"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom"},
        meta={"description": "ROC curve of the model and points of readers for each class."},
    )
    for note in figure.layout.annotations:
        note.font = {"size": LABEL_PX, "color": ink.text}
    for text, x, y, angle in (("1 \N{MINUS SIGN} specificity, %", 0.5, 0, 0), ("Sensitivity, %", 0, 0.5, -90)):
        figure.add_annotation(
            text=text, x=x, y=y, xref="paper", yref="paper", showarrow=False, textangle=angle,
            xshift=-46 if angle else 0, yshift=0 if angle else -42, font={"size": LABEL_PX, "color": ink.muted},
        )  # fmt: skip
    return figure


def distance_figure(found: HumanMachine, code: str, *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw each reader's distance to the model's curve with its interval, the best readers on top."""
    target = found.target(code)
    placed = [(i, r) for i, r in enumerate(target.readers) if r.place.vertical.difference is not None]
    if not placed:
        return empty_figure("No reader can be placed beside the curve.", theme=theme)
    placed.sort(key=lambda row: row[1].place.vertical.difference or 0.0, reverse=True)
    ink = INKS[theme]
    colors = {ABOVE: series_color(0), BELOW: series_color(3)}
    figure = go.Figure(layout={"template": plotly_template(theme)})
    figure.add_shape(type="line", x0=0, x1=0, y0=0, y1=1, yref="paper", line={"color": ink.muted, "width": 1})
    names = {ABOVE: "above the curve", BELOW: "below the curve", "undecided": "not certain"}
    for position, name in names.items():
        chosen = [(y, i, r) for y, (i, r) in enumerate(placed) if r.place.position == position]
        if not chosen:
            continue
        color = colors.get(position, ink.muted)
        figure.add_scatter(
            x=[100 * (r.place.vertical.difference or 0.0) for _, _, r in chosen], y=[y for y, _, _ in chosen],
            mode="markers", name=f"{name} ({len(chosen)})", hoverinfo="text",
            hovertext=[f"{short_label(r.reader)}<br>{_distance_text(r.place.vertical)}" for _, _, r in chosen],
            error_x={
                "type": "data", "symmetric": False, "thickness": 1.5, "width": 0, "color": color,
                "array": [_bar(r.place.vertical, r.place.vertical.high) for _, _, r in chosen],
                "arrayminus": [_bar(r.place.vertical, r.place.vertical.low) for _, _, r in chosen],
            },
            marker={"size": 8, "color": color, "symbol": "circle" if position in colors else "circle-open"},
        )  # fmt: skip
    few = len(placed) <= _MOST_LABELLED
    figure.update_yaxes(
        tickvals=list(range(len(placed))) if few else [], fixedrange=True, range=(-0.8, len(placed) - 0.2),
        ticktext=[wrapped(short_label(r.reader), 110) for _, r in placed] if few else [], showgrid=False,
    )  # fmt: skip
    figure.update_xaxes(title_text="Model minus reader: sensitivity at the reader's specificity, points")
    height = _ROW * len(placed) if few else min(7 * len(placed), 900)
    figure.update_layout(
        title=title_layout(f"{target.name}: distance to the curve", theme=theme),
        margin={"t": 38},
        height=max(height, 80) + 150,
        legend={"orientation": "h", "x": 0, "y": -90 / max(height, 80), "yanchor": "top"},
        meta={"description": f"{target.name}: distance of each reader to the model's curve, with intervals."},
    )
    return figure


def _square(figure: go.Figure) -> go.Figure:
    """Give both rates the same length, as a ROC curve is read."""
    figure.update_xaxes(constrain="domain", constraintoward="left")
    figure.update_yaxes(scaleanchor="x", scaleratio=1, constrain="domain", constraintoward="top")
    figure.update_layout(height=620)
    return figure


def _add_marks(
    figure: go.Figure, marks: Sequence[ReaderMark], *, name: str, marker: dict[str, object], legend: bool = True
) -> None:
    if marks:
        figure.add_scatter(
            x=[100 * (1 - m.specificity) for m in marks], y=[100 * m.sensitivity for m in marks], mode="markers",
            name=name, hoverinfo="text", hovertext=[_text(m) for m in marks], marker=marker, showlegend=legend,
        )  # fmt: skip


def _arrow(start: RocPoint | None, end: RocPoint | None, *, color: str) -> dict[str, Any]:
    from_se, from_sp = _rates(start)
    to_se, to_sp = _rates(end)
    return {
        "x": 100 * (1 - to_sp), "y": 100 * to_se, "ax": 100 * (1 - from_sp), "ay": 100 * from_se, "xref": "x",
        "yref": "y", "axref": "x", "ayref": "y", "text": "", "showarrow": True, "arrowhead": 2, "arrowsize": 1,
        "arrowwidth": 1.0, "arrowcolor": color, "standoff": 3,
    }  # fmt: skip


def _mean_mark(name: str, mean: MeanPosition) -> ReaderMark | None:
    sensitivity, specificity = mean.mean.sensitivity.value, mean.mean.specificity.value
    return None if sensitivity is None or specificity is None else ReaderMark(name, sensitivity, specificity)


def _complete(point: RocPoint | None) -> bool:
    return point is not None and point.sensitivity is not None and point.specificity is not None


def _short(name: str) -> str:
    """The first of several names of a class: a panel is narrow."""
    return name.partition(" / ")[0]


def _rates(point: RocPoint | None) -> tuple[float, float]:
    assert point is not None
    assert point.sensitivity is not None
    assert point.specificity is not None
    return point.sensitivity, point.specificity


def _bar(found: ReaderDifference, bound: float | None) -> float:
    """Length of the interval's arm, in points; 0 where there is none."""
    return 0.0 if bound is None or found.difference is None else 100 * abs(bound - found.difference)


def _distance_text(found: ReaderDifference) -> str:
    return points(found.difference or 0.0, found.low, found.high)


def _text(mark: ReaderMark) -> str:
    return f"{mark.name}<br>sensitivity {percent(mark.sensitivity)}, specificity {percent(mark.specificity)}"
