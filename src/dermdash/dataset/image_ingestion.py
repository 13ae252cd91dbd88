"""One image from its bytes to everything the workspace stores about it; plain functions for worker processes."""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dermdash.dataset.deidentification import StrippedImage, restore_orientation
from dermdash.dataset.file_structure_check import surplus_in
from dermdash.dataset.image_decoding import read_picture
from dermdash.dataset.image_quality import TechnicalQuality, estimate_technical_quality, of_damaged_image
from dermdash.dataset.image_resizing import shrink, turn_upright
from dermdash.dataset.perceptual_hash import perceptual_hash
from dermdash.dataset.removed_parts import Removed
from dermdash.dataset.source_entry import ImageEntry
from dermdash.dataset.source_records import Exclusion, ExclusionReason
from dermdash.errors import EmptyImageFile, UnreadableImage, UnsafeUpload
from dermdash.settings import Settings
from dermdash.wording import file_size

THUMBNAIL_SIDE = 224
THUMBNAIL_JPEG_QUALITY = 85
# A small JPEG is its own thumbnail: compressing it again would cost time and detail to save a few bytes.
MAX_OWN_THUMBNAIL_BYTES = 16 << 10


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What one image may cost: bytes of its file and pixels after decoding."""

    max_bytes: int = 64 * 10**6
    max_pixels: int = 100 * 10**6

    @classmethod
    def from_settings(cls, settings: Settings) -> "ImageLimits":
        """Take the limits an operator has set."""
        return cls(int(settings.max_image_megabytes * 1e6), settings.max_image_pixels)


DEFAULT_LIMITS = ImageLimits()


@dataclass(frozen=True, slots=True)
class PreparedImage:
    """What is stored about one image.

    ``sha256`` is of ``data``, the de-identified bytes to store (``format`` JPEG or PNG; EXIF that says the
    orientation and nothing else where the image is not upright); ``source_sha256`` of the
    bytes as they came. ``width`` and ``height`` are those of the stored pixels, before ``orientation`` (EXIF 1-8)
    turns them upright. ``thumbnail`` is an upright JPEG of at most 224 px; ``phash`` has 16 hexadecimal digits.
    ``notes`` say in sentences what was done to the pixels or is wrong with them; ``details`` are what the file says of
    how it was taken (polarisation, contact), by name; ``removed`` says what was taken out of the file.
    """

    sha256: str
    source_sha256: str
    data: bytes
    format: str
    width: int
    height: int
    orientation: int
    thumbnail: bytes
    phash: str
    quality: TechnicalQuality
    notes: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)
    removed: tuple[Removed, ...] = ()


def prepare_image(data: bytes, *, limits: ImageLimits = DEFAULT_LIMITS) -> PreparedImage:
    """De-identify, decode once, and derive thumbnail, perceptual hash and estimated technical quality.

    Raises
    ------
    EmptyImageFile
        No bytes at all.
    UnsafeUpload
        Too many bytes or pixels; found before decoding.
    UnreadableImage
        Not a complete image of a supported format.
    """
    if not data:
        raise EmptyImageFile("the file is empty")
    if len(data) > limits.max_bytes:
        raise UnsafeUpload(f"the file has {file_size(len(data))}, more than the {file_size(limits.max_bytes)} allowed")
    picture = read_picture(data, max_pixels=limits.max_pixels)
    stripped, pixels = picture.stripped, picture.pixels
    small = shrink(pixels, THUMBNAIL_SIDE)
    stored = restore_orientation(stripped)
    thumbnail = _thumbnail(small, stripped)
    for what, file in (("image", stored), ("thumbnail", thumbnail)):
        if left := surplus_in(file):
            raise UnreadableImage(f"metadata could not be removed from the {what}: {left}")
    sha256 = hashlib.sha256(stored).hexdigest()
    quality = estimate_technical_quality(small)
    return PreparedImage(
        sha256=sha256,
        source_sha256=sha256 if stored == data else hashlib.sha256(data).hexdigest(),
        data=stored,
        format=stripped.format,
        width=stripped.width,
        height=stripped.height,
        orientation=stripped.orientation,
        thumbnail=thumbnail,
        removed=tuple(stripped.removed),
        phash=perceptual_hash(np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)),
        quality=of_damaged_image(quality) if picture.damaged else quality,
        notes=picture.notes,
        details=picture.details,
    )


def prepare_entry(entry: ImageEntry, *, limits: ImageLimits = DEFAULT_LIMITS) -> PreparedImage | Exclusion:
    """Read and prepare one entry of an image source; a bad image comes back as the reason to leave it out."""
    try:
        return prepare_image(entry.read(), limits=limits)
    except (UnreadableImage, UnsafeUpload) as error:
        return Exclusion(entry.image_id, exclusion_reason(error), f"{entry.location}: {error}")


def exclusion_reason(error: UnreadableImage | UnsafeUpload) -> ExclusionReason:
    """Say under which reason an image that raised this error is counted."""
    if isinstance(error, EmptyImageFile):
        return ExclusionReason.EMPTY_FILE
    if isinstance(error, UnsafeUpload):
        return ExclusionReason.UNSAFE_IMAGE
    return ExclusionReason.UNREADABLE_IMAGE


def _thumbnail(small: NDArray[np.uint8], stripped: StrippedImage) -> bytes:
    if (
        stripped.format == "JPEG"
        and stripped.channels in (1, 3)
        and stripped.orientation == 1
        and max(stripped.width, stripped.height) <= THUMBNAIL_SIDE
        and len(stripped.data) <= MAX_OWN_THUMBNAIL_BYTES
    ):
        return stripped.data
    upright = np.ascontiguousarray(turn_upright(small, stripped.orientation))
    if stripped.colour_profile:
        # Without the profile a wide-gamut image would look paler in the gallery than in full size.
        return _thumbnail_with_profile(upright, stripped.data)
    options = [cv2.IMWRITE_JPEG_QUALITY, THUMBNAIL_JPEG_QUALITY]
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(upright, cv2.COLOR_RGB2BGR), options)
    return encoded.tobytes()


def _thumbnail_with_profile(upright: NDArray[np.uint8], data: bytes) -> bytes:
    with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as original:
        # A grey or CMYK profile does not fit RGB pixels.
        profile = original.info.get("icc_profile") if original.mode in ("RGB", "RGBA", "P") else None
    buffer = io.BytesIO()
    Image.fromarray(upright).save(buffer, "JPEG", quality=THUMBNAIL_JPEG_QUALITY, icc_profile=profile)
    return buffer.getvalue()
