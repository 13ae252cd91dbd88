"""Drawing with replacement, for every bootstrap: how often each of n readers, cases or groups was drawn.

A bootstrap that needs sums over what was drawn needs no copies of it: the counts are its weights, and all draws are
one product of matrices.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Drawn = NDArray[np.float32]
"""How often each was drawn: (draws, n), whole numbers, which are exact up to 2^24 as are their sums."""
Table = NDArray[Any]
"""A matrix of numbers: numpy's, or scipy's sparse one. Both multiply."""
_SPARSE_BELOW = 0.05


def times_drawn(n: int, draws: int, rng: np.random.Generator) -> Drawn:
    """How often each of n was drawn when n are drawn with replacement: float32 (draws, n), whole numbers.

    A row is multinomial with equal chances; counting drawn numbers is ten times as fast as numpy's multinomial.
    """
    drawn = rng.integers(0, n, (draws, n))
    drawn += n * np.arange(draws)[:, None]
    return np.bincount(drawn.ravel(), minlength=n * draws).reshape(draws, n).astype(np.float32)


def compact(matrix: NDArray[Any]) -> Table:
    """A table to be multiplied by counts of draws, in the form that is fastest and exact.

    float32 where it holds whole numbers, whose sums are exact up to 2^24; sparse where most cells are empty, as of
    readers who each read a few of many cases.
    """
    whole = matrix.dtype == bool or bool((np.rint(matrix) == matrix).all())
    table = matrix.astype(np.float32 if whole else float)
    if np.count_nonzero(table) >= _SPARSE_BELOW * table.size:
        return table
    from scipy import sparse

    return sparse.csr_array(table)
