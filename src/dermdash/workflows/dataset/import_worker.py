"""What an import does beside the main thread: prepare images and masks, store their files, look at what is stored.

Runs in worker processes, which is why nothing here imports the database. Files are named by their content, so that
two workers that store the same image do no harm. Their rows are written by the caller afterwards: a file without
a row is invisible and is found again by the next run, a row without a file would be a loss.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import cv2
import numpy as np

from dermdash.dataset.image_decoding import decode
from dermdash.dataset.image_ingestion import (
    ImageLimits,
    PreparedImage,
    exclusion_reason,
    prepare_entry,
    prepare_image,
)
from dermdash.dataset.outlines import LesionOutline
from dermdash.dataset.segmentation import prepared_mask
from dermdash.dataset.source_entry import ImageEntry
from dermdash.dataset.source_records import Exclusion, ExclusionReason, SourceRecord
from dermdash.errors import FileMissing, UnfitMask, UnreadableImage, UnsafeUpload
from dermdash.storage.object_store import MASKS, ORIGINALS, THUMBNAILS, ObjectStore
from dermdash.workflows.dataset.covered_versions import SHOWN_COVERED, CoveredVersions
from dermdash.workflows.dataset.restore_files import (
    RestoredFiles,
    StoredFiles,
    is_whole,
    restore_files,
    thumbnail_fault,
)


@dataclass(frozen=True, slots=True)
class ImportTask:
    """One image with its mask, where there is one.

    ``stored``: the files of a record that is there already; the image, where it was given again, is only looked at.
    ``size`` is the width and height of that image.
    """

    image: ImageEntry | None
    mask: ImageEntry | LesionOutline | None = None
    stored: StoredFiles | None = None
    size: tuple[int, int] | None = None


class Item(NamedTuple):
    """A row with what is to do for it."""

    record: SourceRecord
    task: ImportTask


@dataclass(frozen=True, slots=True)
class StoredImage:
    """What the database is told.

    Attributes
    ----------
    row
        Of a new image.
    shown_as
        In place of a row: a part of this picture was covered here before, and this is the hash of the version that is
        shown. Nothing of the picture as it came was stored.
    mask_sha256, mask_problem
        The hash of its mask, or why that was left out.
    notes, details
        Those of the picture file (`image_ingestion.PreparedImage`).
    other_picture
        The image of a record that is there is another one than the one stored.
    restored
        Files of a record that is there which were missing or damaged.
    image_problem
        Why the image of a record that is there could not be looked at.
    """

    row: dict[str, Any] | None = None
    shown_as: str | None = None
    mask_sha256: str | None = None
    mask_problem: Exclusion | None = None
    notes: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)
    other_picture: bool = False
    restored: RestoredFiles = field(default_factory=RestoredFiles)
    image_problem: Exclusion | None = None


NOTHING_COVERED = CoveredVersions()


Outcome = StoredImage | Exclusion
"""What came of one row."""


def store_items(items: Sequence[Item], **places: Any) -> list[Outcome]:
    """As `store_chunk`, for rows."""
    return store_chunk([item.task for item in items], **places)


def given_up(item: Item) -> Outcome:
    """The outcome of an image that its worker died of."""
    location = item.task.image.location if item.task.image is not None else item.record.image_id
    detail = (
        f"{location}: the worker that read it ended, most likely because memory ran out; the next import tries again"
    )
    problem = Exclusion(item.record.image_id, ExclusionReason.WORKER_DIED, detail)
    return problem if item.task.stored is None else StoredImage(image_problem=problem)


def store_chunk(
    tasks: Sequence[ImportTask],
    *,
    files: ObjectStore,
    limits: ImageLimits,
    covered: CoveredVersions = NOTHING_COVERED,
) -> list[Outcome]:
    """Prepare and store several images in order; a bad image comes back as the reason to leave it out.

    Raises
    ------
    WorkspaceFull, WorkspaceReadOnly
        The files cannot be written.
    """
    cv2.setNumThreads(1)  # the workers share the cores; threads inside each would only compete
    return [
        _store(task, files, limits, covered)
        if task.stored is None
        else _look_at(task, task.stored, files, limits, covered)
        for task in tasks
    ]


def _store(
    task: ImportTask, files: ObjectStore, limits: ImageLimits, covered: CoveredVersions
) -> StoredImage | Exclusion:
    if task.image is None:
        return StoredImage()
    image = prepare_entry(task.image, limits=limits)
    if isinstance(image, Exclusion):
        return image
    shown_as = covered.shown_as(image, files=files, limits=limits)
    row = store_image(image, files) if shown_as is None else None
    mask, problem = _store_mask(task.mask, (image.width, image.height), files, limits)
    notes = image.notes if shown_as is None else (*image.notes, SHOWN_COVERED)
    return StoredImage(row, shown_as, mask, problem, notes, image.details)


def _store_mask(
    entry: ImageEntry | LesionOutline | None, size: tuple[int, int] | None, files: ObjectStore, limits: ImageLimits
) -> tuple[str | None, Exclusion | None]:
    if entry is None:
        return None, None
    try:
        mask = prepared_mask(entry, limits=limits, size=size)
    except (UnreadableImage, UnsafeUpload) as error:
        reason = ExclusionReason.UNFIT_MASK if isinstance(error, UnfitMask) else exclusion_reason(error)
        return None, Exclusion(entry.image_id, reason, f"{entry.location}: {error}; the record has no mask")
    _put_whole(files, MASKS, mask.sha256, mask.data)
    return mask.sha256, None


def _look_at(
    task: ImportTask, stored: StoredFiles, files: ObjectStore, limits: ImageLimits, covered: CoveredVersions
) -> StoredImage:
    """Whether the file is of the picture that is stored; what is stored of it is made whole again."""
    if task.image is not None:
        try:
            other = _is_other_picture(task.image.read(), stored, files, limits, covered)
        except (UnreadableImage, UnsafeUpload) as error:
            detail = f"{task.image.location}: {error}; the record keeps the image it has"
            return StoredImage(image_problem=Exclusion(task.image.image_id, exclusion_reason(error), detail))
        if other:
            kept = restore_files(stored, task.image, None, files=files, limits=limits)
            return StoredImage(other_picture=True, restored=kept)
    restored = restore_files(stored, task.image, task.mask, size=task.size, files=files, limits=limits)
    if stored.mask_sha256 is not None:
        return StoredImage(restored=restored)
    mask, problem = _store_mask(task.mask, task.size, files, limits)
    return StoredImage(mask_sha256=mask, mask_problem=problem, restored=restored)


def _is_other_picture(
    data: bytes, stored: StoredFiles, files: ObjectStore, limits: ImageLimits, covered: CoveredVersions
) -> bool:
    """By the bytes as they came or are stored, else by every pixel: another version may have removed other metadata.

    What was covered since is the same picture.
    """
    if hashlib.sha256(data).hexdigest() == stored.source_sha256:
        return False
    image = prepare_image(data, limits=limits)
    if stored.sha256 in (image.sha256, covered.shown_as(image, files=files, limits=limits)):
        return False
    try:
        there = decode(files.get(ORIGINALS, stored.sha256), max_pixels=limits.max_pixels)[1]
    except (FileMissing, UnreadableImage, UnsafeUpload):
        return True
    return not np.array_equal(there, decode(image.data, max_pixels=limits.max_pixels)[1])


def _put_whole(files: ObjectStore, kind: str, sha256: str, data: bytes) -> None:
    """Store a file, over a damaged one of the same name too."""
    if not is_whole(files, kind, sha256):
        files.replace(kind, sha256, data)


def store_image(image: PreparedImage, files: ObjectStore) -> dict[str, Any]:
    """Store original and thumbnail of one image and return its row for the database.

    Raises
    ------
    WorkspaceFull, WorkspaceReadOnly
        The files cannot be written.
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
        "removed": [str(kind) for kind in image.removed],
    }


def _put_thumbnail(image: PreparedImage, files: ObjectStore) -> str:
    """Store the thumbnail and return its hash; a whole one that lies there (from another data set, perhaps) stays."""
    if thumbnail_fault(files, image.sha256, None) is None:
        return hashlib.sha256(files.get(THUMBNAILS, image.sha256)).hexdigest()
    files.take_away(THUMBNAILS, image.sha256)
    if image.thumbnail == image.data:
        files.link(ORIGINALS, THUMBNAILS, image.sha256)
    else:
        files.put(THUMBNAILS, image.sha256, image.thumbnail)
    return hashlib.sha256(image.thumbnail).hexdigest()
