"""Voting finds the planted pair first."""

import numpy as np
import pytest
from tests.unit.dataset.lesion_pairs import add_ruler_and_rim, paint, photograph_again

from dermdash.dataset.descriptor_index import DescriptorIndex, Vocabulary
from dermdash.dataset.local_descriptors import LocalDescriptors, describe_image


@pytest.fixture(scope="module")
def images() -> list[LocalDescriptors]:
    """Twelve lesions under one ruler, and the fourth photographed again."""
    lesions = [paint(seed) for seed in range(12)]
    pictures = [add_ruler_and_rim(lesion) for lesion in lesions]
    return [describe_image(p) for p in [*pictures, add_ruler_and_rim(photograph_again(lesions[4]))]]


def index_of(images: list[LocalDescriptors]) -> DescriptorIndex:
    vocabulary = Vocabulary.learn(images)
    return DescriptorIndex(vocabulary, images, [vocabulary.cells_of(vocabulary.project(i.vectors)) for i in images])


def test_the_planted_pair_gets_the_most_votes(images: list[LocalDescriptors]) -> None:
    found = index_of(images).candidates(np.ones(len(images), bool), per_image=3)
    assert (found[0].first, found[0].second) == (4, 12)
    assert found[0].votes > 2 * found[1].votes
    assert all(c.first < c.second for c in found)
    assert len({(c.first, c.second) for c in found}) == len(found)


def test_only_images_that_ask_get_candidates(images: list[LocalDescriptors]) -> None:
    asking = np.zeros(len(images), bool)
    asking[12] = True
    found = index_of(images).candidates(asking, per_image=3)
    assert len(found) == 3
    assert all(c.second == 12 for c in found)
    assert found[0].first == 4


def test_the_same_images_give_the_same_votes(images: list[LocalDescriptors]) -> None:
    everybody = np.ones(len(images), bool)
    assert index_of(images).candidates(everybody, per_image=2) == index_of(images).candidates(everybody, per_image=2)


def test_images_without_points_are_no_harm(images: list[LocalDescriptors]) -> None:
    empty = describe_image(np.zeros((50, 50, 3), np.uint8))
    found = index_of([empty, *images[:2], empty]).candidates(np.ones(4, bool), per_image=3)
    assert {(c.first, c.second) for c in found} <= {(1, 2)}
    assert index_of([empty, empty]).candidates(np.ones(2, bool), per_image=3) == []


def test_several_cells_find_what_one_cell_finds(images: list[LocalDescriptors]) -> None:
    vocabulary = Vocabulary.learn(images)
    assert len(vocabulary.centres) > 1
    assert vocabulary.cells_of(vocabulary.project(images[0].vectors)).shape == (len(images[0]), 4)
