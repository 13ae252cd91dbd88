import numpy as np
import pytest

from dermdash.errors import InvalidInput
from dermdash.retrieval.groups import connected_groups
from dermdash.retrieval.nearest_neighbours import NeighbourIndex


def together(labels: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in np.unique(labels)}


def test_images_linked_through_others_are_one_group() -> None:
    labels = connected_groups(
        6,
        {"file": ["x", "x", None, None, "y", None], "lesion": ["a", "b", "b", "c", "d", None]},
    )
    assert together(labels) == {frozenset({0, 1, 2}), frozenset({3}), frozenset({4}), frozenset({5})}


def test_equal_names_of_different_kinds_link_nothing() -> None:
    labels = connected_groups(2, {"lesion": ["7", None], "patient": [None, "7"]})
    assert len(together(labels)) == 2


def test_confirmed_pairs_link_groups() -> None:
    labels = connected_groups(4, {"lesion": ["a", "a", "b", "c"]}, [(1, 2)])
    assert together(labels) == {frozenset({0, 1, 2}), frozenset({3})}
    index = NeighbourIndex(
        np.random.default_rng(0).normal(size=(4, 3)),
        image_ids=list("wxyz"),
        groups={"lesion": ["a", "a", "b", "c"]},
        pairs=[("x", "y"), ("x", "not here")],
    )
    assert [n.image_id for n in index.neighbours_of("w", k=4)] == ["z"]


def test_no_images_and_no_groups_are_fine() -> None:
    assert len(connected_groups(0, {})) == 0
    assert len(together(connected_groups(3, {}))) == 3


def test_lengths_and_positions_that_do_not_fit_are_named() -> None:
    with pytest.raises(InvalidInput, match="lesion"):
        connected_groups(2, {"lesion": ["a"]})
    with pytest.raises(InvalidInput, match="outside"):
        connected_groups(2, {}, [(0, 2)])
