"""Exact similar images among a million: one query, filters, leave-lesion-out; and all against all of 6,000.

Beside it the product with all float32 features that a plain exact search needs, measured in turn on the same machine:
both wait for memory, so their ratio says more than either. faiss is measured too where it is installed (it is no
dependency).
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dermdash.analysis.retrieval_quality import score_retrieval
from dermdash.retrieval.nearest_neighbours import QUANTISED_FROM, NeighbourIndex
from tests.benchmarks.figures import Figure, percentiles

NAME = "retrieval"
WIDTH, K = 512, 8
_ROWS_AT_ONCE = 50_000
_CODES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")


def measure(*, quick: bool) -> list[Figure]:
    """A million images (quick: 250,000) with features of no structure (the hardest case) and like those of a CNN."""
    count, rounds = (QUANTISED_FROM + 50_000, 5) if quick else (1_000_000, 25)
    figures = []
    for kind in ("random", "like a CNN's"):
        figures += _search(kind, count, rounds)
    return figures + _all_against_all(1500 if quick else 6000)


def _features(kind: str, count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    matrix = np.empty((count, WIDTH), dtype=np.float32)
    directions = rng.standard_normal((24, WIDTH), dtype=np.float32) * np.float32(0.9) ** np.arange(24)[:, None]
    centres = 2 * rng.standard_normal((7, 24), dtype=np.float32)
    for start in range(0, count, _ROWS_AT_ONCE):
        piece = matrix[start : start + _ROWS_AT_ONCE]
        piece[:] = rng.standard_normal(piece.shape, dtype=np.float32)
        if kind != "random":
            # Seven clusters in few directions, pooled behind a ReLU.
            z = centres[np.arange(start, start + len(piece)) % 7] + rng.standard_normal(
                (len(piece), 24), dtype=np.float32
            )
            np.maximum(z @ directions.astype(np.float32) + np.float32(0.3) * piece, 0, out=piece)
    return matrix


def _search(kind: str, count: int, rounds: int) -> list[Figure]:
    rng = np.random.default_rng(0)
    matrix = _features(kind, count, rng)
    started = time.perf_counter()
    index = NeighbourIndex(
        matrix,
        image_ids=[f"ds:ISIC_{i:07d}" for i in range(count)],
        groups={"lesion": [f"L{i * 3 // 4}" for i in range(count)]},
        copy=False,
    )
    built = time.perf_counter() - started
    melanoma, half = np.arange(count) % 9 == 0, rng.random(count) < 0.5
    asked = iter(rng.integers(0, count, rounds + 1))
    milliseconds: dict[str, list[float]] = {}

    def timed(name: str, work: Callable[[], object]) -> None:
        begun = time.perf_counter()
        work()
        milliseconds.setdefault(name, []).append(1000 * (time.perf_counter() - begun))

    for turn in range(rounds + 1):
        query = int(next(asked))
        name = index.image_ids[query]
        timed("one query, its lesion left out", lambda name=name: index.neighbours_of(name, k=K))  # type: ignore[misc]
        timed("the same among every second image", lambda name=name: index.neighbours_of(name, k=K, allowed=half))  # type: ignore[misc]
        timed("the same among one class", lambda name=name: index.neighbours_of(name, k=K, allowed=melanoma))  # type: ignore[misc]
        timed("float32 product with all, alone", lambda query=query: matrix @ matrix[query])  # type: ignore[misc]
        if turn == 0:
            milliseconds.clear()  # the first warms up
    note = f"{count:,} x {WIDTH}, {kind}; load {os.getloadavg()[0]:.1f}"
    figures = [
        f for name, values in milliseconds.items() for f in percentiles(NAME, f"{kind}: {name}", values, note=note)
    ]
    ratios = [
        own / plain
        for own, plain in zip(
            milliseconds["one query, its lesion left out"], milliseconds["float32 product with all, alone"], strict=True
        )
    ]
    return [
        *figures,
        Figure(NAME, f"{kind}: query against that product", statistics.median(ratios), "", "below 1 = faster"),
        Figure(NAME, f"{kind}: building the index", built, "s", f"{count:,} images"),
        *_faiss(kind, matrix, rounds),
    ]


def _faiss(kind: str, matrix: NDArray[np.float32], rounds: int) -> list[Figure]:
    try:
        import faiss
    except ImportError:
        return []
    index = faiss.IndexScalarQuantizer(WIDTH, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
    index.train(matrix[:50_000])
    index.add(matrix)
    milliseconds = []
    for turn in range(rounds):
        begun = time.perf_counter()
        index.search(matrix[turn : turn + 1], K)
        milliseconds.append(1000 * (time.perf_counter() - begun))
    return percentiles(NAME, f"{kind}: faiss SQ8, not exact", milliseconds)


def _all_against_all(count: int) -> list[Figure]:
    rng = np.random.default_rng(1)
    index = NeighbourIndex(
        _features("like a CNN's", count, rng),
        image_ids=[str(i) for i in range(count)],
        groups={"lesion": [str(i * 3 // 4) for i in range(count)]},
    )
    started = time.perf_counter()
    score_retrieval(index, [_CODES[i % 7] for i in range(count)], k=20)
    return [Figure(NAME, "retrieval quality, all against all", time.perf_counter() - started, "s", f"{count:,} images")]
