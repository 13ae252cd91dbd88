"""Agreement of a map with a region: by hand, at the extremes, and against chance by simulation."""

import math

import numpy as np
import pytest

from dermdash.analysis.faithfulness import (
    centre_gaussian,
    iou_at,
    iou_best,
    iou_same_area,
    measure,
    points_inside,
    share_inside,
)
from dermdash.errors import InvalidInput

MAP = np.array([[0.0, 1.0, 2.0, 0.0], [0.0, 4.0, 3.0, 0.0], [0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
REGION = np.zeros((4, 4), bool)
REGION[1, :3] = True  # three pixels, with 0 + 4 + 3 of the 10 units of evidence


def disc(side: int = 56, x: float = 0.5, y: float = 0.5, radius: float = 0.2) -> np.ndarray:
    rows, columns = (np.mgrid[:side, :side] + 0.5) / side
    return np.asarray(np.hypot(rows - y, columns - x) < radius)


def test_figures_of_a_small_map_by_hand() -> None:
    assert share_inside(MAP, REGION) == pytest.approx(0.7)
    assert points_inside(MAP, REGION, tolerance=0) == 1.0
    assert iou_at(MAP, REGION, 0.5) == pytest.approx(2 / 4)  # 2, 4, 3 against the three of the region
    assert iou_at(MAP, REGION, 0.7) == pytest.approx(2 / 3)  # 4, 3
    assert iou_same_area(MAP, REGION) == pytest.approx(2 / 4)  # 4, 3, 2
    assert iou_best(MAP, REGION)[1] == pytest.approx(2 / 3)
    found = measure(MAP, REGION, tolerance=0)
    assert found is not None
    assert found.area == found.share_chance == found.pointing_chance == 3 / 16
    assert found.iou_same_area_chance == pytest.approx((3 / 16) / (2 - 3 / 16))
    # Three of 16 pixels reach half of the peak.
    assert found.iou_fixed_chance == pytest.approx((3 / 16) ** 2 / (2 * 3 / 16 - (3 / 16) ** 2))
    assert found.as_dict()["share"] == 0.7


def test_a_perfect_map_has_every_figure_at_one_and_its_inverse_at_zero() -> None:
    region = disc(x=0.4, y=0.45)
    perfect, inverse = measure(region.astype(float), region), measure((~region).astype(float), region)
    assert perfect is not None
    assert inverse is not None
    for name in ("share", "pointing", "iou_same_area", "iou_fixed", "iou_best"):
        assert getattr(perfect, name) == 1.0
    for name in ("share", "iou_same_area", "iou_fixed", "iou_best"):
        assert getattr(inverse, name) == 0.0
    assert points_inside((~region).astype(float), region, tolerance=0) == 0.0


def test_random_maps_come_to_the_stated_chance_levels() -> None:
    rng = np.random.default_rng(3)
    region = disc(x=0.35, y=0.6, radius=0.25)
    found = [measure(rng.random(region.shape), region) for _ in range(400)]
    for name in ("share", "pointing", "iou_same_area", "iou_fixed"):
        values = np.array([getattr(f, name) for f in found])
        chance = np.mean([getattr(f, f"{name}_chance") for f in found])
        assert values.mean() == pytest.approx(chance, abs=4 * values.std() / 20 + 0.002), name


def test_the_pointing_game_lets_the_peak_lie_beside_the_region_by_its_tolerance() -> None:
    saliency, region = np.zeros((1, 60)), np.zeros((1, 60), bool)
    saliency[0, 10] = 1.0
    region[0, 14:20] = True
    assert points_inside(saliency, region, tolerance=4 / 60) == 1.0
    assert points_inside(saliency, region, tolerance=3 / 60) == 0.0
    saliency[0, 16] = 1.0  # two peaks, one of them inside
    assert points_inside(saliency, region, tolerance=0) == 0.5


def test_a_centred_lesion_is_found_without_looking_and_the_centre_baseline_says_so() -> None:
    centred, aside = disc(), disc(x=0.15, y=0.15, radius=0.12)
    saliency = np.random.default_rng(1).random(centred.shape)
    in_the_middle, in_the_corner = measure(saliency, centred), measure(saliency, aside)
    assert in_the_middle is not None
    assert in_the_corner is not None
    assert in_the_middle.pointing_centre == 1.0
    assert in_the_middle.share_centre > 2 * in_the_middle.share_chance
    assert in_the_corner.pointing_centre == 0.0
    assert in_the_corner.share_centre < in_the_corner.share_chance


def test_scaling_flipping_and_turning_map_and_region_together_changes_nothing() -> None:
    saliency, region = np.random.default_rng(2).random((40, 40)), disc(40, x=0.3)
    one = measure(saliency, region)
    assert one == measure(7.5 * saliency, region)
    for turn in (np.fliplr, np.flipud, np.rot90, np.transpose):
        other = measure(turn(saliency), turn(region))
        assert one is not None
        assert other is not None
        assert other.as_dict() == pytest.approx(one.as_dict(), abs=1e-5)


def test_nothing_to_compare_is_said_and_not_a_number() -> None:
    nothing, nowhere = np.zeros((4, 4)), np.zeros((4, 4), bool)
    assert measure(nothing, REGION) is None
    assert measure(MAP, nowhere) is None
    assert math.isnan(share_inside(nothing, REGION))
    assert math.isnan(points_inside(nothing, REGION))
    assert math.isnan(iou_at(nothing, REGION))
    assert math.isnan(iou_same_area(MAP, nowhere))


@pytest.mark.parametrize(
    ("saliency", "region"),
    [(MAP[:2], REGION), (MAP, REGION.astype(int)), (-MAP, REGION), (np.where(MAP > 3, np.nan, MAP), REGION)],
)
def test_what_is_no_map_or_no_region_is_refused(saliency: np.ndarray, region: np.ndarray) -> None:
    with pytest.raises(InvalidInput):
        measure(saliency, region)


def test_the_centred_gaussian_is_symmetric_and_fits_the_proportions() -> None:
    wide = centre_gaussian(20, 40)
    assert wide.shape == (20, 40)
    np.testing.assert_allclose(wide, wide[::-1, ::-1])
    # A standard deviation of a fifth of the side: at 0.2 from the middle exp(-1/2) is left.
    assert np.interp(0.7, (np.arange(40) + 0.5) / 40, wide[10] / wide[10].max()) == pytest.approx(
        math.exp(-0.5), abs=0.01
    )
