"""How an image looks at a glance, from its thumbnail: hashes of it, of its parts and of its turned and mirrored forms,
and simple measures of colour, grain and edges.

One pass over the thumbnails serves the search for near duplicates (`near_duplicates`) and for pictures of another kind
(`off_topic`); what it gives is small enough to be kept for a million images (0.8 kB each).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

VERSION = "1"
SIDE = 96
"""Side to which a grey thumbnail is brought, whatever its shape: a turned copy then has turned hashes."""
_SAMPLE, _LOW = 32, 8
_MARGIN = 0.12
SCALES, _PLACES = (0.96, 0.91, 0.86, 0.81, 0.76), 4
Box = tuple[float, float, float, float]
"""Left, top, right, bottom as shares of width and height."""


def _boxes() -> tuple[Box, ...]:
    boxes: list[Box] = [(0.0, 0.0, 1.0, 1.0)]
    for scale in SCALES:
        places = np.linspace(0, 1 - scale, _PLACES).tolist()
        for top in places:
            for left in places:
                boxes.append((left, top, left + scale, top + scale))
    return tuple(boxes)


BOXES = _boxes()
"""The parts of which a hash is kept: the whole first, then rectangles of five sizes in sixteen places."""
FORMS = ("as it is", "mirrored", "upside down", "turned 180", "transposed", "turned 90", "turned 270", "transverse")
"""The eight ways a rectangle can be turned and mirrored; each is transposed or not, then mirrored left-right and
top-down or not."""
_FORM_STEPS = (
    (False, False, False), (False, True, False), (False, False, True), (False, True, True),
    (True, False, False), (True, True, False), (True, False, True), (True, True, True),
)  # fmt: skip
MIRRORED = (False, True, True, False, True, False, False, True)
CUES = (
    "lightness", "a", "b", "lightness_spread", "a_spread", "b_spread", "white", "black", "purple", "skin", "grain",
    "axis_edges", "flat", "colours", "centre", "rim",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class ImageLooks:
    """``forms`` (8,) hashes of the whole image turned and mirrored; ``parts`` (81,) hashes of its parts as it is, the
    whole first; ``cues`` (16,) measures by the names in `CUES`."""

    forms: NDArray[np.uint64]
    parts: NDArray[np.uint64]
    cues: NDArray[np.float32]


def look_at(thumbnail: NDArray[np.uint8]) -> ImageLooks:
    """Look at an RGB thumbnail (height x width x 3)."""
    grey = square_grey(thumbnail)
    samples = np.stack([_part(grey, box) for box in BOXES])
    low = np.asarray(_DCT @ samples @ _DCT.T, np.float32)
    return ImageLooks(_hashes(_forms_of(low[0])), _hashes(low), _cues(thumbnail))


def square_grey(thumbnail: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The thumbnail in grey, brought to a square of `SIDE`."""
    grey = np.asarray(cv2.cvtColor(thumbnail, cv2.COLOR_RGB2GRAY), np.uint8)
    return np.asarray(cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def in_form(pixels: NDArray[np.uint8], form: int) -> NDArray[np.uint8]:
    """An image turned and mirrored into one of the `FORMS`."""
    transposed, left_right, top_down = _FORM_STEPS[form]
    if transposed:
        pixels = pixels.swapaxes(0, 1)
    if left_right:
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels[::-1] if top_down else pixels)


def form_matrix(form: int) -> NDArray[np.float64]:
    """Where a point of the image (shares of width and height) lies in that form: float64 (2, 3)."""
    transposed, left_right, top_down = _FORM_STEPS[form]
    matrix = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]) if transposed else np.eye(2, 3)
    if left_right:
        matrix[0] = -matrix[0] + np.array([0, 0, 1.0])
    if top_down:
        matrix[1] = -matrix[1] + np.array([0, 0, 1.0])
    return matrix


def _cosines() -> NDArray[np.float32]:
    frequency = np.arange(_LOW)[:, None]
    position = np.arange(_SAMPLE)[None, :]
    return np.cos(np.pi * frequency * (2 * position + 1) / (2 * _SAMPLE)).astype(np.float32)


_DCT = _cosines()
_ODD = np.where(np.arange(_LOW) % 2, -1.0, 1.0).astype(np.float32)


def _part(grey: NDArray[np.uint8], box: Box) -> NDArray[np.float32]:
    left, top, right, bottom = (round(share * SIDE) for share in box)
    part = grey[top:bottom, left:right]
    return np.asarray(cv2.resize(part, (_SAMPLE, _SAMPLE), interpolation=cv2.INTER_AREA), np.float32)


def _forms_of(low: NDArray[np.float32]) -> NDArray[np.float32]:
    """The low frequencies of every form: mirroring changes the sign of odd ones, turning swaps the axes."""
    forms = []
    for transposed, left_right, top_down in _FORM_STEPS:
        one = low.T if transposed else low
        one = one * _ODD[None, :] if left_right else one
        forms.append(one * _ODD[:, None] if top_down else one)
    return np.stack(forms)


def _hashes(low: NDArray[np.float32]) -> NDArray[np.uint64]:
    flat = low.reshape(len(low), -1)[:, 1:]  # without the mean: it says how bright the picture is
    bits = flat > np.median(flat, axis=1, keepdims=True)
    packed = np.packbits(np.pad(bits, ((0, 0), (1, 0))), axis=1)
    return np.ascontiguousarray(packed).view(">u8").ravel().astype(np.uint64)


def _cues(thumbnail: NDArray[np.uint8]) -> NDArray[np.float32]:
    # The middle: dark corners and rulers at the rim are usual where they are.
    height, width = thumbnail.shape[:2]
    down, right = int(height * _MARGIN), int(width * _MARGIN)
    thumbnail = np.ascontiguousarray(thumbnail[down : height - down, right : width - right])
    small = np.asarray(cv2.resize(thumbnail, (64, 64), interpolation=cv2.INTER_AREA), np.uint8)
    lab = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), np.float32)
    hsv = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2HSV), np.float32)
    ycc = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2YCrCb), np.float32)
    hue, saturation, value = hsv[..., 0], hsv[..., 1], hsv[..., 2]
    skin = (ycc[..., 1] > 133) & (ycc[..., 1] < 180) & (ycc[..., 2] > 77) & (ycc[..., 2] < 130)
    grey = np.asarray(cv2.cvtColor(thumbnail, cv2.COLOR_RGB2GRAY), np.float32)
    dx, dy = np.abs(np.diff(grey, axis=1))[:-1], np.abs(np.diff(grey, axis=0))[:, :-1]
    strength = np.hypot(dx, dy)
    strong = strength > 24
    along_axis = strong & (np.minimum(dx, dy) < 0.08 * strength)
    flat = strength < 1.0
    colours = len(np.unique((small >> 4).reshape(-1, 3).astype(np.int32) @ np.array([256, 16, 1])))
    middle = lab[20:44, 20:44].reshape(-1, 3).mean(axis=0)
    rim = np.concatenate([lab[:6].reshape(-1, 3), lab[-6:].reshape(-1, 3)])
    light = lab[..., 0]
    return np.array(
        [
            *lab.reshape(-1, 3).mean(axis=0), *lab.reshape(-1, 3).std(axis=0),
            ((value > 235) & (saturation < 25)).mean(), (value < 30).mean(),
            ((hue > 118) & (hue < 168) & (saturation > 45) & (value > 60)).mean(), skin.mean(),
            np.log1p(np.abs(cv2.Laplacian(grey, cv2.CV_32F)).mean()),
            along_axis.sum() / max(1, strong.sum()) if strong.mean() > 0.002 else 0.0, flat.mean(), np.log1p(colours),
            float(middle[0] - light.mean()), float(rim[:, 0].std()),
        ],
        np.float32,
    )  # fmt: skip
