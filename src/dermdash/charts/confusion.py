"""What was answered for each true diagnosis: by readers before and after assistance, or by a model."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dermdash.analysis.arrays import IntArray
from dermdash.charts.curve_frame import title_layout
from dermdash.charts.labels import wrapped
from dermdash.charts.palette import CELL_PX, INKS, LABEL_PX, TEXT_PX, Inks, Theme, plotly_template
from dermdash.charts.rows import empty_figure
from dermdash.errors import MissingColumns
from dermdash.readings.modality import Phase
from dermdash.records.quality_score import SCORES
from dermdash.records.taxonomy import Taxonomy

_TITLES = {Phase.UNAIDED: "Before assistance", Phase.AIDED: "After assistance"}
_TITLE_WIDTH = 90
"""Pixels: two matrices stand side by side on a phone."""
REQUIRED_COLUMNS = ("phase", "truth_dx", "dx")


def confusion_counts(readings: pd.DataFrame, *, taxonomy: Taxonomy, phase: Phase) -> pd.DataFrame:
    """Count answers of one phase: rows are the truth, columns the answer, both in taxonomy order."""
    if missing := [name for name in REQUIRED_COLUMNS if name not in readings.columns]:
        raise MissingColumns(f"the readings lack {', '.join(missing)}; expected {', '.join(REQUIRED_COLUMNS)}")
    part = readings[readings["phase"] == phase.value]
    codes = list(taxonomy.codes)
    counts = pd.crosstab(part["truth_dx"], part["dx"])
    return counts.reindex(index=codes, columns=codes, fill_value=0).astype(int)


def confusion_figure(
    readings: pd.DataFrame, *, taxonomy: Taxonomy, stacked: bool = False, theme: Theme = Theme.LIGHT
) -> go.Figure:
    """Draw both phases, side by side or (``stacked``, for narrow screens) one below the other.

    ``readings`` has ``phase``, ``truth_dx``, ``dx``; cells show the share of the row's answers in percent, and on
    hovering the number.
    """
    if readings.empty:
        return empty_figure("No answers yet.", theme=theme)
    inks, codes = INKS[theme], list(taxonomy.codes)
    names = [taxonomy[code].name for code in codes]
    figure = make_subplots(
        rows=2 if stacked else 1, cols=1 if stacked else 2,
        subplot_titles=[wrapped(title, _TITLE_WIDTH, size=TEXT_PX) for title in _TITLES.values()],
        shared_yaxes=not stacked, vertical_spacing=0.16, horizontal_spacing=0.05,
    )  # fmt: skip
    for i, phase in enumerate(_TITLES):
        counts = confusion_counts(readings, taxonomy=taxonomy, phase=phase)
        figure.add_trace(
            _heatmap(counts, names, inks, words=("answers", "answer")),
            row=i + 1 if stacked else 1,
            col=1 if stacked else i + 1,
        )
    labels = [_axis_label(code) for code in codes]
    figure.update_xaxes(title_text="Answer, % of the true diagnosis", tickvals=codes, ticktext=labels, fixedrange=True)
    figure.update_yaxes(autorange="reversed", tickvals=codes, ticktext=labels, fixedrange=True)
    figure.update_yaxes(title_text="Truth", col=1)
    figure.update_layout(template=plotly_template(theme), height=820 if stacked else 440, margin={"t": 48})
    return figure


def model_confusion_figure(counts: IntArray, *, taxonomy: Taxonomy, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw what a model called each true diagnosis: int (classes, classes) in taxonomy order, rows the truth.

    Cells show the share of the row in percent, and on hovering the number.
    """
    inks, codes = INKS[theme], list(taxonomy.codes)
    table = pd.DataFrame(counts, index=codes, columns=codes)
    figure = go.Figure(_heatmap(table, [c.name for c in taxonomy.classes], inks, words=("images", "called")))
    labels = [_axis_label(code) for code in codes]
    figure.update_xaxes(
        title_text="Called by the model, % of the true diagnosis", tickvals=codes, ticktext=labels, fixedrange=True
    )
    figure.update_yaxes(title_text="Truth", autorange="reversed", tickvals=codes, ticktext=labels, fixedrange=True)
    figure.update_layout(
        template=plotly_template(theme),
        height=150 + 44 * len(codes),
        title=title_layout("What each diagnosis is called", theme=theme),
        margin={"t": 42},
        meta={"description": "Confusion of diagnoses: rows the truth, columns what the model called, in percent."},
    )
    return figure


def score_confusion_figure(counts: IntArray, *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw which image quality score was proposed where a person gave which: int (5, 5), rows the person.

    Cells show the number of images.
    """
    inks = INKS[theme]
    scores = [str(score) for score in SCORES]
    hover = [
        [f"{n:,} of {sum(row):,}<br>person {given}<br>proposed {at}" for at, n in zip(scores, row, strict=True)]
        for given, row in zip(scores, counts.tolist(), strict=True)
    ]
    figure = go.Figure(
        go.Heatmap(
            z=counts, x=scores, y=scores, zmin=0, zmax=max(1, int(counts.max())), showscale=False, xgap=2, ygap=2,
            colorscale=[[0, inks.surface], [1, inks.heat]], texttemplate="%{z:,}",
            textfont={"size": LABEL_PX, "color": inks.text}, hovertext=hover, hoverinfo="text",
        )
    )  # fmt: skip
    figure.update_xaxes(title_text="Proposed score", type="category", fixedrange=True)
    figure.update_yaxes(title_text="Score of a person", type="category", autorange="reversed", fixedrange=True)
    figure.update_layout(
        template=plotly_template(theme), height=380, margin={"t": 42},
        title=title_layout("Where person and proposal meet", theme=theme),
        meta={"description": "Scores 1 to 5: rows what a person gave, columns what was proposed, in images."},
    )  # fmt: skip
    return figure


def _heatmap(counts: pd.DataFrame, names: list[str], inks: Inks, *, words: tuple[str, str]) -> go.Heatmap:
    # A diagnosis without cases has no shares: its row stays empty.
    shares = counts.div(counts.sum(axis=1).replace(0, np.nan), axis=0) * 100
    what, verb = words
    hover = [
        [
            f"{count:,} of {sum(row):,} {what}<br>truth {truth}<br>{verb} {answer}"
            for answer, count in zip(names, row, strict=True)
        ]
        for truth, row in zip(names, counts.to_numpy().tolist(), strict=True)
    ]
    codes = list(counts.columns)
    return go.Heatmap(
        z=shares.to_numpy(), x=codes, y=codes, zmin=0, zmax=100, showscale=False, xgap=2, ygap=2,
        colorscale=[[0, inks.surface], [1, inks.heat]], texttemplate="%{z:.0f}",
        textfont={"size": CELL_PX, "color": inks.text}, hovertext=hover, hoverinfo="text",
    )  # fmt: skip


def _axis_label(code: str) -> str:
    """Write short codes as they are and long ones by their initials, so that a column stays narrow."""
    return code if len(code) <= 6 else "".join(word[:4] for word in code.split("_")[:2])
