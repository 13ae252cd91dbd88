"""The nearest neighbours of every point among all others, exactly, without a package that compiles itself first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dermdash.errors import InvalidInput
from dermdash.progress import CountProgress

_ROWS_AT_ONCE = 256
_BLOCK = 64


def nearest_of_all(
    points: NDArray[np.float32],
    k: int,
    *,
    asking: NDArray[np.integer] | None = None,
    progress: CountProgress | None = None,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the ``k`` nearest others among all of each point that asks, nearest first, and their Euclidean distances.

    Rows that are equal have distance 0 to one another; a point is never its own neighbour.

    Parameters
    ----------
    points
        float32 (n, d), all finite.
    k
        At most n - 1.
    asking
        Positions of the points that ask; None: every one.

    Returns
    -------
    tuple
        int32 and float32 (as many as ask, k).

    Raises
    ------
    InvalidInput
        There are not so many others, or a number is not finite.
    """
    n = len(points)
    if not 1 <= k < n:
        raise InvalidInput(f"{k} neighbours are not to be had among {n} points")
    if not np.isfinite(points).all():
        raise InvalidInput("the points are not all finite numbers")
    lengths = np.einsum("ij,ij->i", points, points)
    asked = np.arange(n) if asking is None else asking
    indices, distances = np.empty((len(asked), k), np.int32), np.empty((len(asked), k), np.float32)
    for start in range(0, len(asked), _ROWS_AT_ONCE):
        rows = asked[start : start + _ROWS_AT_ONCE]
        # Half the squared distance without what is the same for a whole row, negative: the nearest is the largest.
        nearness = points[rows] @ points.T
        nearness -= lengths / 2
        nearness[np.arange(len(rows)), rows] = -np.inf
        found = _largest(nearness, k)
        apart = points[found] - points[rows][:, None, :]
        exact = np.sqrt(np.einsum("ijk,ijk->ij", apart, apart))
        order = np.lexsort((found, exact), axis=-1)
        part = slice(start, start + len(rows))
        indices[part] = np.take_along_axis(found, order, axis=1)
        distances[part] = np.take_along_axis(exact, order, axis=1)
        if progress is not None:
            progress(part.stop, len(asked))
    return indices, distances


def _largest(values: NDArray[np.float32], k: int) -> NDArray[np.intp]:
    """Columns of the ``k`` largest values of each row, in no order."""
    rows, columns = values.shape
    blocks = columns // _BLOCK
    if blocks < 4 * k:
        return np.argpartition(values, columns - k, axis=1)[:, columns - k :]
    # The k-th largest maximum of a block cannot exceed the k-th largest value: what is below it need not be sorted.
    maxima = values[:, : blocks * _BLOCK].reshape(rows, blocks, _BLOCK).max(axis=2)
    least = np.partition(maxima, blocks - k, axis=1)[:, blocks - k]
    candidate_row, candidate = np.nonzero(values >= least[:, None])
    ends = np.searchsorted(candidate_row, np.arange(rows + 1))
    found = np.empty((rows, k), np.intp)
    for i in range(rows):
        mine = candidate[ends[i] : ends[i + 1]]
        found[i] = mine[np.argpartition(values[i, mine], len(mine) - k)[len(mine) - k :]] if len(mine) > k else mine
    return found
