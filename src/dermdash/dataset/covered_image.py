"""Covering regions of an image for good: a new version in which a plain grey stands where something showed a person."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from dermdash.dataset.burned_in_text import TextRegion
from dermdash.dataset.deidentification import restore_orientation, strip_metadata
from dermdash.dataset.image_decoding import decode
from dermdash.dataset.image_ingestion import ImageLimits, PreparedImage, prepare_image
from dermdash.dataset.image_resizing import turn_upright
from dermdash.errors import InvalidInput

GREY = 128
# Turned by the one, an image is turned back by the other.
_BACK = {6: 8, 8: 6}


def cover(data: bytes, regions: Sequence[TextRegion], *, limits: ImageLimits) -> PreparedImage:
    """Return the image with every pixel of the regions grey; all others, and how it lies, stay as they are.

    It is stored as PNG, so that nothing is compressed again. What was there cannot be brought back from it.

    Parameters
    ----------
    regions
        In pixels of the upright image; what reaches beyond its edge is cut.

    Raises
    ------
    InvalidInput
        No region, or one that covers no pixel of the image.
    """
    if not regions:
        raise InvalidInput("Say which region to cover.")
    stripped, pixels = decode(data, max_pixels=limits.max_pixels)
    covered = np.zeros(pixels.shape[:2], np.uint8)
    upright = np.ascontiguousarray(turn_upright(covered, stripped.orientation))
    for region in regions:
        part = upright[max(0, region.y) : max(0, region.y + region.height),
                       max(0, region.x) : max(0, region.x + region.width)]  # fmt: skip
        if not part.size:
            raise InvalidInput(
                f"The region at {region.x}, {region.y} of {region.width} x {region.height} pixels lies outside the "
                f"image, which has {upright.shape[1]} x {upright.shape[0]}."
            )
        part[:] = 1
    covered = turn_upright(upright, _BACK.get(stripped.orientation, stripped.orientation))
    changed = np.where(covered[:, :, None].astype(bool), np.uint8(GREY), pixels)
    _, encoded = cv2.imencode(".png", cv2.cvtColor(changed, cv2.COLOR_RGB2BGR))
    plain = strip_metadata(encoded.tobytes())
    return prepare_image(restore_orientation(replace(plain, orientation=stripped.orientation)), limits=limits)
