"""Measure one image for the acquisition gate: twelve numbers, in 224 px, where every image is alike."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdash.dataset.acquisition import artefacts
from dermdash.dataset.acquisition.lesion_region import Scene, dark_corner_share, look_at
from dermdash.dataset.image_quality import (
    ANALYSIS_SIDE,
    MARGIN_SHARE,
    measure_exposure,
    measure_glare,
    measure_sharpness,
)
from dermdash.dataset.image_resizing import shrink

SKIN_COLOURS = np.array(
    [(3, 3), (6, 10), (8, 20), (14, 25), (31, 26), (43, 21), (41, 0), (20, -12), (11, -12), (7, -9)]
)
"""Outline of the colours (CIELAB a, b) of skin under dermatoscopes: it holds 97 in 100 of 500 photographs of HAM10000,
with two corners for brown and dark skin, of which there is next to none (phototypes IV to VI: about a 13-16, b 15-22).
"""
_LEAST_BOX = 0.34
"""Sharpness is looked for in at least this share of each side, however small the lesion."""
_RIM = 0.12
_EDGE = 8
"""Pixels from the edge of the frame at which it is asked whether the edge cuts the lesion."""
_CUT_WEIGHT = 1 / 3


def measure_image(pixels: NDArray[np.uint8], mask: NDArray[np.uint8] | None = None) -> dict[str, float]:
    """Measure an upright RGB image (height x width x 3, 0-255); the keys are those of `MEASUREMENTS`.

    Parameters
    ----------
    mask
        Where the lesion lies, of the same size (0 outside); None: its region is estimated. Where none stands out,
        ``off_centre`` and ``lesion_share`` are left out of the result.
    """
    small = shrink(pixels, ANALYSIS_SIDE)
    height, width = small.shape[:2]
    small_mask = None
    if mask is not None:
        shrunk = cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA)
        small_mask = np.asarray((shrunk >= 128) * 255, np.uint8)
    scene = look_at(small, small_mask)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
    top, left = int(height * MARGIN_SHARE), int(width * MARGIN_SHARE)
    middle = np.ascontiguousarray(small[top : height - top, left : width - left])
    view = max(1, int(np.count_nonzero(scene.view)))
    thin = artefacts.thin_dark_lines(grey, scene.view)
    long = artefacts.long_lines(thin)
    white = artefacts.long_lines(artefacts.thin_bright_lines(grey, scene.view, skin=_level_of_skin(grey, scene)))
    return {
        "sharpness": round(measure_sharpness(_around_lesion(grey, scene)), 4),
        "exposure": round(measure_exposure(middle), 4),
        "glare": round(100 * measure_glare(middle, skin=_whiteness_of_skin(small, scene)), 3),
        "colour_cast": round(_colour_cast(scene), 2),
        **_place(scene),
        "hair": round(100 * np.count_nonzero(long | white) / view, 3),
        "ruler": float(artefacts.regular_marks(thin, long, scene.lesion)),
        "pen": round(100 * np.count_nonzero(artefacts.ink(small, scene.view, scene.lesion)) / view, 3),
        "bubbles": float(artefacts.count_bubbles(grey, scene.view, scene.lesion)),
        "vignette": round(100 * dark_corner_share(scene.view), 2),
        "short_side": float(min(pixels.shape[:2])),
    }


def _whiteness_of_skin(small: NDArray[np.uint8], scene: Scene) -> int:
    """The weakest channel of the skin in the view, its median; 0 where the lesion leaves none of it."""
    red, green, blue = cv2.split(small)
    weakest = cv2.min(cv2.min(red, green), blue).astype(np.uint8, copy=False)
    return _level_of_skin(weakest, scene)


def _level_of_skin(channel: NDArray[np.uint8], scene: Scene) -> int:
    """The median of one channel over the skin in the view; 0 where the lesion leaves none of it."""
    away = scene.view[::2, ::2] > 0
    if scene.lesion is not None:
        away &= scene.lesion[::2, ::2] == 0
    if np.count_nonzero(away) < away.size // 50:
        return 0
    return int(np.median(channel[::2, ::2][away]))


def _around_lesion(grey: NDArray[np.uint8], scene: Scene) -> NDArray[np.uint8]:
    """The lesion with its rim; the middle of the view where no lesion stands out."""
    height, width = grey.shape
    if scene.lesion is None:
        x, y, w, h = int(width * MARGIN_SHARE), int(height * MARGIN_SHARE), 0, 0
        w, h = width - 2 * x, height - 2 * y
    else:
        x, y, w, h = cv2.boundingRect(scene.lesion)
    left, right = _widened(x, w, width)
    top, bottom = _widened(y, h, height)
    return np.ascontiguousarray(grey[top:bottom, left:right])


def _widened(start: int, length: int, side: int) -> tuple[int, int]:
    wanted = max(length * (1 + 2 * _RIM), side * _LEAST_BOX)
    middle = start + length / 2
    low = max(0, min(round(middle - wanted / 2), side - round(wanted)))
    return low, min(side, low + max(1, round(wanted)))


def _place(scene: Scene) -> dict[str, float]:
    if scene.lesion is None:
        return {}
    height, width = scene.lesion.shape
    moments = cv2.moments(scene.lesion, binaryImage=True)
    across = moments["m10"] / moments["m00"] + 0.5 - width / 2
    down = moments["m01"] / moments["m00"] + 0.5 - height / 2
    away = max(float(np.hypot(across, down)), _CUT_WEIGHT * _cut_off(scene.lesion)) / max(height, width)
    return {
        "off_centre": round(100 * away, 2),
        "lesion_share": round(100 * np.count_nonzero(scene.lesion) / scene.lesion.size, 3),
    }


def _cut_off(lesion: NDArray[np.uint8]) -> float:
    """How many pixels more of the lesion one edge of the frame cuts than the opposite one, over both directions.

    Of a large lesion in a corner the middle of what is seen lies near the middle of the frame.
    """
    near = _EDGE
    left, right = np.count_nonzero(lesion[:, near]), np.count_nonzero(lesion[:, -1 - near])
    top, bottom = np.count_nonzero(lesion[near]), np.count_nonzero(lesion[-1 - near])
    return math.hypot(left - right, top - bottom)


def _colour_cast(scene: Scene) -> float:
    """How far (CIELAB) the colour of the skin lies outside the colours of skin."""
    _, a, b = scene.skin
    outline = SKIN_COLOURS[:, None]
    return max(0.0, -cv2.pointPolygonTest(outline, (a, b), measureDist=True))
