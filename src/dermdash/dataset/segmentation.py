"""Lesion masks: any readable image becomes a black-and-white PNG of its own."""

import hashlib
import io
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from dermdash.dataset.image_decoding import DAMAGED, read_picture
from dermdash.dataset.image_ingestion import ImageLimits
from dermdash.errors import UnreadableImage


@dataclass(frozen=True, slots=True)
class PreparedMask:
    """A mask to store: PNG with 1 bit per pixel, white inside the lesion, and the share of white (0..1)."""

    sha256: str
    data: bytes
    share: float


def prepare_mask(data: bytes, *, limits: ImageLimits) -> PreparedMask:
    """Threshold a mask at half of full brightness.

    Raises
    ------
    UnreadableImage
        The file is empty, damaged, or marks nothing.
    UnsafeUpload
        Too many pixels.
    """
    if not data:
        raise UnreadableImage("the mask file is empty")
    picture = read_picture(data, max_pixels=limits.max_pixels)
    if picture.damaged:
        raise UnreadableImage(DAMAGED)
    inside = cv2.cvtColor(picture.pixels, cv2.COLOR_RGB2GRAY) > 127
    if not inside.any():
        raise UnreadableImage("the mask marks no pixel")
    buffer = io.BytesIO()
    Image.fromarray(inside).save(buffer, "PNG", optimize=True)
    encoded = buffer.getvalue()
    return PreparedMask(hashlib.sha256(encoded).hexdigest(), encoded, float(np.mean(inside)))
