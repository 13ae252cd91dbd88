"""In which colours a JPEG of three components holds its pixels, and saying so in the file (ITU T.871, T.872)."""

import io
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dermdash.dataset.jpeg_parts import jpeg_segments

_APP0, _APP14 = 0xE0, 0xEE
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ADOBE_RGB = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
_REDUCTION = 8


class JpegColours(StrEnum):
    """What the file itself says: RGB and YCbCr beyond doubt, or it leaves the question open."""

    RGB = "RGB"
    YCC = "YCbCr"
    PERHAPS_YCC = "JFIF"
    OPEN = "open"


def colours_of_jpeg(data: bytes) -> JpegColours:
    """Return what decides for every decoder: Adobe's marker, the names of the components, or halved colours.

    JFIF's marker says YCbCr, too, but stands in files that hold RGB.
    """
    unsaid = JpegColours.OPEN
    for marker, segment, _ in jpeg_segments(data):
        if marker == _APP14 and segment[4:9] == b"Adobe" and len(segment) == len(_ADOBE_RGB):
            return JpegColours.YCC if segment[-1] else JpegColours.RGB
        if marker == _APP0 and segment[4:9] == b"JFIF\0":
            unsaid = JpegColours.PERHAPS_YCC
        if marker in _FRAMES:
            components = [segment[10 + 3 * i : 13 + 3 * i] for i in range(segment[9])]
            if len(components) != 3:
                return JpegColours.OPEN
            if b"".join(c[:1] for c in components) == b"RGB":
                return JpegColours.RGB
            if len({c[1] for c in components}) > 1:  # nobody halves green and blue
                return JpegColours.YCC
            return unsaid
    return unsaid


def marked_as_rgb(data: bytes) -> bytes:
    """Return the JPEG with Adobe's marker that its components are RGB, and without JFIF's, which would deny it."""
    parts = [data[:2], _ADOBE_RGB]
    for marker, segment, _ in jpeg_segments(data):
        if marker not in (_APP0, _APP14):
            parts.append(segment)
    return b"".join(parts)


def raw_planes(data: bytes) -> NDArray[np.uint8]:
    """The three components as they are, at an eighth of the size (height x width x 3)."""
    with Image.open(io.BytesIO(marked_as_rgb(data)), formats=("JPEG",)) as image:
        image.draft(None, (max(1, image.width // _REDUCTION), max(1, image.height // _REDUCTION)))
        return np.asarray(image)
