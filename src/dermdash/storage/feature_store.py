"""Features of images as files: one folder per model, only ever added to in parts, each written whole or not at all.

A part is one uncompressed ``.npz`` (its checksums are verified on reading) with the record, the hash of the file the
features were computed from, and the features. A later part wins over an earlier one, so a crash between writing a
merged part and removing what it replaces loses nothing. A part that cannot be read counts as absent: its records are
missing features again, and the next prediction computes them.
"""

import io
import logging
import os
import threading
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdash.storage.object_store import EMBEDDINGS, ObjectStore
from dermdash.wording import counted

_log = logging.getLogger(__name__)
_MERGED_ROWS = 8192
"""Parts smaller than this grow with the next append: it bounds both the rewriting (16 MiB) and the number of parts."""
_UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)


@dataclass(frozen=True, slots=True)
class StoredRows:
    """Whose features they are: record ids, the sha256 of the image each was computed from, and the checkpoint's.

    ``image_sha256`` is empty where it is not known (features stored before it was kept).
    """

    record_ids: NDArray[np.str_]
    image_sha256: NDArray[np.bytes_]
    checkpoint_sha256: NDArray[np.bytes_]

    def __len__(self) -> int:
        return len(self.record_ids)


@dataclass(frozen=True, slots=True)
class FeatureStore:
    """The stored features of one model, among the objects of a workspace."""

    files: ObjectStore
    model_id: str

    @property
    def _first_form(self) -> str:
        """The single file of the first version: ``ids`` and ``features``, without the hash of the image."""
        return f"{EMBEDDINGS}/{self.model_id}.npz"

    def _parts(self) -> list[str]:
        """Names of the parts, the oldest first."""
        found = self.files.list(f"{EMBEDDINGS}/{self.model_id}")
        parts = sorted(part.name for part in found if part.name.endswith(".npz"))
        return [self._first_form, *parts] if self.in_first_form else parts

    def version(self) -> tuple[str, ...]:
        """A value that changes whenever the stored features do; parts never change, so their names are enough."""
        return tuple(part.rpartition("/")[2] for part in self._parts())

    def rows(self) -> StoredRows:
        """Whose features are stored, without reading the features."""
        return self._rows_and_places()[0]

    def append(
        self,
        record_ids: Sequence[str],
        features: NDArray[np.floating],
        *,
        image_sha256: Sequence[str],
        checkpoint_sha256: str,
    ) -> None:
        """Store features (n, d); those of a record that is there already are replaced.

        Raises
        ------
        WorkspaceFull
            The disk is full; what was stored before is whole.
        """
        if len(record_ids) == 0:
            return
        rows = StoredRows(
            np.array(record_ids, dtype=np.str_),
            np.array(image_sha256, dtype=np.bytes_),
            np.full(len(record_ids), checkpoint_sha256.encode()),
        )
        matrix = np.ascontiguousarray(features, dtype=np.float32)
        parts = self._parts()
        previous = parts[-1] if parts and parts[-1] != self._first_form else None
        if previous is not None and (before := self._read_rows(previous)) is not None and len(before) < _MERGED_ROWS:
            old = self._read_features(previous)
            if old is not None and old.shape[1:] == matrix.shape[1:]:
                kept = ~np.isin(before.record_ids, rows.record_ids)
                rows, matrix = _joined([_selected(before, kept), rows]), np.concatenate([old[kept], matrix])
            else:
                previous = None
        else:
            previous = None
        self._write(rows, matrix)
        if previous is not None:
            self.files.remove(previous)

    def give_hashes_to_first_form(self, image_sha256: dict[str, str], *, checkpoint_sha256: str) -> None:
        """Rewrite the single file of the first version as a part, with the hashes its records' images have now.

        That file was written when nothing could change a record's image, so the present hash is the right one.
        """
        rows, features = self._read_rows(self._first_form), self._read_features(self._first_form)
        if rows is not None and features is not None and len(rows):
            hashes = np.array([image_sha256.get(str(name), "") for name in rows.record_ids], dtype=np.bytes_)
            checkpoint = np.full(len(rows), checkpoint_sha256.encode())
            # Older than every part, whatever the clock says.
            self._write(StoredRows(rows.record_ids, hashes, checkpoint), features, name=f"{0:020d}.npz")
        self.files.remove(self._first_form)

    @property
    def in_first_form(self) -> bool:
        """Whether features of the first version are still to be rewritten."""
        return self.files.has(self._first_form)

    def read(self, wanted: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Return float32 (n, d): the features of the rows of ``rows()`` that are marked, in their order.

        A part that became unreadable since gives NaN. The matrix is allocated once and filled part by part.
        """
        rows, places = self._rows_and_places()
        if len(rows) != len(wanted):
            raise ValueError(f"{len(wanted)} marks for {counted(len(rows), 'row')}")
        offset = 0
        matrix: NDArray[np.float32] | None = None
        chosen = np.flatnonzero(wanted)
        for part, within in places:
            here = chosen[(chosen >= offset) & (chosen < offset + len(within))] - offset
            offset += len(within)
            if len(here) == 0:
                continue
            features = self._read_features(part)
            if features is None:
                continue
            if matrix is None:
                matrix = np.full((len(chosen), features.shape[1]), np.nan, dtype=np.float32)
            if features.shape[1] != matrix.shape[1]:
                continue
            first = int(np.searchsorted(chosen, offset - len(within)))
            matrix[first : first + len(here)] = features[within[here]]
        return np.empty((len(chosen), 0), dtype=np.float32) if matrix is None else matrix

    def _rows_and_places(self) -> tuple[StoredRows, list[tuple[str, NDArray[np.intp]]]]:
        """The rows that count, and where each lies: of each part its name and the positions within it."""
        found: list[tuple[str, StoredRows]] = []
        for part in self._parts():
            rows = self._read_rows(part)
            if rows is not None and len(rows):
                found.append((part, rows))
        if not found:
            nothing = np.array([], dtype=np.bytes_)
            return StoredRows(np.array([], dtype=np.str_), nothing, nothing), []
        every = _joined([rows for _, rows in found])
        # The last occurrence of a record counts.
        kept = ~pd.Index(every.record_ids).duplicated(keep="last")
        ends = np.cumsum([len(rows) for _, rows in found])
        pieces = np.split(kept, ends[:-1])
        places = [(part, np.flatnonzero(piece)) for (part, _), piece in zip(found, pieces, strict=True)]
        return _selected(every, kept), places

    def _write(self, rows: StoredRows, features: NDArray[np.float32], *, name: str | None = None) -> None:
        # The names sort in the order of writing; the process makes two writers in one instant differ.
        name = name or f"{time.time_ns():020d}-{os.getpid()}-{threading.get_ident()}.npz"
        buffer = io.BytesIO()
        np.savez(
            buffer,
            ids=rows.record_ids,
            image_sha256=rows.image_sha256,
            checkpoint_sha256=rows.checkpoint_sha256,
            features=features,
        )
        self.files.write(f"{EMBEDDINGS}/{self.model_id}/{name}", buffer.getvalue())

    def _read_rows(self, part: str) -> StoredRows | None:
        return _rows_in(self.files.local(part))

    def _read_features(self, part: str) -> NDArray[np.float32] | None:
        return _features_in(self.files.local(part))


def _joined(parts: list[StoredRows]) -> StoredRows:
    if len(parts) == 1:
        return parts[0]
    return StoredRows(
        np.concatenate([p.record_ids for p in parts]),
        np.concatenate([p.image_sha256 for p in parts]),
        np.concatenate([p.checkpoint_sha256 for p in parts]),
    )


def _selected(rows: StoredRows, kept: NDArray[np.bool_]) -> StoredRows:
    return StoredRows(rows.record_ids[kept], rows.image_sha256[kept], rows.checkpoint_sha256[kept])


def _rows_in(part: Path) -> StoredRows | None:
    try:
        with np.load(part, allow_pickle=False) as file:
            ids = file["ids"].astype(np.str_)
            if "image_sha256" not in file:
                unknown = np.full(len(ids), b"")
                return StoredRows(ids, unknown, unknown)
            hashes, checkpoints = file["image_sha256"].astype(np.bytes_), file["checkpoint_sha256"].astype(np.bytes_)
            if not len(ids) == len(hashes) == len(checkpoints):
                raise ValueError("columns of different length")
            return StoredRows(ids, hashes, checkpoints)
    except _UNREADABLE as error:
        _say_unreadable(part, error)
        return None


def _features_in(part: Path) -> NDArray[np.float32] | None:
    try:
        with np.load(part, allow_pickle=False) as file:
            features = file["features"]
            if features.ndim != 2 or len(features) != len(file["ids"]):
                raise ValueError(f"features of shape {features.shape}")
            return np.asarray(features, dtype=np.float32)
    except _UNREADABLE as error:
        _say_unreadable(part, error)
        return None


def _say_unreadable(part: Path, error: Exception) -> None:
    _log.warning("features in %s cannot be read and count as missing: %s", part, error)
