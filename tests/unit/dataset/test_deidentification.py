import io

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps, PngImagePlugin
from tests.unit.dataset.image_factories import (
    draw_lesion,
    encode,
    exif_payload,
    jpeg_segment,
    make_jpeg,
    png_chunk,
    with_segments,
)

from dermdash.dataset.colour_profiles import standard
from dermdash.dataset.deidentification import restore_orientation, strip_metadata
from dermdash.dataset.exif_orientation import ORIENTATION_ONLY, read_orientation
from dermdash.dataset.file_structure_check import surplus_in
from dermdash.dataset.removed_parts import Removed
from dermdash.errors import UnreadableImage, UnsafeUpload

ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
SECRETS = (b"Secret", b"Exif", b"xap", b"Photoshop", b"GPS", b"hidden")


def pixels_of(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


def dirty_jpeg(**options: object) -> bytes:
    jpeg = with_segments(
        make_jpeg(icc_profile=ICC, **options),
        jpeg_segment(0xE1, exif_payload(6)),
        jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x>Secret</x>"),
        jpeg_segment(0xED, b"Photoshop 3.0\x008BIM Secret"),
        jpeg_segment(0xE2, b"MPF\0hidden"),
        jpeg_segment(0xE0, b"JFXX\0\x10hidden preview"),
        jpeg_segment(0xEF, b"Secret"),
        jpeg_segment(0xFE, b"Secret comment"),
    )
    return jpeg + b"hidden behind the end" + make_jpeg(seed=3)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}, {"restart_marker_blocks": 3}])
def test_a_jpeg_loses_every_marker_and_keeps_every_pixel(options: dict[str, object]) -> None:
    dirty = dirty_jpeg(**options)
    clean = strip_metadata(dirty)
    assert not any(secret in clean.data for secret in SECRETS)
    assert surplus_in(clean.data) is None
    assert np.array_equal(pixels_of(clean.data), pixels_of(dirty))
    assert (clean.format, clean.width, clean.height, clean.orientation) == ("JPEG", 96, 72, 6)


def test_a_colour_profile_becomes_the_standard_one_of_its_space() -> None:
    clean = strip_metadata(dirty_jpeg())
    assert clean.colour_profile
    assert Removed.PROFILE in clean.removed
    assert Image.open(io.BytesIO(clean.data)).info["icc_profile"] == standard("sRGB")


def test_a_cmyk_jpeg_keeps_its_adobe_marker_and_so_its_colours() -> None:
    pixels = draw_lesion()
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert("CMYK").save(buffer, "JPEG")
    dirty = with_segments(buffer.getvalue(), jpeg_segment(0xFE, b"Secret"))
    clean = strip_metadata(dirty)
    assert b"Adobe" in clean.data
    assert np.array_equal(pixels_of(clean.data), pixels_of(dirty))


def test_a_preview_inside_the_jfif_header_is_removed() -> None:
    plain = make_jpeg()
    length = int.from_bytes(plain[4:6], "big")
    with_preview = jpeg_segment(0xE0, plain[6:18] + b"\x02\x01" + b"secret")
    clean = strip_metadata(plain[:2] + with_preview + plain[4 + length :])
    assert b"secret" not in clean.data
    assert clean.data == plain


def test_a_clean_jpeg_is_returned_byte_for_byte() -> None:
    assert strip_metadata(make_jpeg()).data == make_jpeg()


def test_what_was_removed_is_named() -> None:
    assert set(strip_metadata(dirty_jpeg()).removed) == {
        Removed.EXIF, Removed.XMP, Removed.IPTC, Removed.PREVIEW, Removed.APPLICATION, Removed.COMMENT,
        Removed.PROFILE, Removed.TRAILER,
    }  # fmt: skip
    assert set(strip_metadata(dirty_png()).removed) == {
        Removed.EXIF, Removed.XMP, Removed.TEXT, Removed.PRIVATE, Removed.PROFILE, Removed.TRAILER,
    }  # fmt: skip
    assert strip_metadata(make_jpeg()).removed == ()


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_cut_anywhere_is_unreadable(share: float, progressive: bool) -> None:
    jpeg = make_jpeg(progressive=progressive)
    with pytest.raises(UnreadableImage):
        strip_metadata(jpeg[: int(len(jpeg) * share)])


def test_a_jpeg_without_its_last_byte_is_unreadable() -> None:
    with pytest.raises(UnreadableImage, match="truncated"):
        strip_metadata(make_jpeg()[:-1])


def test_a_jpeg_of_very_many_scans_is_refused() -> None:
    jpeg = make_jpeg(progressive=True)
    scan = jpeg[jpeg.rindex(b"\xff\xda") : -2]
    with pytest.raises(UnsafeUpload, match="scans"):
        strip_metadata(jpeg[:-2] + scan * 1000 + jpeg[-2:])


def dirty_png() -> bytes:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "Dr. Secret")
    notes.add_itxt("XML:com.adobe.xmp", "<x>Secret</x>")
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 8, "SecretCamera"
    data = encode(draw_lesion(), "PNG", pnginfo=notes, exif=exif, icc_profile=ICC, dpi=(300, 300))
    private = png_chunk(b"seCr", b"Secret") + png_chunk(b"tIME", bytes(7))
    return data[:33] + private + data[33:] + b"hidden behind the end"


def test_a_png_loses_every_note_and_keeps_pixels_profile_and_resolution() -> None:
    clean = strip_metadata(dirty_png())
    assert not any(secret in clean.data for secret in SECRETS)
    assert surplus_in(clean.data) is None
    assert np.array_equal(pixels_of(clean.data), draw_lesion())
    assert clean.orientation == 8
    with Image.open(io.BytesIO(clean.data)) as image:
        assert image.info["icc_profile"] == standard("sRGB")
        assert round(image.info["dpi"][0]) == 300


def test_a_transparent_palette_png_keeps_its_transparency() -> None:
    image = Image.fromarray(draw_lesion()).quantize(16)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", transparency=3)
    assert Image.open(io.BytesIO(strip_metadata(buffer.getvalue()).data)).info["transparency"] == 3


def test_a_cut_or_damaged_png_is_unreadable() -> None:
    png = encode(draw_lesion(), "PNG")
    for cut in (20, len(png) // 2, len(png) - 1):
        with pytest.raises(UnreadableImage, match="truncated"):
            strip_metadata(png[:cut])
    damaged = bytearray(png)
    damaged[len(png) // 2] ^= 0xFF
    with pytest.raises(UnreadableImage, match="checksum"):
        strip_metadata(bytes(damaged))


@pytest.mark.parametrize("block", [b"", b"II*\0", b"MM\0*\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff", b"junk" * 9])
def test_a_damaged_exif_block_means_upright(block: bytes) -> None:
    assert read_orientation(block) == 1


def upright(data: bytes) -> np.ndarray:
    return np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB"))


@pytest.mark.parametrize("dirty", [dirty_jpeg(), dirty_png(), dirty_jpeg(progressive=True)])
def test_the_orientation_is_all_that_comes_back(dirty: bytes) -> None:
    clean = restore_orientation(strip_metadata(dirty))
    assert surplus_in(clean) is None
    assert not any(secret in clean for secret in set(SECRETS) - {b"Exif"})
    assert np.array_equal(pixels_of(clean), pixels_of(dirty))
    assert np.array_equal(upright(clean), upright(dirty))
    assert dict(Image.open(io.BytesIO(clean)).getexif()) == {0x0112: strip_metadata(dirty).orientation}
    assert restore_orientation(strip_metadata(clean)) == clean


def test_an_upright_image_gets_no_exif_block() -> None:
    assert restore_orientation(strip_metadata(make_jpeg())) == make_jpeg()


def test_gps_in_the_same_exif_block_is_gone() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 12.0, 30.0)})
    clean = restore_orientation(strip_metadata(make_jpeg(exif=exif)))
    assert dict(Image.open(io.BytesIO(clean)).getexif().get_ifd(0x8825)) == {}
    assert upright(clean).shape[:2] == (96, 72)


def test_the_check_allows_exactly_one_orientation_block_and_not_one_byte_more() -> None:
    segment = next(block for block in ORIENTATION_ONLY if block.startswith(b"\xff\xe1"))
    assert surplus_in(with_segments(make_jpeg(), segment)) is None
    assert surplus_in(with_segments(make_jpeg(), segment, segment)) == "APP1 twice"
    assert surplus_in(with_segments(make_jpeg(), jpeg_segment(0xE1, segment[4:] + b"x"))) == "APP1"
    assert surplus_in(with_segments(make_jpeg(), jpeg_segment(0xE1, exif_payload(6)))) == "APP1"
