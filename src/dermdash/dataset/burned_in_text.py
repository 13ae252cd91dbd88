"""Writing in a picture: names, dates and numbers that a device or a person put onto the pixels.

Writing is a row of marks of one height on one line, each of one colour, apart from what is around it. In each colour
channel marks are what is lighter, or darker, than all within a letter's reach (top hats), cut at several heights; marks
that stand side by side make a line; and what such a line looks like (`_FEATURES`) is weighed by a logistic regression
that was fitted to lines of drawn writing on dermatoscopic images and to the lines found on the images themselves.
Lines from top to bottom are looked for as well. `python -m tests.benchmarks --only burned_in_text` measures it.

It proposes. It does not read, and sees neither handwriting nor faces nor tattoos.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

DETECTOR = "lines-2"
"""Version of the search, which also reads what files hold beside their pixels; what an earlier one has seen is searched
again."""
MOST_REGIONS = 12
_SMALL_SIDE, _SHORT_SIDE, _LONG_SIDE = 450, 900, 1200
_CUTS = (26, 55, 105)
_REACH = 19
_LOWEST, _HIGHEST, _NARROWEST = 6, 90, 2
_LEAST_MARKS, _MOST_MARKS = 3, 900


@dataclass(frozen=True, slots=True)
class TextRegion:
    """A rectangle in pixels of the upright image; ``score`` 0..1, higher: looks more like writing (0: a person's)."""

    x: int
    y: int
    width: int
    height: int
    score: float


THRESHOLD = 0.2
"""Lowest score that is proposed: about 2 of 100 photographs without writing have such a line."""
_CONSTANT = -8.5464
_FEATURES = {
    "marks": 0.1809,
    "log_marks": 2.1344,
    "height_spread": -1.4104,
    "off_line": -4.6744,
    "line_height": -1.2473,
    "slope": -5.1718,
    "gap_spread": 0.3364,
    "gap": 0.0433,
    "colour_spread": -2.4729,
    "contrast": 3.7724,
    "contrast_spread": -7.2033,
    "colour_within": 4.6666,
    "aspect": -2.4077,
    "aspect_spread": 1.8798,
    "fullness": 8.3784,
    "fullness_spread": -0.0450,
    "stroke": -7.0317,
    "stroke_spread": -0.2393,
    "edge": 2.5533,
    "edge_spread": 2.6522,
    "log_height": -0.5887,
    "length": 0.3688,
    "thin_share": -0.2681,
    "filled": 4.5343,
}
"""What a line is weighed by, in the order of `_features`."""
_WEIGHTS = np.array(list(_FEATURES.values()))

_Marks = dict[str, NDArray[np.float64]]
"""Columns about marks: x, y, w, h (their rectangle), area, contrast, edge, stroke, spread (one number each), colour."""


def find_text(pixels: NDArray[np.uint8]) -> tuple[TextRegion, ...]:
    """Propose where there is writing, the strongest first, at most 12 regions.

    Parameters
    ----------
    pixels
        RGB, height x width x 3, upright.
    """
    worked, scale = _working_size(pixels)
    found: list[tuple[float, tuple[float, float, float, float]]] = []
    for marks in _marks(worked):
        for turned in (False, True):
            standing = _of_letter_height(_turned(marks) if turned else marks)
            if standing is None:
                continue
            for members in _lines(standing):
                score = _score(_features(standing, members))
                if score >= THRESHOLD:
                    left, top, right, bottom = _around(standing, members)
                    found.append((score, (top, left, bottom, right) if turned else (left, top, right, bottom)))
    height, width = pixels.shape[:2]
    return tuple(_region(score, box, scale, width, height) for score, box in _joined(found)[:MOST_REGIONS])


def _working_size(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], float]:
    """The picture at a size at which letters are 6 to 90 pixels high, and the factor."""
    longest = max(pixels.shape[:2])
    if longest <= _SMALL_SIDE:
        factor = 2.0
    elif longest < _SHORT_SIDE:
        factor = _SHORT_SIDE / longest
    else:
        factor = min(1.0, _LONG_SIDE / longest)
    if factor == 1.0:
        return pixels, 1.0
    how = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=how), np.uint8), factor


def _marks(pixels: NDArray[np.uint8]) -> Iterator[_Marks]:
    """The marks of each channel, lighter and darker ones, at each cut."""
    reach = cv2.getStructuringElement(cv2.MORPH_RECT, (_REACH, _REACH))
    three = np.ones((3, 3), np.uint8)
    for channel in range(3):
        one = np.ascontiguousarray(pixels[:, :, channel])
        edges = np.asarray(cv2.morphologyEx(one, cv2.MORPH_GRADIENT, three), np.uint8)
        for hat in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
            apart = np.asarray(cv2.morphologyEx(one, hat, reach), np.uint8)
            for cut in _CUTS:
                marks = _marks_of(pixels, apart, edges, cut)
                if marks is not None:
                    yield marks


def _marks_of(pixels: NDArray[np.uint8], apart: NDArray[np.uint8], edges: NDArray[np.uint8], cut: int) -> _Marks | None:
    _, labels, table, _ = cv2.connectedComponentsWithStats((apart > cut).astype(np.uint8), connectivity=8)
    x, y, w, h, area = table.T
    high, low, full = np.maximum(w, h), np.minimum(w, h), area / (w * h)
    fits = (high >= _LOWEST) & (high <= 110) & (low >= _NARROWEST) & (full >= 0.12) & (full <= 0.97) & (area >= 10)
    fits[0] = False  # what belongs to no mark
    chosen = np.flatnonzero(fits)
    # So many marks are hair or a pattern of the skin all over the picture.
    if not _LEAST_MARKS <= len(chosen) <= _MOST_MARKS:
        return None
    colour, facts = np.empty((len(chosen), 3)), np.empty((len(chosen), 4))
    for place, i in enumerate(chosen):
        part = np.s_[y[i] : y[i] + h[i], x[i] : x[i] + w[i]]
        inside = labels[part] == i
        own = pixels[part][inside].astype(np.float32)
        colour[place] = own.mean(0)
        core = cv2.erode(inside.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=0)
        rim = max(1, int(area[i]) - int(core.sum()))
        facts[place] = own.std(0).max(), apart[part][inside].mean(), edges[part][inside].mean(), 2 * area[i] / rim
    columns = {"x": x, "y": y, "w": w, "h": h, "area": area}
    marks = {name: values[chosen].astype(np.float64) for name, values in columns.items()}
    spread, contrast, edge, stroke = facts.T
    return marks | {"colour": colour, "spread": spread, "contrast": contrast, "edge": edge, "stroke": stroke}


def _turned(marks: _Marks) -> _Marks:
    """The marks as they lie when across and down change places."""
    return marks | {"x": marks["y"], "y": marks["x"], "w": marks["h"], "h": marks["w"]}


def _of_letter_height(marks: _Marks) -> _Marks | None:
    height, width = marks["h"], marks["w"]
    fits = (height >= _LOWEST) & (height <= _HIGHEST) & (width <= 2.2 * height + 4)
    return {name: values[fits] for name, values in marks.items()} if fits.sum() >= _LEAST_MARKS else None


def _lines(marks: _Marks) -> list[NDArray[np.intp]]:
    """Indices of marks that stand side by side on one line, from left to right; three at least."""
    x, y, w, h = (marks[name] for name in ("x", "y", "w", "h"))
    taller, lower = np.maximum(h[:, None], h), np.minimum(h[:, None], h)
    gap = np.maximum(x[:, None], x) - np.minimum((x + w)[:, None], x + w)
    foot, middle = y + h, y + h / 2
    off = np.minimum(np.abs(foot[:, None] - foot), np.abs(middle[:, None] - middle))
    other = np.abs(marks["colour"][:, None] - marks["colour"]).max(axis=2)
    beside = (lower > 0.45 * taller) & (off < 0.35 * taller) & (gap < taller) & (gap > -0.35 * taller) & (other < 80)
    return [members[np.argsort(x[members])] for members in _connected(beside) if len(members) >= _LEAST_MARKS]


def _connected(linked: NDArray[np.bool_]) -> Iterator[NDArray[np.intp]]:
    waiting = set(range(len(linked)))
    while waiting:
        group, edge = set[int](), [waiting.pop()]
        while edge:
            at = edge.pop()
            group.add(at)
            new = waiting.intersection(np.flatnonzero(linked[at]).tolist())
            waiting -= new
            edge += new
        yield np.array(sorted(group), np.intp)


def _features(marks: _Marks, members: NDArray[np.intp]) -> NDArray[np.float64]:
    """What a line looks like, a number for each of `_FEATURES`; lengths in heights of its marks."""
    x, y, w, h, area = (marks[name][members] for name in ("x", "y", "w", "h", "area"))
    contrast, stroke, edge = (marks[name][members] for name in ("contrast", "stroke", "edge"))
    tall, foot, middle = float(np.median(h)), y + h, x + w / 2
    slope, start = np.polyfit(middle, foot, 1)
    gaps = np.clip((x[1:] - (x + w)[:-1]) / tall, -1, 3)
    width, height = float((x + w).max() - x.min()), float((y + h).max() - y.min())
    aspect, full = w / h, area / (w * h)
    return np.array([
        min(len(members), 14), np.log(len(members)), h.std() / tall,
        np.median(np.abs(foot - slope * middle - start)) / tall, height / tall, abs(slope), gaps.std(), gaps.mean(),
        marks["colour"][members].std(axis=0).max() / 30, contrast.mean() / 100, contrast.std() / contrast.mean(),
        marks["spread"][members].mean() / 50, aspect.mean(), aspect.std(), full.mean(), full.std(),
        (stroke / tall).mean(), stroke.std() / stroke.mean(), edge.mean() / 100, edge.std() / 50, np.log(tall),
        min(width / height, 12), (aspect < 0.3).mean(), (w * h).sum() / (width * height),
    ])  # fmt: skip


def _score(features: NDArray[np.float64]) -> float:
    """From 0 to 1: how much a line looks like writing."""
    return float(1 / (1 + np.exp(-(features @ _WEIGHTS + _CONSTANT))))


_Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def _around(marks: _Marks, members: NDArray[np.intp]) -> _Box:
    x, y, w, h = (marks[name][members] for name in ("x", "y", "w", "h"))
    return float(x.min()), float(y.min()), float((x + w).max()), float((y + h).max())


def _joined(found: Sequence[tuple[float, _Box]]) -> list[tuple[float, _Box]]:
    """One box for each line: words a space apart joined, and what another cut found of them left out; best first."""
    left = sorted(found, reverse=True)
    joined: list[tuple[float, _Box]] = []
    while left:
        score, box = left.pop(0)
        grown = True
        while grown:
            grown = False
            for other in list(left):
                if _lies_in(other[1], box):
                    left.remove(other)
                elif _goes_on(box, other[1]):
                    left.remove(other)
                    box = _both(box, other[1])
                    grown = True
        if not any(_lies_in(box, known) for _, known in joined):
            joined.append((score, box))
    return joined


def _both(one: _Box, other: _Box) -> _Box:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def _shared(one: _Box, other: _Box) -> tuple[float, float]:
    """How far two boxes overlap across and down; below 0: how far apart they are."""
    return min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])


def _lies_in(one: _Box, other: _Box) -> bool:
    """Whether half of a box lies in another."""
    across, down = _shared(one, other)
    area = (one[2] - one[0]) * (one[3] - one[1])
    return across > 0 and down > 0 and across * down >= 0.5 * area


def _goes_on(one: _Box, other: _Box) -> bool:
    """Whether a line goes on in another box: on the same line, a space away."""
    across, down = _shared(one, other)
    if one[3] - one[1] > one[2] - one[0]:  # from top to bottom
        across, down = down, across
        tall, low = one[2] - one[0], other[2] - other[0]
    else:
        tall, low = one[3] - one[1], other[3] - other[1]
    return down >= 0.6 * min(tall, low) and across > -1.2 * tall and low < 1.6 * tall


def _region(score: float, box: _Box, scale: float, width: int, height: int) -> TextRegion:
    """The box in pixels of the picture, a little larger: letters have soft rims."""
    margin = 2 + 0.15 * min(box[2] - box[0], box[3] - box[1]) / scale
    left, top = (max(0, int(edge / scale - margin)) for edge in box[:2])
    right = min(width, int(np.ceil(box[2] / scale + margin)))
    bottom = min(height, int(np.ceil(box[3] / scale + margin)))
    return TextRegion(left, top, right - left, bottom - top, round(score, 3))
