"""Maps of embeddings as objects in ``maps/``: computed, and made anew where one is missing or unreadable."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dermdash.errors import FileMissing
from dermdash.storage.object_store import ObjectStore

_FOLDER = "maps"
_KEPT = 12
"""Of a workspace: older ones make way."""
_UNREADABLE = (FileMissing, OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)


def read_map(files: ObjectStore, key: str) -> dict[str, NDArray[Any]] | None:
    """The arrays of a map by name; None where there is none that can be read."""
    try:
        with np.load(io.BytesIO(files.read(_name(key))), allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except _UNREADABLE:
        return None


def has_map(files: ObjectStore, key: str) -> bool:
    """Whether there is an object of that map."""
    return files.has(_name(key))


def write_map(files: ObjectStore, key: str, **arrays: NDArray[Any]) -> None:
    """Keep a map, whole or not at all, and let go of the oldest where there are many.

    Raises
    ------
    WorkspaceFull
        The disk is full.
    """
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    files.write(_name(key), buffer.getvalue())
    for old in sorted(files.list(_FOLDER), key=lambda found: found.written)[:-_KEPT]:
        files.remove(old.name)


def _name(key: str) -> str:
    return f"{_FOLDER}/{key}.npz"
