"""The way of answers: right or wrong before, advised right or wrong, right or wrong after, as an alluvial figure."""

from collections.abc import Sequence
from itertools import pairwise

import plotly.graph_objects as go

from dermdash.analysis.reliance.rates import ALL
from dermdash.analysis.reliance.transitions import Flow, Transition
from dermdash.charts.palette import DIAGNOSIS_COLORS, INKS, SERIES_COLORS, Theme, plotly_template, with_alpha
from dermdash.charts.rows import empty_figure, percent

RIGHT, WRONG = SERIES_COLORS[0], SERIES_COLORS[3]
_STEPS = ("Before", "Advice", "After")
_MOST_CLASSES = 14


def transition_figure(
    transitions: Sequence[Transition], *, modality: str = ALL, theme: Theme = Theme.LIGHT
) -> go.Figure:
    """Draw the 2 x 2 x 2 table of a modality; a band has the colour of how the answer ended."""
    cells = [t for t in transitions if t.modality == modality and t.count]
    if not cells:
        return empty_figure("The truth or the advice is not known: right and wrong cannot be told apart.", theme=theme)
    total = sum(t.count for t in cells)
    names = [f"{step}: {side}" for step in _STEPS for side in ("right", "wrong")]
    links: dict[tuple[int, int, str], list[Transition]] = {}
    for t in cells:
        nodes = [2 * i + int(not right) for i, right in enumerate((t.initial_right, t.advice_right, t.final_right))]
        color = RIGHT if t.final_right else WRONG
        for source, target in pairwise(nodes):
            links.setdefault((source, target, color), []).append(t)
    figure = _sankey(
        names,
        [RIGHT, WRONG] * 3,
        [(s, g, sum(t.count for t in ts), c, "<br>".join(_cell(t) for t in ts)) for (s, g, c), ts in links.items()],
        total=total,
        places=[(0.001 + 0.499 * i, y) for i in range(3) for y in (0.25, 0.85)],
        theme=theme,
    )
    figure.update_layout(height=360)
    return figure


def class_flow_figure(flows: Sequence[Flow], *, modality: str | None = None, theme: Theme = Theme.LIGHT) -> go.Figure:
    """Draw from which answer over which advice to which answer, in the colours of the answer before."""
    kept = [f for f in flows if modality in (None, ALL, f.modality)]
    if not kept:
        return empty_figure("The log does not say what was answered and advised.", theme=theme)
    classes = sorted({c for f in kept for c in (f.initial, f.advice, f.final)})
    if len(classes) > _MOST_CLASSES:
        return empty_figure(f"{len(classes)} classes are too many for one figure.", theme=theme)
    colors = {c: DIAGNOSIS_COLORS.get(c, SERIES_COLORS[i % len(SERIES_COLORS)]) for i, c in enumerate(classes)}
    n = len(classes)
    links: dict[tuple[int, int, str], int] = {}
    for f in kept:
        nodes = [k * n + classes.index(c) for k, c in enumerate((f.initial, f.advice, f.final))]
        for source, target in pairwise(nodes):
            key = (source, target, colors[f.initial])
            links[key] = links.get(key, 0) + f.count
    text = [f"{step} {c.replace('<', '&lt;')}" for step in _STEPS for c in classes]
    figure = _sankey(
        text,
        [colors[c] for _ in _STEPS for c in classes],
        [(s, t, count, c, "") for (s, t, c), count in links.items()],
        total=sum(f.count for f in kept),
        places=None,
        theme=theme,
    )
    figure.update_layout(height=470)
    return figure


def _sankey(
    names: list[str],
    colors: list[str],
    links: list[tuple[int, int, int, str, str]],
    *,
    total: int,
    places: list[tuple[float, float]] | None,
    theme: Theme,
) -> go.Figure:
    through = [max(sum(v for s, _, v, _, _ in links if s == i), sum(v for _, t, v, _, _ in links if t == i))
               for i in range(len(names))]  # fmt: skip
    # A node that nothing passes would be drawn as a line at the edge.
    kept = [i for i, count in enumerate(through) if count]
    place = {old: new for new, old in enumerate(kept)}
    node = {
        "label": [f"{names[i]} \N{MIDDLE DOT} {through[i]:,} ({percent(through[i] / total)})" for i in kept],
        "color": [colors[i] for i in kept], "pad": 22, "thickness": 14, "line": {"width": 0},
        "hovertemplate": "%{label}<extra></extra>",
    }  # fmt: skip
    if places is not None:
        node |= {"x": [places[i][0] for i in kept], "y": [places[i][1] for i in kept]}
    figure = go.Figure(layout={"template": plotly_template(theme)})
    figure.add_sankey(
        arrangement="snap", node=node, textfont={"color": INKS[theme].text, "size": 13, "shadow": "none"},
        link={
            "source": [place[s] for s, *_ in links], "target": [place[t] for _, t, *_ in links],
            "value": [v for _, _, v, _, _ in links], "color": [with_alpha(c, 0.4) for *_, c, _ in links],
            "customdata": [text or f"{percent(v / total, 1)}" for _, _, v, _, text in links],
            "hovertemplate": "%{value:,} pairs<br>%{customdata}<extra></extra>",
        },
    )  # fmt: skip
    figure.update_layout(margin={"l": 8, "r": 8, "t": 12, "b": 12})
    return figure


def _cell(t: Transition) -> str:
    return f"{t.meaning}: {t.count:,}" + ("" if t.share is None else f" ({percent(t.share, 1)})")
