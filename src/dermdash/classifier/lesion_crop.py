"""The part of an image a network is shown: a square the user lays over the lesion of interest.

Without a choice it is the centre square of 0.8 of the shorter side, which is what the network sees of every record; a
diagnosis of that default is the very prediction a record would get.

numpy and Pillow only.
"""

import io
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from dermdash.classifier.preprocessing import CENTRE_FRACTION, FORMATS, load_square, resized_side, to_rgb
from dermdash.errors import InvalidInput, UnreadableImage, UnsafeUpload
from dermdash.wording import level, percent

SMALLEST_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class LesionCrop:
    """A square on the upright image.

    ``x``, ``y``: its centre as shares of width and height (0..1). ``share``: its side as a share of the image's shorter
    side (0.1..1).
    """

    x: float = 0.5
    y: float = 0.5
    share: float = CENTRE_FRACTION

    def __post_init__(self) -> None:
        if not all(math.isfinite(v) and 0 <= v <= 1 for v in (self.x, self.y, self.share)):
            raise InvalidInput(f"a crop at {self.x}, {self.y} of {self.share}: expected shares from 0 to 1")
        if self.share < SMALLEST_SHARE:
            raise InvalidInput(
                f"the crop has {percent(self.share, 0)} of the image's shorter side; at least {level(SMALLEST_SHARE)} "
                "are needed"
            )

    @property
    def is_default(self) -> bool:
        """Whether it is the centre square that every record is judged by."""
        return self == LesionCrop()

    def box(self, width: int, height: int) -> tuple[float, float, float, float]:
        """Return (left, top, right, bottom) in pixels of the upright image, moved inside where it would stick out."""
        side = self.share * min(width, height)
        left = min(max(self.x * width - side / 2, 0.0), width - side)
        top = min(max(self.y * height - side / 2, 0.0), height - side)
        return left, top, left + side, top + side


def open_upright(data: bytes) -> Image.Image:
    """Decode an image to RGB pixels, turned upright.

    Raises
    ------
    UnreadableImage, UnsafeUpload
        As ``preprocessing.load_square``.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            return to_rgb(ImageOps.exif_transpose(image))
    except Image.DecompressionBombError as error:
        raise UnsafeUpload(f"the image has too many pixels to decode safely: {error}") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise UnreadableImage(f"the image cannot be decoded: {error}") from error


def load_crop(data: bytes, crop: LesionCrop, *, input_size: int) -> NDArray[np.uint8]:
    """Return the square that makes a network see exactly the crop: uint8 (s, s, 3), s = ``resized_side(input_size)``.

    Networks are handed a square of which they cut out the centre. The crop fills that centre; the rim around it, which
    no network sees, is black.

    Raises
    ------
    UnreadableImage, UnsafeUpload
        The bytes are no complete image, or one that would exhaust memory.
    """
    side = resized_side(input_size)
    if crop.is_default:
        return load_square(data, side=side)
    seen = cut_out(open_upright(data), crop, side=input_size)
    square = np.zeros((side, side, 3), np.uint8)
    start = (side - input_size) // 2
    square[start : start + input_size, start : start + input_size] = np.asarray(seen)
    return square


def cut_out(upright: Image.Image, crop: LesionCrop, *, side: int) -> Image.Image:
    """Return the crop of an upright RGB image at ``side`` px."""
    return upright.resize((side, side), Image.Resampling.BILINEAR, box=crop.box(*upright.size))
