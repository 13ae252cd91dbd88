"""Pictures of a split: where whatever must stay together stands, and how far each part is from the whole."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from dermdash.charts.curve_frame import LEGEND_BELOW, series_color
from dermdash.charts.palette import INKS, LEAK_COLOR, Theme
from dermdash.charts.rows import BAR_WIDTH, empty_figure, row_figure, row_y, short_label
from dermdash.wording import counted, margin, points

_BAR, _SPREAD = 0.14, 0.14
_LEGEND = 44
_SMALLEST = 1.0
"""Percentage points that the axis of deviations reaches at least, so that what is nothing looks like nothing."""


def sides_figure(
    rows: Sequence[tuple[str, Mapping[str, int], int]], parts: Sequence[str], *, theme: Theme = Theme.LIGHT
) -> go.Figure:
    """Draw of each kind of tie (lesions, patients, files) how many stand in which part, and how many in more than one.

    Parameters
    ----------
    rows
        Name of the kind, how many stand wholly in each part, and how many in more than one.
    """
    rows = [row for row in rows if sum(row[1].values()) + row[2]]
    if not rows:
        return empty_figure("Nothing is known that ties one record of this split to another.", theme=theme)
    values = [f"{across:,} of {sum(within.values()) + across:,}" for _, within, across in rows]
    figure = row_figure([name for name, _, _ in rows], values=values, theme=theme)
    y = [row_y(i, len(rows)) for i in range(len(rows))]
    totals = [sum(within.values()) + across for _, within, across in rows]
    shares = {
        part: [100 * within.get(part, 0) / total for (_, within, _), total in zip(rows, totals, strict=True)]
        for part in parts
    }
    drawn = [(part, series_color(i), shares[part]) for i, part in enumerate(parts)]
    across_shares = [100 * across / total for (_, _, across), total in zip(rows, totals, strict=True)]
    if any(across_shares):
        # Never too thin to be seen: one leak among thousands is what the picture is for.
        seen = [max(share, 1.5) if share else 0 for share in across_shares]
        drawn.append(("on more than one side", LEAK_COLOR, seen))
    for part, color, widths in drawn:
        counts = [within.get(part, across if part == "on more than one side" else 0) for _, within, across in rows]
        figure.add_bar(
            x=widths, y=y, orientation="h", name=short_label(_named(part)), width=BAR_WIDTH, hoverinfo="text",
            marker={"color": color, "line": {"width": 0}},
            hovertext=[f"{short_label(_named(part))}: {n:,}" for n in counts],
        )  # fmt: skip
    figure.update_layout(barmode="stack", showlegend=True, legend={**LEGEND_BELOW, "traceorder": "normal"})
    figure.update_layout(height=figure.layout.height + _LEGEND)
    figure.update_xaxes(visible=False, range=[0, max(100, sum(width[0] for _, _, width in drawn))])
    return figure


def deviation_figure(
    deviations: Mapping[str, Mapping[str, float]],
    counts: Mapping[str, int],
    parts: Sequence[str],
    *,
    theme: Theme = Theme.LIGHT,
) -> go.Figure:
    """Draw of each class how far its share within each part is from its share of the whole, in percentage points.

    Parameters
    ----------
    deviations
        By class in words and part, -1..1.
    counts
        Records of each class in all.
    """
    if not deviations:
        return empty_figure("There is no record to compare.", theme=theme)
    names = list(deviations)
    furthest = {name: max(row.values(), key=abs, default=0.0) for name, row in deviations.items()}
    figure = row_figure(
        [short_label(name) for name in names],
        values=[margin(abs(furthest[name]), 2) for name in names],
        theme=theme,
    )
    limit = max(_SMALLEST, *(abs(100 * value) for value in furthest.values())) * 1.1
    figure.add_shape(type="line", xref="x", yref="paper", x0=0, x1=0, y0=0, y1=1, layer="below",
                     line={"color": INKS[theme].muted, "width": 1})  # fmt: skip
    for i, part in enumerate(parts):
        figure.add_scatter(
            x=[100 * deviations[name][part] for name in names],
            # A little apart, so that parts of one share do not cover one another.
            y=[row_y(at, len(names)) - _BAR - _SPREAD * (i / max(len(parts) - 1, 1) - 0.5) for at in range(len(names))],
            mode="markers", name=short_label(_named(part)), hoverinfo="text",
            marker={"color": series_color(i), "size": 11, "line": {"width": 1, "color": INKS[theme].background}},
            hovertext=[
                f"{short_label(name)} ({counted(counts[name], 'record')}) in {_named(part)}: "
                f"{points(deviations[name][part], decimals=2)}"
                for name in names
            ],
        )  # fmt: skip
    figure.update_layout(showlegend=True, legend=LEGEND_BELOW)
    figure.update_layout(height=figure.layout.height + _LEGEND + 40)
    figure.update_xaxes(range=[-limit, limit], title="Share within the part less that of the whole, percentage points")
    return figure


def _named(part: str) -> str:
    return f"fold {part}" if part.isdecimal() else part
