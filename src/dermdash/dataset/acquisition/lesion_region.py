"""Where the view and the lesion lie in a picture of 224 px: dark corners, and a region estimated without a network.

The region serves measurements, not diagnoses: it has to say where sharpness matters, where the middle of the lesion
lies and how large it is. A mask that came with the record takes its place.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

_DARK_SHARE, _DARKEST_SKIN = 0.42, 70
"""Corners are darker than this share of the bright part of the picture, and than this level."""
_HALF = 2
_BORDER_SHARE = 0.12
_LEAST_CONTRAST = 7.0
"""CIELAB units between region and skin; below it nothing can be told from the unevenness of skin."""
_LEAST_SHARE = 0.001
_REACH = 0.4


@dataclass(frozen=True, slots=True)
class Scene:
    """Masks (uint8, 0 or 255) of a small picture, and the colour of its skin.

    ``view``: what is not dark corner; ``lesion``: None where none stands out; ``skin``: CIELAB of the skin, with
    lightness 0 to 100; ``estimated``: whether the lesion is our estimate.
    """

    view: NDArray[np.uint8]
    lesion: NDArray[np.uint8] | None
    skin: tuple[float, float, float]
    estimated: bool


def look_at(small: NDArray[np.uint8], mask: NDArray[np.uint8] | None = None) -> Scene:
    """Find view, lesion and skin in an RGB picture; ``mask`` (same size, 0 or 255) says where the lesion lies."""
    view = _view(small)
    lab = _halved_lab(small)
    seen = cv2.resize(view, (lab.shape[1], lab.shape[0]), interpolation=cv2.INTER_NEAREST) > 0
    given = mask is not None and bool(mask.any())
    lesion = mask if given else _estimated(lab, seen, small.shape[:2])
    away = seen
    if lesion is not None:
        half = cv2.resize(lesion, (lab.shape[1], lab.shape[0]), interpolation=cv2.INTER_NEAREST)
        away = seen & (cv2.dilate(half, np.ones((7, 7), np.uint8)) == 0)
        if away.mean() < 0.02:
            away = seen
    skin = np.median(lab[away], axis=0) if away.any() else np.array([50.0, 0.0, 0.0])
    return Scene(view, lesion, (float(skin[0]), float(skin[1]), float(skin[2])), estimated=not given)


def dark_corner_share(view: NDArray[np.uint8]) -> float:
    """Return the share (0..1) of the frame that is no view."""
    return 1.0 - float(np.count_nonzero(view)) / view.size


def _view(small: NDArray[np.uint8]) -> NDArray[np.uint8]:
    red, green, blue = cv2.split(small)
    strongest = cv2.blur(cv2.max(cv2.max(red, green), blue), (3, 3))
    bright = float(np.percentile(strongest[::4, ::4], 90))
    dark = np.asarray(strongest < min(_DARK_SHARE * bright, _DARKEST_SKIN), np.uint8)
    count, labels = cv2.connectedComponents(dark)
    corners = {int(labels[y, x]) for y in (0, -1) for x in (0, -1)} - {0}
    at_corner = np.zeros(count, np.uint8)
    # What is dark at a corner, not the picture as a whole: that is a matter of exposure.
    at_corner[[c for c in corners if dark[0, 0] or dark[0, -1] or dark[-1, 0] or dark[-1, -1]]] = 255
    return np.asarray(255 - at_corner[labels], np.uint8)


def _halved_lab(small: NDArray[np.uint8]) -> NDArray[np.float32]:
    height, width = small.shape[:2]
    size = (max(1, width // _HALF), max(1, height // _HALF))
    half = cv2.resize(small, size, interpolation=cv2.INTER_AREA)
    smooth = cv2.GaussianBlur(half, (0, 0), 1.5).astype(np.float32) / 255
    return np.asarray(cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB), np.float32)


def _estimated(lab: NDArray[np.float32], seen: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.uint8] | None:
    """The region that differs most from the skin at the rim of the view, near the middle rather than far from it."""
    height, width = seen.shape
    inner = cv2.erode(seen.astype(np.uint8), np.ones((5, 5), np.uint8), borderValue=0) > 0
    rim = inner.copy()
    y, x = round(height * _BORDER_SHARE), round(width * _BORDER_SHARE)
    core = cv2.erode(inner.astype(np.uint8), np.ones((2 * y + 1, 2 * x + 1), np.uint8), borderValue=0) > 0
    rim &= ~core
    if np.count_nonzero(rim) < 20 or np.count_nonzero(inner) < 50:
        return None
    at_rim = lab[rim]
    # The lesion may reach the rim: skin is its lighter half.
    skin = np.median(at_rim[at_rim[:, 0] >= np.median(at_rim[:, 0])], axis=0)
    difference = lab - skin
    difference[..., 0] = np.minimum(difference[..., 0], 0)  # lighter than skin: reflections, rarely a lesion
    distance = np.sqrt((difference**2).sum(axis=2))
    levels = np.clip(distance * 3, 0, 255).astype(np.uint8)
    threshold, _ = cv2.threshold(levels[inner].reshape(-1, 1), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    inside = ((levels > threshold) & inner).astype(np.uint8)
    inside = cv2.morphologyEx(inside, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    inside = cv2.morphologyEx(inside, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7)))
    count, labels, stats, centres = cv2.connectedComponentsWithStats(inside)
    if count < 2:
        return None
    away = np.hypot(centres[1:, 0] / width - 0.5, centres[1:, 1] / height - 0.5) / _REACH
    of = labels[inside > 0]
    strength = np.bincount(of, distance[inside > 0], count)[1:] / np.maximum(stats[1:, cv2.CC_STAT_AREA], 1)
    # Not the largest one alone: the light falls off towards a corner, where a wide faint region is no lesion.
    weights = np.sqrt(stats[1:, cv2.CC_STAT_AREA]) * strength * np.exp(-(away**2))
    best = 1 + int(np.argmax(weights))
    region = labels == best
    contrast = float(distance[region].mean() - distance[inner & (inside == 0)].mean()) if (inside == 0).any() else 0
    if region.mean() < _LEAST_SHARE or contrast < _LEAST_CONTRAST:
        return None
    contours, _ = cv2.findContours(region.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros(region.shape, np.uint8)
    cv2.drawContours(filled, contours, -1, 255, -1)
    return np.asarray(cv2.resize(filled, size[::-1], interpolation=cv2.INTER_NEAREST), np.uint8)
