"""Numbers and sums of clusters, against loops over the definition."""

import numpy as np
import pytest

from dermdash.analysis.clusters import cluster_covariance, clustering, numbered


@pytest.mark.parametrize(
    "labels",
    [[3, 1, 3, 7], [0, 1, 2, 1], [-2, 5, -2, 0], ["b", "a", "b", "c"], [10**9, 0, 10**9, 5], []],
)
def test_labels_of_every_kind_become_numbers_in_their_order(labels: list[object]) -> None:
    array = np.array(labels) if labels else np.empty(0, int)
    assert numbered(array).tolist() == np.unique(array, return_inverse=True)[1].tolist()


@pytest.mark.parametrize("again", [False, True])
def test_the_variance_of_readers_and_cases_is_that_of_loops_over_them(again: bool) -> None:
    """``again``: some readers read a case twice, so that cells hold several rows."""
    rng = np.random.default_rng(3)
    reader, case = np.repeat(np.arange(6), 9), np.tile(np.arange(9), 6)
    if again:
        reader, case = np.append(reader, [0, 1, 1]), np.append(case, [0, 4, 4])
    values = rng.normal(size=len(reader)) + rng.normal(size=6)[reader] + rng.normal(size=9)[case]
    influence = (values - values.mean()) / len(values)

    def one_way(labels: list[tuple[int, ...]]) -> float:
        groups = set(labels)
        sums = [sum(i for i, own in zip(influence, labels, strict=True) if own == label) for label in groups]
        return len(groups) / (len(groups) - 1) * sum(s * s for s in sums)

    rows = list(zip(reader.tolist(), case.tolist(), strict=True))
    expected = one_way([(r,) for r, _ in rows]) + one_way([(c,) for _, c in rows]) - one_way(rows)
    found, df, reason = cluster_covariance(influence[:, None], clustering(reader, case))
    assert found is not None
    assert found[0, 0] == pytest.approx(expected)
    assert df == pytest.approx(1 / sum((np.bincount(reader) / len(reader)) ** 2) - 1)
    assert (df == 5, reason) == (not again, None)
