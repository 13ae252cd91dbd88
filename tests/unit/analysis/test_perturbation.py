"""Insertion and deletion on outputs that are known exactly."""

import numpy as np
import pytest

from dermdash.analysis.perturbation import (
    STEPS,
    PerturbationCurves,
    blurred,
    control_maps,
    curve_area,
    mean_colour,
    perturbation_curves,
    replaced,
)
from dermdash.errors import InvalidInput

SIDE = 28
ROWS, COLUMNS = np.mgrid[:SIDE, :SIDE]
LESION = np.hypot(ROWS - 8, COLUMNS - 18) < 5
IMAGE = np.where(LESION[..., None], 255, 0).astype(np.uint8).repeat(3, axis=2)[..., :3]


def white_share(images: np.ndarray) -> np.ndarray:
    """An output that sees how much of the lesion is white: rises with every pixel of it, and with nothing else."""
    return np.asarray((images[..., 0] > 250)[:, LESION].mean(axis=1), float)


def test_a_map_of_what_the_output_uses_falls_and_rises_at_once_and_its_inverse_at_last() -> None:
    good, bad = LESION.astype(float), (~LESION).astype(float)
    curves = perturbation_curves(IMAGE, {"good": good, "bad": bad}, white_share)
    area = LESION.mean()
    for name, curve in curves.items():
        assert curve.deletion[0] == 1.0, name
        assert curve.deletion[-1] == 0.0, name
        assert curve.insertion[-1] == 1.0, name
        assert (np.diff(curve.deletion) <= 0).all(), name
        assert (np.diff(curve.insertion) >= 0).all(), name
    # All of the lesion is among the first pixels, one step after its own area.
    step = int(np.ceil(area * STEPS))
    assert curves["good"].deletion[step] == 0.0
    assert curves["good"].insertion[step] == 1.0
    assert curves["bad"].deletion[STEPS - step - 1] == 1.0
    assert curve_area(curves["good"].deletion) < 0.1
    assert curve_area(curves["bad"].deletion) > 0.85
    assert curve_area(curves["good"].insertion) > 0.9
    assert curve_area(curves["bad"].insertion) < 0.15


def test_pixels_are_replaced_in_equal_parts_the_most_salient_first() -> None:
    saliency = np.random.default_rng(5).random((SIDE, SIDE))
    start, end = np.zeros((SIDE, SIDE, 3), np.uint8), np.full((SIDE, SIDE, 3), 9, np.uint8)
    images = replaced(start, end, saliency, steps=7)
    for step, image in enumerate(images):
        chosen = image[..., 0] == 9
        assert chosen.sum() == SIDE * SIDE * step / 7
        if 0 < step < 7:
            assert saliency[chosen].min() > saliency[~chosen].max()
    np.testing.assert_array_equal(start, 0)


def test_equal_saliency_favours_no_side() -> None:
    start, end = np.zeros((SIDE, SIDE, 3), np.uint8), np.ones((SIDE, SIDE, 3), np.uint8)
    half = replaced(start, end, np.zeros((SIDE, SIDE)), steps=2)[1][..., 0]
    for part in (half[:14], half[14:], half[:, :14], half[:, 14:]):
        assert part.mean() == pytest.approx(0.5, abs=0.08)
    np.testing.assert_array_equal(half, replaced(start, end, np.zeros((SIDE, SIDE)), steps=2)[1][..., 0])


def test_the_area_is_that_of_trapezoids() -> None:
    values = np.array([1.0, 0.4, 0.2])
    assert curve_area(values) == pytest.approx(np.trapezoid(values, dx=0.5))
    assert curve_area(np.ones(5)) == 1.0
    assert PerturbationCurves(values, values).as_dict() == {"deletion": [1.0, 0.4, 0.2], "insertion": [1.0, 0.4, 0.2]}


def test_baselines_keep_the_colours_and_lose_the_detail() -> None:
    image = np.random.default_rng(1).integers(0, 256, (56, 42, 3), dtype=np.uint8)
    np.testing.assert_array_equal(mean_colour(image)[3, 4], image.mean(axis=(0, 1)).round())
    soft = blurred(image)
    assert soft.shape == image.shape
    assert soft.std() < 0.25 * image.std()
    np.testing.assert_allclose(soft.mean(axis=(0, 1)), image.mean(axis=(0, 1)), atol=4)


def test_controls_are_repeatable_and_know_nothing_of_the_image() -> None:
    one, same, other = (control_maps(56, 56, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one["random"], same["random"])
    assert not np.array_equal(one["random"], other["random"])
    assert one["random"].shape == one["centre"].shape == (56, 56)
    assert one["random"].min() >= 0
    many = np.mean([control_maps(56, 56, seed=seed)["random"] for seed in range(300)], axis=0)
    np.testing.assert_allclose(many, 0.5, atol=0.1)


def test_a_map_of_another_size_is_refused() -> None:
    with pytest.raises(InvalidInput):
        replaced(IMAGE, IMAGE, np.zeros((4, 4)))
