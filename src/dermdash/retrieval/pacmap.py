"""PaCMAP: many numbers per image to a place on a map, where what is alike lies together and far groups stay apart.

Written from the paper: Wang Y, Huang H, Rudin C, Shaposhnik Y. Understanding how dimension reduction tools work: an
empirical approach to deciphering t-SNE, UMAP, TriMAP, and PaCMAP for data visualization. JMLR 22(201), 2021. The
authors' package (Apache-2.0) brings numba and scikit-learn, 250 MB; here the pulls and pushes of one step are two
products with a sparse matrix. The tests' reference figures come from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermdash.progress import CountProgress
from dermdash.retrieval.neighbour_graph import nearest_of_all

NEIGHBOURS = 10
_MID_NEAR, _FURTHER = 5, 20
"""Pairs of each point: half and twice as many as neighbours, as the paper has it."""
_MORE_NEIGHBOURS = 50
_DIMENSIONS = 100
"""Principal components that are kept of more numbers."""
_PHASES = (100, 100, 250)
_FEWEST = 12
"""Below so many points there are no pairs to speak of: they lie as their principal components say."""
_ADAM = (0.9, 0.999, 1e-7)
_RATE = 1.0
METHOD_VERSION = "pacmap 1"

Float32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class EmbeddingMap:
    """Places of n points on the map, float32 (n, 2), and how far each is from its nearest others.

    ``uniqueness``: mean Euclidean distance to the `NEIGHBOURS` nearest others among the unit vectors (0: copies of one
    another); ``nearest``: row of the nearest other; -1 where there is none.
    """

    places: Float32
    uniqueness: Float32
    nearest: NDArray[np.int32]


def embedding_map(features: Float32, *, seed: int = 0, progress: CountProgress | None = None) -> EmbeddingMap:
    """Place points on a map; the same features and seed give the same map on the same machine.

    Parameters
    ----------
    features
        float32 (n, d), rows not all zero. Only their direction counts, as in the search of similar images.
    seed
        Of the pairs that are drawn.
    progress
        Called with steps done and all steps; what it raises ends the work.
    """
    n = len(features)
    if n < 2:
        return EmbeddingMap(np.zeros((n, 2), np.float32), np.zeros(n, np.float32), np.full(n, -1, np.int32))
    points = _principal(_unit(features))
    steps = _Steps(progress, n)
    k = min(NEIGHBOURS, n - 1)
    indices, distances = nearest_of_all(points, min(n - 1, k + _MORE_NEIGHBOURS), progress=steps.searched)
    uniqueness = distances[:, :k].mean(axis=1)
    second = points[:, 1] if points.shape[1] > 1 else np.zeros(n, np.float32)
    init = np.column_stack([points[:, 0], second]).astype(np.float32)
    if n < _FEWEST:
        places = np.asarray(init - init.mean(axis=0), np.float32)
    else:
        generator = np.random.default_rng(seed)
        near = _by_scaled_distance(indices, distances, k)
        mid = _mid_near(points, generator)
        far = _further(near, generator)
        places = _optimised(np.float32(0.01) * init, near, mid, far, steps)
    return EmbeddingMap(places.astype(np.float32), uniqueness, indices[:, 0])


class _Steps:
    """Progress from 0 to 1,000: the search grows with the square of the points, the steps with their number."""

    _ALL, _AS_LONG = 1000, 25_000

    def __init__(self, progress: CountProgress | None, n: int) -> None:
        self._progress = progress
        self._search = self._ALL * n // (n + self._AS_LONG)

    def searched(self, done: int, total: int) -> None:
        self._say(self._search * done // total)

    def moved(self, step: int) -> None:
        self._say(self._search + (self._ALL - self._search) * step // sum(_PHASES))

    def _say(self, done: int) -> None:
        if self._progress is not None:
            self._progress(done, self._ALL)


def _unit(features: Float32) -> Float32:
    norms = np.linalg.norm(features.astype(np.float64), axis=1)
    return (features / np.where(norms > 0, norms, 1)[:, None]).astype(np.float32)


def _principal(points: Float32) -> Float32:
    """Principal components, the largest first; distances stay what they are but for what the last ones hold."""
    centred = points - points.mean(axis=0, dtype=np.float64).astype(np.float32)
    covariance = np.asarray(centred.T @ centred, np.float64)
    _, vectors = np.linalg.eigh(covariance)
    kept = vectors[:, ::-1][:, :_DIMENSIONS]
    # The sign of a component is chance: the largest weight is made positive, so that a map does not flip.
    kept = kept * np.sign(kept[np.abs(kept).argmax(axis=0), np.arange(kept.shape[1])])
    return np.asarray(centred @ kept.astype(np.float32))


def _by_scaled_distance(indices: NDArray[np.int32], distances: Float32, k: int) -> NDArray[np.int32]:
    """The ``k`` neighbours of least scaled distance: that of a pair against how far both are from their 4th to 6th."""
    scale = np.maximum(distances[:, 3:6].mean(axis=1), 1e-10)
    scaled = distances**2 / (scale[:, None] * scale[indices])
    order = np.argsort(scaled, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(indices, order, axis=1)


def _mid_near(points: Float32, generator: np.random.Generator) -> NDArray[np.int32]:
    """Of six drawn points the second nearest, `_MID_NEAR` times for each."""
    n = len(points)
    found = np.empty((n, _MID_NEAR), np.int32)
    for start in range(0, n, 2048):
        rows = np.arange(start, min(start + 2048, n))
        # Never the point itself: what is drawn at its place or behind is one further on.
        drawn = generator.integers(0, n - 1, (len(rows), _MID_NEAR, 6))
        drawn += drawn >= rows[:, None, None]
        apart = points[drawn] - points[rows][:, None, None, :]
        second = np.argsort(np.einsum("ijkl,ijkl->ijk", apart, apart), axis=2, kind="stable")[:, :, 1]
        found[rows] = np.take_along_axis(drawn, second[:, :, None], axis=2)[:, :, 0]
    return found


def _further(near: NDArray[np.int32], generator: np.random.Generator) -> NDArray[np.int32]:
    """Points that are no neighbours, `_FURTHER` for each, or as many as there are."""
    n, k = near.shape
    many = min(_FURTHER, n - 1 - k)
    own = np.arange(n, dtype=np.int32)[:, None]
    drawn = generator.integers(0, n, (n, many), dtype=np.int32)
    wrong = np.ones(n, bool)
    while wrong.any():
        rows = np.flatnonzero(wrong)
        bad = (drawn[rows] == own[rows]) | (drawn[rows][:, :, None] == near[rows][:, None, :]).any(axis=2)
        wrong[rows[~bad.any(axis=1)]] = False
        place, column = np.nonzero(bad)
        drawn[rows[place], column] = generator.integers(0, n, len(place), dtype=np.int32)
    return drawn


def _weights(step: int) -> tuple[float, float, float]:
    """Of near, mid-near and further pairs at a step: first the coarse form, then the neighbourhoods."""
    first, second, _ = _PHASES
    if step < first:
        share = step / first
        return 2.0, 1000.0 * (1 - share) + 3.0 * share, 1.0
    return (3.0, 3.0, 1.0) if step < first + second else (1.0, 0.0, 1.0)


def _optimised(
    init: Float32, near: NDArray[np.int32], mid: NDArray[np.int32], far: NDArray[np.int32], steps: _Steps
) -> Float32:
    """Move the points by Adam until the phases are over."""
    places = init.astype(np.float32)
    mean, square = np.zeros_like(places), np.zeros_like(places)
    pulls = _SparsePairs(near), _SparsePairs(mid)
    push = _SparsePairs(far)
    first, second, epsilon = _ADAM
    for step in range(sum(_PHASES)):
        near_weight, mid_weight, far_weight = _weights(step)
        gradient = pulls[0].gradient(places, 20 * near_weight, 10)
        if mid_weight:
            gradient += pulls[1].gradient(places, 20_000 * mid_weight, 10_000)
        gradient -= push.gradient(places, 2 * far_weight, 1)
        mean += (1 - first) * (gradient - mean)
        square += (1 - second) * (gradient**2 - square)
        rate = _RATE * np.sqrt(1 - second ** (step + 1)) / (1 - first ** (step + 1))
        places -= (rate * mean / (np.sqrt(square) + epsilon)).astype(np.float32)
        steps.moved(step + 1)
    return places


class _SparsePairs:
    """Pairs (i, j) of one kind as a sparse matrix whose weights change with every step."""

    def __init__(self, partners: NDArray[np.int32]) -> None:
        from scipy.sparse import csr_array

        n, k = partners.shape
        self._n, self._k = n, k
        # In the order of the columns: memory is walked forwards.
        columns = np.sort(partners, axis=1).ravel()
        self._columns = columns
        self._matrix = csr_array(
            (np.ones(n * k, np.float32), columns, np.arange(0, n * k + 1, k, dtype=np.int32)), shape=(n, n)
        )

    def gradient(self, places: Float32, factor: float, offset: float) -> Float32:
        """Sum over pairs of factor / (offset + d)^2 (y_i - y_j) at i, its negative at j; d: 1 + squared distance."""
        apart = np.zeros(self._n * self._k, np.float32)
        for axis in range(places.shape[1]):
            own = np.ascontiguousarray(places[:, axis])
            difference = np.repeat(own, self._k) - own[self._columns]
            difference *= difference
            apart += difference
        apart += np.float32(1 + offset)
        apart *= apart
        np.divide(np.float32(factor), apart, out=self._matrix.data)
        # With W the weights: the points lose (W + W')y and get (W + W')1 times their own place.
        extended = np.column_stack([places, np.ones(self._n, np.float32)])
        moved = self._matrix @ extended
        moved += self._matrix.T @ extended
        return np.asarray(moved[:, 2:] * places - moved[:, :2])
