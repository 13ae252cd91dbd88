import io

import numpy as np
import pytest
from image_factories import encode, huge_png
from PIL import Image

from dermdash.dataset.lesion_masks import prepare_mask
from dermdash.errors import EmptyImageFile, UnsafeUpload


@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "BMP"])
def test_a_mask_is_stored_with_two_levels_and_its_lesion_share(image_format: str) -> None:
    drawn = np.zeros((40, 60), np.uint8)
    drawn[10:30, 20:50] = 255
    mask = prepare_mask(encode(drawn, image_format))
    stored = np.asarray(Image.open(io.BytesIO(mask.data)))
    assert (mask.width, mask.height) == (60, 40)
    assert np.array_equal(stored, drawn)
    assert mask.lesion_share == pytest.approx(600 / 2400)


def test_bad_masks_are_refused_as_images_are() -> None:
    with pytest.raises(EmptyImageFile):
        prepare_mask(b"")
    with pytest.raises(UnsafeUpload):
        prepare_mask(huge_png())
