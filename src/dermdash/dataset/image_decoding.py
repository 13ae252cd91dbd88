"""From bytes to RGB pixels, once, with every guard before the decoder runs."""

import io
import struct
import zlib
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dermdash.dataset.deidentification import StrippedImage, can_strip, strip_metadata
from dermdash.dataset.removed_parts import Removed, in_order
from dermdash.errors import UnreadableImage, UnsafeUpload
from dermdash.wording import number

# Formats beyond JPEG and PNG that are read, each by its own Pillow plugin only; they are stored as PNG.
OTHER_FORMATS = ("TIFF", "BMP", "WEBP")
PNG_COMPRESSION = 3
LONGEST_SIDE = 65_535
"""Of a JPEG, and more than any camera makes; encoders fail on longer rows."""
DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    struct.error,
    zlib.error,
    MemoryError,
)


def decode(data: bytes, *, max_pixels: int) -> tuple[StrippedImage, NDArray[np.uint8]]:
    """Return the file without metadata and its RGB pixels (height x width x 3) as stored, not turned upright.

    Animations give their first frame; 16-bit, palette, grey and CMYK images become 8-bit RGB pixels, while the
    bytes of JPEG and PNG files stay as they are.

    Raises
    ------
    UnsafeUpload
        More pixels than allowed (read from the header, before decoding).
    UnreadableImage
        No image of a supported format, or a truncated or damaged one.
    """
    if not can_strip(data):
        return _decode_other(data, max_pixels)
    stripped = strip_metadata(data, check_size=lambda width, height: check_pixels(width, height, max_pixels))
    if stripped.format == "JPEG" and stripped.channels in (1, 3):
        try:
            pixels = cv2.imdecode(np.frombuffer(stripped.data, np.uint8), cv2.IMREAD_COLOR_RGB)
        except cv2.error as error:
            raise UnreadableImage(f"the JPEG cannot be decoded: {error.err}") from error
        if pixels is not None:
            rgb = np.asarray(pixels, np.uint8)
            return (_anew(stripped, rgb) if stripped.surplus_in_scans else stripped), rgb
    with _open(stripped.data, (stripped.format,), max_pixels) as image:
        return stripped, _rgb(image)


def _anew(stripped: StrippedImage, pixels: NDArray[np.uint8]) -> StrippedImage:
    """The same pixels as a PNG, where bytes that belong to none of them cannot be cut out of a JPEG."""
    _, encoded = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    anew = strip_metadata(encoded.tobytes())
    return replace(anew, orientation=stripped.orientation, removed=stripped.removed)


def check_pixels(width: int, height: int, max_pixels: int) -> None:
    """Raise UnsafeUpload when width x height exceeds the limit, or a side what any format of photographs holds."""
    if max(width, height) > LONGEST_SIDE:
        raise UnsafeUpload(f"the image is {width:,} x {height:,} pixels: no side may be longer than {LONGEST_SIDE:,}")
    if width * height > max_pixels:
        raise UnsafeUpload(
            f"the image has {width:,} x {height:,} pixels, more than the {number(max_pixels / 1e6, 0)} megapixels "
            "allowed; raise DERMDASH_MAX_IMAGE_MEGAPIXELS if it is meant to be that large"
        )


def _open(data: bytes, formats: tuple[str, ...], max_pixels: int) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(data), formats=formats)
        check_pixels(image.width, image.height, max_pixels)
        image.load()
    except Image.DecompressionBombError as error:
        raise UnsafeUpload(f"the image has too many pixels: {error}") from error
    except DAMAGE as error:
        raise UnreadableImage(f"not a complete image of a supported format: {error}") from error
    return image


def _decode_other(data: bytes, max_pixels: int) -> tuple[StrippedImage, NDArray[np.uint8]]:
    with _open(data, OTHER_FORMATS, max_pixels) as image:
        pixels = _rgb(image)
        # Pillow's TIFF reader turns pixels upright while loading and drops the tag; WebP keeps both as they are.
        orientation = _orientation(image)
        buffer = io.BytesIO()
        try:
            profile = image.info.get("icc_profile")
            stored = _as_png_holds_it(image, pixels)
            stored.save(buffer, "PNG", compress_level=PNG_COMPRESSION, icc_profile=profile)
        except DAMAGE as error:
            raise UnreadableImage(f"the image cannot be stored as PNG: {error}") from error
    stripped = strip_metadata(buffer.getvalue())
    return replace(stripped, orientation=orientation, removed=in_order([*stripped.removed, Removed.CONTAINER])), pixels


def _orientation(image: Image.Image) -> int:
    try:
        value = image.getexif().get(0x0112, 1)
    except DAMAGE:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _as_png_holds_it(image: Image.Image, pixels: NDArray[np.uint8]) -> Image.Image:
    """Return the first frame in a mode that PNG holds without loss (CMYK and the like become RGB)."""
    if image.mode.startswith("I;16"):
        return Image.fromarray(np.asarray(image).astype(np.uint16))
    return image.copy() if image.mode in ("1", "L", "LA", "RGB", "RGBA") else Image.fromarray(pixels)


def _rgb(image: Image.Image) -> NDArray[np.uint8]:
    try:
        if image.mode == "RGB":
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
