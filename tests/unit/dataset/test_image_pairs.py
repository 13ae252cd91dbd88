"""Pairs of images as one array."""

import numpy as np

from dermdash.dataset.image_pairs import joined, pairs_of, without


def test_a_pair_is_one_pair_whichever_image_comes_first() -> None:
    assert pairs_of([3, 1, 2, 1], [1, 3, 2, 0]).tolist() == [[0, 1], [1, 3]]
    assert pairs_of([], []).shape == (0, 2)


def test_parts_are_joined_without_repetition_and_taken_away() -> None:
    one, other = pairs_of([0, 5], [1, 2]), pairs_of([1, 100_000], [0, 2_000_000])
    assert joined(one, other).tolist() == [[0, 1], [2, 5], [100_000, 2_000_000]]
    assert joined().shape == (0, 2)
    assert without(joined(one, other), one).tolist() == [[100_000, 2_000_000]]
    assert joined(one, other).dtype == np.int64
