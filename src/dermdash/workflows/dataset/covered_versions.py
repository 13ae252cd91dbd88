"""Pictures of which a part was covered, told again where they come with another import.

By the bytes of the file, as it came or as it was stored, else by every pixel: the file may have another name, another
format without loss, or other metadata. Runs in the workers of an import, so nothing here imports the database.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dermdash.dataset.image_decoding import decode
from dermdash.dataset.image_ingestion import ImageLimits, PreparedImage
from dermdash.dataset.local_descriptors import DESCRIPTORS
from dermdash.errors import FileMissing, UnreadableImage, UnsafeUpload
from dermdash.storage.object_store import LOCKED, ORIGINALS, THUMBNAILS, ObjectStore

SHOWN_COVERED = "a part of this picture was covered here before: the record shows the covered version"
_Look = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class CoveredVersions:
    """Every version of an image that was locked away because regions of it were covered.

    ``now`` has the hash of the version in its place by the hash of its file, stored and as it came; ``alike`` the
    hashes of stored files by what they have to share to show the same: perceptual hash, width and height.
    """

    now: Mapping[str, str] = field(default_factory=dict)
    alike: Mapping[_Look, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of_rows(cls, rows: Iterable[Mapping[str, Any]], successors: Mapping[str, str]) -> "CoveredVersions":
        """Made of rows of the table of images, and of what took the place of each version that was locked away."""
        now: dict[str, str] = {}
        alike: dict[_Look, tuple[str, ...]] = {}
        for row in rows:
            latest = row["sha256"]
            while latest in successors:
                latest = successors[latest]
            now |= dict.fromkeys((row["sha256"], row["source_sha256"]), latest)
            look = (row["phash"], row["width"], row["height"])
            alike[look] = (*alike.get(look, ()), row["sha256"])
        return cls(now, alike)

    def shown_as(self, image: PreparedImage, *, files: ObjectStore, limits: ImageLimits) -> str | None:
        """The hash of the version that may be shown of this picture; None where nothing of it was covered."""
        found = self.now.get(image.sha256) or self.now.get(image.source_sha256)
        if found is not None:
            return found
        for sha256 in self.alike.get((image.phash, image.width, image.height), ()):
            try:
                locked = decode(files.get(LOCKED, sha256), max_pixels=limits.max_pixels)[1]
            except (FileMissing, UnreadableImage, UnsafeUpload):
                continue  # its owner has deleted it for good
            if np.array_equal(locked, decode(image.data, max_pixels=limits.max_pixels)[1]):
                return self.now[sha256]
        return None


def take_away(files: ObjectStore, hashes: Iterable[str]) -> None:
    """Remove what pages show of images that are locked away; the locked files stay."""
    for sha256 in hashes:
        for kind in (ORIGINALS, THUMBNAILS, DESCRIPTORS):
            files.take_away(kind, sha256)
