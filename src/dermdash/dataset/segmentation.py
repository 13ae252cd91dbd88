"""Lesion masks: any readable image becomes a black-and-white PNG of its own."""

import hashlib
import io
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dermdash.dataset.image_decoding import DAMAGED, read_picture
from dermdash.dataset.image_ingestion import ImageLimits
from dermdash.dataset.outlines import LesionOutline, runs_of_mask
from dermdash.dataset.source_entry import ImageEntry
from dermdash.errors import UnfitMask, UnreadableImage

_BLURRED = 0.2
_MOST_BETWEEN = 0.2
"""Share of a mask that may lie between its two levels: lossy compression blurs the edge and ripples beside it."""
_FEW_BETWEEN = 0.02
_COLOURED = 0.15


@dataclass(frozen=True, slots=True)
class PreparedMask:
    """A mask to store: PNG with 1 bit per pixel, white inside the lesion, and the share of white (0..1)."""

    sha256: str
    data: bytes
    share: float


def prepare_mask(data: bytes, *, limits: ImageLimits, size: tuple[int, int] | None = None) -> PreparedMask:
    """Threshold a mask halfway between its two levels, which may be 0 and 255 or 0 and 1.

    ``size`` is the width and height of its image, before any turning.

    Raises
    ------
    UnreadableImage
        The file is empty, damaged, or marks nothing.
    UnfitMask
        It is a photograph, or of another size than its image.
    UnsafeUpload
        Too many pixels.
    """
    if not data:
        raise UnreadableImage("the mask file is empty")
    picture = read_picture(data, max_pixels=limits.max_pixels)
    if picture.damaged:
        raise UnreadableImage(DAMAGED)
    pixels = picture.pixels
    height, width = pixels.shape[:2]
    if size is not None and (width, height) != size:
        raise UnfitMask(f"the mask has {width:,} x {height:,} pixels, its image {size[0]:,} x {size[1]:,}")
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    brightest = int(grey.max())
    if brightest == 0:
        raise UnreadableImage("the mask marks no pixel")
    if _is_photograph(pixels, grey, brightest):
        raise UnfitMask("it is no mask but a photograph: it has more than two levels")
    return _encoded(grey > brightest / 2)


def prepared_mask(
    mask: ImageEntry | LesionOutline, *, limits: ImageLimits, size: tuple[int, int] | None = None
) -> PreparedMask:
    """A mask to store, from a file or from what annotations draw; raises as `prepare_mask`."""
    if not isinstance(mask, LesionOutline):
        return prepare_mask(mask.read(), limits=limits, size=size)
    inside = mask.drawn(size)
    if not inside.any():
        raise UnreadableImage("the outline holds no pixel of the image")
    return _encoded(inside)


def _encoded(inside: NDArray[np.bool_]) -> PreparedMask:
    buffer = io.BytesIO()
    Image.fromarray(inside).save(buffer, "PNG", optimize=True)
    encoded = buffer.getvalue()
    return PreparedMask(hashlib.sha256(encoded).hexdigest(), encoded, float(np.mean(inside)))


def _is_photograph(pixels: NDArray[np.uint8], grey: NDArray[np.uint8], brightest: int) -> bool:
    """Whether a picture has more levels than a mask: much between black and white, or some and no black or no grey."""
    margin = brightest * _BLURRED
    between = float(np.mean((grey > margin) & (grey < brightest - margin)))
    if between <= _FEW_BETWEEN:
        return False
    seen = pixels[grey > margin].astype(np.int16)
    colour = float(np.mean((seen.max(axis=1) - seen.min(axis=1)) / seen.max(axis=1)))
    return between > _MOST_BETWEEN or not (grey <= margin).any() or colour > _COLOURED


def mask_annotation(mask: bytes) -> dict[str, Any]:
    """A stored mask as COCO annotates it: ``segmentation`` (runs of pixels), ``area`` and ``bbox`` (x, y, width,
    height), all in pixels."""
    decoded = cv2.imdecode(np.frombuffer(mask, np.uint8), cv2.IMREAD_GRAYSCALE)
    inside: NDArray[np.bool_] = np.asarray(decoded) > 0
    x, y, width, height = (int(n) for n in cv2.boundingRect(inside.astype(np.uint8)))
    return {
        "segmentation": {"size": list(inside.shape), "counts": runs_of_mask(inside)},
        "area": int(inside.sum()),
        "bbox": [x, y, width, height],
    }
