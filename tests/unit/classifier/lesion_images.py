"""Small drawn images for the classifier's tests: a coloured disc on skin, one colour per class."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

COLORS = {"nv": (90, 50, 30), "vasc": (190, 20, 60), "bkl": (230, 210, 60)}


def draw_lesion(code: str, generator: np.random.Generator, *, size: int = 48) -> NDArray[np.uint8]:
    """Return uint8 (size, size, 3): the class's colour in a disc of random place and radius, with noise."""
    rows, columns = np.mgrid[:size, :size]
    centre = generator.uniform(0.4 * size, 0.6 * size, 2)
    inside = np.hypot(rows - centre[0], columns - centre[1]) < generator.uniform(0.2, 0.35) * size
    image = np.where(inside[..., None], COLORS[code], (225, 180, 160)) + generator.normal(0, 8, (size, size, 3))
    return image.clip(0, 255).astype(np.uint8)


def write_lesions(folder: Path, *, per_class: int, seed: int = 1) -> tuple[list[Path], list[str], list[str]]:
    """Write drawn lesions as PNG, two images per lesion; returns paths, labels and lesion ids."""
    generator = np.random.default_rng(seed)
    paths, labels, lesions = [], [], []
    for code in COLORS:
        for i in range(per_class):
            path = folder / f"{code}_{i}.png"
            Image.fromarray(draw_lesion(code, generator)).save(path)
            paths.append(path)
            labels.append(code)
            lesions.append(f"{code}_lesion_{i // 2}")
    return paths, labels, lesions
