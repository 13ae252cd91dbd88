"""Pigmented and keratin structures of dermatoscopy, each painted into the layers of a canvas."""

from collections.abc import Callable

import numpy as np

from dermdash.dataset.synthetic.canvas import Canvas, angular_noise
from dermdash.dataset.synthetic.noise import Cells, Field, fractal, hexagonal_cells, hexagonal_distance, smoothstep

Paint = Callable[[Canvas, np.random.Generator, float], None]


def _radii(rng: np.random.Generator, cells: Cells, low: float, high: float) -> Field:
    return rng.uniform(low, high, cells.count).astype(np.float32)


def _network(canvas: Canvas, rng: np.random.Generator, *, spacing: float, jitter: float, unevenness: float) -> Field:
    """Lines around holes (0..1): the far edges of the cells of a grid."""
    spacing *= canvas.scale()
    reach = canvas.warped(hexagonal_distance(rng, canvas.size, spacing=spacing, jitter=jitter)) / np.float32(spacing)
    if unevenness > 0:
        reach = reach + np.float32(0.12 * unevenness) * fractal(rng, canvas.size, cells=9, octaves=2)
    return smoothstep(reach, 0.22, 0.55)


def pigment_network(canvas: Canvas, rng: np.random.Generator, strength: float) -> None:
    """Regular brown mesh that thins out towards the border."""
    lines = _network(canvas, rng, spacing=float(rng.uniform(12, 18)), jitter=0.15, unevenness=0.2)
    zone = canvas.inside * smoothstep(canvas.s, 0.05, 0.5)
    canvas.melanin *= 1 - 0.45 * strength * zone * (1 - lines)
    canvas.melanin += np.float32(0.5 * strength) * lines * zone


def delicate_network(canvas: Canvas, rng: np.random.Generator, strength: float) -> None:
    """Fine mesh in the periphery only, as in a dermatofibroma."""
    lines = _network(canvas, rng, spacing=float(rng.uniform(9, 13)), jitter=0.18, unevenness=0.2)
    zone = smoothstep(canvas.s, 0.35, 0.7) * smoothstep(canvas.s, 1.25, 0.85)
    canvas.melanin += np.float32(0.4 * strength) * (lines - 0.3) * zone


def atypical_network(canvas: Canvas, rng: np.random.Generator, strength: float) -> None:
    """Mesh of uneven width and spacing that ends abruptly, in a part of the lesion."""
    lines = _network(canvas, rng, spacing=float(rng.uniform(16, 25)), jitter=0.32, unevenness=1.3)
    patch = smoothstep(fractal(rng, canvas.size, cells=4, octaves=2), -0.5, 0.3)
    zone = canvas.inside * patch
    canvas.melanin *= 1 - 0.5 * strength * zone * (1 - lines)
    canvas.melanin += np.float32(0.85 * strength) * lines * zone


def negative_network(canvas: Canvas, rng: np.random.Generator, strength: float) -> None:
    """Pale mesh around dark islands."""
    lines = _network(canvas, rng, spacing=float(rng.uniform(19, 26)), jitter=0.28, unevenness=0.8)
    patch = smoothstep(fractal(rng, canvas.size, cells=4, octaves=2), -0.2, 0.5)
    canvas.melanin *= 1 - 0.75 * strength * lines * patch * canvas.inside


def globules(canvas: Canvas, rng: np.random.Generator, strength: float) -> None:
    """Even brown clods."""
    spacing = float(rng.uniform(15, 22)) * canvas.scale()
    cells = hexagonal_cells(rng, canvas.size, spacing=spacing, jitter=0.22, keep=0.85)
    blobs = canvas.warped(cells.blobs(_radii(rng, cells, 0.28, 0.42) * spacing))
    canvas.melanin += np.float32(0.5 * strength) * blobs * canvas.inside


def atypical_globules(canvas: Canvas, rng: np.random.Generator, strength: float) -> None:
    """Dark dots and clods of uneven size, gathered on one side."""
    spacing = 20 * canvas.scale()
    cells = hexagonal_cells(rng, canvas.size, spacing=spacing, jitter=0.45, keep=0.7)
    blobs = canvas.warped(cells.blobs(_radii(rng, cells, 0.08, 0.45) * spacing))
    side = smoothstep(fractal(rng, canvas.size, cells=3, octaves=2), -0.3, 0.6)
    canvas.melanin += np.float32(1.4 * strength) * blobs * side * smoothstep(canvas.s, 1.15, 0.85)


def streaks(canvas: Canvas, rng: np.random.Generator, strength: float) -> None:
    """Radial dark lines that leave the border on a part of the circumference."""
    spikes = angular_noise(rng, waves=24, octaves=5)
    where = smoothstep(angular_noise(rng, waves=1, octaves=1), -0.4, 0.6)
    length = (0.17 * np.clip(spikes, 0, 2) * where).astype(np.float32)[canvas.angle]
    ray = np.clip((1.0 + length - canvas.s) * 7, 0, 1) * smoothstep(canvas.s, 0.7, 0.95) * (length > 0.03)
    canvas.melanin += np.float32(0.9 * strength) * canvas.warped(ray)
    canvas.inside = np.maximum(canvas.inside, ray)


def blotch(canvas: Canvas, rng: np.random.Generator, strength: float) -> None:
    """Structureless dark area off the centre."""
    noise = fractal(rng, canvas.size, cells=4, octaves=5, gain=0.65)
    canvas.melanin += np.float32(1.2 * strength) * smoothstep(noise, 0.2, 1.5) * canvas.inside


def regression(canvas: Canvas, rng: np.random.Generator, strength: float) -> None:
    """White scar-like area with gray peppering."""
    area = smoothstep(fractal(rng, canvas.size, cells=5, octaves=5, gain=0.65), 0.2, 1.4) * canvas.inside
    canvas.melanin *= 1 - 0.85 * strength * area
    canvas.white += np.float32(0.42 * strength) * area
    pepper = hexagonal_cells(rng, canvas.size, spacing=7 * canvas.scale(), jitter=0.5, keep=0.45)
    dots = pepper.blobs(_radii(rng, pepper, 1.2, 2.4) * canvas.scale())
    canvas.blue += np.float32(0.7) * dots * smoothstep(area, 0.2, 0.7)


def blue_white_veil(canvas: Canvas, rng: np.random.Generator, strength: float) -> None:
    """Confluent blue with a whitish haze over a part of the lesion."""
    noise = fractal(rng, canvas.size, cells=4, octaves=5, gain=0.65)
    veil = smoothstep(noise, -0.1, 1.3) * smoothstep(canvas.s, 1.0, 0.7)
    canvas.blue += np.float32(0.72 * strength) * veil
    canvas.white += np.float32(0.16 * strength) * veil * smoothstep(noise, 0.6, 1.6)


def perifollicular(canvas: Canvas, rng: np.random.Generator, strength: float) -> None:
    """Pale openings of hair follicles."""
    cells = hexagonal_cells(rng, canvas.size, spacing=46 * canvas.scale(), jitter=0.35, keep=0.7)
    openings = canvas.warped(cells.blobs(_radii(rng, cells, 4, 9) * canvas.scale()))
    canvas.melanin *= 1 - 0.6 * strength * openings * canvas.inside


def milia_like_cysts(canvas: Canvas, rng: np.random.Generator, strength: float) -> None:
    """Bright round cysts under the surface."""
    cells = hexagonal_cells(rng, canvas.size, spacing=32 * canvas.scale(), jitter=0.4, keep=0.55)
    cysts = canvas.warped(cells.blobs(_radii(rng, cells, 2.5, 7.0) * canvas.scale()))
    cysts *= smoothstep(canvas.s, 0.95, 0.8)
    canvas.melanin *= 1 - 0.6 * cysts
    canvas.yellow += np.float32(0.3 * strength) * cysts
    canvas.white += np.float32(0.55 * strength) * cysts


def comedo_like_openings(canvas: Canvas, rng: np.random.Generator, strength: float) -> None:
    """Dark plugs of keratin in round openings with a yellowish rim."""
    cells = hexagonal_cells(rng, canvas.size, spacing=40 * canvas.scale(), jitter=0.4, keep=0.6)
    radius = _radii(rng, cells, 4, 10) * canvas.scale()
    zone = smoothstep(canvas.s, 0.95, 0.8)
    canvas.yellow += np.float32(0.45) * canvas.warped(cells.blobs(radius * 1.6)) * zone
    plugs = canvas.warped(cells.blobs(radius)) * zone
    canvas.yellow *= 1 - 0.8 * plugs
    canvas.melanin += np.float32(1.2 * strength) * plugs


def fissures(canvas: Canvas, rng: np.random.Generator, strength: float) -> None:
    """Winding dark furrows between ridges: a brain-like surface."""
    noise = canvas.warped(fractal(rng, canvas.size, cells=19, octaves=3, gain=0.45))
    furrow = smoothstep(np.abs(noise), 0.42, 0.02)
    zone = smoothstep(canvas.s, 1.0, 0.8)
    canvas.melanin += (
        np.float32(0.5 * strength)
        * furrow
        * smoothstep(fractal(rng, canvas.size, cells=6, octaves=2), -1.0, 0.6)
        * zone
    )
    canvas.yellow += np.float32(0.2) * (1 - furrow) * zone


def leaf_like_areas(canvas: Canvas, rng: np.random.Generator, strength: float) -> None:
    """Brown to blue-gray lobes at the border."""
    lobes = np.clip(angular_noise(rng, waves=7, octaves=2), -0.2, 2).astype(np.float32)
    where = smoothstep(angular_noise(rng, waves=1, octaves=1), 0.0, 0.7)
    outer = (0.72 + 0.2 * lobes)[canvas.angle]
    lobe = smoothstep(canvas.s, 0.5, 0.62) * np.clip((outer - canvas.s) * 12, 0, 1) * where[canvas.angle]
    leaf = canvas.warped(lobe)
    canvas.melanin += np.float32(0.6 * strength) * leaf
    canvas.blue += np.float32(0.32 * strength) * leaf


def ovoid_nests(canvas: Canvas, rng: np.random.Generator, strength: float) -> None:
    """Sharp blue-gray clods, apart from one another."""
    cells = hexagonal_cells(rng, canvas.size, spacing=42 * canvas.scale(), jitter=0.38, keep=0.5)
    nests = canvas.warped(cells.blobs(_radii(rng, cells, 6, 19) * canvas.scale()))
    zone = smoothstep(canvas.s, 1.0, 0.8)
    canvas.blue += np.float32(0.7 * strength) * nests * zone
    canvas.melanin += np.float32(0.45 * strength) * nests * zone


def central_white_patch(canvas: Canvas, rng: np.random.Generator, strength: float) -> None:
    """Scar-like white centre."""
    reach = float(rng.uniform(0.35, 0.6))
    patch = smoothstep(
        canvas.s + 0.12 * fractal(rng, canvas.size, cells=7, octaves=5, gain=0.7), reach + 0.3, reach - 0.35
    )
    canvas.melanin *= 1 - 0.85 * patch
    canvas.white += np.float32(0.5 * strength) * patch


def shiny_white(canvas: Canvas, rng: np.random.Generator, strength: float) -> None:
    """Shiny white blotches of fibrosis under polarised light."""
    noise = fractal(rng, canvas.size, cells=9, octaves=3)
    canvas.white += np.float32(0.32 * strength) * smoothstep(noise, 0.6, 1.3) * smoothstep(canvas.s, 1.0, 0.6)


def scale(canvas: Canvas, rng: np.random.Generator, strength: float) -> None:
    """Ragged white-yellow flakes on the surface."""
    flakes = fractal(rng, canvas.size, cells=11, octaves=5, gain=0.8)
    flakes = smoothstep(flakes, 0.45, 0.95) * smoothstep(canvas.s, 1.0, 0.75)
    canvas.white += np.float32(0.62 * strength) * flakes
    canvas.yellow += np.float32(0.25 * strength) * flakes
