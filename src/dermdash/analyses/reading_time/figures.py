"""Reading times: medians with quartiles, ratios with intervals, along the session, and against accuracy."""

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from dermdash.analyses.reading_time.learning import Learning
from dermdash.analyses.reading_time.ratios import TimeRatio
from dermdash.analyses.reading_time.speed_accuracy import SpeedAccuracy
from dermdash.analyses.reading_time.summary import TimeSummary
from dermdash.analyses.reliance.forest_figures import modality_color, rate_text, safe_modality_name
from dermdash.analysis.two_way import Rate
from dermdash.charts.curve_frame import curve_figure
from dermdash.charts.labels import apart_on_log_axis
from dermdash.charts.palette import INKS, Theme, with_alpha
from dermdash.charts.rows import empty_figure, row_figure, row_y
from dermdash.wording import counted, number_interval, percent, seconds

_ROW = 60
_PHASES = {"unaided": "Before assistance", "aided": "After assistance"}
_TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)


def time_rows_figure(summaries: Sequence[TimeSummary], *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw median and quartiles of each modality before (open) and after assistance (filled), log seconds."""
    rows = list(dict.fromkeys(s.modality for s in summaries if not s.group))
    if not rows:
        return empty_figure("No time is recorded.", theme=theme)
    inks = INKS[theme]
    texts = []
    for code in rows:
        medians = {s.phase: s.median for s in summaries if s.modality == code and not s.group}
        texts.append(" \N{RIGHTWARDS ARROW} ".join(seconds(medians[p]) for p in _PHASES if p in medians))
    figure = row_figure(
        [f"<b>{safe_modality_name(code)}</b>" for code in rows], values=texts, theme=theme, row_height=_ROW
    )
    ends = []
    for s in summaries:
        if s.group:
            continue
        i, aided = rows.index(s.modality), s.phase == "aided"
        y = row_y(i, len(rows)) + (-0.2 if aided else 0.04)
        color = modality_color(s.modality, theme=theme, index=i) if aided else inks.muted
        ends += [s.first_quartile / 1000, s.third_quartile / 1000]
        figure.add_scatter(
            x=[s.first_quartile / 1000, s.third_quartile / 1000], y=[y, y], mode="lines", hoverinfo="skip",
            line={"color": color, "width": 3},
        )  # fmt: skip
        figure.add_scatter(
            x=[s.median / 1000], y=[y], mode="markers", hoverinfo="text",
            hovertext=[
                f"{_PHASES[s.phase]}: median {seconds(s.median)}<br>quartiles {seconds(s.first_quartile)} to "
                f"{seconds(s.third_quartile)}<br>geometric mean {seconds(s.geometric_mean)}<br>"
                f"{counted(s.readings, 'reading')}"
            ],
            marker={
                "size": 12, "color": color, "symbol": "circle" if aided else "circle-open",
                "line": {"width": 2.5, "color": color},
            },
        )  # fmt: skip
    _log_axis(figure, min(ends), max(ends), "Seconds, median and quartiles (open: before, filled: after)")
    return figure


def time_ratio_figure(ratios: Sequence[TimeRatio], *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw each ratio with its interval on a log axis; at 1 both take equally long."""
    drawn = [r for r in ratios if r.ratio is not None]
    if not drawn:
        return empty_figure("No pair of times before and after assistance.", theme=theme)
    inks = INKS[theme]
    labels = [r.group or safe_modality_name(r.modality) for r in drawn]
    figure = row_figure(
        [label if r.group else f"<b>{label}</b>" for label, r in zip(labels, drawn, strict=True)],
        values=[number_interval(r.ratio, r.low, r.high, 2) for r in drawn],
        theme=theme,
        row_height=54,
    )  # fmt: skip
    figure.add_shape(
        type="line",
        xref="x",
        yref="paper",
        x0=1,
        x1=1,
        y0=0,
        y1=1,
        line={"color": inks.muted, "width": 1.2, "dash": "dot"},
    )
    ends = [1.0]
    for i, (label, r) in enumerate(zip(labels, drawn, strict=True)):
        ratio = r.ratio or 1.0
        color = inks.muted if r.group else modality_color(r.modality, theme=theme, index=i)
        bar = None
        if r.low is not None and r.high is not None:
            ends += [r.low, r.high]
            bar = {
                "type": "data", "symmetric": False, "array": [r.high - ratio], "arrayminus": [ratio - r.low],
                "thickness": 1.6, "width": 4, "color": color,
            }  # fmt: skip
        ends.append(ratio)
        figure.add_scatter(
            x=[ratio], y=[row_y(i, len(drawn)) - 0.06], mode="markers", error_x=bar, hoverinfo="text",
            hovertext=[
                f"{label}<br>{number_interval(r.ratio, r.low, r.high, 2)}, {counted(r.pairs, 'pair')} of "
                f"{counted(r.readers, 'reader')}"
            ],
            marker={
                "size": 11, "color": color, "symbol": "circle-open" if r.small else "circle",
                "line": {"width": 2, "color": color},
            },
        )  # fmt: skip
    # Room at the right, so that the values there do not stand on the line at 1.
    low, high = min(ends), max(ends)
    _log_axis(figure, low, high * (high / low) ** 0.25, "Time after / time before (open: small groups)")
    return figure


def session_time_figure(learning: Learning, *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw the geometric mean time along the session with bands."""
    parts = [p for p in learning.parts if p.time is not None]
    if not parts:
        return empty_figure(learning.reason or "No time along the session.", theme=theme)
    figure = _plot("", x="Position in the session", y="Seconds, geometric mean", theme=theme, height=360)
    top = 0.0
    for phase, color, dash in _phase_styles(theme):
        own = [p for p in parts if p.phase == phase]
        if not own:
            continue
        banded = [(p.mean_position, p.time_low / 1000, p.time_high / 1000) for p in own
                  if p.time_low is not None and p.time_high is not None]  # fmt: skip
        _band(figure, banded, color, phase)
        top = max([top, *(p.time or 0.0 for p in own), *(1000 * high for _, _, high in banded)])
        figure.add_scatter(
            x=[p.mean_position for p in own], y=[(p.time or 0) / 1000 for p in own], mode="lines+markers",
            name=_PHASES[phase], legendgroup=phase, line={"color": color, "width": 2, "dash": dash},
            marker={"size": 8, "color": color}, hoverinfo="text",
            hovertext=[
                f"{_PHASES[phase]}, cases {p.first:g} to {p.last:g}<br>{seconds(p.time, p.time_low, p.time_high)}"
                for p in own
            ],
        )  # fmt: skip
    _position_axis(figure, [p.mean_position for p in parts])
    figure.update_yaxes(range=[0, 1.06 * top / 1000], dtick=None, nticks=7)
    return figure


def session_accuracy_figure(learning: Learning, *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw the accuracy along the session with bands."""
    parts = [p for p in learning.parts if p.accuracy.value is not None]
    if not parts:
        return empty_figure(learning.reason or "No answer is known to be right or wrong.", theme=theme)
    figure = _plot("", x="Position in the session", y="Right answers, %", theme=theme, height=360)
    for phase, color, dash in _phase_styles(theme):
        own = [p for p in parts if p.phase == phase]
        _rates(
            figure, [(p.mean_position, p.accuracy, f"cases {p.first:g} to {p.last:g}") for p in own], phase, color, dash
        )
    _position_axis(figure, [p.mean_position for p in parts])
    return figure


def speed_accuracy_figure(found: SpeedAccuracy, *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw the accuracy in each part of the readers' own times: the conditional accuracy function."""
    points = [p for p in found.curve if p.time is not None and p.accuracy.value is not None]
    if not points:
        return empty_figure(found.reason or "Too few readings of each reader.", theme=theme)
    figure = _plot("", x="Seconds", y="Right answers, %", theme=theme, height=400)
    for phase, color, dash in _phase_styles(theme):
        own = [p for p in points if p.phase == phase]
        _rates(
            figure, [((p.time or 0) / 1000, p.accuracy, f"part {p.part}, {seconds(p.time or 0)}") for p in own],
            phase, color, dash,
        )  # fmt: skip
    times = [(p.time or 0) / 1000 for p in points]
    _log_axis(figure, min(times), max(times), "Seconds, mean of each part")
    return figure


def reader_speed_figure(found: SpeedAccuracy, *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw every reader's accuracy against their geometric mean time."""
    if not found.readers:
        return empty_figure(found.reason or "No reader.", theme=theme)
    figure = _plot("", x="Seconds", y="Right answers, %", theme=theme, height=400)
    for phase, color, _ in _phase_styles(theme):
        own = [r for r in found.readers if r.phase == phase]
        if own:
            figure.add_scatter(
                x=[r.time / 1000 for r in own], y=[100 * r.accuracy for r in own], mode="markers", name=_PHASES[phase],
                hoverinfo="text",
                hovertext=[
                    f"{r.reader.replace('<', '&lt;')}, {_PHASES[phase].lower()}<br>{seconds(r.time)}, "
                    f"{percent(r.accuracy, 0)} of {counted(r.readings, 'reading')}"
                    for r in own
                ],
                marker={
                    "size": 9, "color": with_alpha(color, 0.5),
                    "symbol": "circle" if phase == "aided" else "circle-open",
                    "line": {"width": 1.6, "color": color},
                },
            )  # fmt: skip
    times = [r.time / 1000 for r in found.readers]
    _log_axis(figure, min(times), max(times), "Seconds, geometric mean of each reader")
    return figure


def _plot(title: str, *, x: str, y: str, theme: Theme, height: int) -> go.Figure:
    """A figure whose title stands above it on the page."""
    return curve_figure(title, x=x, y=y, theme=theme, height=height).update_layout(margin={"t": 12})


def _phase_styles(theme: Theme) -> tuple[tuple[str, str, str], ...]:
    return ("unaided", INKS[theme].muted, "dash"), ("aided", INKS[theme].accent, "solid")


def _rates(figure: go.Figure, points: list[tuple[float, Rate, str]], phase: str, color: str, dash: str) -> None:
    if not points:
        return
    _band(
        figure,
        [(x, 100 * r.low, 100 * r.high) for x, r, _ in points if r.low is not None and r.high is not None],
        color,
        phase,
    )
    figure.add_scatter(
        x=[x for x, _, _ in points], y=[100 * (r.value or 0) for _, r, _ in points], mode="lines+markers",
        name=_PHASES[phase], legendgroup=phase, line={"color": color, "width": 2, "dash": dash},
        marker={"size": 8, "color": color}, hoverinfo="text",
        hovertext=[f"{_PHASES[phase]}, {where}<br>{rate_text(r)} of {r.total:,}" for _, r, where in points],
    )  # fmt: skip


def _band(figure: go.Figure, points: list[tuple[float, float, float]], color: str, phase: str) -> None:
    if points:
        figure.add_scatter(
            x=[x for x, _, _ in points] + [x for x, _, _ in reversed(points)],
            y=[high for _, _, high in points] + [low for _, low, _ in reversed(points)],
            mode="lines", fill="toself", fillcolor=with_alpha(color, 0.14), line={"width": 0}, hoverinfo="skip",
            showlegend=False, legendgroup=phase,
        )  # fmt: skip


def _position_axis(figure: go.Figure, positions: list[float]) -> None:
    low, high = min(positions), max(positions)
    room = max(0.5, 0.04 * (high - low))
    figure.update_xaxes(range=[low - room, high + room], dtick=None, nticks=8)


def _log_axis(figure: go.Figure, low: float, high: float, title: str) -> None:
    room = max(0.06, 0.06 * math.log10(high / low))
    low, high = low / 10**room, high * 10**room
    ticks = [t for t in _TICKS if low <= t <= high]
    if len(ticks) < 3:  # a narrow range needs ticks of its own
        ticks = [t for t in (0.3, 0.4, 0.6, 0.7, 0.8, 0.9, 1.1, 1.2, 1.5, 3, 4, 6, 7, 8, 9, 12, 15, 40, *ticks)
                 if low <= t <= high]  # fmt: skip
    ticks = sorted(set(ticks))
    kept = apart_on_log_axis(ticks, [f"{t:g}" for t in ticks], low=low, high=high)
    figure.update_xaxes(
        type="log", range=[math.log10(low), math.log10(high)], tickvals=[t for t, _ in kept],
        ticktext=[text for _, text in kept], dtick=None, tickangle=0, title_text=title,
    )  # fmt: skip
