"""Lesions drawn as outlines, as annotation programs write them, and their masks.

A point (x, y) is measured from the upper left corner of the picture: the centre of its first pixel is (0.5, 0.5), and
a pixel is inside where its centre is. Sources: COCO, https://cocodataset.org/#format-data; YOLO gives points as shares
of width and height.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # commands that draw nothing do not pay for it
    import numpy as np
    from numpy.typing import NDArray

from dermdash.errors import UnfitMask, UnreadableImage, UnsafeUpload
from dermdash.wording import counted

_MOST_CROSSINGS = 20_000_000
"""Of edges with rows of pixels: an outline that a person drew has some thousands."""
_MOST_PIXELS = 100_000_000
_MOST_WORK = 5_000_000_000
"""Pixels within the frames of all parts of a drawing: some hundred parts as large as a large photograph."""


@dataclass(frozen=True, slots=True)
class LesionOutline:
    """What annotations draw of one image; all of it is the lesion. Picklable.

    Attributes
    ----------
    image_id, location
        What the image and the place of the annotations are called, in words.
    size
        Width and height of the picture that it was drawn on, in pixels; None: the annotations do not say.
    polygons
        Rings of points, float (n, 2): in pixels, or as ``shares`` of width and height.
    runs
        Lengths of runs of pixels outside and inside in turn, column by column from the upper left.
    """

    image_id: str
    location: str
    size: tuple[int, int] | None = None
    polygons: tuple[NDArray[np.float64], ...] = field(default=(), repr=False)
    runs: tuple[NDArray[np.int64], ...] = field(default=(), repr=False)
    shares: bool = False

    def drawn(self, size: tuple[int, int] | None) -> NDArray[np.bool_]:
        """The mask of the image, bool (height, width).

        Parameters
        ----------
        size
            Width and height of the image; None: it is not known.

        Raises
        ------
        UnfitMask
            The image is of another size than the one that was drawn on.
        UnreadableImage
            The outline is damaged.
        UnsafeUpload
            It would take too long to draw.
        """
        if size is not None and self.size is not None and size != self.size:
            raise UnfitMask(
                f"the outline was drawn on {self.size[0]:,} x {self.size[1]:,} pixels, the image has "
                f"{size[0]:,} x {size[1]:,}"
            )
        import numpy as np

        known = size or self.size
        if known is None:
            raise UnfitMask("the size of the image is not known")
        width, height = known
        if not 0 < width * height <= _MOST_PIXELS:
            raise UnsafeUpload(f"a mask of {width:,} x {height:,} pixels is not drawn")
        inside = np.zeros((height, width), bool)
        work = len(self.runs) * width * height
        for ring in self.polygons:
            if work > _MOST_WORK:
                break
            work += _fill(inside, ring * known if self.shares else ring)
        if work > _MOST_WORK:
            parts = len(self.polygons) + len(self.runs)
            raise UnsafeUpload(f"an outline of {counted(parts, 'part')} is too intricate to be drawn")
        for runs in self.runs:
            inside |= _of_runs(runs, width, height)
        return inside


def filled(ring: NDArray[np.float64], width: int, height: int) -> NDArray[np.bool_]:
    """The pixels whose centres lie within a ring of points (even-odd rule), bool (height, width)."""
    import numpy as np

    inside = np.zeros((height, width), bool)
    _fill(inside, ring)
    return inside


def _fill(inside: NDArray[np.bool_], ring: NDArray[np.float64]) -> int:
    """Mark what lies within a ring; return how much was to be done: pixels of its frame, rows crossed, points."""
    import numpy as np

    height, width = inside.shape
    start, end = ring, np.roll(ring, -1, axis=0)
    top, bottom = np.minimum(start[:, 1], end[:, 1]), np.maximum(start[:, 1], end[:, 1])
    # Rows whose centres an edge crosses, within the picture.
    first = np.clip(np.ceil(top - 0.5), 0, height).astype(np.int64)
    count = np.clip(np.ceil(bottom - 0.5), 0, height).astype(np.int64) - first
    if count.sum() > _MOST_CROSSINGS:
        raise UnsafeUpload(f"an outline of {counted(len(ring), 'point')} is too intricate to be drawn")
    edge = np.repeat(np.arange(len(ring)), count)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count) + first[edge]
    slope = (end[edge, 0] - start[edge, 0]) / (end[edge, 1] - start[edge, 1])
    x = start[edge, 0] + (row + 0.5 - start[edge, 1]) * slope
    column = np.clip(np.ceil(x - 0.5), 0, width).astype(np.int64)
    if not len(row):
        return len(ring)
    # Left and right of the frame every row was entered as often as left.
    above, left, below, right = row.min(), column.min(), row.max() + 1, column.max()
    turns = np.zeros((below - above, right - left + 1), np.uint8)
    np.bitwise_xor.at(turns, (row - above, column - left), 1)
    inside[above:below, left:right] |= np.bitwise_xor.accumulate(turns, axis=1)[:, :-1].astype(bool)
    return len(ring) + len(row) + turns.size


def _of_runs(runs: NDArray[np.int64], width: int, height: int) -> NDArray[np.bool_]:
    import numpy as np

    if (runs < 0).any() or int(runs.sum()) != width * height:
        raise UnreadableImage(f"its runs of pixels do not make up {width:,} x {height:,} pixels")
    return np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape((height, width), order="F")


def ring_of(numbers: Sequence[object]) -> NDArray[np.float64] | None:
    """Points from x and y in turn; None where that is no ring: fewer than three, or no finite numbers."""
    import numpy as np

    try:
        ring = np.asarray(numbers, np.float64)
    except (TypeError, ValueError, OverflowError):
        return None
    if ring.ndim != 1 or len(ring) < 6 or len(ring) % 2 or not np.isfinite(ring).all() or (abs(ring) > 1e7).any():
        return None
    return ring.reshape(-1, 2)


def runs_of(counts: object, pixels: int) -> NDArray[np.int64] | None:
    """Runs of pixels from a list, or from COCO's text of them; None where it is neither, or of another number of
    pixels, or of more than are drawn.

    The text holds groups of 5 bits from the low to the high, a 6th bit says that more follow, and from the fourth on
    each is the difference to the one before the last.
    """
    import numpy as np

    if pixels > _MOST_PIXELS:
        return None
    if isinstance(counts, str):
        found = _unpacked(counts)
    elif isinstance(counts, list) and all(isinstance(n, int) and not isinstance(n, bool) for n in counts):
        found = counts
    else:
        return None
    if not found or min(found) < 0 or sum(found) != pixels:
        return None
    return np.asarray(found, np.int64)


def _unpacked(text: str) -> list[int]:
    found: list[int] = []
    value = shift = 0
    for sign in text:
        part = ord(sign) - 48
        if not 0 <= part < 64:
            return []
        value |= (part & 31) << shift
        shift += 5
        if part & 32:
            if shift > 40:  # more than any picture has
                return []
            continue
        if part & 16:
            value -= 1 << shift
        found.append(value + (found[-2] if len(found) > 2 else 0))
        value = shift = 0
    return found if not shift else []


def joined(outlines: Iterable[LesionOutline]) -> LesionOutline | None:
    """Several outlines of one image as one; None where there is none."""
    listed = list(outlines)
    if not listed:
        return None
    first = listed[0]
    return LesionOutline(
        first.image_id, first.location, first.size,
        tuple(ring for one in listed for ring in one.polygons), tuple(run for one in listed for run in one.runs),
        first.shares,
    )  # fmt: skip


def runs_of_mask(inside: NDArray[np.bool_]) -> list[int]:
    """Lengths of runs of pixels outside and inside in turn, column by column: what `runs_of` reads."""
    import numpy as np

    line = inside.reshape(-1, order="F")
    edges = np.flatnonzero(np.diff(line)) + 1
    runs = np.diff(np.concatenate(([0], edges, [line.size]))).tolist()
    return [0, *runs] if line.size and line[0] else runs
