import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.unit.dataset.image_factories import draw_lesion, encode, huge_png

from dermdash.dataset.image_ingestion import ImageLimits
from dermdash.dataset.segmentation import prepare_mask
from dermdash.errors import UnfitMask, UnreadableImage, UnsafeUpload


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


@pytest.mark.parametrize("image_format", ["PNG", "BMP", "TIFF"])
@pytest.mark.parametrize("levels", [(0, 1), (0, 255), (0, 128), (10, 250)])
def test_a_mask_may_have_any_two_levels(levels: tuple[int, int], image_format: str) -> None:
    drawn = np.full((40, 60), levels[0], np.uint8)
    drawn[10:30, 20:50] = levels[1]
    assert prepare_mask(encode(drawn, image_format), limits=ImageLimits()).share == pytest.approx(600 / 2400)


def test_a_mask_has_the_size_of_its_image() -> None:
    mask = encode(np.full((40, 60), 255, np.uint8), "PNG")
    assert prepare_mask(mask, limits=ImageLimits(), size=(60, 40)).share == 1
    with pytest.raises(UnfitMask, match="60 x 40 pixels, its image 40 x 60"):
        prepare_mask(mask, limits=ImageLimits(), size=(40, 60))


@pytest.mark.parametrize("seed", range(4))
def test_a_photograph_is_no_mask_and_a_compressed_mask_is_one(seed: int) -> None:
    skin = draw_lesion(seed=seed)
    with pytest.raises(UnfitMask, match="photograph"):
        prepare_mask(encode(skin, "JPEG"), limits=ImageLimits())
    vignette = skin.copy()
    vignette[:8] = vignette[-8:] = 0
    with pytest.raises(UnfitMask, match="photograph"):
        prepare_mask(encode(vignette, "PNG"), limits=ImageLimits())
    mask = np.where(skin[..., 0] < 150, 255, 0).astype(np.uint8)
    compressed = prepare_mask(encode(mask, "JPEG", quality=30), limits=ImageLimits())
    assert compressed.share == pytest.approx(float((mask > 0).mean()), abs=0.02)


@pytest.mark.shared_data
def test_no_photograph_of_the_archives_is_taken_for_a_mask(shared_data: Path) -> None:
    taken = []
    for path in sorted((shared_data / "ham10000" / "images").iterdir())[::300]:
        try:
            prepare_mask(path.read_bytes(), limits=ImageLimits())
        except UnfitMask:
            continue
        taken.append(path.name)
    assert taken == []
