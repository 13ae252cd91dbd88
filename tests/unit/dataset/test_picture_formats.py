"""Every format of pictures: what is stored, what is said of it, and what is refused before it is decoded."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.unit.dataset.heic_files import LARGE, ONE, TWO
from tests.unit.dataset.image_factories import draw_lesion, encode, jpeg_segment, make_jpeg, with_segments

from dermdash.dataset.file_structure_check import surplus_in
from dermdash.dataset.image_decoding import DEEP, NO_COLOUR, PRINT_COLOURS, SEVERAL
from dermdash.dataset.image_ingestion import ImageLimits, prepare_image
from dermdash.dataset.image_source import ImageSource
from dermdash.dataset.picture_formats import format_of, pictures_in_jpeg
from dermdash.errors import UnreadableImage, UnsafeUpload
from dermdash.records.csv_table import IMAGE_SUFFIXES

LESION = draw_lesion(64, 48, texture=0.0)
SECRET = b"Secret"


def exif() -> Image.Exif:
    block = Image.Exif()
    block[0x010F], block[0x013B] = "SecretCamera", "Dr. Secret"
    return block


def several(image_format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    second = [Image.fromarray(255 - LESION)]
    Image.fromarray(LESION).save(buffer, image_format, save_all=True, append_images=second, **options)
    return buffer.getvalue()


ONE_PICTURE = {
    "BMP": encode(LESION, "BMP"),
    "GIF": encode(LESION, "GIF", comment=b"Dr. Secret"),
    "TIFF": encode(LESION, "TIFF", exif=exif()),
    "WEBP": encode(LESION, "WEBP", lossless=True, exif=exif(), xmp=b"<x>Dr. Secret</x>"),
    "AVIF": encode(LESION, "AVIF", quality=95, exif=exif(), xmp=b"<x>Dr. Secret</x>"),
    "HEIF": ONE,
    "JPEG2000": encode(LESION, "JPEG2000", comment="Dr. Secret"),
    "codestream": encode(LESION, "JPEG2000", no_jp2=True, comment="Dr. Secret"),
}
SEVERAL_PICTURES = {
    "GIF": several("GIF"),
    "TIFF": several("TIFF"),
    "WEBP": several("WEBP", lossless=True),
    "AVIF": several("AVIF", quality=95),
    "HEIF": TWO,
    "PNG": several("PNG"),
    "MPO": several("MPO", quality=95),
}


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def off_by(data: bytes) -> float:
    return float(np.median(np.abs(np.asarray(opened(data).convert("RGB"), np.int16) - LESION)))


@pytest.mark.parametrize("name", ONE_PICTURE)
def test_a_picture_of_another_format_is_stored_as_png_without_metadata(name: str) -> None:
    data = ONE_PICTURE[name]
    assert name in (format_of(data), "codestream")
    image = prepare_image(data)
    assert (image.format, image.width, image.height) == ("PNG", 64, 48)
    assert off_by(image.data) <= 6
    assert image.notes == ()
    assert SECRET not in image.data + image.thumbnail
    assert not surplus_in(image.data)


@pytest.mark.parametrize("name", SEVERAL_PICTURES)
def test_of_several_pictures_the_first_is_used_and_a_note_says_so(name: str) -> None:
    image = prepare_image(SEVERAL_PICTURES[name])
    assert off_by(image.data) <= 12
    assert image.notes == (SEVERAL,)
    assert getattr(opened(image.data), "n_frames", 1) == 1


def test_a_photograph_with_a_picture_index_of_one_is_one_picture() -> None:
    index = b"MPF\0" + b"MM\0*" + struct.pack(">IHHHIII", 8, 1, 0xB001, 4, 1, 1, 0)
    assert pictures_in_jpeg(with_segments(make_jpeg(), jpeg_segment(0xE2, index))) == 1
    three = index[:-8] + struct.pack(">II", 3, 0)
    assert pictures_in_jpeg(with_segments(make_jpeg(), jpeg_segment(0xE2, three))) == 3
    assert pictures_in_jpeg(with_segments(make_jpeg(), jpeg_segment(0xE2, b"MPF\0MM\0*\xff\xff\xff\xff"))) == 1
    assert pictures_in_jpeg(make_jpeg()) == 1


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (encode(LESION[:, :, 0], "JPEG"), NO_COLOUR),
        (encode(LESION[:, :, 0], "PNG"), NO_COLOUR),
        (encode(LESION[:, :, 0].astype(np.uint16) * 257, "PNG"), DEEP),
        (encode(LESION[:, :, 0].astype(np.uint16) * 257, "TIFF"), DEEP),
    ],
)
def test_what_is_lost_is_noted(data: bytes, note: str) -> None:
    assert note in prepare_image(data).notes


def test_print_colours_are_noted() -> None:
    for image_format in ("JPEG", "TIFF"):
        buffer = io.BytesIO()
        Image.fromarray(LESION).convert("CMYK").save(buffer, image_format)
        assert PRINT_COLOURS in prepare_image(buffer.getvalue()).notes


def claiming(data: bytes, width: int, height: int) -> bytes:
    """The file with another size in its header."""
    changed = bytearray(data)
    kind = format_of(data)
    if kind == "GIF":
        changed[6:10] = struct.pack("<HH", width, height)
        place = data.index(b"\x2c", 13 + 3 * 2 ** ((data[10] & 7) + 1))
        changed[place + 5 : place + 9] = struct.pack("<HH", width, height)
    elif kind == "BMP":
        changed[18:26] = struct.pack("<ii", width, height)
    elif kind == "JPEG2000":
        place = data.index(b"\xff\x4f\xff\x51") + 8
        changed[place : place + 8] = struct.pack(">II", width, height)
    else:
        place = -1
        while (place := data.find(b"ispe", place + 1)) >= 0:
            changed[place + 8 : place + 16] = struct.pack(">II", width, height)
    return bytes(changed)


@pytest.mark.parametrize("name", ["GIF", "BMP", "JPEG2000", "codestream", "AVIF", "HEIF"])
def test_too_many_pixels_are_refused_from_the_header(name: str) -> None:
    with pytest.raises(UnsafeUpload, match="pixels"):
        prepare_image(claiming(ONE_PICTURE[name], 30_000, 30_000))


def test_a_heic_that_crops_a_huge_picture_to_a_small_one_is_refused() -> None:
    assert b"clap" in ONE  # its 64 x 64 pixels are cropped to 64 x 48
    with pytest.raises(UnsafeUpload, match="20,000 x 20,000"):
        prepare_image(claiming(ONE, 20_000, 20_000))


def test_a_heic_larger_than_its_box_says_is_refused() -> None:
    with pytest.raises(UnreadableImage, match=r"[Ll]imit"):
        prepare_image(claiming(LARGE, 16, 16))


def test_jpeg_2000_may_have_a_quarter_of_the_pixels_as_its_decoder_needs_four_times_the_memory() -> None:
    data = ONE_PICTURE["JPEG2000"]
    assert prepare_image(data, limits=ImageLimits(max_pixels=64 * 48 * 4)).width == 64
    with pytest.raises(UnsafeUpload):
        prepare_image(data, limits=ImageLimits(max_pixels=64 * 48 * 4 - 4))


def test_a_box_before_a_jpeg_2000_does_not_say_its_size() -> None:
    data = ONE_PICTURE["JPEG2000"]
    picture, small = data.index(b"jp2c") - 4, encode(LESION[:4, :4], "JPEG2000", no_jp2=True)
    other = struct.pack(">I4s", 8 + len(small), b"free") + small
    with pytest.raises(UnsafeUpload):
        prepare_image(data[:picture] + other + data[picture:], limits=ImageLimits(max_pixels=64 * 48 * 4 - 4))


def test_jpeg_2000_of_thousands_of_components_is_refused() -> None:
    data = bytearray(ONE_PICTURE["codestream"])
    place = data.index(b"\xff\x4f\xff\x51") + 40
    data[place : place + 2] = struct.pack(">H", 16_000)
    with pytest.raises(UnsafeUpload, match="16,000 components"):
        prepare_image(bytes(data))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7 \n", "PDF"),
        (b"<!DOCTYPE html><html>404", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "Git LFS"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "video"),
        (b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom", "raw file"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"hello, world", "no picture of a format that is known"),
    ],
)
def test_a_file_of_no_format_that_is_read_is_named(data: bytes, words: str) -> None:
    with pytest.raises(UnreadableImage, match=words):
        prepare_image(data)


@pytest.mark.parametrize("name", [*ONE_PICTURE, "MPO"])
def test_truncated_and_randomly_damaged_files_never_cause_another_error(name: str) -> None:
    whole = ONE_PICTURE.get(name) or SEVERAL_PICTURES[name]
    rng = np.random.default_rng(7)
    for i in range(12):
        data = bytearray(whole[: int(len(whole) * (0.2 + 0.06 * i))] if i % 2 else whole)
        for place in rng.integers(12, len(data), 4):
            data[place] = rng.integers(256)
        try:
            prepare_image(bytes(data), limits=ImageLimits(max_pixels=10**6))
        except (UnreadableImage, UnsafeUpload):
            continue


def test_files_of_every_ending_are_listed(tmp_path: Path) -> None:
    for i, suffix in enumerate(sorted(IMAGE_SUFFIXES)):
        (tmp_path / f"{i}{suffix.upper() if i % 2 else suffix}").write_bytes(b"")
    assert len(ImageSource.open([tmp_path])) == len(IMAGE_SUFFIXES)
    assert {".heic", ".avif", ".gif", ".jp2", ".mpo", ".jfif", ".jpe", ".dcm"} <= IMAGE_SUFFIXES


def test_the_ending_of_a_name_does_not_decide_what_a_file_is() -> None:
    assert prepare_image(ONE_PICTURE["HEIF"]).format == "PNG"  # whatever its name was
    assert format_of(SEVERAL_PICTURES["MPO"]) == "JPEG"
