"""What a PNG holds where nobody sees it does not come along, and what is seen stays equal."""

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from dermdash.dataset.file_structure_check import surplus_in
from dermdash.dataset.image_ingestion import prepare_image
from dermdash.dataset.png_parts import png_chunk
from dermdash.dataset.removed_parts import Removed

NAME = b"Erika Mustermann, 12.03.1961"


def lesion(width: int = 40, height: int = 30) -> NDArray[np.uint8]:
    rng = np.random.default_rng(5)
    return rng.integers(90, 200, (height, width, 3)).astype(np.uint8)


def saved(image: Image.Image, kind: str = "PNG", **how: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **how)
    return buffer.getvalue()


def stored(data: bytes) -> tuple[Image.Image, bytes, tuple[Removed, ...]]:
    made = prepare_image(data)
    image = Image.open(io.BytesIO(made.data))
    image.load()
    return image, made.data, made.removed


def on_white(image: Image.Image) -> NDArray[np.uint8]:
    rgba = image.convert("RGBA")
    return np.asarray(Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB"))


def rows_of(data: bytes) -> bytes:
    """All unpacked bytes of the image's rows, whatever the chunks."""
    packed, at = b"", 8
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        packed += data[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    return zlib.decompress(packed)


def raw_png(width: int, height: int, depth: int, colour: int, rows: list[bytes], *more: tuple[bytes, bytes]) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    chunks = [(b"IHDR", header), *more, (b"IDAT", body), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(kind, content) for kind, content in chunks)


def hidden_under(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGBA with the name as the colours of pixels that nobody sees."""
    rgba = np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
    letters = np.frombuffer(NAME + b" " * (-len(NAME) % 3), np.uint8).reshape(-1, 3)
    rgba[0, : len(letters), :3] = letters
    rgba[0, : len(letters), 3] = 0
    return rgba


@pytest.mark.parametrize(("kind", "how"), [("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True, "exact": True})])
def test_colours_under_transparent_pixels_go_and_the_image_looks_the_same(kind: str, how: dict[str, object]) -> None:
    given = Image.fromarray(hidden_under(lesion()))
    data = saved(given, kind, **how)
    assert NAME[:12] in np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))[0, :, :3].tobytes()
    image, file, removed = stored(data)
    assert image.mode == "RGB"
    assert np.array_equal(np.asarray(image), on_white(given))
    assert NAME[:12] not in np.asarray(image).tobytes()
    assert surplus_in(file) is None
    assert (Removed.TRANSPARENT if kind == "PNG" else Removed.CONTAINER) in removed


def test_the_check_finds_what_the_removal_would_leave() -> None:
    assert surplus_in(saved(Image.fromarray(hidden_under(lesion())))) == "pixels that are transparent"
    grey = raw_png(9, 1, 1, 0, [b"\xaa\xff"])
    assert surplus_in(grey) == "rows that end within a byte"
    palette = NAME.ljust(30, b"\0")
    assert surplus_in(raw_png(2, 1, 8, 3, [b"\0\1"], (b"PLTE", palette))) == "colours of a palette that no pixel has"
    assert surplus_in(raw_png(2, 1, 8, 3, [b"\0\1"], (b"PLTE", b"abcdef"), (b"tRNS", b"xy"))) == "tRNS"


def test_an_image_that_hides_nothing_keeps_its_bytes() -> None:
    opaque = np.dstack([lesion(), np.full((30, 40), 255, np.uint8)])
    for image in (Image.fromarray(opaque), Image.fromarray(lesion()), Image.fromarray(lesion()[:, :, 0])):
        data = saved(image)
        assert stored(data)[1] == data


def test_grey_under_transparency_stays_grey() -> None:
    rgba = hidden_under(lesion())
    grey = Image.merge("LA", [Image.fromarray(rgba[:, :, 0]), Image.fromarray(rgba[:, :, 3])])
    image, _, _ = stored(saved(grey))
    assert image.mode == "L"
    assert np.array_equal(np.asarray(image.convert("RGB")), on_white(grey))


def test_letters_in_the_low_half_of_a_deep_transparency_go_and_the_colours_keep_16_bits() -> None:
    deep = (np.random.default_rng(3).integers(0, 65536, (12, 40, 4))).astype(np.uint16)
    deep[:, :, 3] = 65535
    _, opaque = cv2.imencode(".png", deep)
    kept = cv2.imdecode(np.frombuffer(prepare_image(opaque.tobytes()).data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(kept, deep[:, :, :3])
    deep[0, : len(NAME), 3] = 0xFF00 | np.frombuffer(NAME, np.uint8).astype(np.uint16)
    _, hiding = cv2.imencode(".png", deep)
    image, file, removed = stored(hiding.tobytes())
    assert image.mode == "RGB"
    assert Removed.TRANSPARENT in removed
    assert NAME[:6] not in rows_of(file)


def test_colours_of_a_palette_that_no_pixel_has_are_black() -> None:
    used = bytes([200, 150, 120, 60, 40, 30])
    data = raw_png(40, 2, 8, 3, [b"\0\1" * 20, b"\1\0" * 20], (b"PLTE", used + NAME.ljust(30, b"\0")))
    image, file, removed = stored(data)
    assert NAME not in file
    assert Removed.HIDDEN in removed
    assert np.array_equal(np.asarray(image.convert("RGB")), np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))
    assert stored(file)[1] == file


def test_the_transparency_of_a_palette_has_no_room_for_letters() -> None:
    palette = bytes([200, 150, 120, 60, 40, 30]) + bytes(3 * 40)
    seen = raw_png(2, 1, 8, 3, [b"\0\1"], (b"PLTE", palette), (b"tRNS", b"\xff\xff" + NAME))
    image, file, _ = stored(seen)
    assert NAME not in file
    assert np.array_equal(np.asarray(image.convert("RGB")), [[[200, 150, 120], [60, 40, 30]]])
    half = raw_png(2, 1, 8, 3, [b"\0\1"], (b"PLTE", palette), (b"tRNS", b"\xff\x80"))
    image, file, removed = stored(half)
    assert Removed.TRANSPARENT in removed
    assert np.array_equal(np.asarray(image), on_white(Image.open(io.BytesIO(half))))


def test_writing_in_the_one_colour_that_is_transparent_goes() -> None:
    row = bytes([9, 9, 9, 200, 150, 120, 9, 9, 9])
    given = raw_png(3, 1, 8, 2, [row], (b"tRNS", struct.pack(">HHH", 9, 9, 9)))
    image, _, _ = stored(given)
    assert np.asarray(image).tolist() == [[[255] * 3, [200, 150, 120], [255] * 3]]


def test_bits_that_fill_up_a_row_go() -> None:
    given = raw_png(9, 2, 1, 0, [b"\xaa\x80", b"\x55\x7f"])
    image, file, removed = stored(given)
    assert Removed.HIDDEN in removed
    assert np.array_equal(np.asarray(image.convert("RGB")), np.asarray(Image.open(io.BytesIO(given)).convert("RGB")))
    assert surplus_in(file) is None
