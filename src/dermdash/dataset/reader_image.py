"""An image as the readers of one study get it: to the eye the stored one, to a hash a file that is nowhere else.

Public data sets can be downloaded, and with the hash of a file, its size or its pixels a reader could look up the
diagnosis. So what leaves is made anew with a secret of the study: a margin of a few pixels, one step of brightness in
some pixels, and a JPEG of high quality. What it does not protect from: whoever compares pictures by their looks
(perceptual hashes, local features, a search by image) finds the original all the same.
"""

import hashlib
import io

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, JpegImagePlugin

QUALITY = 92
"""As of all copies that a page shows; the eye sees no difference, and a step takes no longer to arrive."""
LARGEST_MARGIN = 6
"""Pixels added at each side, mirrored from the picture, of which nothing is lost; at least one at two of the sides."""
CHANGED_SHARE = 4
"""Of 256 pixels so many are one step (of 255) brighter, and as many darker: far below what an eye or a screen tells."""


def reader_image(data: bytes, *, key: str, longest_side: int) -> bytes:
    """Make a JPEG for the readers of a study from a stored image.

    Parameters
    ----------
    data
        A JPEG, PNG or other image file as the workspace holds it.
    key
        Secret of the study. The same image and key give the same bytes, another key other bytes and other pixels.
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
        image.draft("RGB", (longest_side, longest_side))
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS)
        pixels = np.asarray(upright.convert("RGB"))
    rng = np.random.default_rng(list(hashlib.sha256(key.encode() + hashlib.sha256(data).digest()).digest()))
    buffer = io.BytesIO()
    Image.fromarray(_changed(pixels, rng)).save(
        buffer, "JPEG", quality=QUALITY, subsampling=sampling, icc_profile=profile
    )
    return buffer.getvalue()


def _sampling(image: Image.Image) -> int | str:
    """Colour resolution as in the source, or all of it: half of it would blur the edges of red on brown."""
    sampling = JpegImagePlugin.get_sampling(image) if isinstance(image, JpegImagePlugin.JpegImageFile) else -1
    return sampling if sampling >= 0 else "4:4:4"


def _changed(pixels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    (top, left), (bottom, right) = rng.integers(0, LARGEST_MARGIN, 2), rng.integers(1, LARGEST_MARGIN + 1, 2)
    wide = cv2.copyMakeBorder(pixels, int(top), int(bottom), int(left), int(right), cv2.BORDER_REFLECT)
    drawn = np.frombuffer(rng.bytes(wide.shape[0] * wide.shape[1]), np.uint8).reshape(wide.shape[:2])
    brighter, darker = (drawn < CHANGED_SHARE).view(np.uint8), (drawn >= 256 - CHANGED_SHARE).view(np.uint8)
    # Both stop at the ends of the scale.
    return np.asarray(cv2.subtract(cv2.add(wide, cv2.merge([brighter] * 3)), cv2.merge([darker] * 3)), np.uint8)
