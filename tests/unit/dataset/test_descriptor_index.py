"""Voting finds the planted pair first."""

import numpy as np
import pytest
from tests.unit.dataset.lesion_pairs import add_ruler_and_rim, paint, photograph_again

from dermdash.dataset import descriptor_index
from dermdash.dataset.descriptor_index import Candidates, DescriptorIndex, Vocabulary
from dermdash.dataset.local_descriptors import LocalDescriptors, describe_image


@pytest.fixture(scope="module")
def images() -> list[LocalDescriptors]:
    """Twelve lesions under one ruler, and the fourth photographed again."""
    lesions = [paint(seed) for seed in range(12)]
    pictures = [add_ruler_and_rim(lesion) for lesion in lesions]
    return [describe_image(p) for p in [*pictures, add_ruler_and_rim(photograph_again(lesions[4]))]]


def index_of(images: list[LocalDescriptors]) -> DescriptorIndex:
    vocabulary = Vocabulary.learn(images, sum(map(len, images)))
    return DescriptorIndex(vocabulary, images, [vocabulary.cells_of(vocabulary.project(i.vectors)) for i in images])


def pairs(found: Candidates) -> list[tuple[int, int]]:
    return list(zip(found.first.tolist(), found.second.tolist(), strict=True))


def test_the_planted_pair_gets_the_most_votes(images: list[LocalDescriptors]) -> None:
    found = index_of(images).candidates(np.ones(len(images), bool), per_image=3)
    assert pairs(found)[0] == (4, 12)
    assert found.votes[0] > 2 * found.votes[1]
    assert (found.first < found.second).all()
    assert len(set(pairs(found))) == len(found)


def test_only_images_that_ask_get_candidates(images: list[LocalDescriptors]) -> None:
    asking = np.zeros(len(images), bool)
    asking[12] = True
    found = index_of(images).candidates(asking, per_image=3)
    assert len(found) == 3
    assert (found.second == 12).all()
    assert found.first[0] == 4


def test_the_same_images_give_the_same_votes(images: list[LocalDescriptors]) -> None:
    everybody = np.ones(len(images), bool)
    once, again = (index_of(images).candidates(everybody, per_image=2) for _ in range(2))
    assert pairs(once) == pairs(again)
    np.testing.assert_array_equal(once.votes, again.votes)


def test_few_images_at_a_time_find_what_all_at_once_find(
    images: list[LocalDescriptors], monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = np.ones(len(images), bool)
    whole = index_of(images).candidates(everybody, per_image=2)
    for name in ("_IMAGES_PER_ROUND", "_IMAGES_AT_ONCE", "_PAIRS_AT_ONCE"):
        monkeypatch.setattr(descriptor_index, name, 5)
    shares: list[float] = []
    parted = index_of(images).candidates(everybody, per_image=2, progress=shares.append)
    assert pairs(parted) == pairs(whole)
    np.testing.assert_array_equal(parted.votes, whole.votes)
    assert shares == sorted(shares)
    assert shares[-1] <= 1


def test_images_without_points_are_no_harm(images: list[LocalDescriptors]) -> None:
    empty = describe_image(np.zeros((50, 50, 3), np.uint8))
    found = index_of([empty, *images[:2], empty]).candidates(np.ones(4, bool), per_image=3)
    assert set(pairs(found)) <= {(1, 2)}
    assert len(index_of([empty, empty]).candidates(np.ones(2, bool), per_image=3)) == 0


def test_several_cells_find_what_one_cell_finds(images: list[LocalDescriptors]) -> None:
    vocabulary = Vocabulary.learn(images, sum(map(len, images)))
    assert len(vocabulary.centres) > 1
    assert vocabulary.cells_of(vocabulary.project(images[0].vectors)).shape == (len(images[0]), 4)
