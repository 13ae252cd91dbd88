"""Descriptors as they lie in a workspace; its vocabulary and the cells of its images, so that a new image costs only
its own work."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import NDArray

from dermdash.dataset.descriptor_index import DescriptorIndex, DescriptorProjection, Vocabulary
from dermdash.dataset.local_descriptors import DESCRIPTORS_VERSION, LocalDescriptors
from dermdash.errors import FileMissing
from dermdash.storage.object_store import ObjectStore, write_atomically
from dermdash.storage.workspace import Workspace
from dermdash.workflows.lesion_identity.same_lesion_worker import load_descriptors

_GROWTH = 4
_IMAGES_AT_ONCE = 64
_READ_AT_ONCE = 256


class StoredDescriptors(Sequence[LocalDescriptors]):
    """Descriptors of images, each read when it is asked for: of 100,000 images they would take 4.3 GB.

    ``counts``: how many each has.
    """

    def __init__(self, files: ObjectStore, hashes: Sequence[str], counts: NDArray[np.int64]) -> None:
        self._files, self.hashes, self.counts = files, hashes, counts

    @classmethod
    def there(
        cls, files: ObjectStore, hashes: Sequence[str], *, progress: Callable[[float], None]
    ) -> tuple[StoredDescriptors, list[int]]:
        """Of those of the images that are there and whole, and their places; each is read once to see that."""
        counts = np.full(len(hashes), -1, np.int64)
        for place, sha256 in enumerate(hashes):
            if place % _READ_AT_ONCE == 0:
                progress(place / len(hashes))
            if (image := load_descriptors(files, sha256)) is not None:
                counts[place] = len(image)
        places = np.flatnonzero(counts >= 0)
        return cls(files, [hashes[i] for i in places.tolist()], counts[places]), places.tolist()

    def some(self, places: NDArray[np.int64]) -> StoredDescriptors:
        """Those at some places."""
        return StoredDescriptors(self._files, [self.hashes[i] for i in places.tolist()], self.counts[places])

    def __len__(self) -> int:
        return len(self.hashes)

    @overload
    def __getitem__(self, place: int) -> LocalDescriptors: ...
    @overload
    def __getitem__(self, place: slice) -> list[LocalDescriptors]: ...
    def __getitem__(self, place: int | slice) -> LocalDescriptors | list[LocalDescriptors]:
        """Read them.

        Raises
        ------
        FileMissing
            They were there when all were counted.
        """
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        image = load_descriptors(self._files, self.hashes[place])
        if image is None or len(image) != self.counts[place]:
            raise FileMissing(
                f"The descriptors of the image {self.hashes[place]} were changed or deleted while they were searched. "
                "Search again: they are made again."
            )
        return image


@dataclass(frozen=True, slots=True)
class _Stored:
    vocabulary: Vocabulary
    learned_from: int
    cells: dict[str, NDArray[np.int16]]


def _path(workspace: Workspace) -> Path:
    return workspace.home / "findings" / f"descriptor-index-{DESCRIPTORS_VERSION}.npz"


def index_images(
    workspace: Workspace, images: StoredDescriptors, *, progress: Callable[[float], None] = lambda share: None
) -> DescriptorIndex:
    """Return an index over the images, in order; only images that are not in the stored one are sorted into cells.

    The vocabulary is learned anew when there are four times the images it was learned from. What is sorted is stored at
    any end, as when ``progress``, which is told the share done, ends the work.
    """
    stored = _load(_path(workspace))
    if stored is None or len(images) > _GROWTH * stored.learned_from:
        stored = _Stored(Vocabulary.learn(images, int(images.counts.sum())), len(images), {})
    cells = stored.cells
    missing = [
        i for i, (name, count) in enumerate(zip(images.hashes, images.counts.tolist(), strict=True))
        if name not in cells or len(cells[name]) != count
    ]  # fmt: skip
    sorted_here = 0
    try:
        for start in range(0, len(missing), _IMAGES_AT_ONCE):
            progress(start / len(missing))
            part = missing[start : start + _IMAGES_AT_ONCE]
            points = stored.vocabulary.project(np.concatenate([images[i].vectors for i in part]))
            ends = np.cumsum(images.counts[part])[:-1]
            for i, of_image in zip(part, np.split(stored.vocabulary.cells_of(points), ends), strict=True):
                cells[images.hashes[i]] = of_image
            sorted_here += len(part)
    finally:
        if sorted_here:
            _save(_path(workspace), stored)
    return DescriptorIndex(stored.vocabulary, images, [cells[name] for name in images.hashes])


def stored_projection(workspace: Workspace) -> DescriptorProjection | None:
    """The projection of the stored index, None where there is none."""
    stored = _load(_path(workspace))
    return None if stored is None else DescriptorProjection(stored.vocabulary.mean, stored.vocabulary.axes)


def _load(path: Path) -> _Stored | None:
    """What is stored; None where nothing is, or where it is damaged: it can be made again."""
    try:
        with np.load(path, allow_pickle=False) as file:
            vocabulary = Vocabulary(file["mean"], file["axes"], file["centres"])
            ends = np.cumsum(file["counts"])[:-1]
            cells = np.split(file["cells"], ends) if len(file["counts"]) else []
            return _Stored(
                vocabulary, int(file["learned_from"]), dict(zip(file["hashes"].tolist(), cells, strict=True))
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _save(path: Path, stored: _Stored) -> None:
    buffer = io.BytesIO()
    width = next(iter(stored.cells.values())).shape[1]
    np.savez(
        buffer,
        mean=stored.vocabulary.mean,
        axes=stored.vocabulary.axes,
        centres=stored.vocabulary.centres,
        learned_from=stored.learned_from,
        hashes=np.array(list(stored.cells), dtype=str),
        counts=np.array([len(c) for c in stored.cells.values()]),
        cells=np.concatenate([np.empty((0, width), np.int16), *stored.cells.values()]),
    )
    write_atomically(path, buffer.getvalue())
