"""Similar images: exact cosine neighbours over the classifier's features, never of the same lesion.

- ``NeighbourIndex(features, image_ids=, groups=)``: built once per model, kept in memory.
- ``index.neighbours_of(image_id, k=, allowed=)``: neighbours of a record of the index.
- ``index.search(vector, k=, excluded=, allowed=)``: neighbours of a feature vector from elsewhere.
- ``index.same_group_as(image_ids)``: which images share a lesion, patient or file with some of the index.
- ``index.similarities(positions)``: many at once, for measuring how good the retrieval is.

Exact means: the answer is that of comparing all of the float32 features in double precision. Up to some 100,000 images
one product with all of them is fast enough; above that, ``quantised_scan`` first drops what cannot be among the answer.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermdash.errors import InvalidInput, NotFound
from dermdash.retrieval.groups import connected_groups
from dermdash.retrieval.quantised_scan import QuantisedScan, kth_largest
from dermdash.wording import counted

QUANTISED_FROM = 200_000
"""From so many images on the first pass over 8-bit codes pays for the quarter of memory it adds."""
_ROWS_AT_ONCE = 16_384


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One similar image: its row in the index, its id, and the cosine of the angle between the features
    (-1..1).
    """

    position: int
    image_id: str
    similarity: float


class NeighbourIndex:
    """Features of n images, ready for cosine search.

    Parameters
    ----------
    features
        float (n, d). Rows that are not finite or all zero (images never predicted) are kept out of every
        answer.
    image_ids
        n different ids.
    groups
        For each kind of belonging (lesion_id, patient_id, file) the group of every image, None where unknown.
        Images that share any of them, directly or through others, are never each other's neighbours.
    pairs
        Pairs of image ids found to belong together besides (confirmed as the same lesion).
    copy
        False: a float32 array is normalised in place; one of unit rows is only read, so that it may be a
        read-only memory map.

    Raises
    ------
    InvalidInput
        On shapes or lengths that do not fit, or an id that occurs twice.
    """

    def __init__(
        self,
        features: NDArray[np.floating],
        *,
        image_ids: Sequence[str],
        groups: Mapping[str, Sequence[str | None]] | None = None,
        pairs: Collection[tuple[str, str]] = (),
        copy: bool = True,
        quantised_from: int = QUANTISED_FROM,
    ) -> None:
        if features.ndim != 2 or len(features) != len(image_ids):
            raise InvalidInput(f"features of shape {features.shape} do not fit {len(image_ids)} image ids")
        self.image_ids = tuple(image_ids)
        self._position = {image_id: i for i, image_id in enumerate(self.image_ids)}
        if len(self._position) != len(self.image_ids):
            raise InvalidInput("an image id occurs twice in the features")
        self._matrix, self._usable = _normalised(features, copy=copy)
        known = [(self._position[a], self._position[b]) for a, b in pairs if {a, b} <= self._position.keys()]
        self.groups = connected_groups(len(self), groups or {}, known)
        self._scan = QuantisedScan(self._matrix) if len(self) >= quantised_from else None

    def __len__(self) -> int:
        return len(self.image_ids)

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Which images have features."""
        return self._usable

    def find_position(self, image_id: str) -> int | None:
        """Return the row of an image, None when it is not in the index."""
        return self._position.get(image_id)

    def position_of(self, image_id: str) -> int:
        """Return the row of an image; raises NotFound when it is not in the index."""
        position = self._position.get(image_id)
        if position is None:
            raise NotFound(f"no features of image {image_id!r}: run a prediction that includes it first")
        return position

    def vector_of(self, image_id: str) -> NDArray[np.float32]:
        """Return the normalised features (d,) of an image; raises NotFound when it is not in the index."""
        return np.asarray(self._matrix[self.position_of(image_id)])

    def same_group_as(self, image_ids: Collection[str]) -> NDArray[np.bool_]:
        """Mark these images and all that share a lesion, patient or file with them; unknown ids mark nothing."""
        positions = [p for p in map(self.find_position, image_ids) if p is not None]
        return np.isin(self.groups, np.unique(self.groups[positions]))

    def neighbours_of(self, image_id: str, *, k: int, allowed: NDArray[np.bool_] | None = None) -> list[Neighbour]:
        """Return the ``k`` images most similar to a record, best first, none of its own lesion, patient or
        file.

        Parameters
        ----------
        image_id
            An image of the index.
        k
            How many; fewer come back when fewer are allowed.
        allowed
            bool (n,): rows that may appear (a class, a data set, training lesions only); None: all.

        Raises
        ------
        NotFound
            When the image has no features.
        """
        position = self.position_of(image_id)
        if not self._usable[position]:
            raise NotFound(f"no features of image {image_id!r}: run a prediction that includes it first")
        excluded = self.groups == self.groups[position]
        return self.search(self._matrix[position], k=k, excluded=excluded, allowed=allowed)

    def search(
        self,
        vector: NDArray[np.floating],
        *,
        k: int,
        excluded: NDArray[np.bool_] | None = None,
        allowed: NDArray[np.bool_] | None = None,
    ) -> list[Neighbour]:
        """Return the ``k`` images most similar to a feature vector (d,), best first; equal ones in index
        order.

        ``excluded`` and ``allowed`` are bool (n,) masks; ``same_group_as`` makes the first.
        """
        if k < 1:
            raise InvalidInput(f"k must be at least 1, not {k}")
        query = self._unit_query(vector)
        candidates = self._usable.copy()
        for mask in (excluded, allowed):
            if mask is not None and mask.shape != (len(self),):
                raise InvalidInput(f"a mask of shape {mask.shape} for {counted(len(self), 'image')}")
        if excluded is not None:
            candidates &= ~excluded
        if allowed is not None:
            candidates &= allowed
        rows = self._finalists(query, k, candidates)
        scores = self._exact_scores(query, rows)
        order = np.argsort(-scores, kind="stable")[:k]
        return [Neighbour(int(rows[i]), self.image_ids[rows[i]], float(np.clip(scores[i], -1.0, 1.0))) for i in order]

    def similarities(self, positions: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the cosines (m, n) of some images with all; those of images without features mean nothing."""
        return np.asarray(self._matrix[positions] @ self._matrix.T)

    def _unit_query(self, vector: NDArray[np.floating]) -> NDArray[np.float64]:
        query = np.asarray(vector, dtype=np.float64)
        norm = float(np.linalg.norm(query)) if query.shape == self._matrix.shape[1:] else 0.0
        if not np.isfinite(norm) or norm == 0.0:
            raise InvalidInput(
                f"not a feature vector: expected {self._matrix.shape[1]} finite numbers, not all zero, "
                f"got an array of shape {query.shape}"
            )
        return query / norm

    def _finalists(self, query: NDArray[np.float64], k: int, candidates: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Rows, in order, among which the ``k`` best are for certain."""
        count = int(np.count_nonzero(candidates))
        if count <= k:
            return np.flatnonzero(candidates)
        single = query.astype(np.float32)
        if count * 4 < len(self):
            # Few are left: gathering them is less work than a product with all.
            rows = np.flatnonzero(candidates)
            pieces = [self._matrix[rows[i : i + _ROWS_AT_ONCE]] @ single for i in range(0, count, _ROWS_AT_ONCE)]
            return rows[self._may_be_best(np.concatenate(pieces), k)]
        if self._scan is not None:
            rows = self._scan.possible_neighbours(single, k=k, candidates=candidates)
            if len(rows) * 8 < len(self):
                return rows
        # Unusable rows may give NaN, with a warning that would tell nothing.
        with np.errstate(invalid="ignore"):
            scores = self._matrix @ single
        scores[~candidates] = -np.inf
        return np.flatnonzero(self._may_be_best(scores, k))

    def _may_be_best(self, scores: NDArray[np.float32], k: int) -> NDArray[np.bool_]:
        # A sum of d products of two unit vectors in float32 is off by d * 2**-24 at most (Higham, 2002, ch. 3), so
        # nothing within twice that of the k-th best may be dropped.
        doubt = np.float32(2 * self._matrix.shape[1] * 2.0**-24 + 1e-6)
        return scores >= kth_largest(scores, k) - doubt

    def _exact_scores(self, query: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.float64]:
        # einsum adds every row in the same order, so that equal rows get equal scores; a BLAS product may not.
        scores = np.empty(len(rows), dtype=np.float64)
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            piece = slice(start, start + _ROWS_AT_ONCE)
            scores[piece] = np.einsum("ij,j->i", self._matrix[rows[piece]].astype(np.float64), query)
        return scores


def _normalised(features: NDArray[np.floating], *, copy: bool) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Unit rows and which rows have a direction; chunk by chunk, so that nothing of full size is made beside."""
    count = len(features)
    chunks = [slice(i, i + _ROWS_AT_ONCE) for i in range(0, count, _ROWS_AT_ONCE)]
    norms = np.empty(count, dtype=np.float64)
    for rows in chunks:
        norms[rows] = np.linalg.norm(features[rows].astype(np.float64), axis=1)
    usable = np.isfinite(norms) & (norms > 0)
    in_place = features.dtype == np.float32 and not copy
    if in_place and bool(np.all(np.abs(norms[usable] - 1) < 1e-6)):
        return np.asarray(features), usable
    matrix = np.asarray(features) if in_place else np.empty(features.shape, dtype=np.float32)
    divisors = np.where(usable, norms, 1.0)[:, None]
    for rows in chunks:
        matrix[rows] = np.where(usable[rows, None], features[rows] / divisors[rows], 0.0)
    return matrix, usable
