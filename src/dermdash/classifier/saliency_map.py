"""A saliency map as it is stored: a small grid over the part of the image the network saw, and where that part lies.

numpy only: showing and measuring a stored map needs no network.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermdash.classifier.preprocessing import resized_side
from dermdash.errors import InvalidInput

GRID = 28
"""Cells per side of a stored map: 784 bytes, four times finer than what a network of 224 px computes."""

METHOD = "gradcam-4view-1"
"""Name and version of how maps are made; a map of another version is made again."""

PREDICTED = "predicted"
"""Target: the most probable class."""

MALIGNANT = "malignant"
"""Target: the malignancy probability."""


@dataclass(frozen=True, slots=True)
class SaliencyMap:
    """Which parts of an image raised one output of a network.

    Attributes
    ----------
    values
        uint8 (GRID, GRID), upright; 255 is the largest value of this map, 0 is no evidence. Maps are comparable
        in shape, not in strength. All zero: nothing in the image spoke for the target.
    target
        What was asked for: ``PREDICTED``, ``MALIGNANT`` or a class code.
    explained
        The class code explained, or ``MALIGNANT``.
    probability
        Of what is explained, over the four views (0..1).
    input_size
        Pixels of the network's input, from which the place of the map in the image follows.
    """

    values: NDArray[np.uint8]
    target: str
    explained: str
    probability: float
    input_size: int

    @property
    def is_empty(self) -> bool:
        """Whether no part of the image spoke for the target."""
        return not self.values.any()

    def crop_box(self, width: int, height: int) -> tuple[float, float, float, float]:
        """Return (left, top, right, bottom) of the part the map covers, in pixels of the upright image."""
        return crop_box(self.input_size, width, height)

    def on_crop(self, side: int) -> NDArray[np.float64]:
        """Return the map over the crop alone: float (side, side), 0..1, linear between the centres of cells."""
        weights = linear_weights((np.arange(side) + 0.5) * (GRID / side), GRID)
        return np.asarray(weights @ (self.values / 255.0) @ weights.T)

    def on_image(self, width: int, height: int) -> NDArray[np.float64]:
        """Return the map over the upright image: float (height, width), 0..1, NaN where the network saw nothing.

        ``width`` and ``height`` may be those of a smaller rendering of the same proportions.
        """
        left, top, right, bottom = self.crop_box(width, height)
        columns = (np.arange(width) + 0.5 - left) * GRID / (right - left)
        rows = (np.arange(height) + 0.5 - top) * GRID / (bottom - top)
        heat = linear_weights(rows, GRID) @ (self.values / 255.0) @ linear_weights(columns, GRID).T
        heat[(rows < 0) | (rows > GRID), :] = np.nan
        heat[:, (columns < 0) | (columns > GRID)] = np.nan
        return heat

    def to_bytes(self) -> bytes:
        """Return the 784 bytes to store, row by row."""
        return self.values.tobytes()


def crop_box(input_size: int, width: int, height: int) -> tuple[float, float, float, float]:
    """Return (left, top, right, bottom) of what a network of that input size sees of an upright image, in pixels."""
    edge = min(width, height)
    side = resized_side(input_size)
    start, extent = (side - input_size) // 2 / side * edge, input_size / side * edge
    left, top = (width - edge) / 2 + start, (height - edge) / 2 + start
    return left, top, left + extent, top + extent


def values_from_bytes(data: bytes) -> NDArray[np.uint8]:
    """Read what ``SaliencyMap.to_bytes`` wrote; raises InvalidInput on another length."""
    if len(data) != GRID * GRID:
        raise InvalidInput(f"a stored saliency map of {len(data)} bytes: expected {GRID * GRID}; explain it again")
    return np.frombuffer(data, np.uint8).reshape(GRID, GRID)


def linear_weights(positions: NDArray[np.floating], cells: int) -> NDArray[np.float64]:
    """Return the matrix (positions, cells) that interpolates linearly between the centres of cells.

    Parameters
    ----------
    positions
        In units of cells: cell ``i`` spans ``i`` to ``i + 1``. Beyond the outermost centres the outermost value holds.
    cells
        Number of cells.
    """
    at = np.clip(positions - 0.5, 0, cells - 1)
    below = np.minimum(at.astype(np.int64), max(0, cells - 2))
    weights = np.zeros((len(at), cells))
    rows = np.arange(len(at))
    weights[rows, below] = 1 - (at - below)
    weights[rows, np.minimum(below + 1, cells - 1)] += at - below
    return weights
