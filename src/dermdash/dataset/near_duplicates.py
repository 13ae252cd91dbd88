"""One photograph twice: compressed again, resized, cropped, turned by quarters or mirrored.

Candidates: an image whose hash, in one of its eight forms, is near the hash of another image or of one of its parts
(`image_looks`, `hash_buckets`). Each candidate is then aligned, from where the hashes say that it lies, by maximising
the correlation (Evangelidis & Psarakis, PAMI 2008), and confirmed by the fine structure that both show once the broad
shading is taken away. Two photographs of one lesion do not pass: their structure does not lie pixel on pixel. Unlike
the search for one lesion under two ids, mirrored copies are looked for here: a lesion is never mirrored, a file may be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdash.dataset.hash_buckets import near_hashes
from dermdash.dataset.image_looks import BOXES, FORMS, MIRRORED, SIDE, form_matrix, in_form, square_grey

METHOD_VERSION = "1"
NEAR_WHOLE, NEAR_PART = 8, 8
"""Bits of 64 in which the hashes of a candidate may differ: of whole images, and of an image and a part."""
THRESHOLD = 0.9
"""Correlation of the fine structure from which two pictures are one photograph."""
UNSURE_FROM = 0.87
PER_IMAGE = 12
"""DuplicateCandidates of each image that are aligned, nearest first."""
_CROPPED = 0.95
_WORK = 192
_FIRST_LOOK, _SECOND_LOOK = 0.7, 0.5
_FEW_STEPS, _STEPS = 25, 40
_BROAD, _FINE = 8, 32
"""Structure broader than that part of the side is taken away: the finer what is left, the better it tells."""
_NOISE_SIGMA = 0.8
_FLAT = 0.8
"""Grey levels of fine structure (standard deviation) below which a picture has none to be told by."""


@dataclass(frozen=True, slots=True)
class DuplicateCandidate:
    """Images (positions) that may be one photograph: the first, in that form, may be that part of the second."""

    first: int
    second: int
    form: int
    part: int
    distance: int


@dataclass(frozen=True, slots=True, eq=False)
class NearDuplicate:
    """How alike two pictures are once one is laid over the other.

    ``score``: correlation (-1 to 1) of their fine structure where both show something; ``form``: how the first is
    turned or mirrored; ``transform``: from shares of the first image's width and height to shares of the second's;
    ``overlap``: share of the second that the first covers (0 to 1).
    """

    score: float
    form: int
    transform: NDArray[np.float64]
    overlap: float

    @property
    def verdict(self) -> str:
        """What was done to the picture, or that it is unsure."""
        if self.score < THRESHOLD:
            return "unsure"
        if MIRRORED[self.form]:
            return "mirrored"
        if self.form:
            return "turned"
        return "cropped" if self.overlap < _CROPPED else "re_encoded"

    def details(self) -> dict[str, Any]:
        """What is stored with a finding."""
        return {
            "alignment": round(self.score, 4), "form": FORMS[self.form], "overlap": round(self.overlap, 4),
            "transform": [[round(float(value), 6) for value in row] for row in self.transform],
        }  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class DuplicateCandidates:
    """``pairs`` worth aligning; ``crowded``: lookups that were left out, of pictures without structure, of how many."""

    pairs: list[DuplicateCandidate]
    crowded: int
    lookups: int


def find_candidates(
    forms: NDArray[np.uint64],
    parts: NDArray[np.uint64],
    *,
    asking: NDArray[np.bool_] | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> DuplicateCandidates:
    """Pairs of images that may be one photograph.

    Pictures with one and the same hash are compared with the first of them only: a thousand equal pictures make 999
    pairs and not half a million.

    Parameters
    ----------
    forms, parts
        (n, 8) and (n, 81), as `image_looks.look_at` gives them.
    asking
        Images that have not been compared yet; pairs without one of them are left out.
    """
    n = len(forms)
    asks = np.ones(n, dtype=bool) if asking is None else asking
    _, first_of, group = np.unique(forms[:, 0], return_index=True, return_inverse=True)
    leader = first_of[group]
    found: dict[tuple[int, int], DuplicateCandidate] = {}

    def add(first: int, second: int, form: int, part: int, distance: int) -> None:
        key = (min(first, second), max(first, second))
        known = found.get(key)
        if known is None or distance < known.distance:
            found[key] = DuplicateCandidate(first, second, form, part, distance)

    for i in np.flatnonzero(leader != np.arange(n)).tolist():
        if asks[i] or asks[leader[i]]:
            add(int(i), int(leader[i]), 0, 0, 0)
    leaders = np.flatnonzero(leader == np.arange(n))
    crowded = lookups = 0
    n_forms, n_parts = forms.shape[1], parts.shape[1]
    queries = np.ascontiguousarray(forms[leaders]).ravel()
    for part_range, most, neighbours, share in (((0, 1), NEAR_WHOLE, True, 0.5), ((1, n_parts), NEAR_PART, False, 1.0)):
        columns = slice(*part_range)
        width = part_range[1] - part_range[0]
        entries = np.ascontiguousarray(parts[leaders, columns]).ravel()

        def others(rows: NDArray[np.int64], hits: NDArray[np.int64], width: int = width) -> NDArray[np.bool_]:
            one, other = leaders[rows // n_forms], leaders[hits // width]
            return (one != other) & (asks[one] | asks[other])

        def told(done: float, share: float = share) -> None:
            progress(share - 0.5 + done / 2)

        pairs = near_hashes(queries, entries, most=most, neighbours=neighbours, not_self=others, progress=told)
        crowded, lookups = crowded + pairs.crowded, lookups + pairs.lookups
        nearest = np.argsort(pairs.distance, kind="stable")
        of_image: dict[int, int] = {}
        for row, hit, distance in zip(
            pairs.query[nearest].tolist(), pairs.entry[nearest].tolist(), pairs.distance[nearest].tolist(), strict=True
        ):
            first, second = int(leaders[row // n_forms]), int(leaders[hit // width])
            if (min(first, second), max(first, second)) not in found:
                if of_image.get(first, 0) >= PER_IMAGE:
                    continue
                of_image[first] = of_image.get(first, 0) + 1
            add(first, second, row % n_forms, hit % width + part_range[0], distance)
    return DuplicateCandidates(sorted(found.values(), key=lambda c: (c.first, c.second)), crowded, lookups)


def align(first: NDArray[np.uint8], second: NDArray[np.uint8], candidate: DuplicateCandidate) -> NearDuplicate | None:
    """Lay the first image's RGB thumbnail over the second's; None where they clearly differ.

    Raises nothing: where no alignment is found, what the hashes said is measured as it is.
    """
    turned = in_form(first, candidate.form)
    one, other = square_grey(turned), square_grey(second)
    start = _from_part(candidate.part)
    # A part is one of a few places: its fine structure need not lie on the other's yet, its broad shape does.
    if _correlation(one, other, start, SIDE, shading=_BROAD) < _FIRST_LOOK:
        return None
    rough = _refined(one, other, start, SIDE, steps=_FEW_STEPS)
    if _correlation(one, other, rough, SIDE) < _SECOND_LOOK:
        return None
    one, other = _working(turned), _working(second)
    fine = _refined(one, other, rough, _WORK, steps=_STEPS)
    scores = [(_correlation(one, other, matrix, _WORK), place) for place, matrix in enumerate((fine, rough, start))]
    score, place = max(scores)
    chosen = (fine, rough, start)[place]
    overlap = float(np.clip(abs(np.linalg.det(chosen[:, :2])), 0, 1))
    whole = chosen @ np.vstack([form_matrix(candidate.form), [0, 0, 1]])
    return NearDuplicate(score, candidate.form, whole, overlap)


def _from_part(part: int) -> NDArray[np.float64]:
    """From shares of the whole to shares of the image of which it is that part."""
    left, top, right, bottom = BOXES[part]
    return np.array([[right - left, 0.0, left], [0.0, bottom - top, top]])


def _working(thumbnail: NDArray[np.uint8]) -> NDArray[np.uint8]:
    grey = np.asarray(cv2.cvtColor(thumbnail, cv2.COLOR_RGB2GRAY), np.uint8)
    return np.asarray(cv2.resize(grey, (_WORK, _WORK), interpolation=cv2.INTER_AREA), np.uint8)


def _in_pixels(matrix: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """A transform of shares as one of pixels of a square."""
    shift = matrix[:, 2] * side + 0.5 * (matrix[:, :2].sum(axis=1) - 1)
    return np.column_stack([matrix[:, :2], shift])


def _in_shares(matrix: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    shift = (matrix[:, 2] - 0.5 * (matrix[:, :2].sum(axis=1) - 1)) / side
    return np.column_stack([matrix[:, :2], shift])


def _refined(
    one: NDArray[np.uint8], other: NDArray[np.uint8], start: NDArray[np.float64], side: int, *, steps: int
) -> NDArray[np.float64]:
    """The transform of shares that lays one over the other best; the given one where none is found."""
    # OpenCV asks for the way from the template to the image it is looked for in.
    warp = _in_pixels(start, side).astype(np.float32)
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, steps, 1e-4)
    try:
        _, found = cv2.findTransformECC(one, other, warp, cv2.MOTION_AFFINE, stop, None, 3)  # type: ignore[call-overload]
    except cv2.error:  # it did not converge
        return start
    matrix = _in_shares(np.asarray(found, np.float64), side)
    longest, shortest = np.linalg.svd(matrix[:, :2], compute_uv=False)
    return matrix if shortest > 0.4 and longest < 1.2 else start


def _correlation(
    one: NDArray[np.uint8],
    other: NDArray[np.uint8],
    matrix: NDArray[np.float64],
    side: int,
    *,
    shading: int = _FINE,
) -> float:
    """Correlation of the structure of the first with what lies under it in the second."""
    pixels = _in_pixels(matrix, side).astype(np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    under = cv2.warpAffine(other, pixels, (side, side), flags=flags, borderMode=cv2.BORDER_REFLECT)
    inside = cv2.warpAffine(np.ones_like(other), pixels, (side, side), flags=flags) > 0
    inside = np.asarray(cv2.erode(inside.astype(np.uint8), np.ones((5, 5), np.uint8), borderValue=0), bool)
    if inside.mean() < 0.3:
        return -1.0
    sigma = side / shading
    a, b = _structure(one, sigma)[inside], _structure(np.asarray(under, np.uint8), sigma)[inside]
    spread_a, spread_b = float(a.std()), float(b.std())
    if min(spread_a, spread_b) < _FLAT:
        return -1.0  # skin without any structure is like any other
    return float(((a - a.mean()) * (b - b.mean())).mean() / (spread_a * spread_b))


def _structure(grey: NDArray[np.uint8], sigma: float) -> NDArray[np.float32]:
    values = np.asarray(grey, np.float32)
    smooth = cv2.GaussianBlur(values, (0, 0), _NOISE_SIGMA)
    return np.asarray(smooth - cv2.GaussianBlur(values, (0, 0), sigma), np.float32)
