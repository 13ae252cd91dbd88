"""What the camera and the skin's surface add: hair, ruler, dark corners, bubbles, glare, blur, darkness."""

from collections.abc import Callable

import cv2
import numpy as np

from dermdash.dataset.synthetic.noise import Field, fractal, smoothstep
from dermdash.dataset.synthetic.vessels import draw_line

Picture = Field
"""Height x width x 3 float32, 0..255."""


def _unit(picture: Picture) -> float:
    return picture.shape[0] / 450.0


def _on_channels(layer: Field) -> Picture:
    """The layer once for each colour: numpy repeats it along an axis of three several times as slowly."""
    return np.asarray(cv2.merge((layer, layer, layer)))


def hair(picture: Picture, rng: np.random.Generator, *, amount: int | None = None) -> Picture:
    """Curved dark (rarely white) hairs with a soft shadow, mostly in one direction."""
    height, width = picture.shape[:2]
    unit = _unit(picture)
    layer = np.zeros((height, width), np.uint8)
    comb = float(rng.uniform(0, np.pi))
    for _ in range(amount if amount is not None else int(rng.integers(3, 16))):
        heading = comb + float(rng.normal(0, 0.4))
        length = float(rng.uniform(0.3, 0.9)) * height
        t = np.linspace(0, 1, 24)
        turns = heading + float(rng.normal(0, 0.9)) * (t - 0.5) + float(rng.normal(0, 0.25)) * np.sin(2 * np.pi * t)
        start = rng.uniform([-0.1 * width, -0.1 * height], [width, height])
        steps = np.stack([np.cos(turns), np.sin(turns)], axis=1) * (length / 24)
        path = start + np.cumsum(steps, axis=0)
        thickness = float(rng.gamma(5.0, 0.34)) * unit
        draw_line(layer, path, thickness=max(1, round(thickness)), value=int(rng.integers(130, 255)))
    opacity = _on_channels(layer.astype(np.float32) / 255)
    shadow = _on_channels(np.roll(cv2.GaussianBlur(layer, (0, 0), 2.5 * unit), 3, axis=0).astype(np.float32) / 255)
    dark = np.array([[38, 26, 22], [72, 48, 34], [20, 18, 20]], np.float32)[int(rng.integers(3))]
    picture = picture * (1 - 0.25 * shadow)
    return picture + 0.9 * opacity * (dark - picture)


def ruler(picture: Picture, rng: np.random.Generator) -> Picture:
    """Millimetre marks along one edge."""
    height, width = picture.shape[:2]
    unit = _unit(picture)
    layer = np.zeros((height, width), np.uint8)
    pitch = float(rng.uniform(13, 22)) * unit
    depth = float(rng.uniform(0.04, 0.1)) * height
    tilt = float(rng.normal(0, 0.04))
    for k in range(int(width / pitch) + 2):
        x = k * pitch
        long = 1.7 if k % 5 == 0 else 1.0
        y = depth + tilt * (x - width / 2)
        line = np.array([[x, y], [x + tilt * 20, y + 11 * long * unit]])
        draw_line(layer, line, thickness=max(1, round(1.6 * unit)), value=225)
    if rng.random() < 0.5:
        layer = layer[::-1]
    opacity = _on_channels(cv2.GaussianBlur(layer, (0, 0), 0.7 * unit).astype(np.float32) / 255)
    return picture + 0.75 * opacity * (np.array([35, 32, 48], np.float32) - picture)


def dark_corners(picture: Picture, rng: np.random.Generator) -> Picture:
    """The round field of view of a contact dermatoscope."""
    height, width = picture.shape[:2]
    reach = float(rng.uniform(0.5, 0.62)) * np.hypot(height, width) * float(rng.uniform(0.9, 1.04))
    center = rng.normal([height / 2, width / 2], 0.02 * height)
    y, x = np.ogrid[:height, :width]
    distance = np.sqrt((y - center[0]) ** 2 + (x - center[1]) ** 2).astype(np.float32)
    light = _on_channels(smoothstep(distance, reach, reach * 0.955))
    return picture * (0.05 + 0.95 * light)


def bubbles(picture: Picture, rng: np.random.Generator) -> Picture:
    """Air bubbles in the immersion gel: thin bright rings, darker beneath."""
    height, width = picture.shape[:2]
    unit = _unit(picture)
    ring = np.zeros((height, width), np.uint8)
    for _ in range(int(rng.integers(2, 9))):
        center = (int(rng.integers(width)), int(rng.integers(height)))
        radius = int(rng.gamma(2.0, 5.0) * unit) + 3
        cv2.circle(ring, center, radius, int(rng.integers(90, 190)), max(1, round(1.4 * unit)), cv2.LINE_AA)
        spot = (center[0] - radius // 2, center[1] - radius // 2)
        cv2.circle(ring, spot, max(1, radius // 7), 230, -1, cv2.LINE_AA)
    soft = cv2.GaussianBlur(ring, (0, 0), 0.9 * unit).astype(np.float32) / 255
    shade = _on_channels(np.roll(soft, 2, axis=(0, 1)))
    return picture * (1 - 0.3 * shade) + 0.6 * _on_channels(soft) * (250 - picture)


def glare(picture: Picture, rng: np.random.Generator, *, severity: float = 0.4) -> Picture:
    """Specular reflections that saturate the sensor (severity 0..1)."""
    size = picture.shape[:2]
    y, x = np.ogrid[: size[0], : size[1]]
    level = fractal(rng, (size[0], size[1]), cells=6, octaves=5)
    total = np.zeros(size, np.float32)
    for _ in range(1 + int(3 * severity)):
        cy, cx = rng.uniform(0.15, 0.85) * size[0], rng.uniform(0.15, 0.85) * size[1]
        spread = float(rng.uniform(0.05, 0.09) + 0.14 * severity) * size[0]
        total += np.exp(-((y - cy) ** 2 + (x - cx) ** 2) / np.float32(2 * spread**2)).astype(np.float32)
    flash = _on_channels(smoothstep(total * (1 + 0.12 * level), 0.2, 1.0))
    return picture + flash * (np.array([255, 253, 250], np.float32) * 1.05 - picture)


def blur(picture: Picture, rng: np.random.Generator, *, severity: float = 0.5) -> Picture:
    """Out of focus, sometimes with motion (severity 0..1)."""
    unit = _unit(picture)
    picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), (1.0 + 5.0 * severity) * unit))
    if rng.random() < 0.4:
        length = 3 + 2 * int(7 * severity * unit)
        kernel = np.zeros((length, length), np.float32)
        angle = float(rng.uniform(0, np.pi))
        half = length // 2
        reach = np.array([np.cos(angle), np.sin(angle)]) * half
        a, b = np.round(half - reach).astype(int), np.round(half + reach).astype(int)
        cv2.line(kernel, (int(a[0]), int(a[1])), (int(b[0]), int(b[1])), 1.0)
        picture = np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()))
    return picture


def dark(picture: Picture, rng: np.random.Generator, *, severity: float = 0.7) -> Picture:
    """Underexposure with the noise of a raised gain (severity 0..1)."""
    noise = _on_channels(rng.standard_normal(picture.shape[:2], dtype=np.float32))
    return picture * (1 - 0.85 * severity) + (1.0 + 4.0 * severity) * noise


def capture_light(picture: Picture, rng: np.random.Generator) -> Picture:
    """White balance, exposure and the fall-off of the ring light of one capture."""
    height, width = picture.shape[:2]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    tilt = rng.normal(0, 0.035, 2)
    light = 1 + tilt[0] * y + tilt[1] * x - float(rng.uniform(0.02, 0.16)) * (x * x + y * y) / 2
    light = light.astype(np.float32)
    balance = 1 + rng.normal(0, [0.025, 0.025, 0.06])
    gains = balance * rng.uniform(0.93, 1.07)
    planes = [picture[..., channel] * light * np.float32(gains[channel]) for channel in range(3)]
    return np.asarray(cv2.merge(planes))


ARTEFACTS: dict[str, Callable[[Picture, np.random.Generator], Picture]] = {
    "hair": hair,
    "bubbles": bubbles,
    "glare": glare,
    "dark_corners": dark_corners,
    "ruler": ruler,
}
"""Painted in this order; all but ``glare`` leave an image fit for diagnosis."""
