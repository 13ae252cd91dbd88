"""A first pass over 8-bit copies of the features that provably keeps every nearest neighbour.

A scan over a million float32 features of 512 numbers reads 2 GiB, which is what it waits for. Codes of 8 bits need a
quarter of that. The error each row makes by being coded is known exactly, so the triangle inequality gives bounds on
the true distance, and a row is only dropped when k others are nearer for certain. What is left, usually a few hundred
rows, is compared in full. OpenCV's integer distances do the scan on all cores.
"""

import numpy as np
from numpy.typing import NDArray

_ROWS_AT_ONCE = 16_384
_CLIPPED_SHARE = 1e-4
_UNIT_NORM_ERROR = 4e-6
"""Float32 rows have a length of 1 within 1e-6; so far squared distances of two rows may be off beside their cosine."""


class QuantisedScan:
    """8-bit codes of unit rows, float32 (n, d), with the exact error of each."""

    def __init__(self, matrix: NDArray[np.float32]) -> None:
        count, width = matrix.shape
        sample = np.asarray(matrix[:: max(1, count // 20_000)], dtype=np.float32)
        sample = sample[np.isfinite(sample).all(axis=1)]
        # Distances do not change when the mean is taken away, and the numbers to be coded get smaller.
        self._mean = sample.mean(axis=0) if len(sample) else np.zeros(width, np.float32)
        reach = float(np.quantile(np.abs(sample - self._mean), 1 - _CLIPPED_SHARE)) if len(sample) else 1.0
        self._step = np.float32(max(reach, 1e-6) / 127)
        self._codes = np.empty((count, width), dtype=np.uint8)
        self._error = np.empty(count, dtype=np.float32)
        for start in range(0, count, _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            self._codes[rows], self._error[rows] = self._coded(matrix[rows])

    def _coded(self, rows: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        centred = np.nan_to_num(rows) - self._mean
        levels = np.rint(centred / self._step)
        np.clip(levels, -128, 127, out=levels)
        centred -= levels * self._step
        error = np.sqrt(np.einsum("ij,ij->i", centred, centred))
        # Rounded up: the bound has to hold in spite of float32.
        return (levels + 128).astype(np.uint8), (error * np.float32(1.001) + np.float32(1e-6)).astype(np.float32)

    def possible_neighbours(
        self, query: NDArray[np.float32], *, k: int, candidates: NDArray[np.bool_]
    ) -> NDArray[np.intp]:
        """Return the rows, in order, that may be among the ``k`` candidates nearest to a unit vector (d,).

        Every true one is among them, ties included; the others cannot be told from the codes.
        """
        import cv2

        code, error = self._coded(query[None])
        squared, _ = cv2.batchDistance(self._codes, code, cv2.CV_32S, normType=cv2.NORM_L2SQR, K=1)
        distance = np.sqrt(squared[:, 0], dtype=np.float32)
        distance *= self._step
        distance[~candidates] = np.inf
        farthest = -kth_largest(-(distance + self._error), k) + error[0]
        limit = np.sqrt(farthest**2 + _UNIT_NORM_ERROR) * np.float32(1.0001) + error[0]
        distance -= self._error
        return np.flatnonzero(distance <= limit)


def kth_largest(values: NDArray[np.float32], k: int) -> np.float32:
    """Return the ``k``-th largest of the values (the smallest when there are fewer); no NaN among them."""
    if k >= len(values):
        return np.float32(values.min())
    block = 1024
    if len(values) > 64 * block and k < 64:
        # The k-th largest maximum of a block cannot exceed the k-th largest value, and leaves few to sort.
        whole = len(values) // block * block
        maxima = values[:whole].reshape(-1, block).max(axis=1)
        values = values[values >= np.partition(maxima, len(maxima) - k)[len(maxima) - k]]
    return np.float32(np.partition(values, len(values) - k)[len(values) - k])
