"""PaCMAP: clusters stay apart, the same seed gives the same map, and sets that are no cloud of points do no harm.

How it compares with the authors' package is in docs/statistics.md: it cannot be installed beside dermdash.
"""

import numpy as np
import pytest
from numpy.typing import NDArray

from dermdash.retrieval.neighbour_graph import nearest_of_all
from dermdash.retrieval.pacmap import embedding_map


def clusters(n: int, groups: int = 6, width: int = 40, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Points around as many centres."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, groups, n)
    centres = 3 * rng.normal(size=(groups, width))
    return (centres[group] + rng.normal(size=(n, width))).astype(np.float32), group


def test_points_of_a_cluster_are_neighbours_on_the_map() -> None:
    features, group = clusters(900)
    found = embedding_map(features)
    nearest, _ = nearest_of_all(found.places, 10)
    assert (group[nearest] == group[:, None]).mean() > 0.99
    within = np.mean([found.places[group == g].std(axis=0).mean() for g in range(6)])
    assert found.places.std(axis=0).mean() > 4 * within


def test_the_same_seed_gives_the_same_map_and_progress_goes_to_its_end() -> None:
    features, _ = clusters(300)
    said: list[tuple[int, int]] = []
    one = embedding_map(features, seed=3, progress=lambda done, total: said.append((done, total)))
    assert np.array_equal(one.places, embedding_map(features, seed=3).places)
    assert said[-1] == (1000, 1000)
    assert said == sorted(said)


def test_a_point_alone_is_the_most_unlike_and_copies_are_not_unlike_at_all() -> None:
    features, _ = clusters(200)
    features[:12] = features[0]
    features[150] = -features.mean(axis=0)
    found = embedding_map(features)
    assert found.uniqueness.argmax() == 150
    np.testing.assert_allclose(found.uniqueness[:12], 0, atol=1e-3)
    assert set(found.nearest[:12]) <= set(range(12))


@pytest.mark.parametrize("n", [0, 1, 2, 5, 11, 12, 15])
def test_few_points_have_a_place_each(n: int) -> None:
    found = embedding_map(clusters(n)[0] if n else np.zeros((0, 4), np.float32))
    assert found.places.shape == (n, 2)
    assert np.isfinite(found.places).all()
    assert found.nearest.tolist() != list(range(n)) or n == 0


def test_identical_images_lie_in_one_place() -> None:
    found = embedding_map(np.ones((50, 8), np.float32))
    assert np.isfinite(found.places).all()
    assert np.ptp(found.places, axis=0).max() < 1e-3
    assert not found.uniqueness.any()
