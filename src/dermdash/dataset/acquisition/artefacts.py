"""What lies over the skin in a picture of 224 px: hair, marks of a ruler, ink, bubbles in the gel."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

_THIN = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
_LINE_CONTRAST = 16
"""Grey levels that a thin line is darker than both its sides."""
_WHITE_CONTRAST = 26
"""Grey levels that a thin line is lighter than both its sides: scales and streaks are less."""
_HAIR_LENGTH = 27
_HAIR_DIRECTIONS = 12
_MOST_DIRECTIONS, _NEIGHBOURHOOD = 3.4, 15
_MOST_MARKS = 150
_INK_SATURATION, _INK_LEVEL = 95, 45
_BLUE_LESION = 0.2
_RING_CONTRAST = 12
_LEAST_BUBBLE, _LEAST_IN_LESION, _LARGEST_BUBBLE = 12, 90, 1600
"""Pixels inside a ring; the globules of a lesion leave small rings between them."""


def _line(length: int, angle: float) -> NDArray[np.uint8]:
    kernel = np.zeros((length, length), np.uint8)
    middle, reach = (length - 1) / 2, (length - 1) / 2
    x, y = reach * math.cos(angle), reach * math.sin(angle)
    a, b = (round(middle - x), round(middle - y)), (round(middle + x), round(middle + y))
    cv2.line(kernel, a, b, 1)
    rows, columns = np.nonzero(kernel)
    return np.ascontiguousarray(kernel[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1])


_LINES = tuple(_line(_HAIR_LENGTH, math.pi * k / _HAIR_DIRECTIONS) for k in range(_HAIR_DIRECTIONS))


def thin_dark_lines(grey: NDArray[np.uint8], view: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Mask (0 or 1) of what is darker than both its sides within some 4 px, inside the view."""
    hollow = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, _THIN)
    inner = cv2.erode(view, np.ones((7, 7), np.uint8), borderValue=255)
    return np.asarray((hollow >= _LINE_CONTRAST) & (inner > 0), np.uint8)


def thin_bright_lines(grey: NDArray[np.uint8], view: NDArray[np.uint8], *, skin: float) -> NDArray[np.uint8]:
    """Mask (0 or 1) of what is much lighter than both its sides within some 4 px, inside the view.

    ``skin``: its grey level; what is darker is no white hair but what a lesion leaves free between its lines.
    """
    rising = cv2.morphologyEx(grey, cv2.MORPH_TOPHAT, _THIN)
    inner = cv2.erode(view, np.ones((7, 7), np.uint8), borderValue=255)
    return np.asarray((rising >= _WHITE_CONTRAST) & (inner > 0) & (grey >= skin), np.uint8)


def long_lines(thin: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The parts of a mask of thin structures that run on for an eighth of the picture, nearly straight.

    A hair runs on in its own direction; a dense network, which has runs in all of them, is none.
    """
    if min(thin.shape) < _HAIR_LENGTH or not thin.any():
        return np.zeros_like(thin)
    wide = cv2.dilate(thin, np.ones((3, 3), np.uint8))
    directions = np.zeros_like(thin)
    for line in _LINES:
        kept = cv2.erode(wide, line)
        if kept.any():
            directions += np.asarray(cv2.dilate(kept, cv2.flip(line, -1)), np.uint8)
    # Over the neighbourhood: where hairs cross there are two or three directions, and one a little further on.
    usual = cv2.boxFilter(directions * thin, cv2.CV_32F, (_NEIGHBOURHOOD, _NEIGHBOURHOOD))
    marked = cv2.boxFilter(thin * (directions > 0), cv2.CV_32F, (_NEIGHBOURHOOD, _NEIGHBOURHOOD))
    return np.asarray(thin * (directions > 0) * (usual <= _MOST_DIRECTIONS * marked), np.uint8)


def regular_marks(thin: NDArray[np.uint8], long: NDArray[np.uint8], lesion: NDArray[np.uint8] | None) -> int:
    """Most short strokes of one direction in a row at equal distances, beside the lesion; 0: fewer than three."""
    short = thin * np.asarray(1 - cv2.dilate(long, np.ones((3, 3), np.uint8)), np.uint8)
    if lesion is not None:
        short[lesion > 0] = 0
    count, labels = cv2.connectedComponents(short, connectivity=8)
    if count < 4:
        return 0
    rows, columns = np.nonzero(labels)
    of = labels[rows, columns]
    n = np.bincount(of, minlength=count).astype(float)
    n[0] = 1
    y, x = (np.bincount(of, v, count) / np.maximum(n, 1) for v in (rows, columns))
    yy, xx, xy = (
        np.bincount(of, v, count) / np.maximum(n, 1) for v in (rows * rows, columns * columns, rows * columns)
    )
    yy, xx, xy = yy - y * y, xx - x * x, xy - x * y
    spread, turn = np.hypot(xx - yy, 2 * xy), 0.5 * np.arctan2(2 * xy, xx - yy)
    length = 3.46 * np.sqrt(np.maximum((xx + yy + spread) / 2, 0)) + 1
    width = 3.46 * np.sqrt(np.maximum((xx + yy - spread) / 2, 0)) + 1
    marks = np.nonzero((n >= 4) & (length >= 4) & (length <= 34) & (width <= 6.5) & (length >= 1.7 * width))[0]
    marks = marks[marks > 0]
    if len(marks) < 3:
        return 0
    marks = marks[np.argsort(-n[marks], kind="stable")][:_MOST_MARKS]
    return _longest_row(x[marks], y[marks], turn[marks], length[marks])


def _longest_row(
    x: NDArray[np.float64], y: NDArray[np.float64], turn: NDArray[np.float64], length: NDArray[np.float64]
) -> int:
    dx, dy = x[None, :] - x[:, None], y[None, :] - y[:, None]
    gap = np.hypot(dx, dy)
    apart = np.abs((turn[None, :] - turn[:, None] + math.pi / 2) % math.pi - math.pi / 2)
    across = np.abs(np.cos(np.arctan2(dy, dx) - turn[:, None]))  # 0: the next stroke lies square to this one
    sizes = np.maximum(length[None, :], length[:, None]) / np.minimum(length[None, :], length[:, None])
    alike = (apart < 0.22) & (sizes < 2.2)
    starts = np.argwhere(alike & (gap >= 4) & (gap <= 36) & (across < 0.45))
    best = 0
    for i, j in starts:
        step_x, step_y = dx[i, j], dy[i, j]
        along_x, along_y = math.cos(turn[i]), math.sin(turn[i])
        # Every fifth mark is longer: its middle may lie to the side, along the strokes.
        room, side = max(1.3, 0.14 * gap[i, j]), 0.6 * length[i]
        at, row = j, 2
        while True:
            ex, ey = x - (x[at] + step_x), y - (y[at] + step_y)
            lengthwise = ex * along_x + ey * along_y
            square = np.abs(ex * along_y - ey * along_x)
            fits = np.nonzero((square <= room) & (np.abs(lengthwise) <= side) & alike[i])[0]
            if not len(fits):
                break
            following = int(fits[np.argmin(square[fits])])
            if following == at:
                break
            at, row = following, row + 1
            if row > 60:
                break
        best = max(best, row)
    return best if best >= 3 else 0


def ink(small: NDArray[np.uint8], view: NDArray[np.uint8], lesion: NDArray[np.uint8] | None) -> NDArray[np.bool_]:
    """Where the view has the hue and saturation of ink: green through blue to violet.

    A lesion of which much has that colour is a blue one, and no ink.
    """
    hsv = cv2.cvtColor(small, cv2.COLOR_RGB2HSV)
    hue, saturation, level = cv2.split(hsv)
    coloured = (saturation >= _INK_SATURATION) & (level >= _INK_LEVEL) & (hue >= 38) & (hue <= 152)
    found = np.asarray(coloured & (view > 0), np.bool_)
    if lesion is not None:
        inside = lesion > 0
        if np.count_nonzero(found & inside) > _BLUE_LESION * np.count_nonzero(inside):
            found &= ~inside
    return found


def count_bubbles(grey: NDArray[np.uint8], view: NDArray[np.uint8], lesion: NDArray[np.uint8] | None) -> int:
    """Closed, nearly round bright rings whose inside is darker than the ring."""
    rising = cv2.morphologyEx(grey, cv2.MORPH_TOPHAT, np.ones((7, 7), np.uint8))
    rings = np.asarray((rising >= _RING_CONTRAST) & (view > 0), np.uint8)
    contours, tree = cv2.findContours(rings, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    if tree is None:
        return 0
    found = 0
    for contour, (_, _, _, parent) in zip(contours, tree[0], strict=True):
        if parent < 0 or len(contour) < 8:
            continue
        area = cv2.contourArea(contour)
        x, y = contour[0, 0]
        in_lesion = lesion is not None and lesion[y, x] > 0
        if not (_LEAST_IN_LESION if in_lesion else _LEAST_BUBBLE) <= area <= _LARGEST_BUBBLE:
            continue
        (_, _), (a, b), _ = cv2.minAreaRect(contour)
        rim = cv2.arcLength(contour, True)
        if min(a, b) >= 0.6 * max(a, b) and 4 * math.pi * area >= 0.72 * rim * rim:
            found += 1
    return found
