"""What an import does beside the main thread: prepare images and masks and store their files.

Runs in worker processes, which is why nothing here imports the database. Files are named by their content, so that
two workers that store the same image do no harm. Their rows are written by the caller afterwards: a file without
a row is invisible and is found again by the next run, a row without a file would be a loss.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2

from dermdash.dataset.image_ingestion import ImageLimits, PreparedImage, exclusion_reason, prepare_entry
from dermdash.dataset.image_source import ImageEntry
from dermdash.dataset.segmentation import prepare_mask
from dermdash.dataset.source_records import Exclusion
from dermdash.errors import UnreadableImage, UnsafeUpload
from dermdash.storage.object_store import MASKS, ORIGINALS, THUMBNAILS, ObjectStore


@dataclass(frozen=True, slots=True)
class ImportTask:
    """One image to store, or none where it is there already, with its mask where there is one."""

    image: ImageEntry | None
    mask: ImageEntry | None = None


@dataclass(frozen=True, slots=True)
class StoredImage:
    """What the database is told: the row of the image, the hash of its mask, and why a mask was left out."""

    row: dict[str, Any] | None
    mask_sha256: str | None = None
    mask_problem: Exclusion | None = None


def store_chunk(
    tasks: Sequence[ImportTask], *, files: ObjectStore, limits: ImageLimits
) -> list[StoredImage | Exclusion]:
    """Prepare and store several images in order; a bad image comes back as the reason to leave it out.

    Raises
    ------
    WorkspaceFull
        The disk is full.
    """
    cv2.setNumThreads(1)  # the workers share the cores; threads inside each would only compete
    return [_store(task, files, limits) for task in tasks]


def _store(task: ImportTask, files: ObjectStore, limits: ImageLimits) -> StoredImage | Exclusion:
    row = None
    if task.image is not None:
        image = prepare_entry(task.image, limits=limits)
        if isinstance(image, Exclusion):
            return image
        row = store_image(image, files)
    if task.mask is None:
        return StoredImage(row)
    try:
        mask = prepare_mask(task.mask.read(), limits=limits)
    except (UnreadableImage, UnsafeUpload) as error:
        detail = f"{task.mask.location}: {error}; the record has no mask"
        return StoredImage(row, mask_problem=Exclusion(task.mask.image_id, exclusion_reason(error), detail))
    files.put(MASKS, mask.sha256, mask.data)
    return StoredImage(row, mask.sha256)


def store_image(image: PreparedImage, files: ObjectStore) -> dict[str, Any]:
    """Store original and thumbnail of one image and return its row for the database.

    Raises
    ------
    WorkspaceFull
        The disk is full.
    """
    files.put(ORIGINALS, image.sha256, image.data)
    if image.thumbnail == image.data:
        files.link(ORIGINALS, THUMBNAILS, image.sha256)
    else:
        files.put(THUMBNAILS, image.sha256, image.thumbnail)
    return {
        "sha256": image.sha256,
        "source_sha256": image.source_sha256,
        "phash": image.phash,
        "format": image.format,
        "width": image.width,
        "height": image.height,
        "bytes": len(image.data),
        "technical_quality": image.quality.score,
        "sharpness": image.quality.sharpness,
        "exposure": image.quality.exposure,
        "glare": image.quality.glare,
        "quality_driver": image.quality.driver,
        "quality_version": image.quality.version,
        "removed": [str(kind) for kind in image.removed],
    }
