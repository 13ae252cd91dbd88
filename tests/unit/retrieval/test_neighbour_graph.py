"""The nearest neighbours of all points, against every distance written out."""

import numpy as np
import pytest

from dermdash.errors import InvalidInput
from dermdash.retrieval.neighbour_graph import nearest_of_all


@pytest.mark.parametrize(("n", "k"), [(5, 4), (300, 7), (1300, 5)])
def test_the_nearest_others_are_those_of_the_matrix_of_all_distances(n: int, k: int) -> None:
    points = np.random.default_rng(1).normal(size=(n, 9)).astype(np.float32)
    indices, distances = nearest_of_all(points, k)
    apart = np.linalg.norm(points[:, None].astype(float) - points, axis=2)
    np.fill_diagonal(apart, np.inf)
    np.testing.assert_allclose(distances, np.sort(apart, axis=1)[:, :k], rtol=1e-5)
    np.testing.assert_allclose(np.take_along_axis(apart, indices.astype(int), axis=1), distances, rtol=1e-5)


def test_copies_are_at_no_distance_and_no_point_is_its_own_neighbour() -> None:
    indices, distances = nearest_of_all(np.ones((600, 3), np.float32), 5)
    assert not distances.any()
    assert not (indices == np.arange(600)[:, None]).any()


def test_what_cannot_be_is_refused_and_the_work_can_be_stopped() -> None:
    points = np.zeros((4, 2), np.float32)
    with pytest.raises(InvalidInput, match="4 neighbours are not to be had among 4 points"):
        nearest_of_all(points, 4)
    points[0, 0] = np.nan
    with pytest.raises(InvalidInput, match="not all finite"):
        nearest_of_all(points, 2)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        nearest_of_all(np.eye(4, dtype=np.float32), 2, progress=stop)
