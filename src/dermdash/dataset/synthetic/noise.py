"""Smooth random fields and jittered cell patterns: the raw material of painted skin."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.floating[Any]]
"""Values per pixel; float32 wherever speed counts."""
Size = tuple[int, int]
_SMOOTH_PX = 5
"""Pixels between two values of noise from which on nobody sees whether every pixel was asked, or every other one."""


def fractal(rng: np.random.Generator, size: Size, *, cells: float, octaves: int = 3, gain: float = 0.55) -> Field:
    """Multi-octave noise of about zero mean and unit variance.

    Parameters
    ----------
    size
        Height and width in pixels.
    cells
        Number of blobs of the coarsest octave across the width.
    gain
        Weight of each octave relative to the one before.
    """
    height, width = size
    half = ((height + 1) // 2, (width + 1) // 2)
    coarse = np.zeros(half, np.float32)
    fine: list[tuple[Field, float]] = []
    weight, power = 1.0, 0.0
    for octave in range(octaves):
        columns = max(2, round(cells * 2**octave) + 1)
        rows = max(2, round(columns * height / width) + 1)
        grid = rng.standard_normal((rows, columns), dtype=np.float32)
        if columns * _SMOOTH_PX <= width:
            # At half the size, a quarter of the work: what is this smooth is made as large as the picture all together.
            # Linear is twice as fast as cubic; it shows only in the coarsest octave.
            method = cv2.INTER_CUBIC if octave == 0 else cv2.INTER_LINEAR
            cv2.scaleAdd(cv2.resize(grid, half[::-1], interpolation=method), weight, coarse, coarse)
        else:
            fine.append((grid, weight))
        power += weight**2
        weight *= gain
    total = np.asarray(cv2.resize(coarse, (width, height)), np.float32)
    for grid, share in fine:
        cv2.scaleAdd(cv2.resize(grid, (width, height), interpolation=cv2.INTER_LINEAR), share, total, total)
    total *= np.float32(1.45 / np.sqrt(power))
    return total


def smoothstep(values: Field, low: float, high: float) -> Field:
    """Rise smoothly from 0 at ``low`` to 1 at ``high`` (falls where low > high)."""
    t = values - np.float32(low)
    t *= np.float32(1.0 / (high - low))
    np.clip(t, 0.0, 1.0, out=t)
    rise = t * np.float32(-2.0)
    rise += np.float32(3.0)
    rise *= t
    rise *= t
    return rise


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells around jittered points: per pixel the distance (px) to its point and the index of the point."""

    distance: Field
    index: NDArray[np.int32]
    count: int

    def spread(self, per_cell: Field) -> Field:
        """Give every pixel the value of its cell (``per_cell`` has ``count`` entries)."""
        return per_cell[self.index]

    def blobs(self, radius: Field) -> Field:
        """Soft discs, one per cell: 1 at the point, 0 beyond its radius (px, ``count`` entries)."""
        relative = self.distance / self.spread(np.maximum(radius, 0.5))
        return np.clip(1.6 * (1.0 - relative * relative), 0.0, 1.0).astype(np.float32)


def hexagonal_cells(
    rng: np.random.Generator,
    size: Size,
    *,
    spacing: float,
    jitter: float = 0.3,
    keep: float = 1.0,
    within: Field | None = None,
) -> Cells:
    """Cells of a hexagonal grid whose points are shifted at random.

    Parameters
    ----------
    spacing
        Distance between neighbouring points in pixels.
    jitter
        Standard deviation of the shift, in units of the spacing.
    keep
        Share of the points that stay.
    within
        Points stay with this probability (0..1 per pixel).
    """
    seeds = _scattered_points(rng, size, spacing, jitter, keep, within)
    if seeds.all():
        return Cells(np.full(size, 1e6, np.float32), np.zeros(size, np.int32), 1)
    distance, labels = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    return Cells(np.asarray(distance, np.float32), np.asarray(labels, np.int32), int(np.max(labels)) + 1)


def hexagonal_distance(rng: np.random.Generator, size: Size, *, spacing: float, jitter: float) -> Field:
    """Distance (px) to the nearest point of such a grid, several times as fast as `hexagonal_cells`."""
    seeds = _scattered_points(rng, size, spacing, jitter, 1.0, None)
    return np.asarray(cv2.distanceTransform(seeds, cv2.DIST_L2, 5), np.float32)


def _scattered_points(
    rng: np.random.Generator, size: Size, spacing: float, jitter: float, keep: float, within: Field | None
) -> NDArray[np.uint8]:
    """Picture that is 0 at the points and 255 elsewhere."""
    height, width = size
    rows = int(height / (spacing * 0.87)) + 3
    columns = int(width / spacing) + 3
    y, x = np.mgrid[-1 : rows - 1, -1 : columns - 1].astype(np.float32)
    x = (x + 0.5 * (y % 2)) * spacing + rng.normal(0, jitter * spacing, x.shape)
    y = y * (spacing * 0.87) + rng.normal(0, jitter * spacing, y.shape)
    points = np.stack([y.ravel(), x.ravel()], axis=1).round().astype(np.int32)
    chance = rng.random(len(points))
    inside = (points >= 0).all(axis=1) & (points[:, 0] < height) & (points[:, 1] < width)
    points, chance = points[inside], chance[inside]
    limit = keep * (within[points[:, 0], points[:, 1]] if within is not None else np.ones(len(points)))
    points = points[chance < limit]
    seeds = np.full(size, 255, np.uint8)
    seeds[points[:, 0], points[:, 1]] = 0
    return seeds
