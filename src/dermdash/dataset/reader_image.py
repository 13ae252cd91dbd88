"""An image as the readers of one study get it: to the eye the stored one, to a hash a file that is nowhere else.

Public data sets can be downloaded, and with the hash of a file, its size or its pixels a reader could look up the
diagnosis. So what leaves is made anew with a secret of the study: a margin of a few pixels, one step of brightness in
some pixels, and a JPEG of high quality. What it does not protect from: whoever compares pictures by their looks
(perceptual hashes, local features, a search by image) finds the original all the same.
"""

import hashlib
import io
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, JpegImagePlugin

from dermdash.picture_frame import PictureFrame

QUALITY = 92
"""As of all copies that a page shows; the eye sees no difference, and a step takes no longer to arrive."""
LARGEST_MARGIN = 6
"""Pixels added at each side, mirrored from the picture, of which nothing is lost; at least one at two of the sides."""
CHANGED_SHARE = 4
"""Of 256 pixels so many are one step (of 255) brighter, and as many darker: far below what an eye or a screen tells."""


_TURNED = frozenset({5, 6, 7, 8})
"""Values of the EXIF orientation with which width and height change places."""


@dataclass(frozen=True, slots=True)
class ReaderPicture:
    """A JPEG for people who must not look it up, and where the stored image, upright, lies in it."""

    data: bytes
    frame: PictureFrame


def reader_image(data: bytes, *, key: str, longest_side: int) -> bytes:
    """Make a JPEG for the readers of a study from a stored image; see `reader_picture`."""
    return reader_picture(data, key=key, longest_side=longest_side).data


def reader_picture(data: bytes, *, key: str, longest_side: int) -> ReaderPicture:
    """Make a JPEG from a stored image for people who must not look it up.

    Parameters
    ----------
    data
        A JPEG, PNG or other image file as the workspace holds it.
    key
        Secret of the study, or of the data set where it is annotated. The same image and key give the same bytes,
        another key other bytes and other pixels.
    longest_side
        Larger images are made smaller to it, in pixels, before the margin.

    Raises
    ------
    OSError, SyntaxError, ValueError
        The file is damaged.
    """
    with Image.open(io.BytesIO(data)) as image:
        profile = image.info.get("icc_profile") if image.mode in ("RGB", "RGBA", "P") else None
        sampling = _sampling(image)
        width, height = image.size
        if image.getexif().get(ExifTags.Base.Orientation) in _TURNED:
            width, height = height, width
        image.draft("RGB", (longest_side, longest_side))
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS)
        pixels = np.asarray(upright.convert("RGB"))
    rng = np.random.default_rng(list(hashlib.sha256(key.encode() + hashlib.sha256(data).digest()).digest()))
    (top, left), (bottom, right) = rng.integers(0, LARGEST_MARGIN, 2), rng.integers(1, LARGEST_MARGIN + 1, 2)
    wide = np.asarray(
        cv2.copyMakeBorder(pixels, int(top), int(bottom), int(left), int(right), cv2.BORDER_REFLECT), np.uint8
    )
    buffer = io.BytesIO()
    Image.fromarray(_changed(wide, rng)).save(
        buffer, "JPEG", quality=QUALITY, subsampling=sampling, icc_profile=profile
    )
    frame = PictureFrame(
        width=width, height=height, left=int(left), top=int(top), shown_width=pixels.shape[1],
        shown_height=pixels.shape[0], picture_width=wide.shape[1], picture_height=wide.shape[0],
    )  # fmt: skip
    return ReaderPicture(buffer.getvalue(), frame)


def _sampling(image: Image.Image) -> int | str:
    """Colour resolution as in the source, or all of it: half of it would blur the edges of red on brown."""
    sampling = JpegImagePlugin.get_sampling(image) if isinstance(image, JpegImagePlugin.JpegImageFile) else -1
    return sampling if sampling >= 0 else "4:4:4"


def _changed(wide: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    drawn = np.frombuffer(rng.bytes(wide.shape[0] * wide.shape[1]), np.uint8).reshape(wide.shape[:2])
    brighter, darker = (drawn < CHANGED_SHARE).view(np.uint8), (drawn >= 256 - CHANGED_SHARE).view(np.uint8)
    # Both stop at the ends of the scale.
    return np.asarray(cv2.subtract(cv2.add(wide, cv2.merge([brighter] * 3)), cv2.merge([darker] * 3)), np.uint8)
