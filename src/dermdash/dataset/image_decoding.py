"""From bytes to RGB pixels, once, with every guard before the decoder runs."""

import io
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dermdash.dataset.deidentification import StrippedImage, can_strip, strip_metadata
from dermdash.dataset.dicom_reading import dicom_picture
from dermdash.dataset.jpeg_damage import CheckedJpeg, JpegDamage, check_jpeg
from dermdash.dataset.jpeg_level_jump import LEAST_JUMP, level_jump
from dermdash.dataset.picture_formats import (
    AVIF,
    DICOM,
    HEIF,
    JPEG2000,
    format_of,
    jpeg2000_size,
    pictures_in_jpeg,
    shown_by_browsers,
    sizes_in_boxes,
    why_not_read,
)
from dermdash.dataset.png_unseen import without_unseen
from dermdash.dataset.removed_parts import Removed, in_order
from dermdash.errors import UnreadableImage, UnsafeUpload
from dermdash.wording import number

PNG_COMPRESSION = 3
LONGEST_SIDE = 65_535
"""Of a JPEG, and more than any camera makes; encoders fail on longer rows."""
JPEG2000_SHARE = 4
"""Its decoder needs 18 bytes per pixel, four times what the others do: it may have so many times fewer pixels."""
MOST_COMPONENTS = 4
DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    RuntimeError,
    struct.error,
    zlib.error,
    MemoryError,
)

SEVERAL = "The file holds more than one picture; the first one is used."
PRINT_COLOURS = "The colours were converted from CMYK (print); small differences in colour are possible."
DEEP = "The image has 16 bits per pixel; 8 are used."
NO_COLOUR = "The image has no colour, which the classifier relies on."
UNEVEN = "The file seems damaged: its brightness jumps where the JPEG goes on from one block to the next."
DAMAGED = "The file is damaged: data of the image are left over, so that a part of it may be wrong."


@dataclass(frozen=True, slots=True)
class DecodedPicture:
    """The first picture of a file.

    ``stripped`` is the file to store (JPEG or PNG without metadata), ``pixels`` are its RGB pixels (height x width x 3)
    as stored, not turned upright. ``notes`` say in sentences what was done to it or is wrong with it; ``damaged``:
    something is. ``details`` are what the file says of how it was taken (polarisation, contact), by name.
    """

    stripped: StrippedImage
    pixels: NDArray[np.uint8]
    notes: tuple[str, ...] = ()
    damaged: bool = False
    details: Mapping[str, str] = field(default_factory=dict)


def read_picture(data: bytes, *, max_pixels: int) -> DecodedPicture:
    """Read a file that comes from elsewhere, its damage included.

    16-bit, palette, grey and CMYK images become 8-bit RGB pixels, while the bytes of JPEG and PNG files stay as they
    are, in DICOM files too.

    Raises
    ------
    UnsafeUpload
        More pixels than allowed (read from the header, before decoding).
    UnreadableImage
        No image of a supported format, or a truncated or damaged one.
    """
    kind = format_of(data)
    if kind == DICOM:
        return _read_dicom(data, max_pixels)
    if kind is None:
        raise UnreadableImage(why_not_read(data))
    if kind not in ("JPEG", "PNG"):
        return _read_other(data, kind, max_pixels)
    stripped = strip_metadata(data, check_size=_at_most(max_pixels))
    # As the file came: bytes too many among those of its pixels are a sign of damage, and are gone by now.
    checked = check_jpeg(data) if kind == "JPEG" else CheckedJpeg()
    if checked.damage is JpegDamage.MISSING:
        raise UnreadableImage("a damaged JPEG: the data end before the image does, and its rest would be made up")
    pixels = _pixels(stripped, max_pixels)
    jumps = checked.units is not None and level_jump(pixels, checked.units) > LEAST_JUMP
    wrong = DAMAGED if checked.damage is not None else UNEVEN if jumps else None
    notes = (*_notes_of(data, stripped), *([wrong] if wrong else []))
    if kind == "JPEG" and not shown_by_browsers(stripped.data):
        stripped = _anew(stripped, pixels)
    stripped = without_unseen(stripped, pixels) if kind == "PNG" else _without_surplus(stripped, pixels)
    return DecodedPicture(stripped, pixels, notes, damaged=wrong is not None)


def decode(data: bytes, *, max_pixels: int) -> tuple[StrippedImage, NDArray[np.uint8]]:
    """Return the file without metadata and its RGB pixels (height x width x 3) as stored, not turned upright.

    For what the workspace stores, which was looked at when it came: damage that leaves a JPEG decodable is not
    looked for. Raises as `read_picture`.
    """
    if not can_strip(data):
        picture = read_picture(data, max_pixels=max_pixels)
        return picture.stripped, picture.pixels
    stripped = strip_metadata(data, check_size=_at_most(max_pixels))
    pixels = _pixels(stripped, max_pixels)
    return _without_surplus(stripped, pixels), pixels


def _without_surplus(stripped: StrippedImage, pixels: NDArray[np.uint8]) -> StrippedImage:
    return _anew(stripped, pixels) if stripped.surplus_in_scans else stripped


def _anew(stripped: StrippedImage, pixels: NDArray[np.uint8]) -> StrippedImage:
    """The same pixels as a PNG, where the JPEG cannot be stored as it is."""
    return replace(_as_png(Image.fromarray(pixels)), orientation=stripped.orientation, removed=stripped.removed)


def _at_most(max_pixels: int) -> Callable[[int, int], None]:
    return lambda width, height: check_pixels(width, height, max_pixels)


def _pixels(stripped: StrippedImage, max_pixels: int) -> NDArray[np.uint8]:
    if stripped.format == "JPEG" and stripped.channels in (1, 3):
        try:
            pixels = cv2.imdecode(np.frombuffer(stripped.data, np.uint8), cv2.IMREAD_COLOR_RGB)
        except cv2.error as error:
            raise UnreadableImage(f"the JPEG cannot be decoded: {error.err}") from error
        if pixels is not None:
            return np.asarray(pixels, np.uint8)
    with _open(stripped.data, stripped.format, max_pixels) as image:
        return _rgb(image)


def _notes_of(data: bytes, stripped: StrippedImage) -> list[str]:
    """What a JPEG or PNG says of itself that whoever sent it should know."""
    if stripped.format == "JPEG":
        several = pictures_in_jpeg(data) > 1
        deep, grey = False, stripped.channels == 1
    else:
        several = b"acTL" in data[: 1 << 16] and _has_a_second_picture(data)
        depth, colours = data[24:26]
        grey = colours in (0, 4)
        deep = depth == 16
    said = ((several, SEVERAL), (stripped.channels == 4, PRINT_COLOURS), (deep, DEEP), (grey, NO_COLOUR))
    return [words for holds, words in said if holds]


def _has_a_second_picture(data: bytes) -> bool:
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            return _goes_on(image)
    except (*DAMAGE, Image.DecompressionBombError):
        return False


def _goes_on(image: Image.Image) -> bool:
    # Counting them would take Pillow quadratic time in a TIFF of many directories.
    try:
        if image.tell() == 0:
            image.seek(1)
    except DAMAGE:
        return False
    return True


def check_pixels(width: int, height: int, max_pixels: int) -> None:
    """Raise UnsafeUpload when width x height exceeds the limit, or a side what any format of photographs holds."""
    if max(width, height) > LONGEST_SIDE:
        raise UnsafeUpload(f"the image is {width:,} x {height:,} pixels: no side may be longer than {LONGEST_SIDE:,}")
    if width * height > max_pixels:
        raise UnsafeUpload(
            f"the image has {width:,} x {height:,} pixels, more than the {number(max_pixels / 1e6, 0)} megapixels "
            "allowed; raise DERMDASH_MAX_IMAGE_MEGAPIXELS if it is meant to be that large"
        )


@cache
def _register_heif() -> None:
    import pi_heif

    # Photographs come one by one, to several workers or threads at once. Previews and depth maps are not asked for.
    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)


def _open(data: bytes, kind: str, max_pixels: int) -> Image.Image:
    for width, height in sizes_in_boxes(data) if kind in (HEIF, AVIF) else ():
        check_pixels(width, height, max_pixels)
    if kind == HEIF:
        _register_heif()
    try:
        image = Image.open(io.BytesIO(data), formats=(kind,))
        check_pixels(image.width, image.height, max_pixels)
        image.load()
    except Image.DecompressionBombError as error:
        raise UnsafeUpload(f"the image has too many pixels: {error}") from error
    except DAMAGE as error:
        raise UnreadableImage(f"not a complete image of a supported format: {error}") from error
    return image


def _check_jpeg2000(data: bytes, max_pixels: int) -> None:
    size = jpeg2000_size(data)
    if size is None:
        raise UnreadableImage("a JPEG 2000 file without an image in it")
    width, height, components = size
    check_pixels(width, height, max_pixels // JPEG2000_SHARE)
    if components > MOST_COMPONENTS:
        raise UnsafeUpload(f"a JPEG 2000 image of {components:,} components: colours need no more than 4")


def _read_other(data: bytes, kind: str, max_pixels: int) -> DecodedPicture:
    if kind == JPEG2000:
        _check_jpeg2000(data, max_pixels)
    with _open(data, kind, max_pixels) as image:
        pixels = _rgb(image)
        # Pillow's TIFF reader turns pixels upright while loading and drops the tag, as libheif does; others keep both.
        orientation = _orientation(image)
        stripped = _out_of(_as_png(_as_png_holds_it(image, pixels), image.info.get("icc_profile")))
        mode = image.mode
        notes = [
            words
            for holds, words in (
                (mode == "CMYK", PRINT_COLOURS),
                (mode.startswith("I"), DEEP),
                (mode in ("1", "L", "LA") or mode.startswith("I"), NO_COLOUR),
                (_goes_on(image), SEVERAL),
            )
            if holds
        ]
    return DecodedPicture(replace(stripped, orientation=orientation), pixels, tuple(notes))


def _out_of(stripped: StrippedImage) -> StrippedImage:
    """A file that was made of another kind, of which nothing else came along."""
    return replace(stripped, removed=in_order([*stripped.removed, Removed.CONTAINER]))


def _as_png(image: Image.Image, profile: bytes | None = None) -> StrippedImage:
    buffer = io.BytesIO()
    try:
        image.save(buffer, "PNG", compress_level=PNG_COMPRESSION, icc_profile=profile)
    except DAMAGE as error:
        raise UnreadableImage(f"the image cannot be stored as PNG: {error}") from error
    return strip_metadata(buffer.getvalue())


def _read_dicom(data: bytes, max_pixels: int) -> DecodedPicture:
    found = dicom_picture(data, check_size=_at_most(max_pixels))
    if isinstance(found.picture, bytes):
        picture = read_picture(found.picture, max_pixels=max_pixels)
    else:
        grey = found.picture.ndim == 2
        pixels = np.repeat(found.picture[:, :, None], 3, axis=2) if grey else found.picture
        picture = DecodedPicture(_as_png(Image.fromarray(found.picture)), pixels, (NO_COLOUR,) if grey else ())
    if found.in_ycc:
        # Both in full range, as in JFIF (DICOM PS3.3 C.7.6.3.1.2).
        pixels = np.asarray(Image.fromarray(picture.pixels, "YCbCr").convert("RGB"))
        picture = replace(picture, stripped=_as_png(Image.fromarray(pixels)), pixels=pixels)
    notes = tuple(dict.fromkeys([*found.notes, *picture.notes]))
    return replace(picture, stripped=_out_of(picture.stripped), notes=notes, details=found.details)


def _orientation(image: Image.Image) -> int:
    try:
        value = image.getexif().get(0x0112, 1)
    except DAMAGE:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _as_png_holds_it(image: Image.Image, pixels: NDArray[np.uint8]) -> Image.Image:
    """Return the first frame in a mode that PNG holds without loss (CMYK and the like become RGB).

    What is transparent becomes white: nothing is kept under pixels that nobody sees.
    """
    if image.mode.startswith("I;16"):
        return Image.fromarray(np.asarray(image).astype(np.uint16))
    if image.mode in ("1", "L", "LA"):  # a row of 1-bit pixels has room for more
        return Image.fromarray(np.ascontiguousarray(pixels[:, :, 0]))
    return Image.fromarray(pixels)


def _rgb(image: Image.Image) -> NDArray[np.uint8]:
    try:
        if image.mode == "RGB" and "transparency" not in image.info:
            return np.asarray(image)
        if image.mode.startswith("I"):
            deep = np.asarray(image).astype(np.int64)
            grey = (np.clip(deep, 0, 65535) >> 8).astype(np.uint8)
            return np.repeat(grey[:, :, None], 3, axis=2)
        if image.mode == "F":
            raise UnreadableImage("floating-point pixels have no fixed white; save the image with 8 or 16 bits")
        if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
            opaque = Image.new("RGBA", image.size, "white")
            opaque.alpha_composite(image.convert("RGBA"))
            return np.asarray(opaque.convert("RGB"))
        return np.asarray(image.convert("RGB"))
    except DAMAGE as error:
        raise UnreadableImage(f"pixels of mode {image.mode} cannot be read: {error}") from error
