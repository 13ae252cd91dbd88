"""What an import does beside the main thread: prepare images and masks, store their files, look at what is stored.

Runs in worker processes, which is why nothing here imports the database. Files are named by their content, so that
two workers that store the same image do no harm. Their rows are written by the caller afterwards: a file without
a row is invisible and is found again by the next run, a row without a file would be a loss.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from dermdash.dataset.image_decoding import decode
from dermdash.dataset.image_ingestion import (
    THUMBNAIL_SIDE,
    ImageLimits,
    PreparedImage,
    exclusion_reason,
    prepare_entry,
    prepare_image,
)
from dermdash.dataset.image_source import ImageEntry
from dermdash.dataset.segmentation import prepare_mask
from dermdash.dataset.source_records import Exclusion, ExclusionReason
from dermdash.errors import FileMissing, UnfitMask, UnreadableImage, UnsafeUpload
from dermdash.storage.object_store import MASKS, ORIGINALS, THUMBNAILS, ObjectStore

_THUMBNAIL_PIXELS = THUMBNAIL_SIDE**2


@dataclass(frozen=True, slots=True)
class KnownFile:
    """The file of a record that is there already: its hash as it is stored, and as it came."""

    sha256: str
    source_sha256: str


@dataclass(frozen=True, slots=True)
class ImportTask:
    """One image with its mask, where there is one.

    ``known``: its record is there already, and the image, where it was given again, is only looked at. ``size`` is the
    width and height of that image.
    """

    image: ImageEntry | None
    mask: ImageEntry | None = None
    known: KnownFile | None = None
    size: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class StoredImage:
    """What the database is told.

    Attributes
    ----------
    row
        Of a new image.
    mask_sha256, mask_problem
        The hash of its mask, or why that was left out.
    other_picture
        The image of a record that is there is another one than the one stored.
    restored
        Stored files of it that were missing or damaged and are whole again.
    image_problem
        Why the image of a record that is there could not be looked at.
    """

    row: dict[str, Any] | None = None
    mask_sha256: str | None = None
    mask_problem: Exclusion | None = None
    other_picture: bool = False
    restored: tuple[str, ...] = ()
    image_problem: Exclusion | None = None


def store_chunk(
    tasks: Sequence[ImportTask], *, files: ObjectStore, limits: ImageLimits
) -> list[StoredImage | Exclusion]:
    """Prepare and store several images in order; a bad image comes back as the reason to leave it out.

    Raises
    ------
    WorkspaceFull, WorkspaceReadOnly
        The files cannot be written.
    """
    cv2.setNumThreads(1)  # the workers share the cores; threads inside each would only compete
    return [_look_at(task, files, limits) if task.known is not None else _store(task, files, limits) for task in tasks]


def _store(task: ImportTask, files: ObjectStore, limits: ImageLimits) -> StoredImage | Exclusion:
    row, size = None, task.size
    if task.image is not None:
        image = prepare_entry(task.image, limits=limits)
        if isinstance(image, Exclusion):
            return image
        row = store_image(image, files)
        size = image.width, image.height
    mask, problem = _store_mask(task.mask, size, files, limits)
    return StoredImage(row, mask, problem)


def _store_mask(
    entry: ImageEntry | None, size: tuple[int, int] | None, files: ObjectStore, limits: ImageLimits
) -> tuple[str | None, Exclusion | None]:
    if entry is None:
        return None, None
    try:
        mask = prepare_mask(entry.read(), limits=limits, size=size)
    except (UnreadableImage, UnsafeUpload) as error:
        reason = ExclusionReason.UNFIT_MASK if isinstance(error, UnfitMask) else exclusion_reason(error)
        return None, Exclusion(entry.image_id, reason, f"{entry.location}: {error}; the record has no mask")
    files.put(MASKS, mask.sha256, mask.data)
    return mask.sha256, None


def _look_at(task: ImportTask, files: ObjectStore, limits: ImageLimits) -> StoredImage:
    """Whether the file is of the picture that is stored; what is stored of it is made whole again."""
    restored: tuple[str, ...] = ()
    known = task.known
    if known is not None and task.image is not None:
        try:
            data = task.image.read()
            prepared = None
            if hashlib.sha256(data).hexdigest() != known.source_sha256:
                prepared = prepare_image(data, limits=limits)
                if not _same_picture(prepared, known, files, limits):
                    return StoredImage(other_picture=True)
            restored = _restore(data, prepared, known, files, limits)
        except (UnreadableImage, UnsafeUpload) as error:
            detail = f"{task.image.location}: {error}; the record keeps the image it has"
            return StoredImage(image_problem=Exclusion(task.image.image_id, exclusion_reason(error), detail))
    mask, problem = _store_mask(task.mask, task.size, files, limits)
    return StoredImage(None, mask, problem, restored=restored)


def _same_picture(image: PreparedImage, known: KnownFile, files: ObjectStore, limits: ImageLimits) -> bool:
    """By the stored bytes, else by every pixel: another version may have removed other metadata."""
    if image.sha256 == known.sha256:
        return True
    try:
        stored = decode(files.get(ORIGINALS, known.sha256), max_pixels=limits.max_pixels)[1]
    except (FileMissing, UnreadableImage, UnsafeUpload):
        return False
    return np.array_equal(stored, decode(image.data, max_pixels=limits.max_pixels)[1])


def _restore(
    data: bytes, image: PreparedImage | None, known: KnownFile, files: ObjectStore, limits: ImageLimits
) -> tuple[str, ...]:
    broken = tuple(kind for kind in (ORIGINALS, THUMBNAILS) if not _is_whole(kind, known.sha256, files))
    if not broken:
        return ()
    image = image or prepare_image(data, limits=limits)
    if image.sha256 != known.sha256:
        return ()  # another version would store other bytes: only a backup has those
    for kind in broken:
        files.path(kind, known.sha256).unlink(missing_ok=True)
    store_image(image, files)
    return broken


def _is_whole(kind: str, sha256: str, files: ObjectStore) -> bool:
    try:
        data = files.get(kind, sha256)
    except FileMissing:
        return False
    if hashlib.sha256(data).hexdigest() == sha256:
        return True
    if kind != THUMBNAILS:
        return False
    try:
        # A thumbnail is named by its original: that it decodes to its end is what can be asked of it.
        decode(data, max_pixels=_THUMBNAIL_PIXELS)
    except (UnreadableImage, UnsafeUpload):
        return False
    return True


def store_image(image: PreparedImage, files: ObjectStore) -> dict[str, Any]:
    """Store original and thumbnail of one image and return its row for the database.

    Raises
    ------
    WorkspaceFull, WorkspaceReadOnly
        The files cannot be written.
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
    }
