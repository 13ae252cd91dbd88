"""What a PNG holds where nobody sees it: colours under transparent pixels, entries of a palette that no pixel has, bits
that fill up the last byte of a row.

A transparent pixel shows what lies behind the picture, and no classifier may use what it hides. So a picture that is
transparent anywhere is stored as it looks on white, which is how it is decoded everywhere here.
"""

import io
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dermdash.dataset.deidentification import StrippedImage, strip_metadata
from dermdash.dataset.png_parts import PNG_SIGNATURE, png_chunk, png_chunks
from dermdash.dataset.removed_parts import Removed, in_order
from dermdash.errors import UnreadableImage

_GREY, _PALETTE, _GREY_ALPHA, _RGB_ALPHA = 0, 3, 4, 6
_COMPRESSION = 3


def without_unseen(stripped: StrippedImage, pixels: NDArray[np.uint8]) -> StrippedImage:
    """The PNG without what nobody sees; what is seen stays equal, pixel by pixel.

    Parameters
    ----------
    stripped
        A PNG without metadata.
    pixels
        Its RGB pixels as they look on white.
    """
    depth, colour = stripped.data[24:26]
    chunks = dict(png_chunks(stripped.data))
    transparent = colour in (_GREY_ALPHA, _RGB_ALPHA) or b"tRNS" in chunks
    padded = depth < 8 and stripped.width * depth % 8 != 0
    if not (transparent or padded or colour == _PALETTE):
        return stripped
    if transparent and not _is_opaque(stripped.data):
        return _anew(stripped, pixels, colour, Removed.TRANSPARENT)
    if padded:
        return _anew(stripped, pixels, colour, Removed.HIDDEN)
    if depth == 16 and colour in (_GREY_ALPHA, _RGB_ALPHA):
        return _without_alpha(stripped)
    return _without_unused(stripped)


def _is_opaque(data: bytes) -> bool:
    """Whether every pixel hides what lies behind it, to the last bit of its transparency."""
    if data[24] == 16 and data[25] in (_GREY_ALPHA, _RGB_ALPHA):
        deep = _deep(data)
        return bool((deep[:, :, 3] == np.iinfo(np.uint16).max).all())
    with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
        return image.convert("RGBA").getchannel("A").getextrema()[0] == 255


def _deep(data: bytes) -> NDArray[np.uint16]:
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if found is None or found.dtype != np.uint16 or found.ndim != 3 or found.shape[2] != 4:
        raise UnreadableImage("a PNG of 16 bits whose transparency cannot be read")
    return np.asarray(found, np.uint16)


def _without_alpha(stripped: StrippedImage) -> StrippedImage:
    """The same 16 bits of each colour; the transparency is the same everywhere."""
    _, encoded = cv2.imencode(".png", np.ascontiguousarray(_deep(stripped.data)[:, :, :3]))
    return _in_place(stripped, strip_metadata(encoded.tobytes()))


def _anew(stripped: StrippedImage, pixels: NDArray[np.uint8], colour: int, removed: Removed) -> StrippedImage:
    grey = colour in (_GREY, _GREY_ALPHA)
    with Image.open(io.BytesIO(stripped.data), formats=("PNG",)) as image:
        profile = image.info.get("icc_profile")
    buffer = io.BytesIO()
    shown = Image.fromarray(np.ascontiguousarray(pixels[:, :, 0]) if grey else pixels)
    shown.save(buffer, "PNG", compress_level=_COMPRESSION, icc_profile=profile)
    return _in_place(stripped, strip_metadata(buffer.getvalue()), removed)


def _in_place(stripped: StrippedImage, made: StrippedImage, *removed: Removed) -> StrippedImage:
    return replace(made, orientation=stripped.orientation, removed=in_order([*stripped.removed, *removed]))


def _without_unused(stripped: StrippedImage) -> StrippedImage:
    """Nothing of the transparency that hides nothing, black for every colour of the palette that no pixel has."""
    used = None
    if stripped.data[25] == _PALETTE:
        with Image.open(io.BytesIO(stripped.data), formats=("PNG",)) as image:
            used = np.asarray(image.histogram()[:256]) > 0
    kept = [PNG_SIGNATURE]
    for kind, chunk in png_chunks(stripped.data):
        if kind == b"tRNS":
            continue
        if kind == b"PLTE" and used is not None:
            colours = np.frombuffer(chunk[8:-4], np.uint8).reshape(-1, 3)
            chunk = png_chunk(kind, np.where(used[: len(colours), None], colours, np.uint8(0)).tobytes())
        kept.append(chunk)
    data = b"".join(kept)
    if data == stripped.data:
        return stripped
    return replace(stripped, data=data, removed=in_order([*stripped.removed, Removed.HIDDEN]))
