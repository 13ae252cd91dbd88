"""Painted lesions, and the same lesion photographed again."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdash.dataset.synthetic import paint_lesion

SIDE = 200
Pixels = NDArray[np.uint8]


@cache
def paint(seed: int, dx: str = "nv") -> Pixels:
    """A lesion with plenty of fine structure."""
    pixels = paint_lesion(dx=dx, size=(SIDE, SIDE), rng=np.random.default_rng(seed))[0].astype(np.float64)
    rng = np.random.default_rng(1000 + seed)
    spots = rng.normal(0, 1, (SIDE // 4, SIDE // 4)).astype(np.float32)
    texture = cv2.GaussianBlur(cv2.resize(spots, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC), (0, 0), 1.5)
    return np.clip(pixels + 22 * texture[..., None], 0, 255).astype(np.uint8)


def photograph_again(
    pixels: Pixels, *, turn: float = 50.0, zoom: float = 1.25, shift: tuple[float, float] = (12.0, -9.0), seed: int = 5
) -> Pixels:
    """The lesion turned, magnified, off centre (so cropped), in other light and with noise."""
    matrix = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), turn, zoom)
    matrix[:, 2] += shift
    moved = cv2.warpAffine(pixels, matrix, (SIDE, SIDE), borderMode=cv2.BORDER_REFLECT).astype(np.float64)
    light = np.linspace(0.8, 1.15, SIDE)[None, :, None] * np.array([1.05, 0.9, 0.8]) * moved + 6
    noise = np.random.default_rng(seed).normal(0, 2, light.shape)
    return np.clip(light + noise, 0, 255).astype(np.uint8)


def add_ruler_and_rim(pixels: Pixels) -> Pixels:
    """The same ruler along the lower edge and the same dark round field on any image."""
    marked = pixels.copy()
    for i, x in enumerate(range(10, SIDE - 10, 6)):
        marked[SIDE - (24 if i % 5 == 0 else 14) : SIDE - 6, x : x + 2] = 30
    y, x = np.mgrid[:SIDE, :SIDE]
    marked[np.hypot(x - SIDE / 2, y - SIDE / 2) > SIDE * 0.64] = 5
    return marked
