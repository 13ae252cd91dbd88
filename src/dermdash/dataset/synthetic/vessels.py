"""Blood: trees, dots, lacunae, red networks and ulcers."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdash.dataset.synthetic.canvas import Canvas
from dermdash.dataset.synthetic.noise import Field, fractal, hexagonal_cells, hexagonal_distance, smoothstep


def draw_line(layer: NDArray[np.uint8], points: NDArray[np.floating[Any]], *, thickness: int, value: int = 255) -> None:
    """Draw an antialiased curve (points x 2, columns x and y in pixels) into a uint8 layer."""
    fixed = np.round(points * 16).astype(np.int32).reshape(-1, 1, 2)
    cv2.polylines(layer, [fixed], False, value, thickness, cv2.LINE_AA, 4)


def arborizing_vessels(canvas: Canvas, rng: np.random.Generator, strength: float) -> None:
    """Sharp red trunks that branch into ever finer twigs across the lesion."""
    layer = np.zeros(canvas.size, np.uint8)
    cy, cx = canvas.center
    for _ in range(int(rng.integers(3, 7))):
        angle = float(rng.uniform(0, 2 * np.pi))
        start = np.array([cx + np.cos(angle) * canvas.radius_px * 0.95, cy + np.sin(angle) * canvas.radius_px * 0.95])
        heading = angle + np.pi + float(rng.normal(0, 0.5))
        thickness = float(rng.uniform(2.2, 4.2)) * canvas.scale()
        _branch(layer, rng, start, heading, canvas.radius_px * float(rng.uniform(0.6, 1.2)), thickness, 4)
    tree = cv2.GaussianBlur(layer, (0, 0), 0.8 * canvas.scale()).astype(np.float32) / 255
    canvas.blood += np.float32(1.1 * strength) * tree
    canvas.blood += np.float32(0.25) * cv2.GaussianBlur(tree, (0, 0), 5 * canvas.scale())


def _branch(
    layer: NDArray[np.uint8],
    rng: np.random.Generator,
    start: NDArray[np.floating[Any]],
    heading: float,
    length: float,
    thickness: float,
    depth: int,
) -> None:
    steps = max(4, int(length / 7))
    turns = heading + np.cumsum(rng.normal(0, 0.22, steps))
    path = start + np.cumsum(np.stack([np.cos(turns), np.sin(turns)], axis=1) * (length / steps), axis=0)
    path = np.vstack([start, path])
    draw_line(layer, path, thickness=max(1, round(thickness)), value=int(min(255, 90 + 55 * thickness)))
    if depth == 0 or length < 12:
        return
    for _ in range(int(rng.integers(2, 4))):
        at = int(rng.integers(steps // 3, steps))
        turn = float(rng.choice([-1, 1]) * rng.uniform(0.4, 1.0))
        _branch(
            layer,
            rng,
            path[at],
            turns[at] + turn,
            length * float(rng.uniform(0.4, 0.7)),
            thickness * 0.62,
            depth - 1,
        )


def dotted_vessels(canvas: Canvas, rng: np.random.Generator, strength: float) -> None:
    """Red dots and small coils (glomerular vessels) in clusters."""
    spacing = float(rng.uniform(9, 14)) * canvas.scale()
    cluster = smoothstep(fractal(rng, canvas.size, cells=5, octaves=2), -0.4, 0.5) * canvas.inside
    cells = hexagonal_cells(rng, canvas.size, spacing=spacing, jitter=0.3, keep=0.9, within=cluster)
    radius = rng.uniform(0.2, 0.42, cells.count).astype(np.float32) * np.float32(spacing)
    canvas.blood += np.float32(0.85 * strength) * canvas.warped(cells.blobs(radius))


def strawberry(canvas: Canvas, rng: np.random.Generator, strength: float) -> None:
    """Red pseudonetwork around pale, yellowish follicle openings."""
    spacing = float(rng.uniform(20, 30)) * canvas.scale()
    reach = canvas.warped(hexagonal_distance(rng, canvas.size, spacing=spacing, jitter=0.2)) / np.float32(spacing)
    mesh = smoothstep(reach, 0.2, 0.5)
    patch = 0.6 + 0.4 * smoothstep(fractal(rng, canvas.size, cells=6, octaves=3), -0.6, 0.8)
    canvas.blood += np.float32(0.55 * strength) * mesh * patch * canvas.inside
    opening = smoothstep(reach, 0.24, 0.1) * canvas.inside
    canvas.white += np.float32(0.3 * strength) * opening
    canvas.yellow += np.float32(0.3 * strength) * smoothstep(reach, 0.1, 0.04) * canvas.inside


def lacunae(canvas: Canvas, rng: np.random.Generator, strength: float) -> None:
    """Sharply bordered red to purple lakes."""
    spacing = float(rng.uniform(24, 40)) * canvas.scale()
    cells = hexagonal_cells(rng, canvas.size, spacing=spacing, jitter=0.22, keep=0.95)
    radius = rng.uniform(0.4, 0.62, cells.count).astype(np.float32) * np.float32(spacing)
    lakes = smoothstep(canvas.warped(cells.blobs(radius)), 0.0, 0.5) * smoothstep(canvas.s, 1.1, 0.95)
    depth = cells.spread(rng.uniform(0.3, 1.2, cells.count).astype(np.float32))
    canvas.blood *= 1 - 0.45 * canvas.inside * (1 - lakes)
    canvas.blood += np.float32(0.8 * strength) * lakes * depth
    canvas.blue += np.float32(0.22 * rng.random()) * lakes * depth
    canvas.white += np.float32(0.14 * rng.random()) * canvas.inside * (1 - lakes)


def thrombosed(canvas: Canvas, rng: np.random.Generator, strength: float) -> None:
    """Black-blue clots in some lakes."""
    clot = smoothstep(fractal(rng, canvas.size, cells=9, octaves=2), 0.4, 1.0) * smoothstep(canvas.s, 0.95, 0.75)
    canvas.melanin += np.float32(1.1 * strength) * clot
    canvas.blue += np.float32(0.3 * strength) * clot


def ulceration(canvas: Canvas, rng: np.random.Generator, strength: float) -> None:
    """Orange-red crusted defects."""
    sore: Field = smoothstep(fractal(rng, canvas.size, cells=7, octaves=4), 0.75, 1.15) * smoothstep(canvas.s, 0.9, 0.6)
    canvas.blood += np.float32(1.1 * strength) * sore
    canvas.melanin += np.float32(0.45 * strength) * sore * (fractal(rng, canvas.size, cells=30, octaves=2) > 0.2)
    canvas.yellow += np.float32(0.25 * strength) * sore
