"""Similar images: exact cosine neighbours over the classifier's features, never of the same lesion.

- ``NeighbourIndex(features, image_ids=, groups=)``: built once per model, kept in memory.
- ``index.neighbours_of(image_id, k=, allowed=)``: neighbours of a record of the index.
- ``index.search(vector, k=, excluded=, allowed=)``: neighbours of a feature vector from elsewhere.
- ``index.same_group(groups)``: which records share a lesion, patient or duplicate cluster with a new image.

Exact search over a normalised float32 matrix takes 5 ms at 100,000 images, so no approximate index is needed.
numpy only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermdash.errors import InvalidInput, NotFound


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
        For each kind of belonging (lesion_id, patient_id, duplicate cluster) the group of every image, None
        where unknown. Images that share any of them are never each other's neighbours.

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
    ) -> None:
        if features.ndim != 2 or len(features) != len(image_ids):
            raise InvalidInput(f"features of shape {features.shape} do not fit {len(image_ids)} image ids")
        self.image_ids = tuple(image_ids)
        self._position = {image_id: i for i, image_id in enumerate(self.image_ids)}
        if len(self._position) != len(self.image_ids):
            raise InvalidInput("an image id occurs twice in the features")
        matrix = np.array(features, dtype=np.float32)
        norms = np.linalg.norm(matrix, axis=1)
        self._usable = np.isfinite(norms) & (norms > 0)
        matrix[~self._usable] = 0.0
        matrix[self._usable] /= norms[self._usable, None]
        self._matrix = matrix
        self._codes: dict[str, NDArray[np.int64]] = {}
        self._code_of: dict[str, dict[str, int]] = {}
        for name, values in (groups or {}).items():
            if len(values) != len(self.image_ids):
                raise InvalidInput(f"{len(values)} values of {name} for {len(self.image_ids)} images")
            code_of: dict[str, int] = {}
            self._codes[name] = np.array(
                [-1 if value is None else code_of.setdefault(value, len(code_of)) for value in values],
                dtype=np.int64,
            )
            self._code_of[name] = code_of

    def __len__(self) -> int:
        return len(self.image_ids)

    def position_of(self, image_id: str) -> int:
        """Return the row of an image; raises NotFound when it is not in the index."""
        try:
            return self._position[image_id]
        except KeyError:
            raise NotFound(f"no features of image {image_id!r}: run a prediction that includes it first") from None

    def same_group(self, groups: Mapping[str, str | None]) -> NDArray[np.bool_]:
        """Mark the images that share a group with ``{"lesion_id": ..., ...}``; None or an unknown kind shares
        nothing.
        """
        marked = np.zeros(len(self), dtype=np.bool_)
        for name, value in groups.items():
            code = None if value is None else self._code_of.get(name, {}).get(value)
            if code is not None:
                marked |= self._codes[name] == code
        return marked

    def neighbours_of(self, image_id: str, *, k: int, allowed: NDArray[np.bool_] | None = None) -> list[Neighbour]:
        """Return the ``k`` images most similar to a record, best first, none of its own lesion, patient or
        cluster.

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
        excluded = np.zeros(len(self), dtype=np.bool_)
        excluded[position] = True
        for codes in self._codes.values():
            if codes[position] >= 0:
                excluded |= codes == codes[position]
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

        ``excluded`` and ``allowed`` are bool (n,) masks; ``same_group`` makes the first.
        """
        if k < 1:
            raise InvalidInput(f"k must be at least 1, not {k}")
        query = np.asarray(vector, dtype=np.float32)
        norm = float(np.linalg.norm(query)) if query.shape == self._matrix.shape[1:] else 0.0
        if not np.isfinite(norm) or norm == 0.0:
            raise InvalidInput(
                f"not a feature vector: expected {self._matrix.shape[1]} finite numbers, not all zero, "
                f"got an array of shape {query.shape}"
            )
        candidates = self._usable.copy()
        for mask in (excluded, allowed):
            if mask is not None and mask.shape != (len(self),):
                raise InvalidInput(f"a mask of shape {mask.shape} for {len(self)} images")
        if excluded is not None:
            candidates &= ~excluded
        if allowed is not None:
            candidates &= allowed
        rows = np.flatnonzero(candidates)
        if len(rows) == 0:
            return []
        # A product over all rows is faster than gathering the allowed ones, unless few are left.
        few = len(rows) * 4 < len(self)
        scores = self._matrix[rows] @ (query / norm) if few else (self._matrix @ (query / norm))[rows]
        if k < len(rows):
            # Everything that ties with the k-th best stays, so that the stable sort decides by position.
            threshold = np.partition(scores, len(rows) - k)[len(rows) - k]
            kept = scores >= threshold
            rows, scores = rows[kept], scores[kept]
        order = np.argsort(-scores, kind="stable")[:k]
        return [Neighbour(int(rows[i]), self.image_ids[rows[i]], float(np.clip(scores[i], -1.0, 1.0))) for i in order]
