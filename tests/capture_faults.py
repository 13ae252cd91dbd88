"""Faults of capture drawn onto any picture: what the measurements of the acquisition gate are tried on."""

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Draw = Callable[[Picture, np.random.Generator], Picture]


def _blended(pixels: Picture, layer: NDArray[np.float32], colour: tuple[int, int, int]) -> Picture:
    opacity = np.clip(layer, 0, 1)[..., None]
    return np.clip(pixels * (1 - opacity) + np.array(colour, np.float32) * opacity, 0, 255).astype(np.uint8)


def _lines(
    pixels: Picture, lines: list[tuple[NDArray[np.float64], float]], *, soft: float = 0.4
) -> NDArray[np.float32]:
    layer = np.zeros(pixels.shape[:2], np.uint8)
    for path, thickness in lines:
        points = np.round(path * 16).astype(np.int32)
        cv2.polylines(layer, [points], False, 255, max(1, round(thickness)), cv2.LINE_AA, shift=4)
    return cv2.GaussianBlur(layer, (0, 0), soft).astype(np.float32) / 255


def blur(pixels: Picture, rng: np.random.Generator) -> Picture:
    """Out of focus by 2 to 4 px of 224."""
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), float(rng.uniform(2, 4)) * pixels.shape[1] / 224), np.uint8)


def dark(pixels: Picture, rng: np.random.Generator) -> Picture:
    """A fifth to a third of the light."""
    return np.asarray(np.clip(pixels * rng.uniform(0.2, 0.33), 0, 255), np.uint8)


def burnt(pixels: Picture, rng: np.random.Generator) -> Picture:
    """So much light that skin is white."""
    return np.asarray(np.clip(pixels * rng.uniform(1.9, 2.4) + 20, 0, 255), np.uint8)


def glare(pixels: Picture, rng: np.random.Generator) -> Picture:
    """One to three reflections in the middle."""
    side = pixels.shape[0]
    layer = np.zeros(pixels.shape[:2], np.uint8)
    for _ in range(int(rng.integers(1, 4))):
        centre = tuple(int(v) for v in rng.uniform(0.3, 0.7, 2) * side)
        axes = tuple(int(v) for v in rng.uniform(0.04, 0.09, 2) * side)
        cv2.ellipse(layer, centre, axes, float(rng.uniform(0, 180)), 0, 360, 255, -1, cv2.LINE_AA)
    return _blended(pixels, cv2.GaussianBlur(layer, (0, 0), 1.5).astype(np.float32) / 255, (254, 254, 252))


def cast(pixels: Picture, rng: np.random.Generator) -> Picture:
    """Mixed light: green, blue or yellow."""
    gains = [(0.72, 1.0, 0.8), (0.7, 0.85, 1.12), (1.0, 0.92, 0.45), (0.75, 1.0, 1.0)][int(rng.integers(4))]
    return np.asarray(np.clip(pixels * np.array(gains), 0, 255), np.uint8)


def off_centre(pixels: Picture, rng: np.random.Generator) -> Picture:
    """A crop in which the middle of the picture lies in a corner."""
    height, width = pixels.shape[:2]
    share = float(rng.uniform(0.6, 0.66))
    h, w = round(height * share), round(width * share)
    top, left = (0 if rng.random() < 0.5 else height - h), (0 if rng.random() < 0.5 else width - w)
    part = pixels[top : top + h, left : left + w]
    return np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def small_lesion(pixels: Picture, rng: np.random.Generator) -> Picture:
    """The picture from six times as far away, skin around it."""
    height, width = pixels.shape[:2]
    scale = float(rng.uniform(0.14, 0.2))
    skin = np.median(np.concatenate([pixels[:6].reshape(-1, 3), pixels[-6:].reshape(-1, 3)]), axis=0)
    canvas = np.clip(skin + rng.normal(0, 3, (height, width, 1)), 0, 255).astype(np.float32)
    h, w = round(height * scale), round(width * scale)
    part = cv2.resize(pixels, (w, h), interpolation=cv2.INTER_AREA).astype(np.float32)
    y, x = (height - h) // 2, (width - w) // 2
    fade = np.zeros((h, w), np.float32)
    fade[3:-3, 3:-3] = 1
    fade = cv2.GaussianBlur(fade, (0, 0), 1.5)[..., None]
    canvas[y : y + h, x : x + w] = canvas[y : y + h, x : x + w] * (1 - fade) + part * fade
    return np.clip(canvas, 0, 255).astype(np.uint8)


def hair(pixels: Picture, rng: np.random.Generator) -> Picture:
    """Ten to twenty-five dark hairs, somewhat curved."""
    return _hairs(pixels, rng, (45, 30, 25))


def white_hair(pixels: Picture, rng: np.random.Generator) -> Picture:
    """As many white ones."""
    return _hairs(pixels, rng, (235, 232, 225))


def _hairs(pixels: Picture, rng: np.random.Generator, colour: tuple[int, int, int]) -> Picture:
    height, width = pixels.shape[:2]
    comb = float(rng.uniform(0, math.pi))
    lines = []
    for _ in range(int(rng.integers(10, 26))):
        turn = comb + float(rng.normal(0, 0.5)) + float(rng.normal(0, 0.5)) * np.linspace(-0.5, 0.5, 20)
        length = float(rng.uniform(0.4, 1.0)) * height
        start = rng.uniform(-0.1, 0.9, 2) * (width, height)
        steps = np.stack([np.cos(turn), np.sin(turn)], 1) * length / 20
        lines.append((start + np.cumsum(steps, 0), float(rng.uniform(1, 2.4)) * width / 224))
    return _blended(pixels, 0.8 * _lines(pixels, lines), colour)


def ruler(pixels: Picture, rng: np.random.Generator) -> Picture:
    """A scale along one edge, every fifth mark longer."""
    height, width = pixels.shape[:2]
    pitch, depth = float(rng.uniform(7, 15)) * width / 224, float(rng.uniform(0.03, 0.12)) * height
    tilt = float(rng.normal(0, 0.03))
    lines = []
    for k in range(int(width / pitch) + 1):
        x, y = k * pitch + 2, depth + tilt * k * pitch
        reach = (1.6 if k % 5 == 0 else 1.0) * 9 * width / 224
        lines.append((np.array([[x, y], [x - tilt * reach, y + reach]]), 1.2 * width / 224))
    layer = 0.85 * _lines(pixels, lines)
    return _blended(pixels, np.rot90(layer, int(rng.integers(4))).copy(), (35, 35, 45))


def pen(pixels: Picture, rng: np.random.Generator) -> Picture:
    """Two to four strokes of blue, violet or green ink beside the lesion."""
    height, width = pixels.shape[:2]
    colour = [(40, 60, 190), (95, 35, 160), (25, 110, 75)][int(rng.integers(3))]
    lines = []
    for _ in range(int(rng.integers(2, 5))):
        angle = float(rng.uniform(0, 2 * math.pi))
        centre = np.array([width, height]) * (0.5 + 0.42 * np.array([math.cos(angle), math.sin(angle)]))
        along = angle + math.pi / 2 + float(rng.normal(0, 0.4))
        reach = float(rng.uniform(0.06, 0.13)) * height
        step = reach * np.array([math.cos(along), math.sin(along)])
        lines.append((np.array([centre - step, centre + step]), float(rng.uniform(5, 9)) * width / 224))
    return _blended(pixels, 0.85 * _lines(pixels, lines, soft=1.0), colour)


def bubbles(pixels: Picture, rng: np.random.Generator) -> Picture:
    """Six to sixteen bubbles: bright rings, darker inside."""
    height, width = pixels.shape[:2]
    ring, inside = np.zeros((height, width), np.uint8), np.zeros((height, width), np.uint8)
    for _ in range(int(rng.integers(6, 17))):
        centre = (int(rng.uniform(0.05, 0.95) * width), int(rng.uniform(0.05, 0.95) * height))
        radius = int(rng.uniform(4, 13) * width / 224)
        cv2.circle(inside, centre, radius, 255, -1, cv2.LINE_AA)
        cv2.circle(ring, centre, radius, 255, max(1, round(1.3 * width / 224)), cv2.LINE_AA)
    darker = _blended(pixels, 0.18 * inside.astype(np.float32) / 255, (60, 40, 35))
    return _blended(darker, 0.6 * cv2.GaussianBlur(ring, (0, 0), 0.6).astype(np.float32) / 255, (250, 245, 240))


def vignette(pixels: Picture, rng: np.random.Generator) -> Picture:
    """The round view of a contact dermatoscope."""
    height, width = pixels.shape[:2]
    y, x = np.ogrid[:height, :width]
    reach = float(rng.uniform(0.48, 0.54)) * min(height, width)
    away = np.hypot(y - height / 2, x - width / 2)
    light = np.clip((reach - away) / 4 + 0.5, 0.04, 1)[..., None]
    return np.clip(pixels * light, 0, 255).astype(np.uint8)


def few_pixels(pixels: Picture, rng: np.random.Generator) -> Picture:
    """A copy with 60 to 150 px on its shorter side."""
    scale = float(rng.uniform(60, 150)) / min(pixels.shape[:2])
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


FAULTS: dict[str, tuple[str, Draw]] = {
    "blur": ("sharpness", blur),
    "dark": ("exposure", dark),
    "burnt out": ("exposure", burnt),
    "glare": ("glare", glare),
    "colour cast": ("colour_cast", cast),
    "off centre": ("off_centre", off_centre),
    "small lesion": ("lesion_share", small_lesion),
    "hair": ("hair", hair),
    "white hair": ("hair", white_hair),
    "ruler": ("ruler", ruler),
    "pen": ("pen", pen),
    "bubbles": ("bubbles", bubbles),
    "vignette": ("vignette", vignette),
    "few pixels": ("short_side", few_pixels),
}
"""Name of a fault to the measurement that should find it, and how it is drawn."""
