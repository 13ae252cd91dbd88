"""Synthetic lesions: each class paints, reproducibly, with a sensible mask and with the faults asked for."""

import cv2
import numpy as np
import pytest

from dermdash.dataset.synthetic import draw_appearance, paint_lesion
from dermdash.dataset.synthetic.appearance import LesionAppearance
from dermdash.errors import InvalidInput
from dermdash.records.fields import COLORS, STRUCTURES
from dermdash.records.taxonomy import HAM7


def paint(dx: str = "nv", *, seed: int = 1, **options: object) -> tuple[np.ndarray, np.ndarray]:
    return paint_lesion(dx=dx, rng=np.random.default_rng(seed), **{"size": (225, 300), **options})  # type: ignore[arg-type]


def appearance_of(dx: str, seed: int = 0) -> LesionAppearance:
    return draw_appearance(dx=dx, rng=np.random.default_rng(seed), lookalike_share=0)


def sharpness(rgb: np.ndarray) -> float:
    return float(cv2.Laplacian(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), cv2.CV_64F).var())


@pytest.mark.parametrize("dx", HAM7.codes)
def test_each_class_paints_a_picture_with_a_mask_of_a_sensible_share(dx: str) -> None:
    shares = []
    for seed in range(4):
        rgb, mask = paint(dx, seed=seed)
        assert rgb.shape == (225, 300, 3)
        assert rgb.dtype == mask.dtype == np.uint8
        assert set(np.unique(mask)) == {0, 255}
        shares.append((mask > 0).mean())
    assert min(shares) > 0.01
    assert max(shares) < 0.65


@pytest.mark.parametrize("dx", HAM7.codes)
def test_the_lesion_differs_in_colour_from_the_skin_around_it(dx: str) -> None:
    appearance = appearance_of(dx)
    rgb, mask = paint(dx, appearance=appearance, artefact_names=())
    inside, outside = rgb[mask > 0].mean(axis=0), rgb[mask == 0].mean(axis=0)
    assert np.abs(inside - outside).max() > 8


def test_the_same_seed_paints_the_same_bytes_and_another_seed_does_not() -> None:
    first, again, other = paint(seed=5), paint(seed=5), paint(seed=6)
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert (first[0] != other[0]).mean() > 0.5


def test_another_capture_turns_the_same_lesion() -> None:
    one = paint(capture_rng=np.random.default_rng(1), artefact_names=())
    two = paint(capture_rng=np.random.default_rng(2), artefact_names=())
    assert (one[1] != two[1]).any()
    areas = [(mask > 0).mean() for _, mask in (one, two)]
    assert max(areas) / min(areas) < 2
    colours = [rgb[mask > 0].mean(axis=0) for rgb, mask in (one, two)]
    assert np.abs(colours[0] - colours[1]).max() < 45


def test_faults_change_what_they_name() -> None:
    sound = paint(artefact_names=())[0]
    assert sharpness(paint(artefact_names=(), faults=["blur"])[0]) < 0.3 * sharpness(sound)
    assert paint(artefact_names=(), faults=["dark"])[0].mean() < 0.6 * sound.mean()
    glare = paint(artefact_names=(), faults={"glare": 0.9})[0]
    assert (glare.min(axis=2) > 245).mean() > (sound.min(axis=2) > 245).mean() + 0.02


def test_a_more_severe_blur_is_less_sharp() -> None:
    mild, severe = (paint(artefact_names=(), faults={"blur": severity})[0] for severity in (0.2, 0.9))
    assert sharpness(severe) < sharpness(mild)


def test_darker_phototypes_give_darker_skin() -> None:
    lightness = [
        paint(fitzpatrick_type=phototype, artefact_names=(), appearance=appearance_of("nv"))[0][:20].mean()
        for phototype in ("I", "II", "III", "IV", "V", "VI")
    ]
    assert lightness == sorted(lightness, reverse=True)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"dx": "wart"}, "wart"),
        ({"faults": ["rain"]}, "rain"),
        ({"artefact_names": ("sticker",)}, "sticker"),
        ({"fitzpatrick_type": "VII"}, "VII"),
    ],
)
def test_what_is_unknown_is_named_with_what_is_known(options: dict[str, object], named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        paint(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize("dx", HAM7.codes)
def test_appearance_speaks_the_words_of_the_information_model(dx: str) -> None:
    for seed in range(30):
        appearance = draw_appearance(dx=dx, rng=np.random.default_rng(seed), lookalike_share=0.5)
        assert appearance.dx == dx
        assert set(appearance.dermoscopic_structures) <= set(STRUCTURES)
        assert appearance.dominant_colors
        assert set(appearance.dominant_colors) <= set(COLORS)
        assert appearance.border_regularity in ("regular", "irregular", "ill_defined")


def test_without_lookalikes_every_lesion_wears_its_own_pattern() -> None:
    assert {appearance_of(dx, seed).looks_like == dx for dx in HAM7.codes for seed in range(10)} == {True}
