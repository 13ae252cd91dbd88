"""The way of answers: right or wrong before, advised right or wrong, right or wrong after, as an alluvial figure."""

from collections.abc import Sequence
from itertools import pairwise

import plotly.graph_objects as go

from dermdash.analyses.reliance.transitions import AnswerFlow, Transition
from dermdash.charts.palette import DIAGNOSIS_COLORS, INKS, LABEL_PX, SERIES_COLORS, Theme, plotly_template, with_alpha
from dermdash.charts.rows import empty_figure
from dermdash.readings.modality import ALL_MODALITIES
from dermdash.records.taxonomy import diagnosis_name, short_diagnosis_name
from dermdash.wording import counted, percent

RIGHT, WRONG = SERIES_COLORS[0], SERIES_COLORS[3]
_STEPS = ("Before", "Advice", "After")
_MOST_CLASSES = 14


def transition_figure(
    transitions: Sequence[Transition], *, modality: str = ALL_MODALITIES, theme: Theme = Theme.LIGHT
) -> go.Figure:
    """Draw the 2 x 2 x 2 table of a modality; a band has the colour of how the answer ended."""
    cells = [t for t in transitions if t.modality == modality and t.count]
    if not cells:
        return empty_figure("The truth or the advice is not known: right and wrong cannot be told apart.", theme=theme)
    total = sum(t.count for t in cells)
    names = ["right", "wrong"] * len(_STEPS)
    links: dict[tuple[int, int, str], list[Transition]] = {}
    for t in cells:
        nodes = [2 * i + int(not right) for i, right in enumerate((t.initial_right, t.advice_right, t.final_right))]
        color = RIGHT if t.final_right else WRONG
        for source, target in pairwise(nodes):
            links.setdefault((source, target, color), []).append(t)
    figure = _sankey(
        names,
        [RIGHT, WRONG] * 3,
        [(s, g, sum(t.count for t in ts), c, 0.4) for (s, g, c), ts in links.items()],
        texts=["<br>".join(_cell(t) for t in ts) for ts in links.values()],
        total=total,
        places=[(0.001 + 0.499 * i, y) for i in range(3) for y in (0.25, 0.85)],
        between="<br>",  # beside one another on a phone
        theme=theme,
    )
    figure.update_layout(height=360)
    return figure


def class_flow_figure(
    flows: Sequence[AnswerFlow], *, modality: str | None = None, theme: Theme = Theme.LIGHT
) -> go.Figure:
    """Draw from which answer over which advice to which answer, in the colours of the answer before."""
    kept = [f for f in flows if modality in (None, ALL_MODALITIES, f.modality)]
    if not kept:
        return empty_figure("The log does not say what was answered and advised.", theme=theme)
    classes = sorted({c for f in kept for c in (f.initial, f.advice, f.final)})
    if len(classes) > _MOST_CLASSES:
        return empty_figure(f"{counted(len(classes), 'class', 'classes')} are too many for one figure.", theme=theme)
    colors = {c: DIAGNOSIS_COLORS.get(c, SERIES_COLORS[i % len(SERIES_COLORS)]) for i, c in enumerate(classes)}
    n = len(classes)
    first = {c: k for k in (2, 1, 0) for f in kept for c in ((f.initial, f.advice, f.final)[k],)}
    links: dict[tuple[int, int, str], int] = {}
    for f in kept:
        nodes = [k * n + classes.index(c) for k, c in enumerate((f.initial, f.advice, f.final))]
        for source, target in pairwise(nodes):
            key = (source, target, colors[f.initial])
            links[key] = links.get(key, 0) + f.count
    figure = _sankey(
        # Named once, where it first occurs: on a phone further names would run into one another.
        [
            short_diagnosis_name(c).replace("<", "&lt;") if k == first[c] else ""
            for k in range(len(_STEPS))
            for c in classes
        ],
        [colors[c] for _ in _STEPS for c in classes],
        # What stays as it was is faint: the eye is for the answers that the advice disagreed with or moved.
        [(s, t, count, c, 0.16 if s % n == t % n else 0.55) for (s, t, c), count in links.items()],
        total=sum(f.count for f in kept),
        places=_stacked(links, steps=len(_STEPS), classes=n),
        full_names=[diagnosis_name(c).replace("<", "&lt;") for c in classes] * len(_STEPS),
        theme=theme,
    )
    figure.update_layout(height=470)
    return figure


def _sankey(
    names: list[str],
    colors: list[str],
    links: list[tuple[int, int, int, str, float]],
    *,
    total: int,
    places: list[tuple[float, float]],
    texts: list[str] | None = None,
    full_names: list[str] | None = None,
    between: str = " ",
    theme: Theme,
) -> go.Figure:
    through = [max(sum(v for s, _, v, _, _ in links if s == i), sum(v for _, t, v, _, _ in links if t == i))
               for i in range(len(names))]  # fmt: skip
    # A node that nothing passes would be drawn as a line at the edge.
    kept = [i for i, count in enumerate(through) if count]
    place = {old: new for new, old in enumerate(kept)}
    node = {
        "label": [f"{names[i]}{between}{percent(through[i] / total, 0)}".strip() for i in kept],
        "color": [colors[i] for i in kept], "pad": 22, "thickness": 14, "line": {"width": 0},
        "customdata": [(full_names or names)[i] for i in kept],
        "hovertemplate": "%{customdata}: pairs %{value:,}<extra></extra>",
        "x": [places[i][0] for i in kept], "y": [places[i][1] for i in kept],
    }  # fmt: skip
    shares = [f"{percent(v / total)} of all" for _, _, v, _, _ in links]
    figure = go.Figure(layout={"template": plotly_template(theme)})
    figure.add_sankey(
        arrangement="snap", node=node, textfont={"color": INKS[theme].text, "size": LABEL_PX, "shadow": "none"},
        link={
            "source": [place[s] for s, *_ in links], "target": [place[t] for _, t, *_ in links],
            "value": [v for _, _, v, _, _ in links], "color": [with_alpha(c, a) for *_, c, a in links],
            "customdata": texts or shares,
            "hovertemplate": "pairs %{value:,}<br>%{customdata}<extra></extra>",
        },
    )  # fmt: skip
    for step, (x, anchor) in zip(_STEPS, ((0, "left"), (0.5, "center"), (1, "right")), strict=True):
        figure.add_annotation(
            xref="paper", yref="paper", x=x, y=1, yanchor="bottom", xanchor=anchor, text=step, showarrow=False,
            font={"size": LABEL_PX, "color": INKS[theme].muted},
        )  # fmt: skip
    figure.update_layout(margin={"l": 8, "r": 8, "t": 32, "b": 12})
    return figure


def _stacked(links: dict[tuple[int, int, str], int], *, steps: int, classes: int) -> list[tuple[float, float]]:
    """Nodes of each step from top to bottom in the order of the classes, each as high as what passes it."""
    through = [0] * (steps * classes)
    for (source, target, _), count in links.items():
        through[target] += count
        if source < classes:
            through[source] += count
    places = []
    for step in range(steps):
        own = through[step * classes : (step + 1) * classes]
        gap = 0.12 / max(1, sum(1 for c in own if c) - 1)
        top = 0.0
        for count in own:
            height = 0.88 * count / max(1, sum(own))
            places.append((0.001 + 0.998 * step / (steps - 1), min(0.999, max(0.001, top + height / 2))))
            top += height + (gap if count else 0.0)
    return places


def _cell(t: Transition) -> str:
    return f"{t.meaning}: {t.count:,}" + ("" if t.share is None else f" ({percent(t.share)})")
