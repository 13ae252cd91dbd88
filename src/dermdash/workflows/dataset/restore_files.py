"""Files of records that are there already, brought back when their data set is imported again.

Runs in the workers of an import, so nothing here imports the database.
"""

import hashlib
from dataclasses import dataclass

from dermdash.dataset.image_ingestion import ImageLimits, PreparedImage, prepare_entry, prepare_image
from dermdash.dataset.outlines import LesionOutline
from dermdash.dataset.segmentation import prepared_mask
from dermdash.dataset.source_entry import ImageEntry
from dermdash.dataset.source_records import Exclusion
from dermdash.dataset.thumbnail_check import fault_of_thumbnail
from dermdash.errors import FileMissing, UnreadableImage, UnsafeUpload
from dermdash.storage.object_store import MASKS, ORIGINALS, THUMBNAILS, ObjectStore


@dataclass(frozen=True, slots=True)
class StoredFiles:
    """The hashes that the database has of a record's files; None: there is no such file, or its hash was not kept.

    ``source_sha256`` is of the original as it came.
    """

    sha256: str
    source_sha256: str
    thumbnail_sha256: str | None = None
    mask_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class RestoredFiles:
    """What was brought back: how many files, the new hash of a thumbnail made anew, and what could not be."""

    count: int = 0
    thumbnail_sha256: str | None = None
    notes: tuple[str, ...] = ()


def restore_files(
    stored: StoredFiles,
    image: ImageEntry | None,
    mask: ImageEntry | LesionOutline | None,
    *,
    size: tuple[int, int] | None = None,
    files: ObjectStore,
    limits: ImageLimits,
) -> RestoredFiles:
    """Bring back what is missing or damaged of a record from the files that are given again.

    A thumbnail is made anew from the original where that is whole.

    Raises
    ------
    WorkspaceFull
        The disk is full.
    """
    count = 0
    notes: list[str] = []
    thumbnail_sha256 = None
    whole = is_whole(files, ORIGINALS, stored.sha256)
    if not whole or thumbnail_fault(files, stored.sha256, stored.thumbnail_sha256) is not None:
        prepared = _prepared_anew(stored.sha256, image, whole=whole, files=files, limits=limits)
        if isinstance(prepared, str):
            notes.append(prepared)
        else:
            if not whole:
                files.replace(ORIGINALS, stored.sha256, prepared.data)
                count += 1
            thumbnail_sha256 = hashlib.sha256(prepared.thumbnail).hexdigest()
            if not is_whole(files, THUMBNAILS, stored.sha256, thumbnail_sha256):
                files.replace(THUMBNAILS, stored.sha256, prepared.thumbnail)
                count += 1
    if stored.mask_sha256 is not None and not is_whole(files, MASKS, stored.mask_sha256):
        problem = _restore_mask(stored.mask_sha256, mask, size=size, files=files, limits=limits)
        notes += [problem] if problem else []
        count += 0 if problem else 1
    return RestoredFiles(count, thumbnail_sha256, tuple(notes))


def is_whole(files: ObjectStore, kind: str, name: str, sha256: str | None = None) -> bool:
    """Whether a stored file is there and has the content its name (or ``sha256``) says."""
    try:
        return hashlib.sha256(files.get(kind, name)).hexdigest() == (sha256 or name)
    except FileMissing:
        return False


def thumbnail_fault(files: ObjectStore, name: str, sha256: str | None) -> str | None:
    """Say what is wrong with a stored thumbnail; without a known hash, whether it is a whole picture decides."""
    try:
        return fault_of_thumbnail(files.get(THUMBNAILS, name), sha256)
    except FileMissing:
        return "is missing"


def _prepared_anew(
    sha256: str, entry: ImageEntry | None, *, whole: bool, files: ObjectStore, limits: ImageLimits
) -> PreparedImage | str:
    if whole:
        try:
            return prepare_image(files.get(ORIGINALS, sha256), limits=limits)
        except (UnreadableImage, UnsafeUpload) as error:
            return f"its thumbnail is missing or damaged and cannot be made anew: {error}"
    lost = "its stored original is missing or damaged"
    if entry is None:
        return f"{lost}, and its file is not among those given"
    prepared = prepare_entry(entry, limits=limits)
    if isinstance(prepared, Exclusion):
        return f"{lost}, and the file given cannot replace it: {prepared.detail}"
    if prepared.sha256 != sha256:
        return f"{lost}, and {entry.location} is another picture"
    return prepared


def _restore_mask(
    sha256: str,
    entry: ImageEntry | LesionOutline | None,
    *,
    size: tuple[int, int] | None,
    files: ObjectStore,
    limits: ImageLimits,
) -> str | None:
    lost = "its stored mask is missing or damaged"
    if entry is None:
        return f"{lost}, and its file is not among those given"
    try:
        mask = prepared_mask(entry, limits=limits, size=size)
    except (UnreadableImage, UnsafeUpload) as error:
        return f"{lost}, and the file given cannot replace it: {entry.location}: {error}"
    if mask.sha256 != sha256:
        return f"{lost}, and {entry.location} is another mask"
    files.replace(MASKS, sha256, mask.data)
    return None
