"""Features of the records, one matrix per model in the workspace, and the similar images they give."""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dermdash.errors import NotFound
from dermdash.retrieval.nearest_neighbours import NeighbourIndex
from dermdash.storage import records
from dermdash.storage.object_store import write_atomically
from dermdash.storage.workspace import Workspace


@dataclass(frozen=True, slots=True)
class SimilarRecord:
    """A similar record: id, image id, diagnosis, image, and the cosine similarity (-1..1)."""

    record_id: str
    image_id: str
    dx: str
    image_sha256: str
    similarity: float


def _path(workspace: Workspace, model_id: str) -> Path:
    return workspace.embeddings / f"{model_id}.npz"


def _load(path: Path) -> tuple[NDArray[np.str_], NDArray[np.float32]]:
    if not path.exists():
        return np.array([], dtype=str), np.empty((0, 0), dtype=np.float32)
    with np.load(path, allow_pickle=False) as file:
        return file["ids"], file["features"]


def record_ids(workspace: Workspace, model_id: str) -> set[str]:
    """Ids of the records whose features are stored."""
    return set(_load(_path(workspace, model_id))[0].tolist())


def append(workspace: Workspace, model_id: str, ids: Sequence[str], features: NDArray[np.float32]) -> None:
    """Add features (n, d); a record that is there already is replaced."""
    if len(ids) == 0:
        return
    path = _path(workspace, model_id)
    old_ids, old_features = _load(path)
    keep = ~np.isin(old_ids, list(ids))
    joined = np.concatenate([old_features[keep], features]) if keep.any() else features
    buffer = io.BytesIO()
    np.savez(buffer, ids=np.concatenate([old_ids[keep], np.array(ids, dtype=str)]), features=joined)
    write_atomically(path, buffer.getvalue())


_Facts = dict[str, tuple[str, str, str]]


@lru_cache(maxsize=2)
def _index(workspace: Workspace, model_id: str, modified: float, version: str) -> tuple[NeighbourIndex, _Facts]:
    ids, features = _load(_path(workspace, model_id))
    rows = records.similarity_columns(workspace.engine).set_index("id")
    present = np.isin(ids, rows.index.to_numpy(dtype=str))
    ids, features = ids[present], features[present]
    rows = rows.loc[ids.tolist()]
    facts = {
        str(record_id): (str(row.image_id), str(row.dx), str(row.image_sha256))
        for record_id, row in zip(ids, rows.itertuples(), strict=True)
    }
    groups = {
        # Identical files under two names are one image.
        "image": rows["image_sha256"].tolist(),
        "lesion": (rows["dataset_id"] + ":" + rows["lesion_id"]).tolist(),
        "patient": [
            f"{dataset_id}:{patient_id}" if patient_id else None
            for dataset_id, patient_id in zip(rows["dataset_id"], rows["patient_id"], strict=True)
        ],
    }
    return NeighbourIndex(features, image_ids=ids.tolist(), groups=groups), facts


def similar_records(
    workspace: Workspace,
    record_id: str,
    *,
    model_id: str,
    k: int = 8,
    dataset_id: str | None = None,
    excluded_ids: Collection[str] = (),
) -> list[SimilarRecord]:
    """The ``k`` records most similar to one, never of the same lesion, patient or file.

    Parameters
    ----------
    dataset_id
        Only records of this data set; None: all.
    excluded_ids
        Records that may not appear: the cases of a study, whose diagnoses a neighbour would give away.

    Raises
    ------
    NotFound
        The model has no features of the record: predict it first.
    """
    path = _path(workspace, model_id)
    if not path.exists():
        raise NotFound(f"The model {model_id} has no features yet: run `dermdash predict --model {model_id}`.")
    index, facts = _index(workspace, model_id, path.stat().st_mtime, records.data_version(workspace.engine))
    prefix = "" if dataset_id is None else f"{dataset_id}:"
    banned = set(excluded_ids)
    allowed = np.array(
        [i.startswith(prefix) and i not in banned and facts[i][1] != "None" for i in index.image_ids], dtype=bool
    )
    return [
        SimilarRecord(n.image_id, *facts[n.image_id], similarity=n.similarity)
        for n in index.neighbours_of(record_id, k=k, allowed=allowed)
    ]
