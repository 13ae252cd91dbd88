import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.unit.dataset.image_factories import draw_lesion

from dermdash.dataset.image_quality import estimate_technical_quality

LESION = draw_lesion(224, 168, seed=2, texture=25)


def blurred(pixels: np.ndarray, sigma: float) -> np.ndarray:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), np.uint8)


def brightened(pixels: np.ndarray, factor: float) -> np.ndarray:
    return np.clip(pixels * float(factor), 0, 255).astype(np.uint8)


def with_glare(pixels: np.ndarray, spots: int) -> np.ndarray:
    glared, rng = pixels.copy(), np.random.default_rng(1)
    height, width = pixels.shape[:2]
    for _ in range(spots):
        centre = (int(rng.integers(width // 4, 3 * width // 4)), int(rng.integers(height // 4, 3 * height // 4)))
        cv2.circle(glared, centre, 4, (255, 255, 255), -1)
    return glared


def test_a_sharp_well_lit_lesion_scores_5_without_a_driver() -> None:
    quality = estimate_technical_quality(LESION)
    assert (quality.score, quality.driver) == (5, "none")


def test_smooth_skin_around_a_sharp_lesion_is_not_blur() -> None:
    small = np.full((336, 448, 3), (205, 160, 140), np.uint8)
    small[126:210, 168:280] = cv2.resize(LESION, (112, 84), interpolation=cv2.INTER_AREA)
    assert estimate_technical_quality(small).score >= 4


@pytest.mark.parametrize(
    ("driver", "copies"),
    [
        ("sharpness", [blurred(LESION, s) for s in (0.7, 1, 1.5, 2.5, 4)]),
        ("exposure", [brightened(LESION, f) for f in (0.55, 0.4, 0.3, 0.2, 0.1)]),
        ("exposure", [brightened(LESION, f) for f in (1.2, 1.6, 2, 2.5, 3)]),
        ("glare", [with_glare(LESION, n) for n in (1, 3, 8, 20, 60)]),
    ],
)
def test_the_score_falls_step_by_step_and_names_its_driver(driver: str, copies: list[np.ndarray]) -> None:
    qualities = [estimate_technical_quality(c) for c in copies]
    scores = [q.score for q in qualities]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] == 1
    assert qualities[-1].driver == driver


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 500, 3), (7, 7, 3), (600, 3, 3)])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_tiny_and_flat_images_get_the_lowest_score_and_no_error(shape: tuple[int, ...], level: int) -> None:
    assert estimate_technical_quality(np.full(shape, level, np.uint8)).score == 1


@pytest.mark.shared_data
def test_real_images_mostly_score_3_to_5_and_fall_when_blurred(shared_data: Path) -> None:
    paths = sorted((shared_data / "ham10000" / "images").glob("*.jpg"))[::40]
    images = [np.asarray(cv2.cvtColor(cv2.imread(str(p)), cv2.COLOR_BGR2RGB), np.uint8) for p in paths]
    started = time.process_time()
    scores = np.array([estimate_technical_quality(i).score for i in images])
    assert (time.process_time() - started) / len(images) < 0.02
    assert (scores >= 3).mean() > 0.97
    means = [np.mean([estimate_technical_quality(blurred(i, s)).score for i in images]) for s in (0.5, 1, 2, 4)]
    assert [scores.mean(), *means] == sorted([scores.mean(), *means], reverse=True)
    assert means[-1] < 1.2
