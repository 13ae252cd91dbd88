"""Change by groups as a forest, and the answers that assistance turned as bars to both sides."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dermdash.charts.palette import INKS, SERIES_COLORS, Theme, with_alpha
from dermdash.charts.rows import empty_figure, row_figure, row_y, short_label
from dermdash.wording import difference

_ROW = 38


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One group, or a heading where ``difference`` is None; differences and ends as shares (-1..1).

    ``note`` says why the group is small: its mark is open.
    """

    label: str
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    note: str | None = None
    counts: str = ""


@dataclass(frozen=True, slots=True)
class TurnedAnswers:
    """Answers that came to have the outcome (``gained``) and that lost it."""

    label: str
    gained: int
    lost: int
    color: str


def benefit_forest_figure(
    rows: Sequence[ForestRow], *, measure: str, overall: float | None = None, theme: Theme = Theme.LIGHT
) -> go.Figure:
    """Draw the change in percentage points of each group, with zero and the overall change as lines."""
    if not any(row.difference is not None for row in rows):
        return empty_figure("No group to compare: nothing is recorded that parts these answers.", theme=theme)
    inks = INKS[theme]
    figure = row_figure(
        [_label(row) for row in rows], values=[_points(row) for row in rows], theme=theme, row_height=_ROW
    )
    for x, dash in ((0.0, "solid"), (overall, "dot")):
        if x is not None:
            figure.add_shape(
                type="line", xref="x", yref="paper", x0=100 * x, x1=100 * x, y0=0, y1=1, layer="below",
                line={"color": inks.muted, "width": 1.2, "dash": dash},
            )  # fmt: skip
    ends = [0.0]
    for i, row in enumerate(rows):
        if row.difference is None:
            continue
        low, high = row.low, row.high
        has_interval = low is not None and high is not None
        color = inks.muted if row.note else SERIES_COLORS[0]
        error = None
        if low is not None and high is not None:
            ends += [100 * low, 100 * high]
            error = {
                "type": "data", "symmetric": False, "array": [100 * (high - row.difference)],
                "arrayminus": [100 * (row.difference - low)], "thickness": 1.5, "width": 4, "color": color,
            }  # fmt: skip
        ends.append(100 * row.difference)
        words = [short_label(row.label), _points(row), row.counts, row.note, None if has_interval else "no interval"]
        figure.add_scatter(
            x=[100 * row.difference], y=[row_y(i, len(rows)) - 0.05], mode="markers", error_x=error, hoverinfo="text",
            hovertext="<br>".join(w for w in words if w),
            marker={
                "size": 11, "color": color, "symbol": "circle-open" if row.note else "square",
                "line": {"width": 2, "color": color},
            },
        )  # fmt: skip
    # At least ten points wide, so that small changes look small.
    low_end, high_end = min([*ends, -2.0]), max([*ends, 8.0])
    margin = 0.05 * (high_end - low_end)
    figure.update_xaxes(
        range=[low_end - margin, high_end + margin],
        title_text=f"Change of {measure[:1].lower()}{measure[1:]}, percentage points",
        nticks=7,
    )
    dotted = "" if overall is None else " Dotted: all groups together."
    figure.update_layout(
        height=figure.layout.height + 60,
        meta={"description": f"Change of {measure} by group with intervals.{dotted} Open marks: small groups."},
    )
    return figure


def turned_answers_figure(
    rows: Sequence[TurnedAnswers], *, gained: str, lost: str, theme: Theme = Theme.LIGHT
) -> go.Figure:
    """Draw per modality how many answers gained the outcome (to the right) and lost it (to the left)."""
    if not rows or not any(row.gained or row.lost for row in rows):
        return empty_figure("No answer was turned by assistance.", theme=theme)
    inks = INKS[theme]
    figure = row_figure(
        [f"<b>{short_label(row.label)}</b>" for row in rows],
        values=[f"{row.gained:,} {gained}, {row.lost:,} {lost}" for row in rows],
        theme=theme,
        row_height=66,
    )
    for i, row in enumerate(rows):
        for value, color, words in (
            (row.gained, row.color, f"{row.gained:,} {gained}"),
            (-row.lost, with_alpha(row.color, 0.38), f"{row.lost:,} {lost}"),
        ):
            figure.add_bar(
                x=[value], y=[row_y(i, len(rows)) - 0.08], orientation="h", width=0.34, hoverinfo="text",
                hovertext=words, marker={"color": color, "line": {"width": 0}},
            )  # fmt: skip
    most = max(max(row.gained, row.lost) for row in rows)
    ticks = _ticks(most)
    figure.add_shape(
        type="line", xref="x", yref="paper", x0=0, x1=0, y0=0, y1=1, line={"color": inks.muted, "width": 1.2}
    )
    figure.update_xaxes(
        range=[-1.06 * most, 1.06 * most],
        tickvals=ticks,
        ticktext=[f"{abs(t):,}" for t in ticks],
        title_text=f"Answers {lost} (left) and {gained} (right)",
    )
    figure.update_layout(
        barmode="overlay", height=figure.layout.height + 54,
        meta={"description": f"Answers {gained} and {lost}, by what was shown."},
    )  # fmt: skip
    return figure


def _ticks(most: int) -> list[int]:
    step = max(1, round(most / 2))
    return [-2 * step, -step, 0, step, 2 * step] if most > 1 else [-1, 0, 1]


def _label(row: ForestRow) -> str:
    text = short_label(row.label)
    if row.difference is None:
        return f"<b>{text}</b>"
    return f"{text} \N{MIDDLE DOT} {row.counts}" if row.counts else text


def _points(row: ForestRow) -> str:
    if row.difference is None:
        return ""
    # The axis says that these are points: without the word a narrow row holds label and numbers.
    low, high = (None if end is None else 100 * end for end in (row.low, row.high))
    return difference(100 * row.difference, low, high, 1)
