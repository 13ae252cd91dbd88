"""Writing drawn onto pictures, as devices and people put it there, with the rectangle where it stands."""

import random
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

FONTS = sorted(path for path in Path("/usr/share/fonts/truetype").glob("*/*.ttf") if "Math" not in path.name)
WORDS = (
    "Anna Muster", "12.03.1961", "MUELLER, Hans", "ID 4711-883", "2019-04-12 10:31", "Dr. K. Weber", "Patient: 00381",
    "F 54y", "Klinik Nord", "Petrova O.", "left arm 3", "HCL-20394", "J. Doe 03/07/1958", "Case 118",
)  # fmt: skip
COLOURS = ((255, 255, 255), (0, 0, 0), (255, 255, 0), (0, 255, 0), (255, 0, 0), (20, 20, 120))


@dataclass(frozen=True, slots=True)
class Written:
    """A picture with writing: RGB, left, top, width and height of the writing, and how it was put there."""

    pixels: NDArray[np.uint8]
    box: tuple[float, float, float, float]
    colour: tuple[int, int, int]
    height: float
    how: str


def write_on(pixels: NDArray[np.uint8], rng: random.Random, *, words: tuple[str, ...] = WORDS) -> Written:
    """Write a word or two: half of the pictures by a device, on a larger picture that is made smaller and packed."""
    if rng.random() < 0.5:
        return _write(pixels, rng, words)
    height, width = pixels.shape[:2]
    factor = rng.choice([2, 3])
    large = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    done = _write(large, rng, words)
    opacity = rng.uniform(0.55, 1)
    mixed = (opacity * done.pixels.astype(float) + (1 - opacity) * large).astype(np.uint8)
    small = cv2.resize(mixed, (width, height), interpolation=cv2.INTER_AREA)
    packed = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, rng.randint(75, 95)])[1]
    result = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    left, top, across, down = (value / factor for value in done.box)
    how = f"device, {done.how}"
    if rng.random() < 0.15:
        result, how = np.ascontiguousarray(np.rot90(result)), "device, turned"
        left, top, across, down = top, width - left - across, down, across
    return Written(result, (left, top, across, down), done.colour, done.height / factor, how)


def _write(pixels: NDArray[np.uint8], rng: random.Random, words: tuple[str, ...]) -> Written:
    height, width = pixels.shape[:2]
    size = rng.randint(max(9, int(height * 0.035)), max(12, int(height * 0.09)))
    text, colour = rng.choice(words), rng.choice(COLOURS)
    if rng.random() < 0.25 or not FONTS:
        scale, image = size / 30, pixels.copy()
        (across, down), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
        left = rng.randint(1, max(1, width - across - 2))
        foot = rng.choice([down + 3, height - 5, rng.randint(down + 3, height - 5)])
        cv2.putText(image, text, (left, foot), cv2.FONT_HERSHEY_SIMPLEX, scale, colour, max(1, size // 16), cv2.LINE_AA)
        return Written(image, (left, foot - down, across, down), colour, size, "strokes")
    picture = Image.fromarray(pixels)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.truetype(str(rng.choice(FONTS)), size)
    x0, y0, x1, y1 = draw.textbbox((0, 0), text, font=font)
    if x1 - x0 > width - 4:
        text = text[: max(4, int(len(text) * (width - 4) / (x1 - x0)) - 1)]
        x0, y0, x1, y1 = draw.textbbox((0, 0), text, font=font)
    across, down = x1 - x0, y1 - y0
    left = rng.randint(1, max(1, int(width - across - 3)))
    top = rng.choice([2, height - down - 4, rng.randint(2, int(height - down - 4))])
    boxed = rng.random() < 0.25
    if boxed:
        behind = (0, 0, 0) if sum(colour) > 300 else (255, 255, 255)
        draw.rectangle((left - 2, top - 2, left + across + 2, top + down + 2), fill=behind)
    draw.text((left - x0, top - y0), text, fill=colour, font=font)
    return Written(np.asarray(picture), (left, top, across, down), colour, size, "on a box" if boxed else "font")
