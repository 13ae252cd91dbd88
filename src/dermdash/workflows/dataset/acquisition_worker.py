"""What the measuring for the acquisition gate does beside the main thread; nothing here imports the database."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdash.dataset.acquisition.measure import measure_image
from dermdash.dataset.image_ingestion import ImageLimits
from dermdash.dataset.image_resizing import turn_upright
from dermdash.errors import InvalidInput, NotFound
from dermdash.storage.object_store import MASKS, ObjectStore
from dermdash.workflows.dataset.stored_image import decode_stored


@dataclass(frozen=True, slots=True)
class ImageToMeasure:
    """A record's image by its hash, the hash of its mask (None: none), and whether its file is damaged."""

    record_id: str
    image_sha256: str
    mask_sha256: str | None
    damaged: bool


@dataclass(frozen=True, slots=True)
class MeasuredImage:
    """What was measured of a record's image; ``problem``: why it could not be, and ``measures`` is empty."""

    of: ImageToMeasure
    measures: dict[str, float] = field(default_factory=dict)
    by_mask: bool = False
    problem: str | None = None


def measure_chunk(images: Sequence[ImageToMeasure], *, files: ObjectStore, limits: ImageLimits) -> list[MeasuredImage]:
    """Measure several stored images, in order."""
    cv2.setNumThreads(1)  # the workers share the cores; threads inside each would only compete
    return [_measure(image, files, limits) for image in images]


def _measure(image: ImageToMeasure, files: ObjectStore, limits: ImageLimits) -> MeasuredImage:
    try:
        stripped, pixels = decode_stored(files, image.image_sha256, max_pixels=limits.max_pixels)
        mask = _mask(image.mask_sha256, files, pixels.shape[:2])
    except (NotFound, InvalidInput) as error:
        return MeasuredImage(image, problem=str(error))
    upright = np.ascontiguousarray(turn_upright(pixels, stripped.orientation))
    turned = None if mask is None else np.ascontiguousarray(turn_upright(mask[..., None], stripped.orientation)[..., 0])
    return MeasuredImage(image, measure_image(upright, turned), by_mask=turned is not None)


def _mask(sha256: str | None, files: ObjectStore, size: tuple[int, ...]) -> NDArray[np.uint8] | None:
    """The mask as its pixels lie, before any turning; None where there is none or it is of another size."""
    if sha256 is None:
        return None
    read = cv2.imdecode(np.frombuffer(files.get_whole(MASKS, sha256), np.uint8), cv2.IMREAD_GRAYSCALE)
    return None if read is None or read.shape != size else np.asarray(read, np.uint8)
