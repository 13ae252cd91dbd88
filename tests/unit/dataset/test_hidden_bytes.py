"""Names planted where a file has room for what no decoder reads: gone from what is stored, pixels equal, and named."""

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageCms
from tests.unit.dataset.image_factories import draw_lesion, encode, jpeg_segment, make_jpeg, png_chunk, with_segments

from dermdash.dataset import colour_profiles
from dermdash.dataset.deidentification import restore_orientation, strip_metadata
from dermdash.dataset.file_structure_check import KNOWN_PROFILES, surplus_in
from dermdash.dataset.image_ingestion import prepare_image
from dermdash.dataset.removed_parts import Removed

NAME = b"MUSTERMANN-1961"
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def profile_with_a_name() -> bytes:
    """A whole sRGB profile whose last tag is a text that nothing reads."""
    count = int.from_bytes(SRGB[128:132], "big")
    end = 132 + 12 * count
    moved = b"".join(
        struct.pack(">4sII", tag, offset + 12, size) for tag, offset, size in struct.iter_unpack(">4sII", SRGB[132:end])
    )
    text = b"text\0\0\0\0" + NAME
    entry = struct.pack(">4sII", b"targ", len(SRGB) + 12, len(text))
    data = SRGB[4:128] + struct.pack(">I", count + 1) + moved + entry + SRGB[end:] + text
    return struct.pack(">I", len(data) + 4) + data


def replaced(jpeg: bytes, marker: int, change: Callable[[bytes], bytes]) -> bytes:
    """The JPEG with the content of the first segment of a kind changed."""
    at = jpeg.index(bytes([0xFF, marker]))
    end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return jpeg[:at] + jpeg_segment(marker, change(jpeg[at + 4 : end])) + jpeg[end:]


def before_the_end(jpeg: bytes) -> bytes:
    return jpeg[:-2] + NAME + jpeg[-2:]


def unused_quantiser(jpeg: bytes) -> bytes:
    return with_segments(jpeg, jpeg_segment(0xDB, b"\x03" + (NAME * 8)[:64]))


def in_a_first_scan(jpeg: bytes) -> bytes:
    second = jpeg.index(b"\xff\xc4", jpeg.index(b"\xff\xda"))
    return jpeg[:second] + NAME + jpeg[second:]


JPEGS = {
    "text in an ICC segment": with_segments(make_jpeg(), jpeg_segment(0xE2, b"ICC_PROFILE\0\x01\x01" + NAME * 9)),
    "text tag of a profile": make_jpeg(icc_profile=profile_with_a_name()),
    "profile in pieces, and one more": with_segments(
        make_jpeg(icc_profile=SRGB), jpeg_segment(0xE2, b"ICC_PROFILE\0\x01\x02" + SRGB[:300]),
        jpeg_segment(0xE2, b"ICC_PROFILE\0\x02\x02" + SRGB[300:] + NAME),
    ),
    "after the JFIF header": replaced(make_jpeg(), 0xE0, lambda body: body[:12] + b"\x01\x05" + NAME),
    "two JFIF headers": with_segments(make_jpeg(), jpeg_segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0" + NAME)),
    "in Adobe's segment": with_segments(make_jpeg(), jpeg_segment(0xEE, b"Adobe\0\x64\0\0\0\0\x01" + NAME)),
    "in the flags of Adobe's segment": with_segments(make_jpeg(), jpeg_segment(0xEE, b"AdobeMUSTER\x01")),
    "in a table that nothing reads": unused_quantiser(make_jpeg()),
    "after the pixels": before_the_end(make_jpeg()),
    "after the pixels of a progressive one": before_the_end(make_jpeg(progressive=True)),
    "after the first scan": in_a_first_scan(make_jpeg(progressive=True)),
}  # fmt: skip


@pytest.mark.parametrize("kind", list(JPEGS))
def test_a_name_hidden_in_a_jpeg_is_found_by_the_check_and_not_stored(kind: str) -> None:
    planted = JPEGS[kind]
    assert surplus_in(planted) is not None
    prepared = prepare_image(planted)
    for file in (prepared.data, prepared.thumbnail):
        assert NAME not in file
        assert b"MUSTER" not in file
        assert surplus_in(file) is None
    with Image.open(io.BytesIO(planted)) as before, Image.open(io.BytesIO(prepared.data)) as after:
        assert np.array_equal(np.asarray(before), np.asarray(after))
    assert prepared.removed


def png(*, interlaced: bool = False, gamma: bool = False) -> bytes:
    """A small PNG of its own chunks; Adam7 where interlaced."""
    pixels = draw_lesion(19, 13)
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    rows = [pixels[y::dy, x::dx] for x, y, dx, dy in passes] if interlaced else [pixels]
    packed = b"".join(b"\0" + row.tobytes() for part in rows if part.size for row in part)
    header = struct.pack(">IIBBBBB", 19, 13, 8, 2, 0, 0, int(interlaced))
    before = [(b"gAMA", b"\0\0\xb1\x8f")] if gamma else []
    return made_of([(b"IHDR", header), *before, (b"IDAT", zlib.compress(packed)), (b"IEND", b"")])


def made_of(chunks: list[tuple[bytes, bytes]]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(kind, content) for kind, content in chunks)


def chunks_of(data: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 8
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        found.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def with_chunk(kind: bytes, content: bytes, **options: bool) -> bytes:
    *first, pixels, end = chunks_of(png(**options))
    return made_of([*first, (kind, content), pixels, end])


def more_rows(data: bytes) -> bytes:
    return made_of(
        [
            (kind, zlib.compress(zlib.decompress(content) + NAME) if kind == b"IDAT" else content)
            for kind, content in chunks_of(data)
        ]
    )


PNGS = {
    "after pHYs": with_chunk(b"pHYs", struct.pack(">IIB", 3000, 3000, 1) + NAME),
    "after gAMA": with_chunk(b"gAMA", struct.pack(">I", 45455) + NAME),
    "after sRGB": with_chunk(b"sRGB", b"\0" + NAME),
    "after cHRM": with_chunk(b"cHRM", struct.pack(">8I", *range(8)) + NAME),
    "in tRNS": with_chunk(b"tRNS", struct.pack(">3H", 1, 2, 3) + NAME),
    "name of a profile": with_chunk(b"iCCP", NAME + b"\0\0" + zlib.compress(SRGB)),
    "text tag of a profile": with_chunk(b"iCCP", b"icc\0\0" + zlib.compress(profile_with_a_name())),
    "after the packed profile": with_chunk(
        b"iCCP", b"icc\0\0" + zlib.compress(colour_profiles.standard("sRGB")) + NAME
    ),
    "after the pixels": png()[:-12] + png_chunk(b"IDAT", NAME) + png()[-12:],
    "below the last row": more_rows(png()),
    "below the last row of an interlaced one": more_rows(png(interlaced=True)),
    "instead of a resolution": with_chunk(b"pHYs", NAME[:4] * 2 + b"\0"),
    "instead of a unit": with_chunk(b"pHYs", bytes(8) + NAME[:1]),
    "instead of a gamma": with_chunk(b"gAMA", NAME[:4]),
    "instead of chromaticities": with_chunk(b"cHRM", (NAME * 8)[:32]),
    "in a palette that no pixel needs": with_chunk(b"PLTE", NAME * 3),
    "private chunk": with_chunk(b"prVt", NAME),
    "a second gAMA": with_chunk(b"gAMA", NAME[:4], gamma=True),
}


@pytest.mark.parametrize("kind", list(PNGS))
def test_a_name_hidden_in_a_png_is_found_by_the_check_and_not_stored(kind: str) -> None:
    planted = PNGS[kind]
    assert surplus_in(planted) is not None
    prepared = prepare_image(planted)
    for file in (prepared.data, prepared.thumbnail):
        assert NAME not in file
        assert NAME[:4] not in file
        assert surplus_in(file) is None
        assert all(NAME not in content for _, content in (chunks_of(file) if file[:4] == b"\x89PNG" else []))
    with Image.open(io.BytesIO(planted)) as before, Image.open(io.BytesIO(prepared.data)) as after:
        assert np.array_equal(np.asarray(before.convert("RGBA")), np.asarray(after.convert("RGBA")))
    assert prepared.removed


@pytest.mark.parametrize(
    "clean",
    [
        png(), png(interlaced=True), encode(draw_lesion(), "PNG"),
        make_jpeg(), make_jpeg(progressive=True), make_jpeg(optimize=True, restart_marker_rows=1),
    ],
)  # fmt: skip
def test_a_clean_file_stays_byte_for_byte_and_passes_the_check(clean: bytes) -> None:
    stripped = strip_metadata(clean)
    assert (stripped.data, stripped.removed) == (clean, ())
    assert surplus_in(clean) is None


@pytest.mark.parametrize("image_format", ["TIFF", "WEBP"])
def test_texts_of_a_profile_do_not_come_in_with_another_format(image_format: str) -> None:
    planted = encode(draw_lesion(), image_format, icc_profile=profile_with_a_name())
    assert NAME in planted
    prepared = prepare_image(planted)
    assert NAME not in prepared.data + prepared.thumbnail
    with Image.open(io.BytesIO(prepared.data)) as image:
        assert image.info["icc_profile"] == colour_profiles.standard("sRGB")
    assert Removed.CONTAINER in prepared.removed


def test_every_standard_profile_is_one_that_the_check_knows() -> None:
    assert {**colour_profiles.PUBLISHED, **colour_profiles.standard_hashes()} == KNOWN_PROFILES


def wide_gamut() -> bytes:
    """Display P3 as a phone might write it: its own texts, curves and sizes."""
    own = ImageCms.ImageCmsProfile(io.BytesIO(colour_profiles.standard("Display P3"))).tobytes()
    return own.replace(b"Display P3\0", b"Phone of X\0") + NAME


def test_the_standard_profile_shows_the_same_colours() -> None:
    pixels = draw_lesion()
    srgb = ImageCms.createProfile("sRGB")
    for given, name in ((SRGB, "sRGB"), (wide_gamut(), "Display P3")):
        prepared = prepare_image(encode(pixels, "PNG", icc_profile=given))
        with Image.open(io.BytesIO(prepared.data)) as image:
            kept = image.info["icc_profile"]
        assert kept == colour_profiles.standard(name)
        seen = [
            np.asarray(
                ImageCms.profileToProfile(Image.fromarray(pixels), ImageCms.ImageCmsProfile(io.BytesIO(profile)), srgb),
                np.int16,
            )
            for profile in (given, kept)
        ]
        assert np.abs(seen[0] - seen[1]).max() <= 1
        assert Removed.PROFILE in prepared.removed


def test_a_profile_like_no_standard_one_is_replaced_and_said_so() -> None:
    linear = bytearray(colour_profiles.standard("sRGB"))
    linear[linear.index(b"curv") + 12 :] = bytes(len(linear) - linear.index(b"curv") - 12)
    prepared = prepare_image(make_jpeg(icc_profile=bytes(linear)))
    assert Removed.PROFILE_COLOURS in prepared.removed


def test_a_turned_image_with_a_hidden_name_keeps_how_it_lies() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stripped = strip_metadata(before_the_end(make_jpeg(exif=exif)))
    stored = restore_orientation(stripped)
    assert stripped.orientation == 6
    assert surplus_in(stored) is None
    assert NAME not in stored
