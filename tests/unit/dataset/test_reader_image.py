import hashlib
import io

import numpy as np
import pytest
from PIL import Image, ImageDraw
from tests.unit.dataset.image_factories import make_jpeg

from dermdash.dataset.reader_image import LARGEST_MARGIN, reader_image, reader_picture


def skin(side: int = 200) -> Image.Image:
    """A dark spot on brown with some grain, which a codec cannot keep to the last bit."""
    y, x = np.mgrid[:side, : side * 3 // 2]
    inside = np.exp(-((y - side / 2) ** 2 + (x - side * 0.75) ** 2) / (side * 6))
    grain = np.random.default_rng(5).normal(0, 4, (*y.shape, 1))
    colour = np.array([190, 140, 115]) - inside[..., None] * np.array([110, 90, 70]) + grain
    return Image.fromarray(np.clip(colour, 0, 255).astype(np.uint8))


def saved(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def best_psnr(shown: np.ndarray, stored: np.ndarray) -> float:
    """Peak signal-to-noise ratio (dB) where the stored picture lies best within the shown one."""
    height, width = stored.shape[:2]
    errors = [
        np.mean((shown[y : y + height, x : x + width].astype(float) - stored) ** 2)
        for y in range(shown.shape[0] - height + 1)
        for x in range(shown.shape[1] - width + 1)
    ]
    return float(10 * np.log10(255**2 / min(errors)))


def test_the_eye_gets_the_whole_picture_and_a_hash_gets_another_one_in_each_study() -> None:
    stored = saved(skin(), "JPEG", quality=92)
    one, same, other = (reader_image(stored, key=key, longest_side=1200) for key in ("a", "a", "b"))
    assert one == same
    assert len({stored, one, other}) == 3
    digests = {hashlib.sha256(pixels(data).tobytes()).digest() for data in (stored, one, other)}
    assert len(digests) == 3
    for shown in (one, other):
        assert best_psnr(pixels(shown), pixels(stored)) > 38
        larger = np.array(pixels(shown).shape[:2]) - pixels(stored).shape[:2]
        assert (larger >= 1).all()
        assert (larger <= 2 * LARGEST_MARGIN).all()


def test_no_metadata_of_the_stored_file_leaves_and_a_turned_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "PLANTEDNAME"
    stored = saved(skin(), "JPEG", exif=exif, comment=b"PLANTEDNAME")
    shown = reader_image(stored, key="a", longest_side=1200)
    assert b"PLANTEDNAME" not in shown
    assert b"Exif" not in shown
    height, width = pixels(shown).shape[:2]
    assert height > width


def test_black_and_white_stay_what_they_are() -> None:
    for value in (0, 255):
        flat = Image.new("RGB", (64, 48), (value, value, value))
        shown = pixels(reader_image(saved(flat), key="a", longest_side=100)).astype(int)
        assert np.abs(shown - value).max() <= 4


def test_a_large_scan_is_made_smaller() -> None:
    shown = reader_image(saved(skin(500)), key="a", longest_side=100)
    assert max(pixels(shown).shape[:2]) <= 100 + 2 * LARGEST_MARGIN


@pytest.mark.parametrize("data", [b"", b"damaged", make_jpeg()[:200]])
def test_a_damaged_file_is_said(data: bytes) -> None:
    with pytest.raises((OSError, SyntaxError, ValueError)):
        reader_image(data, key="a", longest_side=100)


@pytest.mark.parametrize(("size", "orientation"), [((640, 480), 1), ((2400, 1800), 1), ((640, 480), 6)])
def test_where_the_image_lies_in_the_picture_is_known_to_the_pixel(size: tuple[int, int], orientation: int) -> None:
    """A dot of the upright image is found in the picture where its frame says."""
    width, height = size if orientation == 1 else size[::-1]
    upright = Image.new("RGB", (width, height), (200, 160, 140))
    dot = (width * 0.7, height * 0.3)
    ImageDraw.Draw(upright).ellipse((dot[0] - 20, dot[1] - 20, dot[0] + 20, dot[1] + 20), fill=(20, 20, 20))
    stored = upright.transpose(Image.Transpose.ROTATE_90) if orientation == 6 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    stored.save(buffer, "JPEG", quality=95, exif=exif)
    picture = reader_picture(buffer.getvalue(), key="secret", longest_side=1200)
    assert (picture.frame.width, picture.frame.height) == (width, height)
    with Image.open(io.BytesIO(picture.data)) as shown:
        pixels = np.asarray(shown.convert("L"))
    assert pixels.shape == (picture.frame.picture_height, picture.frame.picture_width)
    rows, columns = np.nonzero(pixels < 90)
    found = picture.frame.to_image((columns.mean() + 0.5, rows.mean() + 0.5))
    assert found == pytest.approx(dot, abs=1.5)
