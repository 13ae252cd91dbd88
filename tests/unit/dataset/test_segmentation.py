import io

import numpy as np
import pytest
from PIL import Image
from tests.unit.dataset.image_factories import encode, huge_png

from dermdash.dataset.image_ingestion import ImageLimits
from dermdash.dataset.segmentation import prepare_mask
from dermdash.errors import UnreadableImage, UnsafeUpload


@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "BMP"])
def test_a_mask_is_stored_with_two_levels_and_its_lesion_share(image_format: str) -> None:
    drawn = np.zeros((40, 60), np.uint8)
    drawn[10:30, 20:50] = 255
    mask = prepare_mask(encode(drawn, image_format), limits=ImageLimits())
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(mask.data))), drawn > 0)
    assert mask.share == pytest.approx(600 / 2400)


@pytest.mark.parametrize("data", [b"", b"no image", encode(np.zeros((8, 8), np.uint8), "PNG")])
def test_a_mask_that_marks_nothing_is_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadableImage):
        prepare_mask(data, limits=ImageLimits())


def test_a_huge_mask_is_refused_before_decoding() -> None:
    with pytest.raises(UnsafeUpload):
        prepare_mask(huge_png(), limits=ImageLimits())
