"""The verdict on a pair of images: the same photograph, the same lesion, or unsure.

Two independent witnesses: local structures that one motion explains (`geometric_match`), and how alike the two pictures
are once one is laid over the other. Hair can give the first by chance and a round dark spot the second; a lesion that
was photographed twice gives both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdash.dataset.geometric_match import LEAST_INLIERS, GeometricMatch, match_images
from dermdash.dataset.image_pairs import Pairs, pairs_of
from dermdash.dataset.local_descriptors import DESCRIPTORS_VERSION, LocalDescriptors
from dermdash.retrieval.groups import connected_groups
from dermdash.retrieval.neighbour_graph import nearest_of_all

METHOD_VERSION = f"4/descriptors {DESCRIPTORS_VERSION}"
THRESHOLD = 0.25
"""Pairs below are not worth a person's time."""
CERTAIN = 0.95
LEAST_BUDGET = 50
IMAGES_PER_PAIR = 20

_BACKGROUND_SIGMA = 24.0
_NOISE_SIGMA = 1.5
# What is left of it is network, globules and vessels, not the dark disc that any nevus is.
_TEXTURE_BACKGROUND_SIGMA = 6.0
_TEXTURE_NOISE_SIGMA = 1.2
_LEAST_OVERLAP = 1500
# Of rulers it is 0.03 to 0.23; of 78 pairs listed in HAM10000 at least 0.32, of those of one lesion at least 0.40.
_LEAST_BREADTH = 0.25
_LARGEST_GROUP = 30  # a chain of chance matches must not explode
_SAME_PHOTO = 0.96
_SAME_PHOTO_SUPPORT = 0.5


class PairVerdict(StrEnum):
    """What the measurement says; a person decides."""

    SAME_IMAGE = "same_image"
    SAME_LESION = "same_lesion"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class PairEvidence:
    """What speaks for two images showing one lesion.

    Attributes
    ----------
    score
        0 to 1, higher = more surely the same lesion. It orders pairs; it is not a probability.
    verdict
        The score in words.
    match
        The motion between the images.
    alignment
        Correlation (-1 to 1) of the two grey images laid over one another, without broad shading.
    texture
        The same of their fine structure alone: two dark discs correlate, what is drawn in them does not.
    overlap
        Share of the smaller-scale image that both show (0 to 1).
    """

    score: float
    verdict: PairVerdict
    match: GeometricMatch
    alignment: float
    texture: float
    overlap: float

    def details(self, one: LocalDescriptors, other: LocalDescriptors) -> dict[str, Any]:
        """What is stored with a finding: figures, and points as shares of width and height for the overlay."""
        match = self.match
        return {
            "matches": match.matches,
            "inliers": match.inliers,
            "supported": match.supported,
            "alignment": round(self.alignment, 4),
            "texture": round(self.texture, 4),
            "overlap": round(self.overlap, 4),
            "zoom": round(match.zoom, 4),
            "rotation": round(match.rotation, 2),
            "transform": relative_transform(match.transform, one, other),
            "points": [_shares(match.first, one), _shares(match.second, other)],
        }


def _shares(points: NDArray[np.float32], of: LocalDescriptors) -> list[list[float]]:
    shares = points / np.array([of.width, of.height])
    return [[round(float(x), 4), round(float(y), 4)] for x, y in shares[:60]]


def relative_transform(
    transform: NDArray[np.float64], one: LocalDescriptors, other: LocalDescriptors
) -> list[list[float]]:
    """The transform from shares of the first image's width and height (0 to 1) to shares of the second's."""
    matrix = transform * np.array([one.width, one.height, 1.0])
    matrix = matrix / np.array([[other.width], [other.height]])
    return [[round(float(value), 6) for value in row] for row in matrix]


def compare_images(
    one: LocalDescriptors, other: LocalDescriptors, grey_one: NDArray[np.uint8], grey_other: NDArray[np.uint8]
) -> PairEvidence | None:
    """Weigh two images at working size; None where no plausible motion explains four matches."""
    match = match_images(one, other)
    return None if match is None else weigh(match, grey_one, grey_other)


def weigh(match: GeometricMatch, grey_one: NDArray[np.uint8], grey_other: NDArray[np.uint8]) -> PairEvidence:
    """Score a motion by its matches and by how well it lays the two grey images over one another.

    Matches that lie on one line are those of a ruler or a hair and count for nothing, however many they are.
    """
    if _breadth(match) < _LEAST_BREADTH:
        return PairEvidence(0.0, PairVerdict.UNSURE, match, 0.0, 0.0, 0.0)
    alignment, texture, overlap = _alignment(grey_one, grey_other, match.transform)
    # Weights set on HAM10000 by eye: 66 pairs of one lesion, and hundreds of chance matches on hair and dark discs.
    evidence = (
        0.20 * (match.supported - 12) + 0.35 * (match.inliers - 6) + 5.0 * (alignment - 0.5) + 4.0 * (texture - 0.3)
    )
    score = 1 / (1 + math.exp(-max(-30.0, min(30.0, evidence))))
    visible = _SAME_PHOTO_SUPPORT * min(300, max(1, match.matches))
    if alignment >= _SAME_PHOTO and match.inliers >= visible and match.inliers >= 20 and overlap > 0.25:
        verdict = PairVerdict.SAME_IMAGE
    elif score >= CERTAIN and match.inliers >= 7:
        verdict = PairVerdict.SAME_LESION
    else:
        verdict = PairVerdict.UNSURE
    return PairEvidence(round(score, 6), verdict, match, alignment, texture, overlap)


def _breadth(match: GeometricMatch) -> float:
    """How wide the supported points of the first image spread, in units of their length: 0 on a line, 1 all round."""
    if len(match.first) < LEAST_INLIERS:
        return 1.0
    length, width = np.linalg.svd(match.first - match.first.mean(axis=0), compute_uv=False)
    return float(width / length) if length > 0 else 0.0


def _alignment(
    one: NDArray[np.uint8], other: NDArray[np.uint8], transform: NDArray[np.float64]
) -> tuple[float, float, float]:
    """Correlation where both see the skin, that of fine structure, and the share of the less magnified image seen."""
    zoom = math.sqrt(abs(float(np.linalg.det(transform[:, :2]))))
    if zoom > 1:  # the more magnified image is made smaller: the other cannot gain detail
        one, other, zoom = other, one, 1 / zoom
        transform = np.asarray(cv2.invertAffineTransform(transform), np.float64)
    height, width = other.shape
    blurred = cv2.GaussianBlur(one, (0, 0), 0.8 / zoom)
    moved = cv2.warpAffine(blurred, transform, (width, height)).astype(np.float32)
    whole = np.ones(one.shape, np.uint8)
    seen = np.asarray(cv2.warpAffine(whole, transform, (width, height), flags=cv2.INTER_NEAREST), np.uint8)
    inside = seen > 0
    if inside.sum() < min(_LEAST_OVERLAP, inside.size // 4):
        return 0.0, 0.0, float(inside.mean())
    both = (moved, other.astype(np.float32))
    alignment = _correlation(both, seen, inside, _BACKGROUND_SIGMA, _NOISE_SIGMA)
    texture = _correlation(both, seen, inside, _TEXTURE_BACKGROUND_SIGMA, _TEXTURE_NOISE_SIGMA)
    return alignment, texture, float(inside.mean())


def _correlation(
    both: tuple[NDArray[np.float32], NDArray[np.float32]],
    seen: NDArray[np.uint8],
    inside: NDArray[np.bool_],
    background: float,
    noise: float,
) -> float:
    a, b = (_detail(image, seen, background, noise)[inside] for image in both)
    a, b = a - a.mean(), b - b.mean()
    norm = math.sqrt(float((a * a).sum()) * float((b * b).sum()))
    return float((a * b).sum()) / norm if norm > 0 else 0.0


def _detail(
    image: NDArray[np.float32], seen: NDArray[np.uint8], background: float, noise: float
) -> NDArray[np.float32]:
    """The image without what is broader than the background (vignette, curved skin) and without noise."""
    weight = seen.astype(np.float32)
    sigma = (0, 0)
    shade = cv2.GaussianBlur(image * weight, sigma, background) / np.maximum(
        cv2.GaussianBlur(weight, sigma, background), 1e-3
    )
    return np.asarray(cv2.GaussianBlur(image, sigma, noise) - shade, np.float32)


def review_budget(images: int) -> int:
    """How many pairs a person is asked to look at: one for every twenty images, at least fifty (300 for 6,000)."""
    return max(LEAST_BUDGET, -(-images // IMAGES_PER_PAIR))


def implied_pairs(pairs: Sequence[tuple[int, int]], count: int) -> list[tuple[int, int]]:
    """Pairs that follow from others: where A is B and B is C, look at A and C too.

    Parameters
    ----------
    pairs
        Positions of images that belong together, first < second.
    count
        Number of images.
    """
    group_of = connected_groups(count, {}, pairs)
    groups: dict[int, list[int]] = {}
    for position in sorted({position for pair in pairs for position in pair}):
        groups.setdefault(int(group_of[position]), []).append(position)
    given = set(pairs)
    return [
        (a, b)
        for members in groups.values()
        if len(members) <= _LARGEST_GROUP
        for i, a in enumerate(members)
        for b in members[i + 1 :]
        if (a, b) not in given
    ]


def nearest_by_features(
    features: NDArray[np.floating],
    asking: NDArray[np.bool_],
    per_image: int,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Pairs:
    """Pairs of each asking image and its nearest others by the cosine of a classifier's features."""
    norms = np.linalg.norm(features, axis=1, keepdims=True)
    usable = np.flatnonzero((np.isfinite(norms) & (norms > 0)).ravel())
    count = min(per_image, len(usable) - 1)
    if count < 1:
        return pairs_of([], [])
    unit = np.asarray(features[usable] / norms[usable], np.float32)
    asked = np.flatnonzero(asking[usable])
    nearest, _ = nearest_of_all(unit, count, asking=asked, progress=progress)
    return pairs_of(np.repeat(usable[asked], count), usable[nearest.ravel()])
