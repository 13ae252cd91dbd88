"""What an import does beside the main thread: prepare images and masks and store their files.

Runs in worker processes, which is why nothing here imports the database. Files are named by their content, so that
two workers that store the same image do no harm. Their rows are written by the caller afterwards: a file without
a row is invisible and is found again by the next run, a row without a file would be a loss.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import cv2

from dermdash.dataset.image_ingestion import ImageLimits, PreparedImage, exclusion_reason, prepare_entry
from dermdash.dataset.image_source import ImageEntry
from dermdash.dataset.segmentation import prepare_mask
from dermdash.dataset.source_records import Exclusion
from dermdash.errors import UnreadableImage, UnsafeUpload
from dermdash.storage.object_store import MASKS, ORIGINALS, THUMBNAILS, ObjectStore
from dermdash.workflows.dataset.restore_files import (
    RestoredFiles,
    StoredFiles,
    is_whole,
    restore_files,
    thumbnail_fault,
)


@dataclass(frozen=True, slots=True)
class ImportTask:
    """One image to store, with its mask where there is one; ``stored``: the files of a record that is there already."""

    image: ImageEntry | None
    mask: ImageEntry | None = None
    stored: StoredFiles | None = None


@dataclass(frozen=True, slots=True)
class StoredImage:
    """What the database is told: the row of the image, the hash of its mask, and why a mask was left out.

    ``notes`` and ``details`` are those of the picture file (`image_ingestion.PreparedImage`).
    """

    row: dict[str, Any] | None
    mask_sha256: str | None = None
    mask_problem: Exclusion | None = None
    notes: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)
    restored: RestoredFiles = field(default_factory=RestoredFiles)


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
    stored = _stored_image(task, files, limits)
    if isinstance(stored, Exclusion) or task.mask is None or (task.stored and task.stored.mask_sha256):
        return stored
    try:
        mask = prepare_mask(task.mask.read(), limits=limits)
    except (UnreadableImage, UnsafeUpload) as error:
        detail = f"{task.mask.location}: {error}; the record has no mask"
        return replace(stored, mask_problem=Exclusion(task.mask.image_id, exclusion_reason(error), detail))
    _put_whole(files, MASKS, mask.sha256, mask.data)
    return replace(stored, mask_sha256=mask.sha256)


def _stored_image(task: ImportTask, files: ObjectStore, limits: ImageLimits) -> StoredImage | Exclusion:
    if task.stored is not None:
        return StoredImage(None, restored=restore_files(task.stored, task.image, task.mask, files=files, limits=limits))
    if task.image is None:
        return StoredImage(None)
    image = prepare_entry(task.image, limits=limits)
    if isinstance(image, Exclusion):
        return image
    return StoredImage(store_image(image, files), notes=image.notes, details=image.details)


def _put_whole(files: ObjectStore, kind: str, sha256: str, data: bytes) -> None:
    """Store a file, over a damaged one of the same name too."""
    if not is_whole(files, kind, sha256):
        files.replace(kind, sha256, data)


def store_image(image: PreparedImage, files: ObjectStore) -> dict[str, Any]:
    """Store original and thumbnail of one image and return its row for the database.

    Raises
    ------
    WorkspaceFull
        The disk is full.
    """
    _put_whole(files, ORIGINALS, image.sha256, image.data)
    thumbnail_sha256 = _put_thumbnail(image, files)
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
        "thumbnail_sha256": thumbnail_sha256,
    }


def _put_thumbnail(image: PreparedImage, files: ObjectStore) -> str:
    """Store the thumbnail and return its hash; a whole one that lies there (from another data set, perhaps) stays."""
    if thumbnail_fault(files, image.sha256, None) is None:
        return hashlib.sha256(files.get(THUMBNAILS, image.sha256)).hexdigest()
    files.path(THUMBNAILS, image.sha256).unlink(missing_ok=True)
    if image.thumbnail == image.data:
        files.link(ORIGINALS, THUMBNAILS, image.sha256)
    else:
        files.put(THUMBNAILS, image.sha256, image.thumbnail)
    return hashlib.sha256(image.thumbnail).hexdigest()
