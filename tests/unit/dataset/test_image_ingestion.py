import hashlib
import io
import pickle
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps
from tests.unit.dataset.image_factories import (
    draw_lesion,
    encode,
    exif_payload,
    huge_png,
    jpeg_segment,
    make_jpeg,
    make_zip,
    with_segments,
)

from dermdash.dataset.colour_profiles import standard
from dermdash.dataset.image_ingestion import ImageLimits, PreparedImage, prepare_entry, prepare_image
from dermdash.dataset.image_resizing import shrink, turn_upright
from dermdash.dataset.image_source import ImageSource
from dermdash.dataset.source_records import Exclusion
from dermdash.errors import EmptyImageFile, UnreadableImage, UnsafeUpload
from dermdash.settings import Settings


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_a_jpeg_is_prepared_without_its_metadata_and_with_both_hashes() -> None:
    source = with_segments(make_jpeg(width=600, height=450), jpeg_segment(0xFE, b"Secret"))
    image = prepare_image(source)
    assert b"Secret" not in image.data
    assert image.sha256 == hashlib.sha256(image.data).hexdigest()
    assert image.source_sha256 == hashlib.sha256(source).hexdigest() != image.sha256
    assert (image.format, image.width, image.height, image.orientation) == ("JPEG", 600, 450, 1)
    assert opened(image.thumbnail).size == (224, 168)
    assert len(image.phash) == 16
    assert image.quality.score >= 3


def test_copies_that_differ_in_metadata_only_have_one_stored_hash() -> None:
    plain, commented = make_jpeg(), with_segments(make_jpeg(), jpeg_segment(0xFE, b"Secret"))
    assert prepare_image(plain).sha256 == prepare_image(commented).sha256


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_thumbnail_is_upright_and_the_stored_pixels_are_untouched(orientation: int) -> None:
    source = with_segments(make_jpeg(width=320, height=200), jpeg_segment(0xE1, exif_payload(orientation)))
    image = prepare_image(source)
    assert (image.orientation, image.width, image.height) == (orientation, 320, 200)
    assert np.array_equal(np.asarray(opened(image.data)), np.asarray(opened(source)))
    assert opened(image.thumbnail).size == ((224, 140) if orientation < 5 else (140, 224))
    assert ImageOps.exif_transpose(opened(image.data)).size == ((320, 200) if orientation < 5 else (200, 320))
    assert b"Secret" not in image.data
    assert image.sha256 == hashlib.sha256(image.data).hexdigest()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turning_upright_agrees_with_pillow(orientation: int) -> None:
    pixels = draw_lesion(8, 6)
    turn = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}  # EXIF orientation to Pillow's transposition
    image = Image.fromarray(pixels)
    expected = image.transpose(Image.Transpose(turn[orientation])) if orientation > 1 else image
    assert np.array_equal(turn_upright(pixels, orientation), np.asarray(expected))


@pytest.mark.parametrize("image_format", ["TIFF", "WEBP"])
def test_other_formats_end_upright_too(image_format: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = prepare_image(encode(draw_lesion(320, 200), image_format, exif=exif))
    assert image.format == "PNG"
    assert opened(image.thumbnail).size == (140, 224)
    assert ImageOps.exif_transpose(opened(image.data)).size == (200, 320)


def test_16_bit_grey_is_stored_with_all_its_bits() -> None:
    deep = (np.arange(96 * 72, dtype=np.uint16) * 9).reshape(72, 96)
    assert np.array_equal(np.asarray(opened(prepare_image(encode(deep, "TIFF")).data)), deep)


@pytest.mark.parametrize(("width", "height"), [(600, 450), (450, 600), (225, 10), (1000, 1), (3000, 2), (447, 300)])
def test_shrinking_keeps_the_shape_and_the_mean_colour(width: int, height: int) -> None:
    pixels = draw_lesion(width, height)
    small = shrink(pixels, 224)
    assert max(small.shape[:2]) == 224
    assert small.shape[0] / small.shape[1] == pytest.approx(height / width, abs=0.01)
    assert np.abs(small.mean(axis=(0, 1)) - pixels.mean(axis=(0, 1))).max() < 8


def test_a_small_jpeg_is_its_own_thumbnail() -> None:
    image = prepare_image(make_jpeg())
    assert image.thumbnail == image.data


LESION = draw_lesion()
GREY = np.asarray(cv2.cvtColor(LESION, cv2.COLOR_RGB2GRAY))
ALPHA = np.dstack([LESION, np.full(LESION.shape[:2], 255, np.uint8)])


def saved(image: Image.Image, image_format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "tolerance"),
    [
        ("rgb png", encode(LESION, "PNG"), 0),
        ("rgba png", encode(ALPHA, "PNG"), 0),
        ("palette png", saved(Image.fromarray(LESION).quantize(256), "PNG"), 12),
        ("grey png", encode(GREY, "PNG"), 60),
        ("16-bit png", encode(GREY.astype(np.uint16) * 257, "PNG"), 60),
        ("grey jpeg", encode(GREY, "JPEG", quality=95), 60),
        ("cmyk jpeg", saved(Image.fromarray(LESION).convert("CMYK"), "JPEG", quality=95), 12),
        ("bmp", encode(LESION, "BMP"), 0),
        ("tiff", encode(LESION, "TIFF", compression="tiff_lzw"), 0),
        ("16-bit tiff", encode(GREY.astype(np.uint16) * 257, "TIFF"), 60),
        ("webp", encode(LESION, "WEBP", lossless=True), 0),
        ("animated webp", saved(Image.fromarray(LESION), "WEBP", lossless=True, save_all=True,
                                append_images=[Image.fromarray(255 - LESION)]), 0),
        ("animated png", saved(Image.fromarray(LESION), "PNG", save_all=True,
                               append_images=[Image.fromarray(255 - LESION)]), 0),
    ],
)  # fmt: skip
def test_every_kind_of_image_is_stored_as_jpeg_or_png_with_its_first_frame(
    name: str, data: bytes, tolerance: int
) -> None:
    image = prepare_image(data)
    assert image.format in ("JPEG", "PNG")
    stored, thumbnail = opened(image.data), opened(image.thumbnail)
    assert getattr(stored, "n_frames", 1) == 1
    assert (stored.size, thumbnail.size) == ((96, 72), (96, 72))
    if "16" not in name:
        difference = np.abs(np.asarray(stored.convert("RGB")).astype(int) - LESION)
        assert np.median(difference) <= tolerance
    shown = np.abs(np.asarray(thumbnail.convert("RGB")).astype(int) - LESION)
    assert np.median(shown) <= max(tolerance, 6), name


def test_the_thumbnail_of_an_image_with_a_colour_profile_has_the_standard_one() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = prepare_image(make_jpeg(width=400, height=300, icc_profile=profile))
    assert opened(image.thumbnail).info["icc_profile"] == standard("sRGB")


def test_an_empty_file_is_called_empty() -> None:
    with pytest.raises(EmptyImageFile):
        prepare_image(b"")


def test_a_png_of_30000_by_30000_pixels_is_refused_before_decoding() -> None:
    with pytest.raises(UnsafeUpload, match=r"30,000 x 30,000 pixels.*DERMDASH_MAX_IMAGE_MEGAPIXELS"):
        prepare_image(huge_png())


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "BMP", "TIFF", "WEBP"])
def test_the_pixel_limit_holds_for_every_format(image_format: str) -> None:
    with pytest.raises(UnsafeUpload, match="96 x 72"):
        prepare_image(encode(LESION, image_format), limits=ImageLimits(max_pixels=96 * 72 - 1))


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(UnsafeUpload, match="MB"):
        prepare_image(bytes(3_000_000), limits=ImageLimits(max_bytes=2_000_000))


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "TIFF", "WEBP", "BMP"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.95])
def test_truncated_images_are_unreadable(image_format: str, share: float) -> None:
    data = encode(draw_lesion(300, 200), image_format)
    with pytest.raises(UnreadableImage):
        prepare_image(data[: int(len(data) * share)])


@pytest.mark.parametrize(
    "data",
    [b"not an image", b"GIF89a" + bytes(50), b"%PDF-1.4", b"<svg/>", b"\xff\xd8\xff\xd9", b"\x89PNG\r\n\x1a\n"],
)
def test_what_is_no_supported_image_is_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadableImage):
        prepare_image(data)


def test_random_damage_never_causes_another_error() -> None:
    rng = np.random.default_rng(7)
    originals = [encode(draw_lesion(48, 40), f) for f in ("JPEG", "PNG", "TIFF", "WEBP", "BMP")]
    for _ in range(300):
        data = bytearray(originals[rng.integers(len(originals))])
        for _ in range(rng.integers(1, 8)):
            data[rng.integers(len(data))] = rng.integers(256)
        try:
            prepare_image(bytes(data), limits=ImageLimits(max_pixels=10**6))
        except (UnreadableImage, UnsafeUpload):
            continue


def test_a_chunk_gives_each_image_or_the_reason_it_is_left_out(tmp_path: Path) -> None:
    archive = make_zip(
        tmp_path / "z.zip",
        {"good.jpg": make_jpeg(), "empty.jpg": b"", "cut.jpg": make_jpeg()[:500], "huge.png": huge_png()},
    )
    source = ImageSource.open([archive])
    entries = [entry for name in source.names() if (entry := source.find(name))]
    good, *bad = pickle.loads(pickle.dumps([prepare_entry(entry) for entry in entries]))
    assert isinstance(good, PreparedImage)
    assert all(isinstance(b, Exclusion) for b in bad)
    assert [(b.image_id, b.reason) for b in bad] == [
        ("empty", "empty_file"), ("cut", "unreadable_image"), ("huge", "unsafe_image")
    ]  # fmt: skip
    assert "z.zip:cut.jpg" in bad[1].detail


def test_limits_follow_the_settings() -> None:
    limits = ImageLimits.from_settings(Settings(max_image_megapixels=2, max_image_megabytes=3))
    assert (limits.max_pixels, limits.max_bytes) == (2_000_000, 3_000_000)
