"""Bars and grids of shares, declared once and drawn twice: by plotly for the page, by hand for files."""

from __future__ import annotations

import math
from dataclasses import dataclass

import plotly.graph_objects as go

from dermdash.charts.drawing import BAR, GRID, INK, MUTED, Drawing, Rectangle, Shape, Stroke, Text, text_units
from dermdash.charts.labels import wrapped
from dermdash.charts.palette import CELL_PX, INKS, PAPER, Theme, between, plotly_template
from dermdash.charts.rows import BAR_WIDTH, empty_figure, row_figure, row_y, short_label
from dermdash.wording import number, percent

_WIDTH, _ROW, _HEIGHT, _MARGIN = 720.0, 26.0, 300.0, 16.0
_NOTHING = "Nothing to show: no record passes."


@dataclass(frozen=True, slots=True)
class Bars:
    """One bar per label.

    ``texts`` stand at the bars, ``colors`` are of single bars (None: all alike); ``upright``: a histogram whose labels
    are numbers, else rows from top to bottom.
    """

    title: str
    labels: tuple[str, ...]
    values: tuple[float, ...]
    texts: tuple[str, ...]
    colors: tuple[str, ...] | None = None
    upright: bool = False
    label_title: str = ""
    value_title: str = "Images"
    description: str = ""

    def color(self, i: int) -> str:
        """Of one bar."""
        return BAR if self.colors is None else self.colors[i]


@dataclass(frozen=True, slots=True)
class ShareGrid:
    """A heat map of shares (0..1; None: nothing to divide by), one row per row label."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    shares: tuple[tuple[float | None, ...], ...]
    hover: tuple[tuple[str, ...], ...]
    description: str = ""


def bars_figure(bars: Bars, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw the bars for a page."""
    if not bars.values:
        return empty_figure(bars.description or _NOTHING, theme=theme)
    return _upright_figure(bars, theme) if bars.upright else _rows_figure(bars, theme)


def _rows_figure(bars: Bars, theme: Theme) -> go.Figure:
    n = len(bars.labels)
    figure = row_figure([short_label(label) for label in bars.labels], values=list(bars.texts), theme=theme)
    figure.add_bar(
        x=list(bars.values), y=[row_y(i, n) for i in range(n)], orientation="h", width=BAR_WIDTH,
        marker={"color": INKS[theme].accent if bars.colors is None else list(bars.colors), "line": {"width": 0}},
        hovertext=[f"{short_label(label)}<br>{text}" for label, text in zip(bars.labels, bars.texts, strict=True)],
        hoverinfo="text",
    )  # fmt: skip
    figure.update_xaxes(range=[0, max(bars.values) or 1], visible=False)
    figure.update_layout(meta={"description": bars.description})
    return figure


def _upright_figure(bars: Bars, theme: Theme) -> go.Figure:
    figure = go.Figure(layout={"template": plotly_template(theme), "height": int(_HEIGHT) + 40, "bargap": 0.12})
    figure.add_bar(
        x=list(bars.labels), y=list(bars.values),
        marker={"color": INKS[theme].accent if bars.colors is None else list(bars.colors), "line": {"width": 0}},
        hovertext=[f"{bars.label_title} {one}<br>{text}" for one, text in zip(bars.labels, bars.texts, strict=True)],
        hoverinfo="text",
    )  # fmt: skip
    figure.update_xaxes(title_text=bars.label_title, type="category", fixedrange=True, showgrid=False)
    figure.update_yaxes(title_text=bars.value_title, rangemode="tozero", fixedrange=True, tickformat=",d")
    figure.update_layout(meta={"description": bars.description})
    return figure


def grid_figure(grid: ShareGrid, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw the grid for a page; shares in percent."""
    if not grid.rows or not grid.columns:
        return empty_figure(_NOTHING, theme=theme)
    inks = INKS[theme]
    places = list(range(len(grid.columns)))
    figure = go.Figure(
        go.Heatmap(
            z=[[None if share is None else 100 * share for share in row] for row in grid.shares],
            x=places, y=list(range(len(grid.rows))), zmin=0, zmax=100, showscale=False, xgap=2, ygap=2,
            colorscale=[[0, inks.surface], [1, inks.heat]],
            text=[[_cell(share) for share in row] for row in grid.shares], texttemplate="%{text}",
            textfont={"size": CELL_PX, "color": inks.text}, hovertext=[list(row) for row in grid.hover],
            hoverinfo="text",
        )
    )  # fmt: skip
    figure.update_xaxes(
        tickvals=places, ticktext=[wrapped(short_label(c, 40), 74, size=CELL_PX) for c in grid.columns], side="top",
        fixedrange=True, tickangle=0,
    )  # fmt: skip
    figure.update_yaxes(
        tickvals=list(range(len(grid.rows))), ticktext=[short_label(r, 40) for r in grid.rows], autorange="reversed",
        fixedrange=True,
    )  # fmt: skip
    figure.update_layout(
        template=plotly_template(theme), height=110 + 30 * len(grid.rows), margin={"t": 60},
        meta={"description": grid.description},
    )  # fmt: skip
    return figure


def _cell(share: float | None) -> str:
    """Per cent without its sign: a cell of a phone has room for three digits."""
    return (
        "" if share is None else percent(share, 0).removesuffix("\N{NO-BREAK SPACE}%").replace("\N{NO-BREAK SPACE}", "")
    )


def bars_drawing(bars: Bars) -> Drawing:
    """Draw the bars for a file."""
    return _upright_drawing(bars) if bars.upright else _rows_drawing(bars)


def _rows_drawing(bars: Bars) -> Drawing:
    left = _MARGIN + min(260.0, text_units(bars.labels)) + 10
    right = _MARGIN + text_units(bars.texts) + 8
    reach, top = max(10.0, _WIDTH - left - right), 46.0
    most = max(bars.values, default=0) or 1
    shapes: list[Shape] = [Text(_MARGIN, 20, bars.title, size=15)]
    for i, (label, value, text) in enumerate(zip(bars.labels, bars.values, bars.texts, strict=True)):
        y, length = top + i * _ROW, reach * value / most
        shapes += [
            Text(left - 8, y + _ROW / 2, label, "end"),
            Rectangle(left, y + 5, length, _ROW - 10, bars.color(i)),
            Text(left + length + 6, y + _ROW / 2, text, color=MUTED, size=12),
        ]
    bottom = top + len(bars.labels) * _ROW
    shapes.append(Stroke(left, top, left, bottom, MUTED))
    return Drawing(_WIDTH, bottom + _MARGIN, tuple(shapes), bars.description or bars.title)


def _upright_drawing(bars: Bars) -> Drawing:
    most = max(bars.values, default=0) or 1
    step = nice_step(most)
    highest = step * math.ceil(most / step)
    ticks = [step * k for k in range(math.floor(highest / step) + 1)]
    left = _MARGIN + text_units([number(t, 0) for t in ticks], 12) + 10
    top, bottom, right = 56.0, _HEIGHT - 46, _WIDTH - _MARGIN
    shapes: list[Shape] = [
        Text(_MARGIN, 20, bars.title, size=15),
        Text(_MARGIN, 42, bars.value_title, color=MUTED, size=12),
    ]
    for tick in ticks:
        y = bottom - (bottom - top) * tick / highest
        shapes += [Stroke(left, y, right, y, GRID), Text(left - 6, y, number(tick, 0), "end", 12, MUTED)]
    room = (right - left) / max(1, len(bars.values))
    every = max(1, math.ceil((text_units(bars.labels, 12) + 6) / room))
    for i, (label, value) in enumerate(zip(bars.labels, bars.values, strict=True)):
        x, height = left + i * room, (bottom - top) * value / highest
        shapes.append(Rectangle(x + room * 0.08, bottom - height, room * 0.84, height, bars.color(i)))
        if i % every == 0:
            shapes.append(Text(x + room / 2, bottom + 12, label, "middle", 12, MUTED))
    shapes.append(Text((left + right) / 2, bottom + 32, bars.label_title, "middle", 12, INK))
    return Drawing(_WIDTH, _HEIGHT, tuple(shapes), bars.description or bars.title)


def nice_step(most: float) -> int:
    """The distance of the lines of an axis of whole numbers from 0 to ``most``: 1, 2 or 5 times a power of ten."""
    rough = most / 5
    power = 10 ** math.floor(math.log10(rough)) if rough > 0 else 1
    return max(1, round(next(m for m in (1, 2, 5, 10) if m * power >= rough) * power))


def grid_drawing(grid: ShareGrid) -> Drawing:
    """Draw the grid for a file."""
    left = _MARGIN + text_units(grid.rows, 12) + 8
    heads = [wrapped(column, 74, size=11).split("<br>") for column in grid.columns]
    wide = max(58.0, text_units([line for lines in heads for line in lines], 11) + 8)
    top = 40.0 + 14 * max(map(len, heads), default=1) + 6
    width = max(_WIDTH, left + wide * len(grid.columns) + _MARGIN)
    shapes: list[Shape] = [Text(_MARGIN, 20, grid.title, size=15)]
    for j, lines in enumerate(heads):
        x = left + (j + 0.5) * wide
        shapes += [Text(x, 44 + 14 * k, line, "middle", 11, MUTED) for k, line in enumerate(lines)]
    for i, (row, shares) in enumerate(zip(grid.rows, grid.shares, strict=True)):
        y = top + i * 22
        shapes.append(Text(left - 8, y + 10, row, "end", 12))
        for j, share in enumerate(shares):
            shapes.append(Rectangle(left + j * wide, y, wide - 2, 20, _shade(share)))
            shapes.append(Text(left + (j + 0.5) * wide - 1, y + 10, _cell(share), "middle", 11))
    return Drawing(width, top + 22 * len(grid.rows) + _MARGIN, tuple(shapes), grid.description or grid.title)


def _shade(share: float | None) -> str:
    """From nearly white (0) to the full colour of a heat map (1), which dark text is read on."""
    if share is None:
        return PAPER
    inks = INKS[Theme.LIGHT]
    return between(inks.surface, inks.heat, share)
