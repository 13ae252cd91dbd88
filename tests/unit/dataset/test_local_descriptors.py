"""Local descriptors of good and of useless images."""

import numpy as np
import pytest
from tests.unit.dataset.lesion_pairs import SIDE, add_ruler_and_rim, paint

from dermdash.dataset.local_descriptors import MAX_POINTS, LocalDescriptors, describe_image
from dermdash.errors import InvalidInput


def test_a_textured_image_has_many_points_of_unit_length() -> None:
    described = describe_image(paint(1))
    assert 100 < len(described) <= MAX_POINTS
    assert np.allclose(np.linalg.norm(described.units, axis=1), 1, atol=1e-5)
    assert (described.points[:, :2] >= 0).all()
    assert (described.points[:, :2] <= SIDE).all()


def test_the_same_pixels_give_the_same_bytes() -> None:
    assert describe_image(paint(2)).to_bytes() == describe_image(paint(2)).to_bytes()


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((1, 900, 3), np.uint8),
        np.zeros((200, 200, 3), np.uint8),
        np.full((200, 200, 3), 255, np.uint8),
        np.full((64, 64, 3), (200, 150, 140), np.uint8),
    ],
)
def test_an_image_without_structure_has_no_points(pixels: np.ndarray) -> None:
    described = describe_image(pixels)
    assert len(described) == 0
    assert len(LocalDescriptors.from_bytes(described.to_bytes())) == 0


def test_packing_loses_nothing() -> None:
    described = describe_image(paint(3))
    again = LocalDescriptors.from_bytes(described.to_bytes())
    assert (again.points == described.points).all()
    assert (again.vectors == described.vectors).all()
    assert (again.width, again.height) == (SIDE, SIDE)


@pytest.mark.parametrize("cut", [0, 5, 40, -1])
def test_a_damaged_file_is_refused(cut: int) -> None:
    with pytest.raises(InvalidInput, match="damaged"):
        LocalDescriptors.from_bytes(describe_image(paint(3)).to_bytes()[:cut])


def test_a_large_image_is_described_at_working_size() -> None:
    large = np.repeat(np.repeat(paint(4), 4, axis=0), 4, axis=1)
    described = describe_image(large)
    assert (described.width, described.height) == (320, 320)


def test_the_rim_of_a_round_field_has_no_points() -> None:
    described = describe_image(add_ruler_and_rim(paint(5)))
    from_centre = np.hypot(*(described.points[:, :2] - SIDE / 2).T)
    assert len(described) > 50
    assert from_centre.max() < SIDE * 0.64
