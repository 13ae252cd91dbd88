"""A trial run of a protocol: readers of arms, readings of modalities by case, and where in the order they stand."""

from collections import Counter
from collections.abc import Sequence

import plotly.graph_objects as go

from dermdash.charts.curve_frame import curve_figure
from dermdash.charts.palette import INKS, MODALITY_COLORS, Theme, plotly_template
from dermdash.charts.rows import BAR_WIDTH, empty_figure, row_figure, row_y, short_label
from dermdash.reader_study.trial_balance import PARTS_OF_ORDER, TrialBalance
from dermdash.wording import counted, percent

_HEIGHT = 300
_LEAST, _LARGEST = 7, 17
"""Pixels across a point: of a single case, and of all of them."""


def readers_figure(rows: Sequence[tuple[str, int, int]], *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw for each (label, begun, completed) how many readers begin, and how many of them complete."""
    if not any(begun for _, begun, _ in rows):
        return empty_figure("No reader takes part.", theme=theme)
    n, inks = len(rows), INKS[theme]
    values = [f"{completed} of {begun} complete" if begun else "nobody" for _, begun, completed in rows]
    figure = row_figure([short_label(label) for label, _, _ in rows], values=values, theme=theme)
    for which, color in ((1, inks.grid), (2, inks.accent)):
        figure.add_bar(
            x=[row[which] for row in rows], y=[row_y(i, n) for i in range(n)], orientation="h", width=BAR_WIDTH,
            marker={"color": color, "line": {"width": 0}}, hoverinfo="text",
            hovertext=[f"{short_label(row[0])}<br>{said}" for row, said in zip(rows, values, strict=True)],
        )  # fmt: skip
    figure.update_xaxes(range=[0, max(begun for _, begun, _ in rows)], visible=False)
    figure.update_layout(barmode="overlay", meta={"description": "Readers who begin, and who complete."})
    return figure


def readings_of_cases_figure(balance: TrialBalance, *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw for each modality how many readings the cases have: a point for each number, as large as it has cases."""
    shown = balance.modalities
    if not shown:
        return empty_figure("No case is read.", theme=theme)
    table = balance.of_cases()
    counts = [Counter(table[case, modality] for case in balance.cases) for modality in shown]
    spans = [(min(each), max(each)) for each in counts]
    values = [f"{low} of each case" if low == high else f"{low} to {high} of a case" for low, high in spans]
    figure = row_figure([modality.label for modality in shown], values=values, theme=theme)
    most, n = max(high for _, high in spans), len(shown)
    for i, (modality, each) in enumerate(zip(shown, counts, strict=True)):
        numbers = sorted(each)
        figure.add_scatter(
            x=numbers, y=[row_y(i, n) - 0.17] * len(numbers), mode="lines+markers", hoverinfo="text",
            line={"color": INKS[theme].grid, "width": 2},
            marker={
                "size": [_LEAST + (_LARGEST - _LEAST) * (each[k] / len(balance.cases)) ** 0.5 for k in numbers],
                "color": MODALITY_COLORS[modality], "opacity": 1, "line": {"width": 0},
            },
            hovertext=[
                f"{modality.label}<br>{counted(each[k], 'case')} with {counted(k, 'reading')}" for k in numbers
            ],
        )  # fmt: skip
    figure.update_xaxes(
        range=[-0.05 * most - 0.5, 1.05 * most + 0.5], visible=True, title_text="Readings of a case", nticks=6,
        tickformat="d", rangemode="tozero", zeroline=False,
    )  # fmt: skip
    figure.update_layout(
        height=figure.layout.height + 44, margin={"b": 44},
        meta={"description": "How many readings the cases have with each modality; large points are many cases."},
    )  # fmt: skip
    return figure


def along_order_figure(balance: TrialBalance, *, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw which share of a modality's readings stands in each quarter of a reader's order; 25 % each is even."""
    tallies = [tally for tally in balance.of_modalities() if tally.readings]
    if not tallies:
        return empty_figure("No case is read.", theme=theme, height=_HEIGHT)
    figure = curve_figure("", x="Quarter of a reader's order", y="Readings of the modality, %", theme=theme)
    quarters = list(range(1, PARTS_OF_ORDER + 1))
    figure.add_hline(y=100 / PARTS_OF_ORDER, line={"color": INKS[theme].muted, "width": 1, "dash": "dot"})
    highest = 0.0
    for modality, tally in zip(balance.modalities, tallies, strict=True):
        shares = [n / tally.readings for n in tally.along_order]
        highest = max(highest, *shares)
        figure.add_scatter(
            x=quarters, y=[100 * share for share in shares], mode="lines+markers", name=modality.label,
            line={"color": MODALITY_COLORS[modality], "width": 2}, marker={"size": 8}, hoverinfo="text",
            hovertext=[
                f"{modality.label}, quarter {part}: {n} of {counted(tally.readings, 'reading')} ({percent(share, 0)})"
                for part, n, share in zip(quarters, tally.along_order, shares, strict=True)
            ],
        )  # fmt: skip
    figure.update_xaxes(range=[0.8, PARTS_OF_ORDER + 0.2], dtick=1)
    figure.update_yaxes(range=[0, max(50.0, 110 * highest)], dtick=25)
    figure.update_layout(template=plotly_template(theme), height=_HEIGHT, margin={"t": 12})
    return figure
