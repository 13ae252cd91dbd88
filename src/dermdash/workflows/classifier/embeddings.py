"""Features of the records, kept in step with records and model.

``append_features`` stores features, ``record_ids`` says whose are current, ``coverage`` how many records lack them,
``current_features`` reads them, ``current_facts`` says whose they are. What they are searched for:
``workflows/classifier/find_similar.py``.

Features whose record is gone, whose image is another now, or that another checkpoint computed are never returned: they
count as missing, and the next prediction computes them again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdash.errors import NotFound
from dermdash.storage import models, records
from dermdash.storage.feature_store import FeatureStore, StoredRows
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.image_kinds import datasets_of_kind


@dataclass(frozen=True, slots=True)
class FeatureCoverage:
    """How many records of one kind a model could have features of (those of its taxonomy), and how many it has."""

    records: int
    with_features: int

    @property
    def missing(self) -> int:
        """Records without features: never predicted, or their image changed since."""
        return self.records - self.with_features


def feature_store(workspace: Workspace, model_id: str) -> FeatureStore:
    """The files with the features of one model, those of the first version rewritten."""
    store = FeatureStore(workspace.files, model_id)
    if store.in_first_form:
        known = records.similarity_columns(workspace.engine)
        hashes = dict(zip(known["id"], known["image_sha256"], strict=True))
        store.give_hashes_to_first_form(hashes, checkpoint_sha256=checkpoint_of(workspace, model_id))
    return store


def checkpoint_of(workspace: Workspace, model_id: str) -> str:
    """Hash of the checkpoint that features of a model come from; empty where there is no such model."""
    try:
        return str(models.get_model(workspace.engine, model_id)["checkpoint_sha256"])
    except NotFound:
        return ""


def append_features(
    workspace: Workspace,
    model_id: str,
    ids: Sequence[str],
    features: NDArray[np.float32],
    *,
    image_sha256: Sequence[str] | None = None,
) -> None:
    """Add features (n, d); a record that is there already is replaced.

    ``image_sha256`` says which file each was computed from; None: the image that the record has now.
    """
    if len(ids) == 0:
        return
    if image_sha256 is None:
        present = records.image_hashes(workspace.engine, ids)
        image_sha256 = [present.get(record_id, "") for record_id in ids]
    feature_store(workspace, model_id).append(
        ids, features, image_sha256=image_sha256, checkpoint_sha256=checkpoint_of(workspace, model_id)
    )


def _current(rows: StoredRows, known: pd.DataFrame, checkpoint: str) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """Which stored rows still hold, and the row of ``known`` (one per record) that each belongs to."""
    place = pd.Index(known["id"]).get_indexer(pd.Index(rows.record_ids))
    there = place >= 0
    hashes = known["image_sha256"].to_numpy().astype(np.bytes_) if len(known) else np.array([], dtype=np.bytes_)
    current = there & (rows.checkpoint_sha256 == checkpoint.encode())
    current[current] = rows.image_sha256[current] == hashes[place[current]]
    return current, place


def record_ids(workspace: Workspace, model_id: str) -> set[str]:
    """Ids of the records whose features are stored and current."""
    rows = feature_store(workspace, model_id).rows()
    if len(rows) == 0:
        return set()
    known = records.similarity_columns(workspace.engine)
    current, _ = _current(rows, known, checkpoint_of(workspace, model_id))
    return set(rows.record_ids[current].tolist())


def stored_features(
    workspace: Workspace, model_id: str, *, simulated: bool | None = None
) -> tuple[list[str], NDArray[np.float32]]:
    """Record ids and features (n, d), as computed, of every record whose features are current; of one kind if named."""
    ids, features, _ = current_features(workspace, model_id, simulated=simulated)
    return ids, features


def coverage(
    workspace: Workspace, model_id: str, *, simulated: bool | None = None, facts: pd.DataFrame | None = None
) -> FeatureCoverage:
    """How far a model's features go, over photographs or (``simulated``) drawn images; None: those of its own kind.

    ``facts``: what `current_facts` says of that kind, where it has been asked already.

    Raises
    ------
    NotFound
        There is no such model.
    """
    model = models.get_model(workspace.engine, model_id)
    kind = bool(model["simulated"]) if simulated is None else simulated
    datasets = {d["id"]: d["records"] for d in datasets_of_kind(workspace, simulated=kind, taxonomy=model["taxonomy"])}
    if facts is None:
        facts = current_facts(workspace, model_id, simulated=kind)
    return FeatureCoverage(sum(datasets.values()), int(facts["dataset_id"].isin(list(datasets)).sum()))


def current_facts(workspace: Workspace, model_id: str, *, simulated: bool) -> pd.DataFrame:
    """Facts (``records.similarity_columns``) of every record of a kind with current features, without reading these."""
    rows = feature_store(workspace, model_id).rows()
    known = records.similarity_columns(workspace.engine)
    current, place = _current(rows, known, checkpoint_of(workspace, model_id))
    wanted = {d["id"] for d in datasets_of_kind(workspace, simulated=simulated)}
    facts = known.iloc[place[current]]
    return facts[facts["dataset_id"].isin(wanted)].reset_index(drop=True)


def current_features(
    workspace: Workspace, model_id: str, *, simulated: bool | None = None
) -> tuple[list[str], NDArray[np.float32], pd.DataFrame]:
    """Record ids, features (n, d) and facts (``records.similarity_columns``) of every record with current features.

    ``simulated`` None: records of both kinds.
    """
    store = feature_store(workspace, model_id)
    rows = store.rows()
    known = records.similarity_columns(workspace.engine)
    current, place = _current(rows, known, checkpoint_of(workspace, model_id))
    if simulated is not None:
        wanted = {d["id"] for d in datasets_of_kind(workspace, simulated=simulated)}
        current[current] = known["dataset_id"].iloc[place[current]].isin(wanted).to_numpy()
    return rows.record_ids[current].tolist(), store.read(current), known.iloc[place[current]].reset_index(drop=True)
