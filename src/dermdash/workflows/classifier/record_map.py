"""The map of records: where each lies among all of its kind by a model's features, and how far from its nearest others.

A map is of one kind of images and all that have features of the model; a filter only hides points of it. It is kept in
the workspace until records, files or the model change.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dermdash.errors import NotFound
from dermdash.progress import CountProgress
from dermdash.records.record_filter import RecordFilter
from dermdash.retrieval.pacmap import METHOD_VERSION, EmbeddingMap, embedding_map
from dermdash.storage import records
from dermdash.storage.map_store import has_map, read_map, write_map
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier.embeddings import (
    FeatureCoverage,
    checkpoint_of,
    coverage,
    current_facts,
    current_features,
)
from dermdash.workflows.classifier.map_columns import MapColumns
from dermdash.workflows.dataset.image_kinds import kind_words

SEED = 0


@dataclass(frozen=True, slots=True)
class RecordMap:
    """Records and their places, row by row.

    ``facts`` has ``id``, ``dataset_id``, ``image_id``, ``lesion_id``, ``patient_id``, ``dx``, ``image_sha256`` and
    ``verification_stage``; ``columns``: what else the records hold; the rest is of `EmbeddingMap`.
    """

    model_id: str
    seed: int
    simulated: bool
    facts: pd.DataFrame
    places: NDArray[np.float32]
    uniqueness: NDArray[np.float32]
    nearest: NDArray[np.int32]
    columns: MapColumns

    def __len__(self) -> int:
        return len(self.facts)

    def table(self) -> pd.DataFrame:
        """One row per record: where it lies, how far its nearest others are, and which is the nearest.

        Without the names of lesions and patients, which would leave with the file.
        """
        ids = self.facts["id"].to_numpy(dtype=object)
        nearest = [None if at < 0 else ids[at] for at in self.nearest]
        frame: pd.DataFrame = self.facts[["id", "dataset_id", "image_id", "dx"]].copy()
        frame["x"], frame["y"], frame["uniqueness"] = self.places[:, 0], self.places[:, 1], self.uniqueness
        frame["nearest"] = nearest
        return frame


@dataclass(frozen=True, slots=True)
class MapState:
    """What there is to draw a map from: the key of the map, how many records have features, and how many lack them."""

    key: str
    points: int
    coverage: FeatureCoverage


def map_state(workspace: Workspace, model_id: str, *, simulated: bool, seed: int = SEED) -> MapState:
    """Say which map the present records and features make.

    Raises
    ------
    NotFound
        There is no such model.
    """
    facts = _facts(workspace, model_id, simulated)
    covered = coverage(workspace, model_id, simulated=simulated, facts=facts)
    return MapState(_key(workspace, model_id, facts, seed), len(facts), covered)


def is_kept(workspace: Workspace, key: str) -> bool:
    """Whether the map of this key is drawn already."""
    return has_map(workspace.files, key)


def record_map(
    workspace: Workspace,
    model_id: str,
    *,
    simulated: bool,
    seed: int = SEED,
    progress: CountProgress | None = None,
    compute: bool = True,
) -> RecordMap | None:
    """The map of all records of one kind; computed where it is not kept, or None where ``compute`` is False then.

    Raises
    ------
    NotFound
        There is no such model, or it has no features of such images.
    """
    facts = _facts(workspace, model_id, simulated)
    if not len(facts):
        raise NotFound(
            f"The model {model_id} has no features of {kind_words(simulated)} yet: run `dermdash predict --model "
            f"{model_id}{' --simulated' if simulated else ''}`."
        )
    key = _key(workspace, model_id, facts, seed)
    found = _as_map(read_map(workspace.files, key), len(facts))
    if found is None:
        if not compute:
            return None
        found = _computed(workspace, model_id, facts, simulated, seed, progress)
        write_map(
            workspace.files, key, places=found.places, uniqueness=found.uniqueness, nearest=found.nearest
        )  # fmt: skip
    columns = MapColumns(workspace, model_id, facts["id"])
    return RecordMap(model_id, seed, simulated, facts, found.places, found.uniqueness, found.nearest, columns)


def _computed(
    workspace: Workspace, model_id: str, facts: pd.DataFrame, simulated: bool, seed: int, progress: CountProgress | None
) -> EmbeddingMap:
    """The map in the order of the facts; a record whose features cannot be read lies nowhere (NaN)."""
    ids, features, _ = features_in_order(workspace, model_id, simulated)
    made = embedding_map(features, seed=seed, progress=progress)
    at = pd.Index(facts["id"]).get_indexer(pd.Index(ids))
    n = len(facts)
    whole = EmbeddingMap(
        np.full((n, 2), np.nan, np.float32), np.full(n, np.nan, np.float32), np.full(n, -1, np.int32)
    )  # fmt: skip
    whole.places[at], whole.uniqueness[at] = made.places, made.uniqueness
    whole.nearest[at] = np.where(made.nearest < 0, -1, at[made.nearest])
    return whole


def chosen_rows(workspace: Workspace, found: RecordMap, record_filter: RecordFilter) -> NDArray[np.intp]:
    """Rows of the map that a filter lets through."""
    passing = found.facts["id"].isin(records.record_ids(workspace.engine, record_filter)).to_numpy()
    return np.flatnonzero(passing & np.isfinite(found.uniqueness))


def records_of_rows(workspace: Workspace, found: RecordMap, rows: NDArray[np.intp]) -> pd.DataFrame:
    """Whole records of some rows of the map, in order, with ``quality``: an examiner's score, else the estimate."""
    ids = found.facts["id"].iloc[rows].tolist()
    frame = records.records_by_id(workspace.engine, ids).set_index("id", drop=False).loc[ids].reset_index(drop=True)
    frame["quality"] = frame["image_quality_score"].where(
        frame["image_quality_score"].notna(), frame["technical_quality"]
    )
    return frame


def features_in_order(
    workspace: Workspace, model_id: str, simulated: bool
) -> tuple[list[str], NDArray[np.float32], pd.DataFrame]:
    """In the order of record ids, whatever order they were predicted in."""
    ids, features, facts = current_features(workspace, model_id, simulated=simulated)
    usable = np.isfinite(features).all(axis=1) if len(ids) else np.zeros(0, bool)
    order = (
        np.flatnonzero(usable)[np.argsort(np.array(ids, dtype=object)[usable])] if usable.any() else np.array([], int)
    )
    return [ids[i] for i in order], features[order], facts.iloc[order].reset_index(drop=True)


def _facts(workspace: Workspace, model_id: str, simulated: bool) -> pd.DataFrame:
    facts = current_facts(workspace, model_id, simulated=simulated)
    # In the same order as pandas would put them, a tenth of the time.
    order = pc.sort_indices(pa.array(facts["id"], pa.string())).to_numpy()
    return facts.iloc[order].reset_index(drop=True)


def _key(workspace: Workspace, model_id: str, facts: pd.DataFrame, seed: int) -> str:
    digest = hashlib.sha256()
    for part in (METHOD_VERSION, model_id, checkpoint_of(workspace, model_id), str(seed)):
        digest.update(f"{part}\n".encode())
    digest.update("".join(map("{} {}\n".format, facts["id"], facts["image_sha256"])).encode())
    return digest.hexdigest()[:32]


def _as_map(stored: dict[str, NDArray[Any]] | None, n: int) -> EmbeddingMap | None:
    if stored is None or any(len(stored.get(name, ())) != n for name in ("places", "uniqueness", "nearest")):
        return None
    return EmbeddingMap(stored["places"], stored["uniqueness"], stored["nearest"])
