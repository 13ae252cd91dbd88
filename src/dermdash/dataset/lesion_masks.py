"""Segmentation masks: which pixels of an image are lesion."""

import hashlib
from dataclasses import dataclass

import cv2
import numpy as np

from dermdash.dataset.image_decoding import decode
from dermdash.dataset.image_ingestion import DEFAULT_LIMITS, ImageLimits
from dermdash.errors import EmptyImageFile, UnreadableImage, UnsafeUpload

LESION_LEVEL = 128


@dataclass(frozen=True, slots=True)
class PreparedMask:
    """A mask as stored: grey PNG of 0 (skin) and 255 (lesion), its hash, size, and lesion share (0..1)."""

    sha256: str
    data: bytes
    width: int
    height: int
    lesion_share: float


def prepare_mask(data: bytes, *, limits: ImageLimits = DEFAULT_LIMITS) -> PreparedMask:
    """Turn any image file into a two-level mask: lesion where it is brighter than middle grey.

    Raises
    ------
    EmptyImageFile, UnsafeUpload, UnreadableImage
        As for images.
    """
    if not data:
        raise EmptyImageFile("the mask file is empty")
    if len(data) > limits.max_bytes:
        raise UnsafeUpload(f"the mask file has {len(data) / 1e6:,.0f} MB, more than allowed")
    _, pixels = decode(data, max_pixels=limits.max_pixels)
    lesion = pixels[:, :, 1] >= LESION_LEVEL
    written, png = cv2.imencode(".png", lesion.astype(np.uint8) * 255)
    if not written:
        raise UnreadableImage("the mask cannot be stored as PNG")
    stored = png.tobytes()
    height, width = lesion.shape
    return PreparedMask(hashlib.sha256(stored).hexdigest(), stored, width, height, float(lesion.mean()))
