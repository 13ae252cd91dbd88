"""Maps of embeddings as files in ``maps/``: computed, and made anew where one is missing or unreadable."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dermdash.storage.object_store import write_atomically

_FOLDER = "maps"
_KEPT = 12
"""Of a workspace: older ones make way."""
_UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)


def read_map(home: Path, key: str) -> dict[str, NDArray[Any]] | None:
    """The arrays of a map by name; None where there is none that can be read."""
    try:
        with np.load(_path(home, key), allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except _UNREADABLE:
        return None


def has_map(home: Path, key: str) -> bool:
    """Whether there is a file of that map."""
    return _path(home, key).is_file()


def write_map(home: Path, key: str, **arrays: NDArray[Any]) -> None:
    """Keep a map, whole or not at all, and let go of the oldest where there are many.

    Raises
    ------
    WorkspaceFull
        The disk is full.
    """
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    write_atomically(_path(home, key), buffer.getvalue())
    stored = sorted(_path(home, key).parent.glob("*.npz"), key=lambda path: path.stat().st_mtime)
    for path in stored[:-_KEPT]:
        path.unlink(missing_ok=True)


def _path(home: Path, key: str) -> Path:
    return home / _FOLDER / f"{key}.npz"
