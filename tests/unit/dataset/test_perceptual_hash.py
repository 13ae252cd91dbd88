import io

import cv2
import imagehash
import numpy as np
import pytest
from PIL import Image
from tests.unit.dataset.image_factories import draw_lesion

from dermdash.dataset.perceptual_hash import hamming_distances, hash_values, perceptual_hash


def grey(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)


@pytest.mark.parametrize("seed", range(5))
def test_at_its_sampling_size_the_hash_is_that_of_imagehash(seed: int) -> None:
    """Independent implementation: imagehash.phash; equal bits once both see the same 32 x 32 sample."""
    small = grey(draw_lesion(32, 32, seed=seed))
    assert perceptual_hash(small) == str(imagehash.phash(Image.fromarray(small)))


def test_a_resized_and_recompressed_copy_keeps_its_hash_and_another_lesion_does_not() -> None:
    original = draw_lesion(240, 180, seed=1)
    buffer = io.BytesIO()
    Image.fromarray(original).resize((120, 90)).save(buffer, "JPEG", quality=60)
    copy = np.asarray(Image.open(buffer).convert("RGB"))
    one, same, other = hash_values([perceptual_hash(grey(p)) for p in (original, copy, draw_lesion(240, 180, seed=9))])
    assert hamming_distances(one, np.array([same]))[0] <= 6
    assert hamming_distances(one, np.array([other]))[0] >= 10


def test_distances_count_differing_bits_for_every_pair() -> None:
    values = hash_values(["0000000000000000", "ffffffffffffffff", "000000000000000f"])
    assert hamming_distances(values[:, None], values).tolist() == [[0, 64, 4], [64, 0, 60], [4, 60, 0]]
