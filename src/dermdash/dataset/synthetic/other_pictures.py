"""Drawings of pictures that do not belong among dermatoscopic ones: an overview, a close-up, a slide, a screenshot."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdash.dataset.synthetic.canvas import SKIN_RGB
from dermdash.dataset.synthetic.noise import Size, fractal

Pixels = NDArray[np.float32]


def paint_other(name: str, *, rng: np.random.Generator, size: Size) -> NDArray[np.uint8]:
    """An RGB picture of one of `OTHER_PICTURES`, of that height and width."""
    return np.clip(np.rint(OTHER_PICTURES[name](rng, size)), 0, 255).astype(np.uint8)


def _overview(rng: np.random.Generator, size: Size) -> Pixels:
    """A back before a wall: skin of a whole person, moles of a few pixels."""
    height, width = size
    picture = np.full((height, width, 3), (96, 122, 150), np.float32) * (
        1 + 0.04 * fractal(rng, size, cells=3)[..., None]
    )
    skin = np.array(SKIN_RGB["II"], np.float32)
    body = np.zeros(size, np.uint8)
    cv2.ellipse(body, (width // 2, int(height * 0.72)), (int(width * 0.3), int(height * 0.56)), 0, 0, 360, 255, -1)
    cv2.ellipse(body, (width // 2, int(height * 0.1)), (int(width * 0.1), int(height * 0.16)), 0, 0, 360, 255, -1)
    cover = cv2.GaussianBlur(body, (0, 0), 2).astype(np.float32)[..., None] / 255
    shade = 1 + 0.06 * fractal(rng, size, cells=4)[..., None]
    picture += cover * (skin * shade - picture)
    for _ in range(int(rng.integers(12, 30))):
        centre = (int(rng.uniform(0.3, 0.7) * width), int(rng.uniform(0.35, 0.95) * height))
        cv2.circle(picture, centre, int(rng.integers(1, 4)), (96, 62, 46), -1, cv2.LINE_AA)
    return picture


def _close_up(rng: np.random.Generator, size: Size) -> Pixels:
    """A hand's breadth of skin from a little away, with a coin beside a small mole and a towel below."""
    height, width = size
    skin = np.array(SKIN_RGB["III"], np.float32)
    picture = skin * (1 + 0.05 * fractal(rng, size, cells=8, octaves=4)[..., None])
    picture[int(height * 0.78) :] = np.array((52, 104, 98), np.float32) * (
        1 + 0.1 * fractal(rng, size, cells=60)[int(height * 0.78) :, :, None]
    )
    cv2.circle(picture, (int(width * 0.3), int(height * 0.4)), height // 40, (88, 56, 40), -1, cv2.LINE_AA)
    cv2.circle(picture, (int(width * 0.68), int(height * 0.38)), height // 7, (176, 160, 112), -1, cv2.LINE_AA)
    cv2.circle(picture, (int(width * 0.68), int(height * 0.38)), height // 9, (196, 182, 136), 3, cv2.LINE_AA)
    return np.asarray(picture, np.float32)


def _histology_slide(rng: np.random.Generator, size: Size) -> Pixels:
    """Tissue in haematoxylin and eosin: pink with violet nuclei, white where there is none."""
    height, width = size
    tissue = fractal(rng, size, cells=3, octaves=4)
    pink = np.array((222, 140, 186), np.float32) * (1 + 0.06 * fractal(rng, size, cells=40)[..., None])
    picture = np.where((tissue > -0.9)[..., None], pink, np.array((246, 244, 247), np.float32))
    for _ in range(900):
        x, y = int(rng.integers(width)), int(rng.integers(height))
        if tissue[y, x] > -0.8:
            axes = (int(rng.integers(2, 5)), int(rng.integers(2, 4)))
            cv2.ellipse(picture, (x, y), axes, float(rng.uniform(0, 180)), 0, 360, (92, 52, 128), -1, cv2.LINE_AA)
    return np.asarray(picture, np.float32)


def _screenshot(rng: np.random.Generator, size: Size) -> Pixels:
    """A window of a program with lines of text."""
    height, width = size
    picture = np.full((height, width, 3), 244, np.float32)
    picture[: height // 12] = (44, 62, 92)
    picture[height // 12 :, : width // 5] = (222, 226, 232)
    for row in range(height // 7, height - height // 12, height // 18):
        for left, right in ((width // 40, width // 6), (width // 4, int(width * rng.uniform(0.5, 0.95)))):
            picture[row : row + max(2, height // 70), left:right] = (70, 74, 80)
    top, left = int(height * 0.55), int(width * 0.62)
    picture[top : top + height // 4, left : left + width // 4] = (206, 152, 130)
    return picture


OTHER_PICTURES: dict[str, Callable[[np.random.Generator, Size], Pixels]] = {
    "overview": _overview,
    "close_up": _close_up,
    "histology_slide": _histology_slide,
    "screenshot": _screenshot,
}
