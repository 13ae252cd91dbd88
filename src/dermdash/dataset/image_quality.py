"""Estimated technical quality of a dermatoscopic image: sharpness, exposure and glare on a scale of 1 to 5.

It is measured, not judged: it stands beside the human image_quality_score and never replaces it. Everything is
measured on a copy of at most 224 px, in the middle of the image where the lesion lies, so that a dark vignette,
ruler ticks at the rim and the original's resolution do not decide. Smooth skin is not blur: only the strongest
edges of the region count, each against the same edge after smoothing (the idea of Crete et al., SPIE 6492, 2007).
"""

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdash.dataset.image_resizing import shrink
from dermdash.dataset.quality_thresholds import EXPOSURE_THRESHOLDS, GLARE_THRESHOLDS, SHARPNESS_THRESHOLDS

VERSION = "tq1"
ANALYSIS_SIDE = 224
# The middle 70 % of each side is lesion and the skin around it in nearly all dermatoscopic images.
MARGIN_SHARE = 0.15
EDGE_SHARE = 0.1
# Around a small lesion most of that tenth is bare skin; then edges of at least so many grey levels count alone,
# provided there are any to speak of.
CLEAR_EDGE = 8
LEAST_EDGE_SHARE = 0.004
# Grey levels added to every edge, so that quantisation noise in a flat image does not pass for detail.
EDGE_FLOOR = 4.0
SMOOTHING_SIDE = 7
BRIGHT_LEVEL, WHITE_LEVEL = 250, 225
HIGHLIGHT_STEP, OVER_SKIN = 30, 15
DRIVERS = ("sharpness", "exposure", "glare")
DAMAGE = "damage"
"""What decides for a file that is not what its camera wrote: its sharpness says nothing."""


@dataclass(frozen=True, slots=True)
class TechnicalQuality:
    """Score 1 (unusable) to 5 (no fault found), its three measures, and the measure that decided it.

    ``sharpness`` 0..1, higher = sharper; ``exposure`` 0..1, higher = better exposed; ``glare`` 0..1, share of the
    region under specular highlights, higher = worse. ``driver`` is the worst measure, "damage", or "none" at score 5.
    """

    score: int
    sharpness: float
    exposure: float
    glare: float
    driver: str
    version: str = VERSION


def estimate_technical_quality(pixels: NDArray[np.uint8]) -> TechnicalQuality:
    """Measure an RGB image (height x width x 3, 0-255)."""
    small = shrink(pixels, ANALYSIS_SIDE)
    height, width = small.shape[:2]
    top, left = int(height * MARGIN_SHARE), int(width * MARGIN_SHARE)
    region = np.ascontiguousarray(small[top : height - top, left : width - left])
    grey = np.asarray(cv2.cvtColor(region, cv2.COLOR_RGB2GRAY), np.uint8)
    sharpness = measure_sharpness(grey)
    exposure = measure_exposure(region)
    glare = measure_glare(region)
    scores = (
        1 + sum(sharpness >= t for t in SHARPNESS_THRESHOLDS),
        1 + sum(exposure >= t for t in EXPOSURE_THRESHOLDS),
        1 + sum(glare < t for t in GLARE_THRESHOLDS),
    )
    score = min(scores)
    driver = "none" if score == 5 else DRIVERS[scores.index(score)]
    return TechnicalQuality(score, round(sharpness, 4), round(exposure, 4), round(glare, 4), driver)


def of_damaged_image(quality: TechnicalQuality) -> TechnicalQuality:
    """Return the same measures with the score of an image whose file is damaged."""
    return replace(quality, score=1, driver=DAMAGE)


def measure_sharpness(grey: NDArray[np.uint8]) -> float:
    """Return how much of the strongest tenth of edges a slight smoothing removes (0..1, higher = sharper)."""
    if min(grey.shape) < 8:
        return 0.0
    edges = cv2.add(cv2.absdiff(grey[1:, 1:], grey[1:, :-1]), cv2.absdiff(grey[1:, 1:], grey[:-1, 1:]))
    cumulative = _cumulative(edges)
    weakest_counted = int(np.searchsorted(cumulative, 1 - EDGE_SHARE))
    if weakest_counted < CLEAR_EDGE and cumulative[CLEAR_EDGE - 1] < 1 - LEAST_EDGE_SHARE:
        weakest_counted = CLEAR_EDGE
    rows, columns = np.nonzero(edges >= weakest_counted)
    # Sums, not means, keep the smoothed image exact in integers; only the strongest edges are looked at in it.
    sums = cv2.boxFilter(grey, cv2.CV_32S, (SMOOTHING_SIDE, SMOOTHING_SIDE), normalize=False)
    here = sums[rows + 1, columns + 1]
    smoothed = np.abs(here - sums[rows + 1, columns]) + np.abs(here - sums[rows, columns + 1])
    strength = edges[rows, columns].astype(np.float64)
    lost = np.maximum(strength - smoothed / SMOOTHING_SIDE**2, 0)
    return float(lost.mean() / (strength.mean() + EDGE_FLOOR))


def measure_exposure(region: NDArray[np.uint8]) -> float:
    """Return how well an RGB region is exposed (0..1): its brighter part neither dark nor burnt out.

    A lesion may be black or deep red and fill the view. So the 90th percentile of each pixel's strongest channel
    judges darkness, and only pixels white in every channel count as burnt out.
    """
    red, green, blue = cv2.split(region)
    strongest = _cumulative(cv2.max(cv2.max(red, green), blue))
    burnt = 1.0 - float(_cumulative(cv2.min(cv2.min(red, green), blue))[BRIGHT_LEVEL - 1])
    level = int(np.searchsorted(strongest, 0.9))
    return max(0.0, float(np.interp(level, (30, 130), (0.0, 1.0))) - 2.0 * burnt)


def _cumulative(channel: NDArray[Any]) -> NDArray[np.float64]:
    """Return the share of pixels at or below each of the 256 levels."""
    counts = cv2.calcHist([channel], [0], None, [256], [0, 256]).ravel()
    return np.cumsum(counts, dtype=np.float64) / channel.size


def measure_glare(region: NDArray[np.uint8], *, skin: int = 0) -> float:
    """Return the share of pixels that are near white and clearly brighter than their surroundings (0..1).

    ``skin``: how white the skin is (its weakest channel, 0-255), where that is known: pale skin around a dark lesion is
    brighter than its surroundings, too, and no reflection.
    """
    red, green, blue = cv2.split(region)
    whiteness = np.asarray(cv2.min(cv2.min(red, green), blue), np.uint8)
    bright = whiteness >= min(max(WHITE_LEVEL, skin + OVER_SKIN), BRIGHT_LEVEL)
    if not bright.any():
        return 0.0
    side = max(3, min(whiteness.shape) // 3)
    rise = np.asarray(cv2.subtract(whiteness, cv2.blur(whiteness, (side, side))), np.uint8)
    return float(np.count_nonzero(bright & (rise >= HIGHLIGHT_STEP)) / whiteness.size)
