"""Labels that a phone has room for: they wrap at words, and never end in dots."""

import math
import re
from collections.abc import Sequence
from html import unescape

import plotly.graph_objects as go

from dermdash.charts.palette import LABEL_PX, TEXT_PX, TITLE_PX
from dermdash.records.visible_text import visible_text

PHONE = 330
"""Pixels that the plot of a figure has on a screen of 390 px."""
LINE = 18
"""Pixels from one line of a label to the next."""
_TITLE_LINE = 20
_UNTITLED_TOP, _NAMED_TOP = 12, 34
"""Room above a plot without a title, and above small plots that have names of their own."""
_FITTED = "labels_fitted"
_LEGEND_MARK = 44
_TAG = re.compile(r"<(?!br\b)[^>]*>")
# Shares of the font size that characters of DejaVu Sans take, the widest of the fonts that stand in for "sans-serif".
_NARROW, _WIDE = frozenset("iljtfrI.,:;'!|()[]/- \N{NO-BREAK SPACE}·"), frozenset("mwMW%@—")
_NARROW_EM, _WIDE_EM, _CAPITAL_EM, _OTHER_EM = 0.36, 0.94, 0.7, 0.63


def text_width(text: str, *, size: float = LABEL_PX) -> float:
    """About how wide plotly draws a line of text, in pixels, tags left out; rather too wide than too narrow."""
    em = 0.0
    for c in unescape(_TAG.sub("", text)):
        em += _NARROW_EM if c in _NARROW else _WIDE_EM if c in _WIDE else _CAPITAL_EM if c.isupper() else _OTHER_EM
    return em * size * (1.1 if "<b>" in text else 1.0)


def wrapped(text: str, width: float = PHONE, *, size: float = LABEL_PX) -> str:
    """The text in lines (joined by ``<br>``) that are at most this wide and about equally long.

    A word that is wider than that stands alone and whole.
    """
    lines: list[str] = []
    for given in visible_text(text).split("<br>"):
        chosen = _filled(given, width, size)
        narrow = width
        # Narrower as long as that makes no line more: then no word is left alone on the last one.
        while len(chosen) > 1 and (narrow := narrow - 8) > 0:
            closer = _filled(given, narrow, size)
            if len(closer) > len(chosen):
                break
            chosen = closer
        lines += chosen
    return "<br>".join(lines)


def _filled(text: str, width: float, size: float) -> list[str]:
    lines, line = [], ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and text_width(longer, size=size) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]


def apart_on_log_axis(
    ticks: Sequence[float], texts: Sequence[str], *, low: float, high: float, width: float = PHONE - 60
) -> list[tuple[float, str]]:
    """The ticks (and their texts) between ``low`` and ``high`` whose texts do not touch on a phone, from the least."""
    pixels = width / math.log10(high / low)
    kept: list[tuple[float, str]] = []
    for tick, text in zip(ticks, texts, strict=True):
        if not low <= tick <= high:
            continue
        if kept:
            between = pixels * math.log10(tick / kept[-1][0])
            if between < (text_width(text) + text_width(kept[-1][1])) / 2 + 6:
                continue
        kept.append((tick, text))
    return kept


def line_count(text: str) -> int:
    """How many lines a label has."""
    return text.count("<br>") + 1


def fitted(figure: go.Figure) -> go.Figure:
    """Wrap title, axis titles and names in the legend of a figure, and make room for the lines that this adds; once."""
    layout = figure.layout
    meta = layout.meta or {}
    if _FITTED in meta:
        return figure
    layout.meta = {**meta, _FITTED: True}
    more = _wrap_legend(figure)
    if layout.title.text:
        layout.title.text = wrapped(layout.title.text, size=TITLE_PX)
        lines = line_count(layout.title.text) - 1
        layout.margin.t = (layout.margin.t or 0) + _TITLE_LINE * lines
        layout.title.pad.t = (layout.title.pad.t or 0) + _TITLE_LINE // 2 * lines  # plotly centres further lines
        more += _TITLE_LINE * lines
    below = 0
    for axis in figure.select_xaxes():
        if axis.title.text:
            axis.title.text = wrapped(axis.title.text, PHONE * _share(axis.domain))
            below = max(below, LINE * (line_count(axis.title.text) - 1))
    if layout.height:
        for axis in figure.select_yaxes():
            if axis.title.text:
                axis.title.text = wrapped(axis.title.text, 0.6 * layout.height)
        layout.height += more + below
    return figure


def untitled(figure: go.Figure) -> go.Figure:
    """The figure without its own title, for where a heading or a caption says it: nothing is headed twice."""
    layout = figure.layout
    if layout.title.text:
        layout.title.text = None
        named = any(note.yref == "paper" and (note.y or 0) >= 1 for note in layout.annotations)
        spared = max(0, (layout.margin.t or 0) - (_NAMED_TOP if named else _UNTITLED_TOP))
        layout.margin.t = (layout.margin.t or 0) - spared
        if layout.height:
            layout.height -= spared
    return figure


def _wrap_legend(figure: go.Figure) -> int:
    """Wrap the names in a legend below the plot; the pixels that it takes on a phone beyond its first two lines."""
    named = [t for t in figure.data if getattr(t, "showlegend", None) is not False and t.name]
    for trace in named:
        trace.name = wrapped(trace.name, PHONE - _LEGEND_MARK, size=TEXT_PX)
    legend = figure.layout.legend
    square = any(axis.scaleanchor for axis in figure.select_yaxes())  # as high as wide: there is room below already
    if square or figure.layout.showlegend is False or len(named) < 2 or legend.yref != "container":
        return 0
    widest = max(text_width(line, size=TEXT_PX) for t in named for line in t.name.split("<br>"))
    columns = max(1, int(PHONE // (widest + _LEGEND_MARK)))
    rows = [named[i : i + columns] for i in range(0, len(named), columns)]
    lines = sum(max(line_count(t.name) for t in row) for row in rows)
    return (LINE + 2) * max(0, lines - 2)


def _share(domain: tuple[float, float] | None) -> float:
    return 1.0 if domain is None else domain[1] - domain[0]
