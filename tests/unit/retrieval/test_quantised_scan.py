"""The first pass over 8-bit codes never loses a neighbour, whatever the features look like."""

import numpy as np
import pytest

from dermdash.retrieval.nearest_neighbours import NeighbourIndex
from dermdash.retrieval.quantised_scan import QuantisedScan, kth_largest


def features_like(kind: str, count: int, rng: np.random.Generator) -> np.ndarray:
    width = 40
    noise = rng.normal(size=(count, width))
    if kind == "normal":
        return noise
    if kind == "pooled behind a ReLU":
        return np.maximum(rng.normal(size=(count, 4)) @ rng.normal(size=(4, width)) + 0.2 * noise, 0) + 1e-9
    if kind == "nearly all the same":
        return 1 + 1e-4 * noise
    if kind == "many equal":
        return rng.integers(0, 2, (count, 3)) @ rng.normal(size=(3, width)) + 1
    if kind == "a few enormous numbers":
        noise[:, 7] *= 50
        noise[::97] *= 1e6
        return noise
    raise AssertionError(kind)


@pytest.mark.parametrize(
    "kind", ["normal", "pooled behind a ReLU", "nearly all the same", "many equal", "a few enormous numbers"]
)
@pytest.mark.parametrize("share", [1.0, 0.5])
def test_the_answer_is_that_of_comparing_everything(kind: str, share: float) -> None:
    rng = np.random.default_rng(len(kind))
    features = features_like(kind, 3000, rng)
    features[5] = np.nan
    options = {"image_ids": [str(i) for i in range(3000)], "groups": {"lesion": [str(i // 3) for i in range(3000)]}}
    coded = NeighbourIndex(features, **options, quantised_from=1)  # type: ignore[arg-type]
    plain = NeighbourIndex(features, **options)  # type: ignore[arg-type]
    assert coded._scan is not None
    assert plain._scan is None
    allowed = rng.random(3000) < share
    for i in rng.choice(3000, 25, replace=False):
        if i != 5:
            found = coded.neighbours_of(str(i), k=8, allowed=allowed)
            assert found == plain.neighbours_of(str(i), k=8, allowed=allowed)
            unit = plain._matrix.astype(np.float64)
            scores = unit @ unit[i]
            scores[~allowed | (np.arange(3000) // 3 == i // 3)] = -2
            scores[5] = -2
            best = np.sort(scores)[::-1][:8]
            np.testing.assert_allclose([n.similarity for n in found], best.clip(-1, 1), atol=1e-9)


def test_the_first_pass_drops_nearly_everything_and_nothing_that_counts() -> None:
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(5000, 64)).astype(np.float32)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    scan = QuantisedScan(matrix)
    for query in matrix[:20]:
        kept = scan.possible_neighbours(query, k=5, candidates=np.ones(5000, dtype=bool))
        assert set(np.argsort(-(matrix @ query))[:5]) <= set(kept.tolist())
        assert len(kept) < 500


@pytest.mark.parametrize("count", [1, 7, 100_000])
def test_the_kth_largest_is_that_of_sorting(count: int) -> None:
    values = np.random.default_rng(count).normal(size=count).astype(np.float32)
    values[::3] = values[0]
    for k in (1, 5, 7, 100):
        assert kth_largest(values, k) == np.sort(values)[::-1][min(k, count) - 1]


def test_unit_rows_are_used_as_they_are_and_others_normalised_in_place() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(50, 8)).astype(np.float32)
    index = NeighbourIndex(rows, image_ids=[str(i) for i in range(50)], copy=False)
    assert index._matrix is rows or np.shares_memory(index._matrix, rows)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    rows.flags.writeable = False  # as a read-only memory map
    again = NeighbourIndex(rows, image_ids=[str(i) for i in range(50)], copy=False)
    assert np.shares_memory(again._matrix, rows)
    assert again.neighbours_of("3", k=4) == index.neighbours_of("3", k=4)
