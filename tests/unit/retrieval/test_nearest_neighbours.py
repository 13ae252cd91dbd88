import numpy as np
import pytest

from dermdash.errors import InvalidInput, NotFound
from dermdash.retrieval.nearest_neighbours import NeighbourIndex


def make_index(count: int = 60, *, seed: int = 0, width: int = 16) -> NeighbourIndex:
    """Random features; images 3 i .. 3 i + 2 share a lesion, 6 i .. 6 i + 5 a patient."""
    features = np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)
    return NeighbourIndex(
        features,
        image_ids=[f"image_{i}" for i in range(count)],
        groups={
            "lesion_id": [f"lesion_{i // 3}" for i in range(count)],
            "patient_id": [f"patient_{i // 6}" if i < 30 else None for i in range(count)],
        },
    )


def test_neighbours_are_those_of_a_plain_cosine_computation() -> None:
    features = np.random.default_rng(3).normal(size=(200, 32))
    index = NeighbourIndex(features, image_ids=[str(i) for i in range(200)])
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    expected = np.argsort(-(unit @ unit[17]))[1:9]
    found = index.neighbours_of("17", k=8)
    assert [n.position for n in found] == expected.tolist()
    np.testing.assert_allclose([n.similarity for n in found], (unit @ unit[17])[expected], atol=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_a_lesion_never_retrieves_itself_nor_its_patient(seed: int) -> None:
    index = make_index(seed=seed)
    for i in range(len(index)):
        found = {n.position for n in index.neighbours_of(f"image_{i}", k=60)}
        assert all(j // 3 != i // 3 for j in found)
        if i < 30:
            assert all(j // 6 != i // 6 or j >= 30 for j in found)


def test_images_of_unknown_patients_are_not_taken_for_one_patient() -> None:
    found = {n.position for n in make_index().neighbours_of("image_30", k=60)}
    assert found == set(range(60)) - {30, 31, 32}


def test_an_image_from_elsewhere_can_be_kept_from_its_own_lesion_and_patient() -> None:
    index = make_index()
    query = np.random.default_rng(5).normal(size=16)
    excluded = index.same_group_as(["image_6", "not in the index"])
    assert np.flatnonzero(excluded).tolist() == [6, 7, 8, 9, 10, 11]
    assert set(range(6, 12)).isdisjoint(n.position for n in index.search(query, k=60, excluded=excluded))
    assert not index.same_group_as(["not in the index"]).any()


def test_a_filter_mask_limits_who_may_appear() -> None:
    index = make_index()
    allowed = np.arange(60) % 7 == 0
    found = index.neighbours_of("image_0", k=60, allowed=allowed)
    assert {n.position for n in found} == set(range(7, 60, 7))
    assert index.neighbours_of("image_0", k=5, allowed=np.zeros(60, dtype=bool)) == []


def test_a_narrow_filter_finds_the_same_as_filtering_afterwards() -> None:
    index = make_index()
    allowed = np.arange(60) >= 50
    everything = [n for n in index.neighbours_of("image_0", k=60) if n.position >= 50]
    narrow = index.neighbours_of("image_0", k=60, allowed=allowed)
    assert [n.position for n in narrow] == [n.position for n in everything]


def test_equal_similarities_come_in_index_order_even_at_the_cut() -> None:
    features = np.tile([1.0, 0.0], (10, 1))
    features[4] = (1.0, 1.0)
    index = NeighbourIndex(features, image_ids=list("abcdefghij"))
    assert [n.image_id for n in index.neighbours_of("a", k=3)] == ["b", "c", "d"]
    assert [n.image_id for n in index.neighbours_of("a", k=9)] == [*list("bcdfghij"), "e"]


def test_scaling_a_vector_changes_nothing() -> None:
    index = make_index()
    query = np.random.default_rng(6).normal(size=16)
    a, b = index.search(query, k=5), index.search(query * 1000, k=5)
    assert [n.position for n in a] == [n.position for n in b]
    assert all(-1.0 <= n.similarity <= 1.0 for n in a)


def test_images_without_a_prediction_are_never_neighbours_and_have_none() -> None:
    features = np.random.default_rng(1).normal(size=(6, 4))
    features[2] = np.nan
    features[3] = 0.0
    index = NeighbourIndex(features, image_ids=list("abcdef"))
    assert {n.image_id for n in index.neighbours_of("a", k=6)} == set("bef")
    with pytest.raises(NotFound, match="'c'"):
        index.neighbours_of("c", k=1)
    with pytest.raises(NotFound, match="'z'"):
        index.neighbours_of("z", k=1)


def test_the_callers_features_are_not_changed() -> None:
    features = np.full((2, 3), 2.0, dtype=np.float32)
    NeighbourIndex(features, image_ids=["a", "b"])
    assert (features == 2.0).all()


def test_input_that_does_not_fit_is_named() -> None:
    with pytest.raises(InvalidInput, match="3 image ids"):
        NeighbourIndex(np.ones((2, 4)), image_ids=["a", "b", "c"])
    with pytest.raises(InvalidInput, match="twice"):
        NeighbourIndex(np.ones((2, 4)), image_ids=["a", "a"])
    with pytest.raises(InvalidInput, match="lesion_id"):
        NeighbourIndex(np.ones((2, 4)), image_ids=["a", "b"], groups={"lesion_id": ["x"]})
    index = make_index()
    for vector in (np.ones(3), np.zeros(16), np.full(16, np.nan)):
        with pytest.raises(InvalidInput, match="16 finite numbers"):
            index.search(vector, k=1)
    with pytest.raises(InvalidInput, match="k must be"):
        index.search(np.ones(16), k=0)
    with pytest.raises(InvalidInput, match="mask"):
        index.search(np.ones(16), k=1, allowed=np.ones(3, dtype=bool))
