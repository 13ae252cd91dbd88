"""Accuracy before and after assistance by modality: a line from before to after with intervals, readers behind."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dermdash.analysis.paired_accuracy import Interval
from dermdash.charts.palette import INKS, Theme, modality_color, with_alpha
from dermdash.charts.rows import empty_figure, row_figure, row_y, short_label
from dermdash.readings.modality import modality_label
from dermdash.wording import percent, percent_interval, points

_ROW_HEIGHT = 96
_OFFSET = 0.13


class BeforeAndAfter(Protocol):
    """A share before and after assistance with its intervals, as `PairedAccuracy` has them."""

    @property
    def modality(self) -> str:
        """Code of what was shown."""

    @property
    def unaided(self) -> float:
        """Share before, 0..1."""

    @property
    def aided(self) -> float:
        """Share after, 0..1."""

    @property
    def difference(self) -> float:
        """After minus before."""

    @property
    def unaided_interval(self) -> Interval | None:
        """Of the share before."""

    @property
    def aided_interval(self) -> Interval | None:
        """Of the share after."""

    @property
    def difference_interval(self) -> Interval | None:
        """Of the difference."""


def accuracy_change_figure(
    results: Sequence[BeforeAndAfter],
    *,
    readers: pd.DataFrame | None = None,
    theme: Theme = Theme.LIGHT,
    measure: str = "Correct diagnoses",
) -> go.Figure:
    """Draw one row per modality.

    Parameters
    ----------
    results
        From `paired_accuracy`, or anything with the same figures.
    readers
        From `reader_changes`: each reader becomes a faint point before and after. None: left out.
    measure
        What the share is of, for the axis.
    """
    if not results:
        return empty_figure("No case has been read with assistance yet.", theme=theme)
    inks = INKS[theme]
    figure = row_figure(
        [f"<b>{short_label(modality_label(r.modality))}</b>" for r in results],
        values=[difference_text(r) for r in results],
        theme=theme,
        row_height=_ROW_HEIGHT,
    )
    low = 1.0
    for i, result in enumerate(results):
        y, color = row_y(i, len(results)), modality_color(result.modality, i)
        before, after = y + _OFFSET - 0.06, y - _OFFSET - 0.06
        if readers is not None:
            part = readers[readers["modality"] == result.modality]
            low = min([low, *part["unaided"], *part["aided"]])
            _add_readers(figure, part["unaided"], part["reader"], y=before, color=inks.muted, phase="unaided")
            _add_readers(figure, part["aided"], part["reader"], y=after, color=color, phase="aided")
        figure.add_scatter(
            x=[100 * result.unaided, 100 * result.aided], y=[before, after], mode="lines", hoverinfo="skip",
            line={"color": color, "width": 2},
        )  # fmt: skip
        _add_mean(figure, result.unaided, result.unaided_interval, y=before, color=inks.muted, phase="Before")
        _add_mean(figure, result.aided, result.aided_interval, y=after, color=color, phase="After", filled=True)
        bounds = [v.low for v in (result.unaided_interval, result.aided_interval) if v is not None]
        low = min([low, result.unaided, result.aided, *bounds])
    # The axis starts at a round tenth below the lowest value, and always shows enough width to judge a change.
    start = 10 * np.floor(min(10 * low - 0.5, 7.0)) if low > 0.05 else 0
    figure.update_xaxes(
        range=[start - 2, 102],
        title=f"{measure}, % (open: before, filled: after)",
        nticks=6,
    )
    return figure


def difference_text(result: BeforeAndAfter) -> str:
    """Write the change in percentage points with its interval, as in "+13.3 points (11.5 to 15.2)"."""
    interval = result.difference_interval
    return points(result.difference, *((None, None) if interval is None else (interval.low, interval.high)))


def _add_mean(
    figure: go.Figure,
    share: float,
    interval: Interval | None,
    *,
    y: float,
    color: str,
    phase: str,
    filled: bool = False,
) -> None:
    error = None
    symbol = "circle" if filled else "circle-open"
    if interval is not None:
        error = {
            "type": "data", "symmetric": False, "array": [100 * (interval.high - share)],
            "arrayminus": [100 * (share - interval.low)], "thickness": 2, "width": 5, "color": color,
        }  # fmt: skip
    bounds = (None, None) if interval is None else (interval.low, interval.high)
    text = f"{phase}: {percent_interval(share, *bounds)}"
    figure.add_scatter(
        x=[100 * share], y=[y], mode="markers", error_x=error, hovertext=text, hoverinfo="text",
        marker={"size": 13, "color": color, "symbol": symbol, "line": {"width": 2.5, "color": color}},
    )  # fmt: skip


def _add_readers(
    figure: go.Figure, shares: "pd.Series[float]", names: "pd.Series[str]", *, y: float, color: str, phase: str
) -> None:
    # Readers with equal shares are spread in a fixed pattern: the same data give the same picture.
    rank = shares.groupby(shares).cumcount().to_numpy(float)
    figure.add_scatter(
        x=100 * shares, y=y + 0.018 * np.minimum(rank, 6) * np.where(rank % 2, 1, -1), mode="markers",
        marker={"size": 7, "color": with_alpha(color, 0.28)}, hoverinfo="text",
        hovertext=[f"{name}, {phase}: {percent(s)}" for name, s in zip(names, shares, strict=True)],
    )  # fmt: skip
