"""A jump in brightness where bytes of a JPEG were overwritten and its data have the right length all the same.

Blocks store the difference of their mean from that of the block before (ITU T.81 F.1.1.5). Where a difference was
lost, all that follows is lighter or darker by one amount. On the picture that is an edge along the order of blocks:
from one column to the right border above the row it happened in, then from the left border to that column one row
below.
No lesion, ruler or frame has such an edge: a frame goes on above the row, or has nothing below it.
"""

import numpy as np
from numpy.typing import NDArray

LEAST_JUMP = 6.0
"""In standard errors of the mean along its edge. Of 6,155 photographs of HAM10000 none reaches 5."""
_LEAST_LEVELS = 1.5
_SHARE_OUTSIDE = 0.6
_SHARE_OF_EACH_PART = 0.4
_LEAST_COLUMNS = 2
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def level_jump(pixels: NDArray[np.uint8], mcu: tuple[int, int]) -> float:
    """Return how strong the clearest jump along the order of blocks is (0: none; above ``LEAST_JUMP`` beyond doubt).

    Parameters
    ----------
    pixels
        Height x width x 3, as stored, not turned upright.
    mcu
        Width and height in pixels of what a scan holds as one (8 or 16 each).
    """
    steps = _steps(pixels, mcu)
    rows, columns = steps.shape
    if rows < 2 or columns < 2 * _LEAST_COLUMNS + 1:
        return 0.0
    sums = np.concatenate([np.zeros((rows, 1), np.float32), np.cumsum(steps, axis=1)], axis=1)
    squares = np.concatenate([np.zeros((rows, 1), np.float32), np.cumsum(steps**2, axis=1)], axis=1)
    usual = np.median(np.abs(steps)) + 0.3
    # Of each row but the last and each column: above, from the column on; below, up to it.
    at = np.arange(_LEAST_COLUMNS, columns - _LEAST_COLUMNS + 1)
    above, below = sums[:-1, -1:] - sums[:-1, at], sums[1:, at]
    mean = (above + below) / columns
    spread = (squares[:-1, -1:] - squares[:-1, at] + squares[1:, at]) / columns - mean**2
    strength = np.abs(mean) / np.sqrt((np.maximum(spread, 0) + usual**2) / columns)
    jump = np.abs(mean)
    parts = np.minimum(np.sign(mean) * above / (columns - at), np.sign(mean) * below / at)
    outside = np.maximum(np.abs(sums[:-1, at]) / at, np.abs(sums[1:, -1:] - sums[1:, at]) / (columns - at))
    clear = (jump >= _LEAST_LEVELS) & (parts >= _SHARE_OF_EACH_PART * jump) & (outside <= _SHARE_OUTSIDE * jump)
    return float(np.where(clear, strength, 0).max())


def _steps(pixels: NDArray[np.uint8], mcu: tuple[int, int]) -> NDArray[np.float32]:
    """By how much brightness jumps at the upper edge of each MCU but those of the first row, beyond its slope there."""
    across, down = mcu
    columns = pixels.shape[1] // across
    edges = np.arange(down, pixels.shape[0] - 1, down)
    if columns == 0 or len(edges) == 0:
        return np.zeros((0, 0), np.float32)

    def row(offset: int) -> NDArray[np.float32]:
        lines = pixels[edges + offset, : columns * across].astype(np.float32) @ _LUMA
        return np.asarray(lines.reshape(len(edges), columns, across).mean(axis=2), np.float32)

    before, last, first, after = row(-2), row(-1), row(0), row(1)
    return np.asarray((first - last) - ((last - before) + (after - first)) / 2, np.float32)
