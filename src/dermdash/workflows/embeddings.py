"""Features of the records, kept in step with records and model, and the similar images they give.

- ``append`` stores features, ``record_ids`` says whose are current, ``coverage`` how many records lack them.
- ``similar_records`` and ``similar_to_image`` find the most similar records, with filters.

Features whose record is gone, whose image is another now, or that another checkpoint computed are never returned: they
count as missing, and the next prediction computes them again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdash.errors import InvalidInput, NotFound
from dermdash.storage import findings, models, records
from dermdash.storage.feature_store import FeatureStore, StoredRows
from dermdash.storage.workspace import Workspace
from dermdash.workflows.feature_index import FeatureIndex, IndexCache, NeighbourFilter

if TYPE_CHECKING:
    from PIL.Image import Image

_indices = IndexCache()


@dataclass(frozen=True, slots=True)
class SimilarRecord:
    """A similar record: what a tile shows of it, the cosine similarity (-1..1), and whether it is the very file asked
    with.
    """

    record_id: str
    image_id: str
    dx: str
    image_sha256: str
    similarity: float
    dataset_id: str = ""
    lesion_id: str = ""
    verification_stage: int | None = None
    identical: bool = False


@dataclass(frozen=True, slots=True)
class FeatureCoverage:
    """How many records a model could have features of (those of its taxonomy), and how many it has."""

    records: int
    with_features: int

    @property
    def missing(self) -> int:
        """Records without features: never predicted, or their image changed since."""
        return self.records - self.with_features


def feature_store(workspace: Workspace, model_id: str) -> FeatureStore:
    """The files with the features of one model, those of the first version rewritten."""
    store = FeatureStore(workspace.embeddings, model_id)
    if store.in_first_form:
        known = records.similarity_columns(workspace.engine)
        hashes = dict(zip(known["id"], known["image_sha256"], strict=True))
        store.give_hashes_to_first_form(hashes, checkpoint_sha256=_checkpoint(workspace, model_id))
    return store


def _checkpoint(workspace: Workspace, model_id: str) -> str:
    try:
        return str(models.get_model(workspace.engine, model_id)["checkpoint_sha256"])
    except NotFound:
        return ""


def append(
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
        ids, features, image_sha256=image_sha256, checkpoint_sha256=_checkpoint(workspace, model_id)
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
    current, _ = _current(rows, known, _checkpoint(workspace, model_id))
    return set(rows.record_ids[current].tolist())


def stored_features(workspace: Workspace, model_id: str) -> tuple[list[str], NDArray[np.float32]]:
    """Record ids and features (n, d), as computed, of every record whose features are current."""
    ids, features, _ = _read(workspace, model_id)
    return ids, features


def coverage(workspace: Workspace, model_id: str) -> FeatureCoverage:
    """How far a model's features go.

    Raises
    ------
    NotFound
        There is no such model.
    """
    taxonomy = models.get_model(workspace.engine, model_id)["taxonomy"]
    datasets = {d["id"]: d["records"] for d in records.list_datasets(workspace.engine) if d["taxonomy"] == taxonomy}
    known = records.similarity_columns(workspace.engine)
    current, place = _current(feature_store(workspace, model_id).rows(), known, _checkpoint(workspace, model_id))
    with_features = int(known["dataset_id"].iloc[place[current]].isin(list(datasets)).sum())
    return FeatureCoverage(sum(datasets.values()), with_features)


def _read(workspace: Workspace, model_id: str) -> tuple[list[str], NDArray[np.float32], pd.DataFrame]:
    store = feature_store(workspace, model_id)
    rows = store.rows()
    known = records.similarity_columns(workspace.engine)
    current, place = _current(rows, known, _checkpoint(workspace, model_id))
    return rows.record_ids[current].tolist(), store.read(current), known.iloc[place[current]].reset_index(drop=True)


def index_state(workspace: Workspace, model_id: str) -> tuple[str, ...]:
    """A value that changes whenever a model's neighbours may: with records, features, checkpoint,
    and pairs that people confirm as one lesion."""
    version = feature_store(workspace, model_id).version()
    pairs = hashlib.sha256(repr(findings.confirmed_pairs(workspace.engine)).encode()).hexdigest()
    return (*version, records.data_version(workspace.engine), _checkpoint(workspace, model_id), pairs)


def index_of(workspace: Workspace, model_id: str) -> FeatureIndex:
    """The searchable features of a model, built once and kept until records, features or model change.

    Raises
    ------
    NotFound
        The model has no features yet.
    """
    none_yet = NotFound(f"The model {model_id} has no features yet: run `dermdash predict --model {model_id}`.")
    if not feature_store(workspace, model_id).version():
        raise none_yet

    def build() -> FeatureIndex:
        _, features, facts = _read(workspace, model_id)
        return FeatureIndex.build(features, facts, pairs=findings.confirmed_pairs(workspace.engine))

    index = _indices.get((str(workspace.home), model_id), index_state(workspace, model_id), build)
    if len(index) == 0:
        raise none_yet
    return index


def _filter(
    workspace: Workspace,
    model_id: str,
    *,
    classes: Collection[str],
    dataset_ids: Collection[str],
    stages: Collection[int],
    training_lesions_only: bool,
    excluded_ids: Collection[str],
) -> NeighbourFilter:
    digests = None
    if training_lesions_only:
        if not models.get_model(workspace.engine, model_id)["training_lesions_known"]:
            raise InvalidInput(f"It is not known which lesions the model {model_id} was trained on.")
        digests = frozenset(models.training_lesion_digests(workspace.engine, model_id))
    return NeighbourFilter(
        frozenset(classes), frozenset(dataset_ids), frozenset(stages), digests, frozenset(excluded_ids)
    )


def similar_records(
    workspace: Workspace,
    record_id: str,
    *,
    model_id: str,
    k: int = 8,
    dataset_id: str | None = None,
    classes: Collection[str] = (),
    dataset_ids: Collection[str] = (),
    stages: Collection[int] = (),
    training_lesions_only: bool = False,
    excluded_ids: Collection[str] = (),
) -> list[SimilarRecord]:
    """The ``k`` diagnosed records most similar to one, never of the same lesion, patient or file.

    Parameters
    ----------
    dataset_id, dataset_ids
        Only records of this data set, or of these; none given: all.
    classes, stages
        Only these diagnoses (codes), only these verification stages; none given: all.
    training_lesions_only
        Only records of lesions the model was trained on: what it may be remembering.
    excluded_ids
        Records that may not appear: the cases of a study, whose diagnoses a neighbour would give away.

    Raises
    ------
    NotFound
        The model has no features of the record: predict it first.
    InvalidInput
        ``k`` below 1, or training lesions asked of a model that does not know them.
    """
    wanted = _filter(
        workspace, model_id, classes=classes, stages=stages, training_lesions_only=training_lesions_only,
        dataset_ids=[*dataset_ids, *([] if dataset_id is None else [dataset_id])], excluded_ids=excluded_ids,
    )  # fmt: skip
    for _ in range(2):
        index = index_of(workspace, model_id)
        found = index.neighbours_of(record_id, k=k, wanted=wanted)
        shown = _as_stored(workspace, index, found, identical=frozenset())
        if shown is not None:
            return shown
        _indices.forget((str(workspace.home), model_id))
    raise InvalidInput("The records are being changed at this moment; please try again.")


def similar_to_features(
    workspace: Workspace,
    features: NDArray[np.floating],
    *,
    model_id: str,
    k: int = 8,
    classes: Collection[str] = (),
    dataset_ids: Collection[str] = (),
    stages: Collection[int] = (),
    training_lesions_only: bool = False,
    identical_ids: Collection[str] = (),
    leave_out_identical: bool = True,
) -> list[SimilarRecord]:
    """The ``k`` diagnosed records most similar to the features (d,) of an image from elsewhere.

    Parameters
    ----------
    identical_ids
        Records whose image is the very file asked with (``records_of_upload``).
    leave_out_identical
        Leave out those records, their lesions and their patients; False: they may appear, marked ``identical``.
    classes, dataset_ids, stages, training_lesions_only
        As in ``similar_records``.
    """
    wanted = _filter(
        workspace, model_id, classes=classes, stages=stages, training_lesions_only=training_lesions_only,
        dataset_ids=dataset_ids, excluded_ids=(),
    )  # fmt: skip
    for _ in range(2):
        index = index_of(workspace, model_id)
        found = index.search(features, k=k, wanted=wanted, not_like=identical_ids if leave_out_identical else ())
        shown = _as_stored(workspace, index, found, identical=frozenset(identical_ids))
        if shown is not None:
            return shown
        _indices.forget((str(workspace.home), model_id))
    raise InvalidInput("The records are being changed at this moment; please try again.")


def similar_to_image(
    workspace: Workspace,
    image: bytes | Image,
    *,
    model_id: str,
    k: int = 8,
    classes: Collection[str] = (),
    dataset_ids: Collection[str] = (),
    stages: Collection[int] = (),
    training_lesions_only: bool = False,
    leave_out_identical: bool = True,
) -> list[SimilarRecord]:
    """The ``k`` diagnosed records most similar to an image file (encoded bytes) or a Pillow image; nothing is stored.

    Of a Pillow image it cannot be told whether a record has the very file. Parameters as ``similar_to_features``; a
    caller that has run the network already passes its features there.

    Raises
    ------
    UnreadableImage, UnsafeUpload
        The bytes are no complete image, or one that would exhaust memory.
    NotFound
        The model or its features are not there.
    """
    identical = records_of_upload(workspace, image) if isinstance(image, bytes) else ()
    return similar_to_features(
        workspace, features_of_image(workspace, image, model_id=model_id), model_id=model_id, k=k, classes=classes,
        dataset_ids=dataset_ids, stages=stages, training_lesions_only=training_lesions_only,
        identical_ids=identical, leave_out_identical=leave_out_identical,
    )  # fmt: skip


def features_of_image(workspace: Workspace, image: bytes | Image, *, model_id: str) -> NDArray[np.float32]:
    """Features (d,) of an image from elsewhere; raises as ``similar_to_image``."""
    from dermdash.classifier.checkpoints import load_checkpoint
    from dermdash.classifier.inference import predict
    from dermdash.workflows.classify import checkpoint_path

    index_of(workspace, model_id)  # says so before a network is loaded for nothing
    classifier = load_checkpoint(checkpoint_path(workspace, model_id))
    return predict(classifier, [image]).features[0]


def records_of_upload(workspace: Workspace, data: bytes) -> list[str]:
    """Ids of the records whose image is this very file: as it came, or once its metadata is removed."""
    from dermdash.dataset.deidentification import restore_orientation, strip_metadata

    hashes = {hashlib.sha256(data).hexdigest()}
    with suppress(InvalidInput):  # a form that is never stored: no record has it
        hashes.add(hashlib.sha256(restore_orientation(strip_metadata(data))).hexdigest())
    return records.record_ids_of_files(workspace.engine, hashes)


def _as_stored(
    workspace: Workspace, index: FeatureIndex, found: Sequence[tuple[str, float]], *, identical: Collection[str]
) -> list[SimilarRecord] | None:
    """What was found with what the database says of it now; None when an image is another than the index knows."""
    rows = records.records_by_id(workspace.engine, [record_id for record_id, _ in found]).set_index("id")
    shown = []
    for record_id, similarity in found:
        if record_id not in rows.index or rows.at[record_id, "image_sha256"] != index.image_sha256(record_id):
            return None
        row = rows.loc[record_id]
        shown.append(
            SimilarRecord(
                record_id=record_id,
                image_id=str(row["image_id"]),
                dx=str(row["dx"]),
                image_sha256=str(row["image_sha256"]),
                similarity=similarity,
                dataset_id=str(row["dataset_id"]),
                lesion_id=str(row["lesion_id"]),
                verification_stage=None if pd.isna(row["verification_stage"]) else int(row["verification_stage"]),
                identical=record_id in identical,
            )
        )
    return shown
