"""The vocabulary of a workspace and the cells of its images, kept so that a new image costs only its own work."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dermdash.dataset.descriptor_index import DescriptorIndex, DescriptorProjection, Vocabulary
from dermdash.dataset.local_descriptors import DESCRIPTORS_VERSION, LocalDescriptors
from dermdash.storage.object_store import write_atomically
from dermdash.storage.workspace import Workspace

_GROWTH = 4
_IMAGES_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class _Stored:
    vocabulary: Vocabulary
    learned_from: int
    cells: dict[str, NDArray[np.int16]]


def _path(workspace: Workspace) -> Path:
    return workspace.home / "findings" / f"descriptor-index-{DESCRIPTORS_VERSION}.npz"


def index_images(workspace: Workspace, hashes: Sequence[str], images: Sequence[LocalDescriptors]) -> DescriptorIndex:
    """Return an index over the images, in order; only images that are not in the stored one are sorted into cells.

    The vocabulary is learned anew when there are four times the images it was learned from.
    """
    stored = _load(_path(workspace))
    if stored is None or len(hashes) > _GROWTH * stored.learned_from:
        stored = _Stored(Vocabulary.learn(images), len(hashes), {})
    cells = dict(stored.cells)
    missing = [
        i for i, (name, image) in enumerate(zip(hashes, images, strict=True))
        if name not in cells or len(cells[name]) != len(image)
    ]  # fmt: skip
    for start in range(0, len(missing), _IMAGES_AT_ONCE):
        part = missing[start : start + _IMAGES_AT_ONCE]
        points = stored.vocabulary.project(np.concatenate([images[i].vectors for i in part]))
        ends = np.cumsum([len(images[i]) for i in part])[:-1]
        for i, of_image in zip(part, np.split(stored.vocabulary.cells_of(points), ends), strict=True):
            cells[hashes[i]] = of_image
    if missing:
        _save(_path(workspace), _Stored(stored.vocabulary, stored.learned_from, cells))
    return DescriptorIndex(stored.vocabulary, images, [cells[name] for name in hashes])


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
