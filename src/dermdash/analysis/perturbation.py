"""Insertion and deletion: how fast an output falls when the evidence is taken away, and rises when it is given.

Source: Petsiuk, Das, Saenko, "RISE: randomized input sampling for explanation of black-box models", BMVC 2018.
Deletion replaces the most salient pixels first by the image's mean colour; a map that found what the network uses makes
the output fall at once (small area under the curve). Insertion starts from a blurred image and puts the most salient
pixels back first (large area). No region is needed; curves of a random and of a centred map stand beside the map's own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermdash.analysis.arrays import FloatArray
from dermdash.analysis.faithfulness import centre_gaussian
from dermdash.errors import InvalidInput
from dermdash.wording import counted

STEPS = 14
BLUR = 0.06
"""Standard deviation of the blurred start, as share of the side."""

RANDOM_CELLS = 7
Score = Callable[[NDArray[np.uint8]], FloatArray]
"""From images, uint8 (n, h, w, 3), to the output that is explained, one number per image."""


@dataclass(frozen=True, slots=True)
class PerturbationCurves:
    """Output against the share of pixels replaced (0, 1/STEPS, ... 1), in both directions."""

    deletion: FloatArray
    insertion: FloatArray

    def as_dict(self) -> dict[str, list[float]]:
        """Both curves, rounded for storage."""
        return {
            "deletion": [round(float(v), 5) for v in self.deletion],
            "insertion": [round(float(v), 5) for v in self.insertion],
        }


def perturbation_curves(
    image: NDArray[np.uint8], maps: Mapping[str, FloatArray], score: Score, *, steps: int = STEPS
) -> dict[str, PerturbationCurves]:
    """Return both curves of each map.

    Parameters
    ----------
    image
        uint8 (h, w, 3), what the network is shown.
    maps
        Name to map, float (h, w).
    score
        The network's output; called once per map and direction.
    steps
        Number of equal parts in which pixels are replaced.
    """
    grey = mean_colour(image)
    soft = blurred(image)
    found = {}
    for name, saliency in maps.items():
        found[name] = PerturbationCurves(
            deletion=np.asarray(score(replaced(image, grey, saliency, steps)), float),
            insertion=np.asarray(score(replaced(soft, image, saliency, steps)), float),
        )
    return found


def replaced(
    start: NDArray[np.uint8], end: NDArray[np.uint8], saliency: FloatArray, steps: int = STEPS
) -> NDArray[np.uint8]:
    """Return ``steps + 1`` images from ``start`` to ``end``, the most salient pixels replaced first.

    Pixels of equal saliency come in an arbitrary but fixed order that favours no side of the image.
    """
    if saliency.shape != start.shape[:2] or start.shape != end.shape or steps < 1:
        raise InvalidInput(
            f"a map of {saliency.shape} for images of {start.shape} and {end.shape}, in {counted(steps, 'step')}"
        )
    shuffled = np.random.default_rng(0).permutation(saliency.size)
    order = np.lexsort((shuffled, -saliency.ravel()))
    images = np.repeat(start[None], steps + 1, axis=0)
    flat, target = images.reshape(steps + 1, -1, 3), end.reshape(-1, 3)
    for step in range(1, steps + 1):
        chosen = order[: round(saliency.size * step / steps)]
        flat[step, chosen] = target[chosen]
    return images


def curve_area(values: FloatArray) -> float:
    """Area under a curve over equally spaced shares from 0 to 1 (trapezoids): the mean height."""
    return float((values[:-1] + values[1:]).mean() / 2)


def control_maps(height: int, width: int, *, seed: int) -> dict[str, FloatArray]:
    """Return the maps to compare with: ``centre`` and ``random`` (as smooth as a Grad-CAM, equal for equal seeds)."""
    from scipy.ndimage import zoom

    cells = np.random.default_rng(seed).random((RANDOM_CELLS, RANDOM_CELLS))
    factors = (height / RANDOM_CELLS, width / RANDOM_CELLS)
    random = zoom(cells, factors, order=1, mode="nearest", grid_mode=True)
    return {"centre": centre_gaussian(height, width), "random": np.asarray(random)}


def mean_colour(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return an image of the same size in its mean colour."""
    return np.broadcast_to(image.mean(axis=(0, 1)).round().astype(np.uint8), image.shape).copy()


def blurred(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the image without detail, its colours in place (Gaussian of ``BLUR``)."""
    from scipy.ndimage import gaussian_filter

    sigma = BLUR * max(image.shape[:2])
    return np.asarray(gaussian_filter(image.astype(float), (sigma, sigma, 0), mode="nearest").round(), np.uint8)
