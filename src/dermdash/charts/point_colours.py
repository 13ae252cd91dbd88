"""What points of a map are coloured by: a few categories, or a number from dark to light."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdash.charts.palette import INKS, MORE_SERIES_COLORS, UNKNOWN_COLOR, VIRIDIS, Theme, between
from dermdash.records.visible_text import visible_text
from dermdash.wording import number, plain_number

MOST_CATEGORIES = 12
OTHERS, UNKNOWN_VALUE = "Others", "Not recorded"
_STEPS = 32
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class PointColours:
    """Of each point the place of its colour in the palette (uint8), and what the colours mean: text to colour."""

    palette: tuple[str, ...]
    groups: NDArray[np.uint8]
    legend: tuple[tuple[str, str], ...]


def of_categories(
    values: Sequence[str] | NDArray[np.object_], colors: Mapping[str, str], *, theme: Theme = Theme.LIGHT
) -> PointColours:
    """One colour per category, the most frequent first; beyond `MOST_CATEGORIES` they are others.

    ``values``: one per point, ``""`` where nothing is recorded. ``colors``: of the categories that have a fixed one.
    """
    # Each point's place among the names that there are: a million texts are looked at once.
    codes, found = pd.factorize(np.asarray(values, dtype=object), use_na_sentinel=False)
    names, counts = [str(name) for name in found], np.bincount(codes, minlength=len(found))
    ordered = sorted((i for i, name in enumerate(names) if name), key=lambda i: (-counts[i], names[i]))
    shown, rest = ordered[:MOST_CATEGORIES], ordered[MOST_CATEGORIES:]
    parts = [(names[i], colors.get(names[i], MORE_SERIES_COLORS[place]), [i]) for place, i in enumerate(shown)]
    if rest:
        parts.append((OTHERS, INKS[theme].muted, rest))
    if "" in names:
        parts.append((UNKNOWN_VALUE, UNKNOWN_COLOR, [names.index("")]))
    place_of = np.zeros(max(1, len(names)), np.uint8)
    for place, (_, _, members) in enumerate(parts):
        place_of[members] = place
    legend = tuple((f"{_short(name)} ({number(int(counts[of].sum()), 0)})", color) for name, color, of in parts)
    groups = place_of[codes]
    return PointColours(tuple(color for _, color, _ in parts) or (UNKNOWN_COLOR,), groups, legend)


def of_numbers(values: NDArray[np.float64]) -> PointColours:
    """From dark (low) to light (high) between the 1st and the 99th of a hundred; grey where no number is known."""
    known = np.isfinite(values)
    groups = np.full(len(values), _STEPS, np.uint8)
    palette = (*map(_viridis, np.linspace(0, 1, _STEPS)), UNKNOWN_COLOR)
    legend: list[tuple[str, str]] = []
    if known.any():
        low, high = (float(bound) for bound in np.quantile(values[known], [0.01, 0.99]))
        share = (values[known] - low) / (high - low) if high > low else np.zeros(int(known.sum()))
        groups[known] = np.clip(share * _STEPS, 0, _STEPS - 1).astype(np.uint8)
        ends = (0.0, 0.25, 0.5, 0.75, 1.0) if high > low else (0.0,)
        legend = [(plain_number(low + end * (high - low), 2), _viridis(end)) for end in ends]
    if not known.all():
        legend.append((f"{UNKNOWN_VALUE} ({number(int((~known).sum()), 0)})", UNKNOWN_COLOR))
    return PointColours(palette, groups, tuple(legend))


def _viridis(share: float) -> str:
    """The colour of a share between the ten of the scale."""
    at = min(max(share, 0.0), 1.0) * (len(VIRIDIS) - 1)
    below = min(int(at), len(VIRIDIS) - 2)
    return between(VIRIDIS[below], VIRIDIS[below + 1], at - below)


def _short(name: str) -> str:
    text = visible_text(name)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"
