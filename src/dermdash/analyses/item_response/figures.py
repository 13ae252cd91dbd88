"""Item response models: readers and cases on one scale, characteristic curves, ability by experience."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from dermdash.analyses.item_response.model import CaseEstimate, ReaderEstimate, chance_of_right
from dermdash.analysis.arrays import IntArray
from dermdash.charts.curve_frame import curve_figure, title_layout
from dermdash.charts.palette import INKS, SERIES_COLORS, Theme, plotly_template, with_alpha
from dermdash.charts.rows import empty_figure, row_figure, row_y, short_label
from dermdash.records.taxonomy import diagnosis_name
from dermdash.wording import PERCENT_SIGN, counted, number, number_interval

_NONE = "No model could be fitted to these readings."
_BIN = 0.25
_NAMES_SHOWN = 8
_MOST_POINTS = 14
"""Cases of one difficulty that have room below one another."""


def person_item_map_figure(
    readers: Sequence[ReaderEstimate], cases: Sequence[CaseEstimate], *, theme: Theme = Theme.LIGHT
) -> go.Figure:
    """Draw the map of persons and items (Wright map): readers above, cases below, on one scale.

    Ability and difficulty grow to the right; a reader stands over the cases they answer right half of the time. Each
    case is a point of its own, named by its custom data, unless so many are of one difficulty that points would touch.
    """
    if not readers or not cases:
        return empty_figure(_NONE, theme=theme)
    inks = INKS[theme]
    figure = go.Figure(layout={"template": plotly_template(theme)})
    high, low = 0, 0
    for values, names, sign, name, color in (
        ([r.ability for r in readers], [r.reader for r in readers], 1, "Readers by ability", inks.accent),
        ([c.difficulty for c in cases], [c.case for c in cases], -1, "Cases by difficulty", SERIES_COLORS[1]),
    ):
        place = np.floor(np.array(values) / _BIN).astype(int)
        x, y, text = [], [], []
        if sign < 0 and np.bincount(place - place.min()).max() <= _MOST_POINTS:
            low = min(low, _add_cases(figure, place, cases, name=name, color=color))
            continue
        for b in np.unique(place):
            inside = [names[i] for i in np.flatnonzero(place == b)]
            x.append((b + 0.5) * _BIN)
            y.append(sign * len(inside))
            text.append(_bin_text(inside, (b + 0.5) * _BIN, name))
        figure.add_bar(
            x=x, y=y, width=_BIN * 0.86, name=name, marker={"color": color}, hovertext=text, hoverinfo="text",
        )  # fmt: skip
        high, low = max(high, max(y)), min(low, min(y))
    figure.add_hline(y=0, line={"color": inks.muted, "width": 1})
    ticks = _ticks(low, high)
    figure.update_yaxes(
        title_text="Cases below, readers above", tickvals=ticks, ticktext=[str(abs(t)) for t in ticks], fixedrange=True,
        range=[1.12 * low, 1.12 * high],
    )  # fmt: skip
    figure.update_xaxes(title_text="Ability and difficulty (right: abler, harder)", fixedrange=True)
    title = "Readers and cases on one scale"
    figure.update_layout(
        height=430, barmode="overlay", title=title_layout(title, theme=theme), margin={"t": 42},
        legend={"orientation": "h", "x": 0, "y": -0.2, "yanchor": "top"},
        meta={"description": f"{title}: histogram of abilities above, of difficulties below."},
    )  # fmt: skip
    return figure


def _add_cases(figure: go.Figure, place: IntArray, cases: Sequence[CaseEstimate], *, name: str, color: str) -> int:
    """Hang the cases of each bin below one another, and return how far the lowest reaches."""
    depth: dict[int, int] = {}
    y = []
    for b in place.tolist():
        depth[b] = depth.get(b, 0) + 1
        y.append(0.5 - depth[b])
    figure.add_scatter(
        x=[(b + 0.5) * _BIN for b in place.tolist()], y=y, mode="markers", name=name,
        marker={"color": color, "size": 10, "symbol": "square"}, hoverinfo="text",
        customdata=[case.case for case in cases],
        hovertext=[f"{short_label(case.case)}<br>difficulty {number(case.difficulty, 2)}" for case in cases],
    )  # fmt: skip
    return -max(depth.values())


def characteristic_curves_figure(
    cases: Sequence[CaseEstimate],
    observed: Mapping[str, Sequence[tuple[float, int, int]]],
    truth: Mapping[str, str],
    *,
    theme: Theme = Theme.LIGHT,
) -> go.Figure:
    """Draw the chance of a right answer against ability for some cases.

    Parameters
    ----------
    observed
        Case to groups of readers of like ability: mean ability, right answers, readers; drawn as points.
    truth
        Case to its true class, for the legend.
    """
    if not cases:
        return empty_figure(_NONE, theme=theme)
    title = "Chance of a right answer"
    figure = curve_figure(title, x="Ability of the reader", y="Right answers, %", theme=theme)
    grid = np.linspace(-3.5, 3.5, 141)
    for i, case in enumerate(cases):
        color = SERIES_COLORS[i % len(SERIES_COLORS)]
        name = short_label(case.case) + (
            f" ({short_label(diagnosis_name(truth[case.case]))})" if case.case in truth else ""
        )
        figure.add_scatter(
            x=grid, y=100 * chance_of_right(case, grid), mode="lines", name=name, legendgroup=case.case,
            line={"color": color, "width": 2},
            hovertemplate=f"{name}<br>ability %{{x:.1f}}: %{{y:.0f}}{PERCENT_SIGN}<extra></extra>",
        )  # fmt: skip
        points = observed.get(case.case, ())
        figure.add_scatter(
            x=[p[0] for p in points], y=[100 * p[1] / p[2] for p in points], mode="markers", showlegend=False,
            legendgroup=case.case, marker={"size": 9, "color": color, "symbol": "circle-open", "line": {"width": 2}},
            hoverinfo="text", customdata=[case.case] * len(points),
            hovertext=[f"{name}<br>{right} of {counted(n, 'reader')} right" for _, right, n in points],
        )  # fmt: skip
    figure.update_xaxes(range=[-3.5, 3.5], dtick=1)
    return figure


def ability_by_experience_figure(
    groups: Sequence[tuple[str, float, float | None, float | None]],
    readers: Sequence[tuple[str, str, float]],
    *,
    theme: Theme = Theme.LIGHT,
) -> go.Figure:
    """Draw one row per group of experience: mean ability with its interval, readers behind.

    Parameters
    ----------
    groups
        Name, mean, lower and upper bound (None where there is no interval).
    readers
        Name, group, ability.
    """
    if not groups:
        return empty_figure("No experience of readers is recorded.", theme=theme)
    inks = INKS[theme]
    behind = {g[0]: sum(r[1] == g[0] for r in readers) for g in groups}
    figure = row_figure(
        [f"<b>{short_label(g[0])}</b> · {counted(behind[g[0]], 'reader')}" for g in groups],
        values=[number_interval(g[1], g[2], g[3], 2) for g in groups],
        theme=theme,
        row_height=60,
    )
    for i, (group, mean, low, high) in enumerate(groups):
        y = row_y(i, len(groups)) - 0.08
        own = [r for r in readers if r[1] == group]
        figure.add_scatter(
            x=[r[2] for r in own], y=[y] * len(own), mode="markers", hoverinfo="text",
            hovertext=[f"{short_label(r[0])}: {number(r[2], 2)}" for r in own],
            marker={"size": 9, "color": with_alpha(inks.accent, 0.35)},
        )  # fmt: skip
        error = None
        if low is not None and high is not None:
            error = {
                "type": "data", "symmetric": False, "array": [high - mean], "arrayminus": [mean - low],
                "thickness": 2, "width": 5, "color": inks.accent,
            }  # fmt: skip
        figure.add_scatter(
            x=[mean], y=[y], mode="markers", error_x=error, hoverinfo="text",
            hovertext=f"{short_label(group)}: {number_interval(mean, low, high, 2)}",
            marker={"size": 13, "color": inks.accent, "symbol": "diamond"},
        )  # fmt: skip
    title = "Ability by experience"
    figure.update_xaxes(title_text="Ability (0: the average reader)", zeroline=True, zerolinecolor=inks.grid)
    figure.update_layout(
        height=figure.layout.height + 80, title=title_layout(title, theme=theme), margin={"t": 42},
        meta={"description": f"{title}: mean of each group with its interval, readers as points."},
    )  # fmt: skip
    return figure


def _ticks(low: int, high: int) -> list[int]:
    step = max(1, int(np.ceil(max(-low, high) / 4)))
    return sorted({*range(0, high + 1, step), *(-t for t in range(0, -low + 1, step))})


def _bin_text(names: Sequence[str], centre: float, kind: str) -> str:
    shown = "<br>".join(short_label(n) for n in names[:_NAMES_SHOWN])
    more = f"<br>and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return f"{kind}: about {number(centre, 2)}<br>{shown}{more}"
