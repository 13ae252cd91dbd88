import io
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dermdash.classifier.preprocessing import (
    centre_crop,
    four_views,
    load_square,
    load_squares,
    resized_side,
    to_rgb,
)
from dermdash.errors import InvalidInput, UnreadableImage, UnsafeUpload


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def test_the_study_resizes_to_280_for_an_input_of_224() -> None:
    assert resized_side(224) == 280
    assert resized_side(96) == 120


def test_the_shorter_side_is_resized_and_the_centre_kept() -> None:
    wide = np.zeros((60, 100, 3), np.uint8)
    wide[:, 20:80] = (10, 200, 30)
    square = load_square(encoded(Image.fromarray(wide)), side=30)
    assert square.shape == (30, 30, 3)
    assert square.dtype == np.uint8
    assert (square[:, 1:-1] == (10, 200, 30)).all()


def test_exif_orientation_is_undone() -> None:
    upright = np.zeros((40, 40, 3), np.uint8)
    upright[:20] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # stored turned: the viewer must rotate by 90 degrees clockwise
    stored = encoded(Image.fromarray(np.rot90(upright)), "JPEG", exif=exif, quality=95)
    square = load_square(stored, side=40)
    assert square[:15].mean() > 250
    assert square[25:].mean() < 5


@pytest.mark.parametrize(
    "image",
    [
        Image.new("CMYK", (40, 40), (0, 255, 255, 0)),
        Image.new("RGBA", (40, 40), (255, 0, 0, 255)),
        Image.new("RGB", (40, 40), (255, 0, 0)).convert("P", palette=Image.Palette.ADAPTIVE),
    ],
    ids=["CMYK", "RGBA", "palette"],
)
def test_every_colour_mode_becomes_rgb(image: Image.Image) -> None:
    assert np.abs(load_square(image, side=20).astype(int) - (255, 0, 0)).max() <= 3


def test_16_bit_grey_is_scaled_not_clipped() -> None:
    ramp = np.linspace(0, 65535, 40 * 40).reshape(40, 40).astype(np.uint16)
    square = load_square(encoded(Image.fromarray(ramp)), side=40)
    np.testing.assert_array_equal(square[..., 0], ramp // 257)


def test_floating_point_images_in_0_to_1_are_scaled() -> None:
    grey = to_rgb(Image.fromarray(np.full((4, 4), 0.5, np.float32)))
    assert np.asarray(grey).max() == 127


def test_jpeg_decoding_at_reduced_size_looks_the_same() -> None:
    rows, columns = np.mgrid[:512, :512] / 512
    smooth = np.stack([rows, columns, 1 - rows], axis=-1) * 255
    image = Image.fromarray(smooth.astype(np.uint8))
    from_file = load_square(encoded(image, "JPEG", quality=95), side=64).astype(int)
    assert np.abs(from_file - load_square(image, side=64)).max() <= 4


@pytest.mark.parametrize("damage", ["text", "truncated", "empty"])
def test_damaged_files_raise_unreadable_image_and_name_the_file(tmp_path: Path, damage: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    content = {
        "text": b"not an image",
        "truncated": encoded(Image.fromarray(noise), "JPEG")[:900],
        "empty": b"",
    }[damage]
    path = tmp_path / "ISIC_0000001.jpg"
    path.write_bytes(content)
    with pytest.raises(UnreadableImage, match="ISIC_0000001"):
        load_square(path, side=32)


def test_an_image_with_too_many_pixels_is_refused_before_decoding() -> None:
    header = bytearray(encoded(Image.new("L", (1, 1))))
    header[16:24] = (30_000).to_bytes(4, "big") * 2
    header[29:33] = zlib.crc32(header[12:29]).to_bytes(4, "big")
    with pytest.raises(UnsafeUpload, match="too many pixels"):
        load_square(bytes(header), side=32)


def test_many_images_come_in_order_and_a_bad_one_does_not_stop_the_rest(lesion_folder: Path) -> None:
    paths = sorted(lesion_folder.glob("*.png")) * 20
    paths[7] = lesion_folder / "absent.png"
    loaded = list(load_squares(iter(paths), side=24, workers=3))
    assert isinstance(loaded[7], UnreadableImage)
    for path, square in zip(paths, loaded, strict=True):
        if isinstance(square, np.ndarray):
            np.testing.assert_array_equal(square, load_square(path, side=24))
    assert sum(isinstance(square, np.ndarray) for square in loaded) == len(paths) - 1


def test_the_crop_is_central_and_larger_ones_are_refused() -> None:
    images = np.arange(10 * 10 * 3, dtype=np.uint8).reshape(1, 10, 10, 3)
    np.testing.assert_array_equal(centre_crop(images, 6), images[:, 2:8, 2:8])
    with pytest.raises(InvalidInput, match="12 px"):
        centre_crop(images, 12)


def test_the_four_views_are_flips_and_quarter_turns() -> None:
    image = np.zeros((1, 3, 3, 3), np.uint8)
    image[0, 0, 0] = 255
    corners = [tuple(int(x) for x in np.argwhere(view[0, :, :, 0])[0]) for view in four_views(image)]
    assert corners == [(0, 0), (0, 2), (2, 0), (0, 0)]
    asymmetric = np.arange(27, dtype=np.uint8).reshape(1, 3, 3, 3)
    assert len({view.tobytes() for view in four_views(asymmetric)}) == 4


def test_no_module_of_the_classifier_that_pages_import_loads_torch() -> None:
    code = (
        "import sys, dermdash.classifier.training, dermdash.classifier.inference, dermdash.classifier.checkpoints;"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
