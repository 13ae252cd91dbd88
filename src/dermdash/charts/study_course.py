"""A study in its course: who came and finished day by day, what changes along the way. No truth, no modality."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import plotly.graph_objects as go

from dermdash.charts.curve_frame import curve_figure
from dermdash.charts.palette import INKS, SECOND_COLOR, Theme
from dermdash.charts.rows import empty_figure
from dermdash.wording import counted, number, percent

_HEIGHT = 280
_MOST_POINTS = 40

Place = tuple[int, int, float]
"""Position, readers, and what is drawn of them."""


def enrolment_figure(came: Mapping[str, int], finished: Mapping[str, int], *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw how many readers had begun, and had finished, by the end of each day (ISO date, UTC)."""
    if not came:
        return empty_figure("Nobody has begun.", theme=theme, height=_HEIGHT)
    first, last = date.fromisoformat(min(came)), date.fromisoformat(max([*came, *finished]))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    figure = curve_figure("Enrolment", x="Day (UTC)", y="Readers", theme=theme, height=_HEIGHT)
    highest = 0
    for name, counts, color, symbol, dash in (
        ("Begun", came, INKS[theme].accent, "circle", "solid"),
        ("Finished", finished, SECOND_COLOR, "diamond-open", "dash"),
    ):
        total, totals = 0, []
        for day in days:
            total += counts.get(day.isoformat(), 0)
            totals.append(total)
        highest = max(highest, total)
        figure.add_scatter(
            x=[day.isoformat() for day in days], y=totals, mode="lines+markers", name=name,
            line={"color": color, "width": 2, "dash": dash, "shape": "hv"}, marker={"size": 7, "symbol": symbol},
            hovertemplate=f"%{{x}}: %{{y}} {name.lower()}<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(type="date", range=None, autorange=True, dtick=None, nticks=6, tickformat="%d %b")
    figure.update_yaxes(range=[0, 1.1 * highest + 0.5], dtick=None, nticks=6, tickformat="d")
    return figure


def drop_off_figure(readers: Sequence[tuple[int, int]], *, begun: int, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw which share of the readers who have begun has reached each (position, readers)."""
    if not readers or not begun:
        return empty_figure("No case was read yet.", theme=theme, height=_HEIGHT)
    figure = curve_figure(
        "How far readers came", x="Position in the order", y="Readers who reached it, %", theme=theme, height=_HEIGHT
    )
    figure.add_scatter(
        x=[position for position, _ in readers], y=[100 * n / begun for _, n in readers], mode="lines",
        line={"color": INKS[theme].accent, "width": 2, "shape": "hv"}, showlegend=False, hoverinfo="text",
        hovertext=[f"case {position}: {n} of {counted(begun, 'reader')}" for position, n in readers],
    )  # fmt: skip
    _positions(figure, [position for position, _ in readers])
    return figure


def time_along_figure(places: Sequence[Place], *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw the time per case along the order, as a ratio to each reader's own usual time; 1 is as usual."""
    if not places:
        return empty_figure("No case was read yet.", theme=theme, height=_HEIGHT)
    figure = curve_figure(
        "Time along the order", x="Position in the order", y="Times the reader's own mean", theme=theme, height=_HEIGHT
    )
    binned = _binned(places)
    figure.add_hline(y=1, line={"color": INKS[theme].muted, "width": 1, "dash": "dot"})
    _points(figure, binned, [f"{number(ratio, 2)} times the usual" for _, _, ratio in binned], theme)
    top = max(2.0, *(1.1 * ratio for _, _, ratio in binned))
    figure.update_yaxes(range=[0, top], dtick=None, nticks=6)
    return figure


def called_malignant_figure(places: Sequence[Place], *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw which share (0..1) of first answers names a malignancy, along the order; all modalities together."""
    if not places:
        return empty_figure("No case was read yet.", theme=theme, height=_HEIGHT)
    figure = curve_figure(
        "Called malignant along the order", x="Position in the order", y="Of first answers, %", theme=theme,
        height=_HEIGHT,
    )  # fmt: skip
    binned = [(position, n, 100 * share) for position, n, share in _binned(places)]
    _points(figure, binned, [f"{percent(share / 100, 0)} of {counted(n, 'answer')}" for _, n, share in binned], theme)
    return figure


def _points(figure: go.Figure, places: Sequence[Place], words: Sequence[str], theme: Theme) -> None:
    most = max(n for _, n, _ in places)
    figure.add_scatter(
        x=[position for position, _, _ in places], y=[value for _, _, value in places], mode="lines+markers",
        line={"color": INKS[theme].accent, "width": 1}, showlegend=False, hoverinfo="text",
        # Few answers, small point.
        marker={"size": [4 + 6 * (n / most) ** 0.5 for _, n, _ in places], "color": INKS[theme].accent},
        hovertext=[f"case {position}: {said}" for (position, _, _), said in zip(places, words, strict=True)],
    )  # fmt: skip
    _positions(figure, [position for position, _, _ in places])


def _positions(figure: go.Figure, positions: Sequence[int]) -> None:
    figure.update_xaxes(range=[0, max(positions) + 1], dtick=None, nticks=8, tickformat="d")


def _binned(places: Sequence[Place]) -> list[Place]:
    """At most forty points: neighbours together, each weighing as many answers as it has."""
    width = -(-len(places) // _MOST_POINTS)
    found = []
    for start in range(0, len(places), width):
        part = places[start : start + width]
        n = sum(each[1] for each in part)
        found.append((part[len(part) // 2][0], n, sum(each[1] * each[2] for each in part) / n))
    return found
