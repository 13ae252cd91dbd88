"""Pairs of images by position as one array: millions of them fit where a set of tuples would not."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Pairs = NDArray[np.int64]
"""int64 (n, 2): first < second, each once, in order of both."""


def pairs_of(first: ArrayLike, second: ArrayLike) -> Pairs:
    """Return the pairs of positions, whichever of the two comes first, without those of an image and itself."""
    one, other = np.asarray(first, np.int64).ravel(), np.asarray(second, np.int64).ravel()
    low, high = np.minimum(one, other), np.maximum(one, other)
    different = low < high
    return _decoded(np.unique((low[different] << 32) | high[different]))


def joined(*parts: Pairs) -> Pairs:
    """Return the pairs that are in any part."""
    return _decoded(np.unique(np.concatenate([_code(part) for part in parts]))) if parts else pairs_of([], [])


def without(pairs: Pairs, others: Pairs) -> Pairs:
    """Return the pairs that are not among the others."""
    return pairs[~np.isin(_code(pairs), _code(others))]


def _code(pairs: Pairs) -> NDArray[np.int64]:
    return (pairs[:, 0] << 32) | pairs[:, 1]


def _decoded(code: NDArray[np.int64]) -> Pairs:
    return np.column_stack([code >> 32, code & 0xFFFFFFFF])
