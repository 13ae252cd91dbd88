"""Marks: the regions of an image where somebody saw a dermoscopic structure, and how well two people's agree.

Coordinates are pixels of the stored image as it stands upright: x from 0 at the left edge to its width, y from 0 at
the top edge to its height, fractions allowed. A pixel belongs to a mark when its centre lies inside, so that a mark
covers the same pixels at whatever zoom it was drawn.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dermdash.deliveries import finite_number
from dermdash.errors import InvalidInput
from dermdash.picture_frame import PictureFrame
from dermdash.records.fields import STRUCTURES
from dermdash.wording import counted

MOST_MARKS = 60
MOST_POINTS = 1000
"""Of a mark. Browsers simplify what is drawn by hand far below this."""
MOST_RAW_POINTS = 10_000
"""Of a line drawn by hand that comes unsimplified, and of all marks of an annotation together."""
TOLERANCE = 0.5
"""By how many pixels of the image a simplified line may leave the drawn one."""
_LARGEST_TOLERANCE = 2.0

Point = tuple[float, float]
Mask = NDArray[np.bool_]


class MarkShape(StrEnum):
    """How a mark was drawn."""

    RECTANGLE = "rectangle"
    """Two opposite corners, upright."""
    POLYGON = "polygon"
    """Corners in order; the last is joined to the first, and no two edges cross."""
    FREEHAND = "freehand"
    """A line drawn by hand, joined at its ends; what it encloses counts, and it may cross itself."""


_FEWEST_POINTS = {MarkShape.RECTANGLE: 2, MarkShape.POLYGON: 3, MarkShape.FREEHAND: 3}


@dataclass(frozen=True, slots=True)
class Mark:
    """One marked region: what is seen there, how it was drawn, and its points as (x, y) in pixels of the image."""

    structure: str
    shape: MarkShape
    points: tuple[Point, ...]

    @property
    def outline(self) -> tuple[Point, ...]:
        """Corners of the region in order, without the first again."""
        if self.shape is not MarkShape.RECTANGLE:
            return self.points
        (left, top), (right, bottom) = self.points
        return ((left, top), (right, top), (right, bottom), (left, bottom))

    def as_json(self) -> dict[str, object]:
        """As it is stored and sent."""
        return {"structure": self.structure, "shape": str(self.shape), "points": [list(p) for p in self.points]}

    @classmethod
    def from_json(cls, stored: dict[str, object]) -> "Mark":
        """From what `as_json` gave; what a browser sends goes through `parse_marks`."""
        points = tuple((float(x), float(y)) for x, y in stored["points"])  # type: ignore[attr-defined]
        return cls(str(stored["structure"]), MarkShape(str(stored["shape"])), points)


def parse_marks(data: object, *, width: int, height: int, frame: PictureFrame | None = None) -> tuple[Mark, ...]:
    """Check the marks that a browser sent.

    Parameters
    ----------
    data
        A list of ``{"structure", "shape", "points": [[x, y], ...]}``; None is an empty one.
    width, height
        Of the image, in pixels.
    frame
        Where the image lies in the picture that the browser had, when the points are pixels of that picture.

    Raises
    ------
    InvalidInput
        Naming the mark by its number and structure, what is wrong and the way out.
    """
    if data is None:
        return ()
    if not isinstance(data, list):
        raise InvalidInput("The marks are no list: reload the page and draw them again.")
    if len(data) > MOST_MARKS:
        raise InvalidInput(
            f"There are {counted(len(data), 'mark')}, and {MOST_MARKS} are the most: delete some or mark groups as one."
        )
    marks = tuple(_parse_mark(raw, n, width, height, frame) for n, raw in enumerate(data, start=1))
    together = sum(len(mark.points) for mark in marks)
    if together > MOST_RAW_POINTS:
        raise InvalidInput(
            f"The marks have {counted(together, 'point')} together, and {MOST_RAW_POINTS:,} are the most:"
            " delete some or draw them with fewer points."
        )
    return marks


def _parse_mark(raw: object, number: int, width: int, height: int, frame: PictureFrame | None) -> Mark:
    name = f"Mark {number}"
    if not isinstance(raw, dict):
        raise InvalidInput(f"{name} is none: delete it and draw it again.")
    structure = raw.get("structure")
    if not isinstance(structure, str) or structure not in STRUCTURES:
        raise InvalidInput(f"{name} names no known structure: choose one of {', '.join(STRUCTURES)}.")
    name = f"{name} ({structure.replace('_', ' ')})"
    try:
        shape = MarkShape(raw["shape"])
    except (KeyError, ValueError):
        raise InvalidInput(f"{name} is neither {', '.join(MarkShape)}: delete it and draw it again.") from None
    points = _parse_points(raw.get("points"), name)
    if frame is not None:
        points = [frame.to_image(point) for point in points]
    points = _without_repeats(points)
    if shape is MarkShape.FREEHAND:
        points = _few_enough(points)
    _check_count(points, shape, name)
    _check_inside(points, name, width, height)
    if shape is MarkShape.RECTANGLE:
        xs, ys = zip(*points, strict=True)
        points = [(min(xs), min(ys)), (max(xs), max(ys))]
    mark = Mark(structure, shape, tuple((round(x, 2), round(y, 2)) for x, y in points))
    if _is_empty(mark):
        raise InvalidInput(f"{name} encloses nothing: delete it or draw it larger.")
    if shape is MarkShape.POLYGON and (crossing := _crossing(mark.points)) is not None:
        first, second = crossing
        raise InvalidInput(f"The edges {first} and {second} of {name.lower()} cross: delete it and draw it again.")
    return mark


def _parse_points(data: object, name: str) -> list[Point]:
    if not isinstance(data, list):
        raise InvalidInput(f"{name} has no points: delete it and draw it again.")
    if len(data) > MOST_RAW_POINTS:
        raise InvalidInput(
            f"{name} has {counted(len(data), 'point')}, and {MOST_POINTS:,} are the most:"
            " delete it and draw it with fewer."
        )
    points = []
    for point in data:
        if not isinstance(point, list | tuple) or len(point) != 2:
            raise InvalidInput(f"{name} has a point that is no pair of numbers: delete it and draw it again.")
        try:
            points.append((finite_number(point[0]), finite_number(point[1])))
        except ValueError:
            raise InvalidInput(f"{name} has a point that is no pair of numbers: delete it and draw it again.") from None
    return points


def _without_repeats(points: Sequence[Point]) -> list[Point]:
    """Without points that are the one before them, the first of a closed outline among those."""
    kept = [p for i, p in enumerate(points) if i == 0 or p != points[i - 1]]
    return kept[:-1] if len(kept) > 1 and kept[0] == kept[-1] else kept


def _few_enough(points: list[Point]) -> list[Point]:
    """A line drawn by hand with fewer points where it has too many and loses nothing that an eye sees."""
    tolerance = TOLERANCE
    fewer = points
    while len(fewer) > MOST_POINTS and tolerance <= _LARGEST_TOLERANCE:
        fewer = list(simplified(points, tolerance))
        tolerance *= 2
    return fewer


def _check_count(points: Sequence[Point], shape: MarkShape, name: str) -> None:
    fewest = _FEWEST_POINTS[shape]
    if len(points) < fewest or (shape is MarkShape.RECTANGLE and len(points) != fewest):
        # A point that is drawn twice counts once.
        raise InvalidInput(f"{name} encloses nothing: delete it or draw it larger.")
    if len(points) > MOST_POINTS:
        raise InvalidInput(
            f"{name} has {counted(len(points), 'point')}, and {MOST_POINTS:,} are the most:"
            " delete it and draw it with fewer."
        )


def _check_inside(points: Iterable[Point], name: str, width: int, height: int) -> None:
    if not all(0 <= x <= width and 0 <= y <= height for x, y in points):
        raise InvalidInput(
            f"{name} reaches outside the image of {width} × {height} pixels: delete it and draw it inside the image."
        )


def _is_empty(mark: Mark) -> bool:
    """Whether it encloses less than one pixel; a line drawn by hand, which may cross itself, whether it is straight."""
    x, y = np.array(mark.outline).T
    if mark.shape is not MarkShape.FREEHAND:
        return bool(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2 < 1)
    centred = np.stack([x - x.mean(), y - y.mean()])
    across = np.linalg.svd(centred, full_matrices=False)[0][:, 1] @ centred
    return bool(np.ptp(across) < 1)


def _crossing(points: Sequence[Point]) -> tuple[int, int] | None:
    """Numbers (from 1) of two edges of a polygon that cross; None where no two do."""
    start = np.array(points)
    end = np.roll(start, -1, axis=0)

    def side(of: NDArray[np.float64]) -> NDArray[np.float64]:
        """On which side of edge i (rows) point j (columns) lies."""
        along, to = (end - start)[:, None, :], of[None, :, :] - start[:, None, :]
        return np.sign(along[..., 0] * to[..., 1] - along[..., 1] * to[..., 0])

    apart = side(start) * side(end) < 0
    first, second = np.nonzero(np.triu(apart & apart.T))
    return (int(first[0]) + 1, int(second[0]) + 1) if len(first) else None


def simplified(points: Sequence[Point], tolerance: float) -> tuple[Point, ...]:
    """Leave out points of a line, so that it nowhere goes further than ``tolerance`` from where it was.

    Source: Douglas and Peucker, Cartographica 10 (1973) 112-122. `annotation_geometry.mjs` does the same at once in the
    browser.
    """
    if len(points) < 3:
        return tuple(points)
    at = np.array(points, dtype=float)
    keep = np.zeros(len(at), dtype=bool)
    keep[[0, -1]] = True
    spans = [(0, len(at) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        distances = _distances(at[first + 1 : last], at[first], at[last])
        furthest = int(distances.argmax())
        if distances[furthest] > tolerance:
            middle = first + 1 + furthest
            keep[middle] = True
            spans += [(first, middle), (middle, last)]
    return tuple(point for point, kept in zip(points, keep, strict=True) if kept)


def _distances(of: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
    """From points to the straight line between two, its ends included."""
    along = end - start
    length = float(along @ along)
    share = np.clip((of - start) @ along / length, 0, 1) if length > 0 else np.zeros(len(of))
    return np.asarray(np.linalg.norm(of - start - share[:, None] * along, axis=1))


def mask_of(marks: Iterable[Mark], width: int, height: int) -> Mask:
    """Return which pixels lie in one of the marks or more.

    Returns
    -------
    array of bool, ``(height, width)``
    """
    mask = np.zeros((height, width), dtype=bool)
    for mark in marks:
        _fill(mask, mark.outline)
    return mask


def scaled(mark: Mark, scale: float) -> Mark:
    """The mark on the image made larger or smaller by a factor."""
    return Mark(mark.structure, mark.shape, tuple((x * scale, y * scale) for x, y in mark.points))


def _fill(mask: Mask, outline: Sequence[Point]) -> None:
    """Add the pixels whose centre the outline goes round, by how often it does (the nonzero rule)."""
    height, width = mask.shape
    xs, ys = [x for x, _ in outline], [y for _, y in outline]
    left, right = max(0, int(np.floor(min(xs)))), min(width, int(np.ceil(max(xs))))
    top, bottom = max(0, int(np.floor(min(ys)))), min(height, int(np.ceil(max(ys))))
    if left >= right or top >= bottom:
        return
    turns = np.zeros((bottom - top, right - left + 1), dtype=np.int32)
    for (x1, y1), (x2, y2) in pairwise([*outline, outline[0]]):
        low, high, direction = (y1, y2, 1) if y1 < y2 else (y2, y1, -1)
        first, last = int(np.ceil(low - 0.5)), int(np.ceil(high - 0.5))  # rows whose centre is in [low, high)
        rows = np.arange(max(first, top), min(last, bottom))
        if rows.size:
            crossings = x1 + (rows + 0.5 - y1) * ((x2 - x1) / (y2 - y1))
            columns = np.clip(np.ceil(crossings - 0.5).astype(int) - left, 0, right - left)
            turns[rows - top, columns] += direction
    mask[top:bottom, left:right] |= turns.cumsum(axis=1)[:, :-1] != 0


@dataclass(frozen=True, slots=True)
class RegionOverlap:
    """How well two regions agree, both from 0 (apart) to 1 (the same); None where neither person marked anything.

    ``iou``: pixels in both by pixels in either (Jaccard). ``dice``: twice the pixels in both by the sum of the two.
    """

    iou: float | None
    dice: float | None


def overlap(a: Mask, b: Mask) -> RegionOverlap:
    """Return the overlap of two masks of one image."""
    if a.shape != b.shape:
        raise ValueError(f"masks of two images: {a.shape} and {b.shape}")
    both, in_a, in_b = int((a & b).sum()), int(a.sum()), int(b.sum())
    if in_a + in_b == 0:
        return RegionOverlap(None, None)
    return RegionOverlap(both / (in_a + in_b - both), 2 * both / (in_a + in_b))


def overlap_by_structure(a: Iterable[Mark], b: Iterable[Mark], width: int, height: int) -> dict[str, RegionOverlap]:
    """Return the overlap of two people's marks of one image for each structure that one of them marked, in the order
    of `STRUCTURES`. A structure that only one marked has an overlap of 0.
    """
    mine, theirs = list(a), list(b)
    marked = {mark.structure for mark in (*mine, *theirs)}

    def region(marks: Iterable[Mark], structure: str) -> Mask:
        return mask_of((m for m in marks if m.structure == structure), width, height)

    return {s: overlap(region(mine, s), region(theirs, s)) for s in STRUCTURES if s in marked}
