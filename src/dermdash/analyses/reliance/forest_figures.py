"""Shares of reliance in rows with intervals, and the plane of appropriate reliance."""

import html
from collections.abc import Sequence

import plotly.graph_objects as go

from dermdash.analyses.reliance.rates import ReaderReliance, RelianceRates
from dermdash.analysis.two_way import Rate
from dermdash.charts import palette
from dermdash.charts.curve_frame import curve_figure
from dermdash.charts.palette import CELL_PX, INKS, Theme, with_alpha
from dermdash.charts.rows import empty_figure, row_figure, row_y
from dermdash.reader_study.profile import group_name
from dermdash.readings.confidence_words import confidence_in_words
from dermdash.readings.modality import ALL_MODALITIES, modality_name
from dermdash.wording import counted, percent, percent_interval

_ROW = 54


def modality_color(code: str, *, theme: Theme, index: int = 0) -> str:
    """Fixed colour of our modalities, the text's for all together, a series colour for those of other studies."""
    return INKS[theme].text if code == ALL_MODALITIES else palette.modality_color(code, index)


def safe_modality_name(code: str) -> str:
    """The modality in words, safe inside a figure: that of another study is what its file says."""
    return _safe(modality_name(code))


def rate_text(rate: Rate) -> str:
    """A share in percent with its interval."""
    return percent_interval(rate.value, rate.low, rate.high)


def switch_forest_figure(
    rates: Sequence[RelianceRates],
    groups: Sequence[RelianceRates] = (),
    *,
    confidence_words: Sequence[str] = (),
    theme: Theme = Theme.LIGHT,
) -> go.Figure:
    """Draw the switch fraction of each modality and group; open marks are of too few readers or cases."""
    rows = [(f"<b>{safe_modality_name(r.modality)}</b>", r, modality_color(r.modality, theme=theme, index=i))
            for i, r in enumerate(rates)]  # fmt: skip
    rows += [(_safe(group_label(r, confidence_words)), r, INKS[theme].muted) for r in groups]
    drawn = [row for row in rows if row[1].switch.value is not None]
    if not drawn:
        return empty_figure(
            "No answer differed from the advice, or the log does not say what was advised.", theme=theme
        )
    figure = row_figure(
        [label for label, _, _ in drawn],
        values=[rate_text(r.switch) for _, r, _ in drawn],
        theme=theme,
        row_height=_ROW,
    )
    for i, (label, r, color) in enumerate(drawn):
        _mark(figure, r.switch, y=row_y(i, len(drawn)) - 0.06, color=color, text=_hover(label, r))
    figure.update_xaxes(
        range=[-2, 102], nticks=6, title_text="Changed to the advice, % (open: small groups)",
    )  # fmt: skip
    return figure


def _hover(label: str, rates: RelianceRates) -> str:
    return (
        f"{label}<br>{rate_text(rates.switch)} of {counted(rates.switch.total, 'answer')} that differed from the advice"
    )


def group_label(rates: RelianceRates, confidence_words: Sequence[str] = ()) -> str:
    """A group in words."""
    if rates.column == "confidence_unaided":
        return confidence_in_words(rates.value, confidence_words)
    if rates.column == "round":
        return f"round {rates.value}"
    return group_name(rates.value)


def reliance_plane_figure(
    rates: Sequence[RelianceRates], readers: Sequence[ReaderReliance], *, theme: Theme = Theme.LIGHT
) -> go.Figure:
    """Draw RAIR against RSR: each modality with both intervals, readers faint behind; the ideal is the upper right."""
    drawn = [r for r in rates if r.rair.value is not None and r.rsr.value is not None]
    if not drawn:
        return empty_figure(
            "No answer tells right from wrong advice: the truth or the advice is not known.", theme=theme
        )
    inks = INKS[theme]
    figure = curve_figure("", x="Followed right advice: RAIR, %", y="Kept right answers: RSR, %", theme=theme)
    figure.update_yaxes(range=[-2, 113])
    figure.update_layout(margin={"t": 12})
    figure.add_shape(
        type="rect", x0=50, y0=50, x1=102, y1=113, fillcolor=with_alpha(inks.accent, 0.07), line_width=0, layer="below"
    )
    for x, y, text, anchor in (
        (101, 112, "appropriate", "right"), (101, 1, "over-reliance", "right"), (-1, 112, "under-reliance", "left"),
        (-1, 1, "wrong either way", "left"),
    ):  # fmt: skip
        figure.add_annotation(
            x=x, y=y, text=text, showarrow=False, xanchor=anchor, yanchor="top" if y > 50 else "bottom",
            font={"size": CELL_PX, "color": inks.muted},
        )  # fmt: skip
    placed = [r for r in readers if r.rair is not None and r.rsr is not None]
    if placed:
        figure.add_scatter(
            x=[100 * (r.rair or 0) for r in placed], y=[100 * (r.rsr or 0) for r in placed], mode="markers",
            name="Readers (larger: more such cases)", hoverinfo="text",
            hovertext=[
                f"{_safe(r.reader)}<br>RAIR {percent(r.rair or 0, 0)} of {r.wrong_advised_right}, "
                f"RSR {percent(r.rsr or 0, 0)} of {r.right_advised_wrong}"
                for r in placed
            ],
            marker={
                "size": [6 + 1.5 * min(r.wrong_advised_right, r.right_advised_wrong) ** 0.5 for r in placed],
                "color": with_alpha(inks.muted, 0.35), "line": {"width": 1, "color": inks.muted},
            },
        )  # fmt: skip
    for i, r in enumerate(drawn):
        color = modality_color(r.modality, theme=theme, index=i)
        figure.add_scatter(
            x=[100 * (r.rair.value or 0)], y=[100 * (r.rsr.value or 0)], mode="markers",
            name=safe_modality_name(r.modality),
            error_x=_bar(r.rair, color), error_y=_bar(r.rsr, color), hoverinfo="text",
            hovertext=[f"{safe_modality_name(r.modality)}<br>RAIR {rate_text(r.rair)}<br>RSR {rate_text(r.rsr)}"],
            marker={"size": 12, "color": color, "symbol": "diamond" if r.modality == ALL_MODALITIES else "circle"},
        )  # fmt: skip
    return figure


def _mark(figure: go.Figure, rate: Rate, *, y: float, color: str, text: str) -> None:
    figure.add_scatter(
        x=[100 * (rate.value or 0)], y=[y], mode="markers", error_x=_bar(rate, color), hoverinfo="text",
        hovertext=[text],
        marker={
            "size": 11, "color": color, "symbol": "circle-open" if rate.small else "circle",
            "line": {"width": 2, "color": color},
        },
    )  # fmt: skip


def _bar(rate: Rate, color: str) -> dict[str, object] | None:
    if rate.value is None or rate.low is None or rate.high is None:
        return None
    return {
        "type": "data", "symmetric": False, "array": [100 * (rate.high - rate.value)],
        "arrayminus": [100 * (rate.value - rate.low)], "thickness": 1.6, "width": 4, "color": color,
    }  # fmt: skip


def _safe(text: str) -> str:
    return html.escape(text, quote=False)
