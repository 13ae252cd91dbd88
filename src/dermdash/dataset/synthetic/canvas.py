"""The canvas: skin and lesion as layers of pigment, mixed into colour by absorption (Beer-Lambert)."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdash.dataset.synthetic.appearance import LesionAppearance
from dermdash.dataset.synthetic.noise import Field, Size, fractal, hexagonal_cells, hexagonal_distance, smoothstep

SKIN_RGB: dict[str, tuple[int, int, int]] = {
    "I": (240, 205, 197),
    "II": (232, 190, 178),
    "III": (220, 170, 150),
    "IV": (193, 141, 114),
    "V": (148, 101, 77),
    "VI": (104, 69, 54),
}
# Optical density per unit of pigment in red, green, blue: melanin brown, blood raspberry as under polarised light.
_MELANIN_OD = np.array([0.85, 1.22, 1.6], np.float32)
_BLOOD_OD = np.array([0.32, 1.75, 1.15], np.float32)
_BLUE_RGB = np.array([96, 106, 140], np.float32)
_WHITE_RGB = np.array([240, 224, 222], np.float32)
_YELLOW_RGB = np.array([206, 168, 104], np.float32)
_ANGLES = 720


@dataclass(slots=True)
class Canvas:
    """Layers of one picture, all height x width float32.

    ``melanin`` and ``blood`` are optical densities; ``blue``, ``white`` and ``yellow`` are opacities (0..1).
    ``s`` is the relative distance from the lesion's centre (1 at its border), ``angle`` the direction
    (0.._ANGLES), ``inside`` the soft share of lesion in a pixel.
    """

    size: Size
    skin_rgb: tuple[int, int, int]
    melanin: Field
    blood: Field
    blue: Field
    white: Field
    yellow: Field
    s: Field
    angle: NDArray[np.int32]
    inside: Field
    center: tuple[float, float]
    radius_px: float
    warp_x: Field
    warp_y: Field

    def warped(self, layer: Field) -> Field:
        """Bend a layer so that grids and discs lose their geometry."""
        return np.asarray(cv2.remap(layer, self.warp_x, self.warp_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT))

    def scale(self) -> float:
        """Size of the picture relative to 450 pixels of height; lengths in pixels are multiplied by it."""
        return self.size[0] / 450.0

    def to_rgb(self) -> Field:
        """Mix the layers into colour (0..255 float32, height x width x 3)."""
        planes = []
        # Most lesions have no blue, yellow or white at all.
        layers = ((self.blue, _BLUE_RGB), (self.yellow, _YELLOW_RGB), (self.white, _WHITE_RGB))
        tints = [(opacity, tint) for opacity, tint in layers if opacity.any()]
        for channel in range(3):
            density = cv2.addWeighted(
                self.melanin, -float(_MELANIN_OD[channel]), self.blood, -float(_BLOOD_OD[channel]), 0.0
            )
            plane: Field = np.asarray(cv2.exp(density, density), np.float32)
            plane *= np.float32(self.skin_rgb[channel])
            for opacity, tint in tints:
                # Scatter shows the light that the skin above it lets through: dark skin dims it as well.
                target = tint[channel] * np.float32(0.35 + 0.65 * self.skin_rgb[0] / 240.0)
                towards = target - plane
                towards *= opacity
                plane += towards
            planes.append(plane)
        return np.asarray(cv2.merge(planes))

    def mask(self) -> NDArray[np.uint8]:
        """The lesion as 0 / 255 (uint8)."""
        return np.where(self.inside > 0.4, 255, 0).astype(np.uint8)


def prepare_canvas(
    appearance: LesionAppearance, *, rng: np.random.Generator, size: Size, fitzpatrick_type: str
) -> Canvas:
    """Lay out skin and the lesion's outline; structures are painted afterwards."""
    height, width = size
    unit = height / 450.0
    noise_a = fractal(rng, size, cells=5, octaves=5, gain=0.6)
    noise_b = fractal(rng, size, cells=5, octaves=4, gain=0.6)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    warp = 4.0 * unit
    canvas = Canvas(
        size=size,
        skin_rgb=SKIN_RGB[fitzpatrick_type],
        melanin=np.zeros(size, np.float32),
        blood=np.zeros(size, np.float32),
        blue=np.zeros(size, np.float32),
        white=np.zeros(size, np.float32),
        yellow=np.zeros(size, np.float32),
        s=np.zeros(size, np.float32),
        angle=np.zeros(size, np.int32),
        inside=np.zeros(size, np.float32),
        center=(height * float(rng.uniform(0.45, 0.55)), width * float(rng.uniform(0.45, 0.55))),
        radius_px=appearance.radius * height,
        warp_x=x + warp * noise_a,
        warp_y=y + warp * noise_b,
    )
    _paint_skin(canvas, rng, noise_a, noise_b)
    _outline(canvas, appearance, rng, x, y, noise_b)
    return canvas


def _paint_skin(canvas: Canvas, rng: np.random.Generator, noise_a: Field, noise_b: Field) -> None:
    fine = fractal(rng, canvas.size, cells=34, octaves=3, gain=0.8)
    _add(canvas.melanin, noise_a + np.float32(1.5), rng.uniform(0.012, 0.04))
    _add(canvas.blood, noise_b + np.float32(1.0), rng.uniform(0.01, 0.028))
    _add(canvas.blood, fine + np.float32(1.0), rng.uniform(0.01, 0.03))
    rest = np.asarray(cv2.addWeighted(noise_b, 0.6, fine, -1.0, 1.0), np.float32)
    _add(canvas.melanin, rest, rng.uniform(0.005, 0.03))
    # Furrows between the plates of the skin: pale lines, finer than a pigment network.
    plates = hexagonal_distance(rng, canvas.size, spacing=11 * canvas.scale(), jitter=0.33)
    furrows = canvas.warped(plates)
    depth = float(rng.uniform(-0.07, 0.09))
    cv2.scaleAdd(furrows, depth / (11 * canvas.scale()), canvas.melanin, canvas.melanin)
    canvas.melanin -= np.float32(0.4 * depth)
    grain = cv2.resize(
        rng.standard_normal((canvas.size[0] // 2, canvas.size[1] // 2), dtype=np.float32), canvas.size[::-1]
    )
    cv2.scaleAdd(grain, float(rng.uniform(0.02, 0.045)), canvas.melanin, canvas.melanin)
    if rng.random() < 0.2:  # lentigines of sun-damaged skin
        spots = hexagonal_cells(rng, canvas.size, spacing=60 * canvas.scale(), jitter=0.45, keep=0.25)
        radius = rng.uniform(2, 14, spots.count).astype(np.float32) * canvas.scale()
        canvas.melanin += canvas.warped(spots.blobs(radius)) * float(rng.uniform(0.1, 0.3))


def _add(layer: Field, more: Field, share: float) -> None:
    """Add a share of what is above 0 to a layer; ``more`` is used up."""
    cv2.scaleAdd(np.maximum(more, 0, out=more), float(share), layer, layer)


def _outline(
    canvas: Canvas,
    appearance: LesionAppearance,
    rng: np.random.Generator,
    x: Field,
    y: Field,
    noise_b: Field,
) -> None:
    tilt = float(rng.uniform(0, np.pi))
    dy, dx = y - np.float32(canvas.center[0]), x - np.float32(canvas.center[1])
    stretch = np.sqrt(appearance.elongation)
    u = (dx * np.float32(np.cos(tilt)) + dy * np.float32(np.sin(tilt))) / np.float32(stretch)
    v = (dy * np.float32(np.cos(tilt)) - dx * np.float32(np.sin(tilt))) * np.float32(stretch)
    distance, degrees = cv2.cartToPolar(u, v, angleInDegrees=True)
    canvas.angle = (degrees * np.float32(_ANGLES / 360.0)).astype(np.int32).clip(0, _ANGLES - 1)
    border = 1.0 + 0.6 * appearance.irregularity * angular_noise(rng, waves=2, octaves=3)
    canvas.s = distance / (np.float32(canvas.radius_px) * border.clip(0.45)[canvas.angle])
    canvas.s += np.float32(0.05 + 0.3 * appearance.irregularity) * noise_b
    if "moth_eaten" in appearance.structures:
        bites = hexagonal_cells(rng, canvas.size, spacing=34 * canvas.scale(), jitter=0.35, keep=0.6)
        holes = canvas.warped(bites.blobs(rng.uniform(6, 17, bites.count).astype(np.float32) * canvas.scale()))
        canvas.s += 0.3 * holes * smoothstep(canvas.s, 0.6, 0.95)
    half = max(0.02, appearance.softness / 2)
    canvas.inside = smoothstep(canvas.s, 1.0 + half, 1.0 - half)


def angular_noise(rng: np.random.Generator, *, waves: int, octaves: int) -> Field:
    """Periodic noise over the direction from the centre: ``_ANGLES`` values of about unit variance."""
    t = np.linspace(0, 2 * np.pi, _ANGLES, endpoint=False)
    total = np.zeros(_ANGLES)
    for k in range(waves, waves + 2**octaves):
        total += rng.normal() / (k / waves) ** 0.8 * np.cos(k * t + rng.uniform(0, 2 * np.pi))
    return (total / max(total.std(), 1e-6)).astype(np.float32)
