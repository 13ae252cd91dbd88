"""A pair of images laid over one another, and the points that match, for people to judge."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

_POINT = (77, 182, 193)
_OUTLINE = (20, 24, 27)


def lay_over(
    first: NDArray[np.uint8], second: NDArray[np.uint8], transform: Sequence[Sequence[float]], opacity: float
) -> NDArray[np.uint8]:
    """Return the second RGB image with the first laid over it.

    Parameters
    ----------
    transform
        (2, 3): from shares of the first image's width and height to shares of the second's, as a finding stores it.
    opacity
        Of the first image: 0 shows only the second, 1 only the first where it reaches.
    """
    height, width = second.shape[:2]
    to_shares = np.array([[1 / first.shape[1], 1 / first.shape[0], 1.0]])
    matrix = np.asarray(transform, np.float64) * to_shares * np.array([[width], [height]])
    moved = cv2.warpAffine(first, matrix, (width, height), flags=cv2.INTER_AREA)
    seen = cv2.warpAffine(np.ones(first.shape[:2], np.float32), matrix, (width, height))[..., None]
    blend = second + seen * opacity * (moved.astype(np.float32) - second)
    return np.clip(np.rint(blend), 0, 255).astype(np.uint8)


def difference(
    first: NDArray[np.uint8], second: NDArray[np.uint8], transform: Sequence[Sequence[float]], *, gain: float = 3.0
) -> NDArray[np.uint8]:
    """Return where the first RGB image, laid over the second, differs from it.

    Mid grey: equal, or not covered by the first. Brighter or coloured: the first has more of that colour, darker: less;
    ``gain`` times the difference, after both have got the same mean and spread of each colour, so that another exposure
    alone shows nothing.
    """
    height, width = second.shape[:2]
    seen = lay_over(np.full_like(first, 255), np.zeros_like(second), transform, 1.0)[..., 0] > 250
    moved = lay_over(first, second, transform, 1.0).astype(np.float32)
    under = second.astype(np.float32)
    result = np.full((height, width, 3), 128.0, np.float32)
    if seen.any():
        a, b = moved[seen], under[seen]
        a = (a - a.mean(axis=0)) / np.maximum(a.std(axis=0), 1) * b.std(axis=0) + b.mean(axis=0)
        result[seen] += gain * (a - b)
    return np.clip(np.rint(result), 0, 255).astype(np.uint8)


def mark_points(pixels: NDArray[np.uint8], points: Sequence[Sequence[float]]) -> NDArray[np.uint8]:
    """Return the RGB image with circles at points given as shares of width and height; matching points share a number.

    A small image is enlarged first, so that the circles hide little.
    """
    scale = max(1, round(640 / max(pixels.shape[:2])))
    size = (pixels.shape[1] * scale, pixels.shape[0] * scale)
    marked = cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC)
    radius = max(4, size[0] // 110)
    for number, (x, y) in enumerate(points, start=1):
        place = (round(x * size[0]), round(y * size[1]))
        cv2.circle(marked, place, radius, _OUTLINE, 3, cv2.LINE_AA)
        cv2.circle(marked, place, radius, _POINT, 1, cv2.LINE_AA)
        if number <= 25:
            where = (place[0] + radius + 2, place[1] + radius // 2)
            for colour, thickness in ((_OUTLINE, 3), (_POINT, 1)):
                cv2.putText(marked, str(number), where, cv2.FONT_HERSHEY_SIMPLEX, 0.4, colour, thickness, cv2.LINE_AA)
    return np.asarray(marked, np.uint8)
