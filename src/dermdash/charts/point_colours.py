"""What points of a map are coloured by: a few categories, or a number from dark to light."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
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
    codes: NDArray[np.unsignedinteger[Any]],
    words: Sequence[str],
    colors: Mapping[str, str],
    *,
    theme: Theme = Theme.LIGHT,
) -> PointColours:
    """One colour per category, the most frequent first; beyond `MOST_CATEGORIES` they are others.

    ``codes``: of each point the place of its word; ``words``: ``""`` where nothing is recorded, and some may be the
    same. ``colors``: of the categories that have a fixed one.
    """
    of_code = np.bincount(codes, minlength=len(words))
    counts: Counter[str] = Counter()
    for word, n in zip(words, of_code, strict=True):
        counts[word] += int(n)
    ordered = sorted((name for name, n in counts.items() if name and n), key=lambda name: (-counts[name], name))
    shown, rest = ordered[:MOST_CATEGORIES], ordered[MOST_CATEGORIES:]
    parts = [(name, colors.get(name, MORE_SERIES_COLORS[place]), [name]) for place, name in enumerate(shown)]
    if rest:
        parts.append((OTHERS, INKS[theme].muted, rest))
    if counts[""]:
        parts.append((UNKNOWN_VALUE, UNKNOWN_COLOR, [""]))
    place_of = {name: place for place, (_, _, members) in enumerate(parts) for name in members}
    groups = np.array([place_of.get(word, 0) for word in words] or [0], np.uint8)[codes]
    legend = tuple(
        (f"{_short(name)} ({number(sum(counts[one] for one in members), 0)})", color) for name, color, members in parts
    )
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
