"""Pairs of 64-bit hashes that differ in few bits, found through buckets of their parts and never by comparing all.

Each hash is four parts of 16 bits. Two hashes that differ in at most 7 bits have a part that differs in at most one: so
each query looks into the buckets of its parts and of their neighbours by one bit (multi-index hashing, Norouzi et al.,
CVPR 2012). Buckets that are fuller than `CROWDED` hold pictures without structure; they are skipped and counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CROWDED = 4000
_PARTS = 4
_BLOCK = 4_000_000
_Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class HashPairs:
    """``query``, ``entry``: positions; ``distance``: bits that differ; ``crowded``: lookups left out of so many."""

    query: _Index
    entry: _Index
    distance: NDArray[np.uint8]
    crowded: int
    lookups: int


def near_hashes(
    queries: NDArray[np.uint64],
    entries: NDArray[np.uint64],
    *,
    most: int,
    neighbours: bool = True,
    not_self: Callable[[_Index, _Index], NDArray[np.bool_]] | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> HashPairs:
    """Pairs of a query and an entry that differ in at most ``most`` bits.

    Complete for at most 7 bits with ``neighbours``, for at most 3 without; beyond that the more bits, the fewer are
    found.

    Parameters
    ----------
    not_self
        Which pairs (positions) count at all.
    """
    found: list[tuple[_Index, _Index, NDArray[np.uint8]]] = []
    crowded = lookups = 0
    flips = [0, *(1 << bit for bit in range(16))] if neighbours else [0]
    for part in range(_PARTS):
        shift = np.uint64(16 * part)
        key = (entries >> shift).astype(np.uint16)
        order = np.argsort(key, kind="stable")
        starts = np.searchsorted(key[order], np.arange(65537))
        asked = (queries >> shift).astype(np.uint16)
        for place, flip in enumerate(flips):
            probe = asked ^ np.uint16(flip)
            first, last = starts[probe], starts[probe.astype(np.int64) + 1]
            size = last - first
            full = size > CROWDED
            crowded += int(full.sum())
            lookups += len(size)
            size = np.where(full, 0, size)
            for block in _blocks(size):
                rows = np.repeat(np.arange(block.start, block.stop), size[block])
                within = np.arange(len(rows)) - np.repeat(np.cumsum(size[block]) - size[block], size[block])
                hits = order[np.repeat(first[block], size[block]) + within]
                distance = np.bitwise_count(queries[rows] ^ entries[hits])
                near = distance <= most
                rows, hits, distance = rows[near], hits[near], distance[near]
                if not_self is not None and len(rows):
                    kept = not_self(rows, hits)
                    rows, hits, distance = rows[kept], hits[kept], distance[kept]
                if len(rows):
                    found.append((rows, hits, distance))
            progress((part + (place + 1) / len(flips)) / _PARTS)
    if not found:
        nothing = np.zeros(0, np.int64)
        return HashPairs(nothing, nothing, np.zeros(0, np.uint8), crowded, lookups)
    rows, hits, distance = (np.concatenate(parts) for parts in zip(*found, strict=True))
    _, single = np.unique(rows * len(entries) + hits, return_index=True)
    return HashPairs(rows[single], hits[single], distance[single], crowded, lookups)


def _blocks(size: _Index) -> list[slice]:
    """Slices of queries whose pairs together fit into memory."""
    if not len(size):
        return []
    ends = np.cumsum(size)
    blocks, start, before = [], 0, 0
    while start < len(size):
        stop = max(start + 1, int(np.searchsorted(ends, before + _BLOCK, side="right")))
        blocks.append(slice(start, stop))
        before, start = int(ends[stop - 1]), stop
    return blocks
