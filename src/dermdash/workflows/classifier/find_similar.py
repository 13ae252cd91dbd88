"""The records most similar to a record or to an image from elsewhere, by the features of a model.

Photographs and drawn images are never among one another's neighbours unless asked: each kind has an index of its own. A
record is answered from its own kind, an image from elsewhere (a photograph) from photographs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict, Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdash.errors import InvalidInput, NotFound
from dermdash.storage import findings, models, records
from dermdash.storage.acquisition import rejected_ids
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier.embeddings import checkpoint_of, current_features, feature_store
from dermdash.workflows.classifier.feature_index import FeatureIndex, IndexCache, NeighbourFilter
from dermdash.workflows.classifier.model_registry import load_model
from dermdash.workflows.dataset.identity_groups import identity_groups
from dermdash.workflows.dataset.image_kinds import kind_of_datasets, kind_words, simulated_dataset_ids

if TYPE_CHECKING:
    from PIL.Image import Image

_indices = IndexCache()
Search = Callable[[FeatureIndex], list[tuple[str, float]]]
"""Looks in an index for record ids and their similarities, the nearest first."""


class NeighboursWanted(TypedDict, total=False):
    """Which neighbours are looked for; what is not said leaves none out.

    Attributes
    ----------
    dataset_ids
        Only records of these data sets, which are of one kind; none given: all of the kind.
    classes, stages
        Only these diagnoses (codes), only these verification stages; none given: all.
    training_lesions_only
        Only records of lesions the model was trained on: what it may be remembering.
    excluded_ids
        Records that may not appear: the cases of a study, whose diagnoses a neighbour would give away. What the
        acquisition gate rejected never does.
    """

    classes: Collection[str]
    dataset_ids: Collection[str]
    stages: Collection[int]
    training_lesions_only: bool
    excluded_ids: Collection[str]


@dataclass(frozen=True, slots=True)
class SimilarRecord:
    """A similar record: what a tile shows of it, the cosine similarity (-1..1), whether it is the very file asked
    with, and whether it was drawn by a program.
    """

    record_id: str
    image_id: str
    dx: str
    image_sha256: str
    similarity: float
    dataset_id: str = ""
    lesion_id: str = ""
    verification_stage: int | None = None
    stage_claimed: bool = False
    identical: bool = False
    simulated: bool = False


def index_state(workspace: Workspace, model_id: str) -> tuple[str, ...]:
    """A value that changes whenever a model's neighbours may: with records, features, checkpoint,
    and pairs that people confirm as one lesion."""
    version = feature_store(workspace, model_id).version()
    pairs = hashlib.sha256(repr(findings.confirmed_pairs(workspace.engine)).encode()).hexdigest()
    return (*version, records.data_version(workspace.engine), checkpoint_of(workspace, model_id), pairs)


def index_of(workspace: Workspace, model_id: str, *, simulated: bool = False) -> FeatureIndex:
    """The searchable features a model has of photographs, or of drawn images; built once and kept until they change.

    Raises
    ------
    NotFound
        The model has no features of such records yet.
    """
    none_yet = NotFound(
        f"The model {model_id} has no features of {kind_words(simulated)} yet: run `dermdash predict --model "
        f"{model_id}{' --simulated' if simulated else ''}`."
    )
    if not feature_store(workspace, model_id).version():
        raise none_yet

    def build() -> FeatureIndex:
        ids, features, facts = current_features(workspace, model_id, simulated=simulated)
        return FeatureIndex.build(features, facts, groups=identity_groups(workspace).of(ids))

    index = _indices.get(_key(workspace, model_id, simulated), index_state(workspace, model_id), build)
    if len(index) == 0:
        raise none_yet
    return index


def _key(workspace: Workspace, model_id: str, simulated: bool) -> tuple[str, str]:
    return str(workspace.home), f"{model_id} {kind_words(simulated)}"


def _filter(
    workspace: Workspace,
    model_id: str,
    *,
    classes: Collection[str] = (),
    dataset_ids: Collection[str] = (),
    stages: Collection[int] = (),
    training_lesions_only: bool = False,
    excluded_ids: Collection[str] = (),
) -> NeighbourFilter:
    digests = None
    if training_lesions_only:
        if not models.get_model(workspace.engine, model_id)["training_lesions_known"]:
            raise InvalidInput(f"It is not known which lesions the model {model_id} was trained on.")
        digests = frozenset(models.training_lesion_digests(workspace.engine, model_id))
    return NeighbourFilter(
        frozenset(classes), frozenset(dataset_ids), frozenset(stages), digests,
        frozenset(excluded_ids) | rejected_ids(workspace.engine),
    )  # fmt: skip


def similar_records(
    workspace: Workspace,
    record_id: str,
    *,
    model_id: str,
    k: int = 8,
    simulated: bool | None = None,
    **wanted: Unpack[NeighboursWanted],
) -> list[SimilarRecord]:
    """The ``k`` diagnosed records most similar to one, never of the same lesion, patient or file.

    Parameters
    ----------
    simulated
        Search drawn images (True) or photographs (False); None: those of the record's own kind.
    wanted
        Which of them, see `NeighboursWanted`.

    Raises
    ------
    NotFound
        The model has no features of the record: predict it first.
    InvalidInput
        ``k`` below 1, data sets of both kinds, or training lesions asked of a model that does not know them.
    """
    return similar_to_each(workspace, [record_id], model_id=model_id, k=k, simulated=simulated, **wanted)[record_id]


def similar_to_each(
    workspace: Workspace,
    record_ids: Collection[str],
    *,
    model_id: str,
    k: int = 8,
    simulated: bool | None = None,
    **wanted: Unpack[NeighboursWanted],
) -> dict[str, list[SimilarRecord]]:
    """What `similar_records` finds for each of these records, by its id: asked of the database at once."""
    only = _filter(workspace, model_id, **wanted)
    of_own_kind: dict[bool, list[str]] = {}
    for dataset_id, ids in _by_dataset(workspace, record_ids).items():
        of_own_kind.setdefault(kind_of_datasets(workspace, [dataset_id]), []).extend(ids)
    found: dict[str, list[SimilarRecord]] = {}
    for own, ids in of_own_kind.items():
        kind = _kind(workspace, wanted.get("dataset_ids", ()), simulated, default=own)
        searches = [_search_of(workspace, model_id, record_id, own, kind, k, only) for record_id in ids]
        found |= zip(ids, _searched(workspace, model_id, kind, searches), strict=True)
    return found


def _by_dataset(workspace: Workspace, record_ids: Collection[str]) -> dict[str, list[str]]:
    """The records by their data set; raises NotFound where one is not there."""
    rows = records.records_by_id(workspace.engine, record_ids)
    dataset_of = dict(zip(rows["id"], rows["dataset_id"], strict=True))
    found: dict[str, list[str]] = {}
    for record_id in record_ids:
        if record_id not in dataset_of:
            records.get_record(workspace.engine, record_id)  # which says so
        found.setdefault(str(dataset_of[record_id]), []).append(record_id)
    return found


def _search_of(
    workspace: Workspace, model_id: str, record_id: str, own: bool, kind: bool, k: int, wanted: NeighbourFilter
) -> Search:
    """How the neighbours of a record of the kind ``own`` are looked for among those of ``kind``."""

    def search(index: FeatureIndex) -> list[tuple[str, float]]:
        if kind == own:
            return index.neighbours_of(record_id, k=k, wanted=wanted)
        vector = index_of(workspace, model_id, simulated=own).index.vector_of(record_id)
        return index.search(vector, k=k, wanted=wanted)

    return search


def similar_to_features(
    workspace: Workspace,
    features: NDArray[np.floating],
    *,
    model_id: str,
    k: int = 8,
    simulated: bool | None = None,
    identical_ids: Collection[str] = (),
    leave_out_identical: bool = True,
    **wanted: Unpack[NeighboursWanted],
) -> list[SimilarRecord]:
    """The ``k`` diagnosed records most similar to the features (d,) of an image from elsewhere.

    Parameters
    ----------
    simulated
        Search drawn images (True) or photographs (False); None: photographs, unless the image is the very file of a
        drawn record.
    identical_ids
        Records whose image is the very file asked with (``records_of_upload``).
    leave_out_identical
        Leave out those records, their lesions and their patients; False: they may appear, marked ``identical``.
    wanted
        Which of them, see `NeighboursWanted`.
    """
    only = _filter(workspace, model_id, **wanted)
    kind = _kind(workspace, wanted.get("dataset_ids", ()), simulated, default=is_drawn_record(workspace, identical_ids))
    not_like = identical_ids if leave_out_identical else ()
    (found,) = _searched(
        workspace,
        model_id,
        kind,
        [lambda index: index.search(features, k=k, wanted=only, not_like=not_like)],
        identical=frozenset(identical_ids),
    )
    return found


def similar_to_image(
    workspace: Workspace,
    image: bytes | Image,
    *,
    model_id: str,
    k: int = 8,
    simulated: bool | None = None,
    leave_out_identical: bool = True,
    **wanted: Unpack[NeighboursWanted],
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
    identical = records_of_upload(workspace, image) if isinstance(image, bytes) else []
    kind = _kind(workspace, wanted.get("dataset_ids", ()), simulated, default=is_drawn_record(workspace, identical))
    index_of(workspace, model_id, simulated=kind)  # says so before a network is loaded for nothing
    return similar_to_features(
        workspace,
        features_of_image(workspace, image, model_id=model_id),
        model_id=model_id,
        k=k,
        simulated=kind,
        identical_ids=identical,
        leave_out_identical=leave_out_identical,
        **wanted,
    )


def features_of_image(workspace: Workspace, image: bytes | Image, *, model_id: str) -> NDArray[np.float32]:
    """Features (d,) of an image from elsewhere; raises as ``similar_to_image``."""
    from dermdash.classifier.inference import predict

    return predict(load_model(workspace, model_id), [image]).features[0]


def records_of_upload(workspace: Workspace, data: bytes) -> list[str]:
    """Ids of the records whose image is this very file: as it came, or once its metadata is removed."""
    from dermdash.dataset.deidentification import restore_orientation, strip_metadata

    hashes = {hashlib.sha256(data).hexdigest()}
    with suppress(InvalidInput):  # a form that is never stored: no record has it
        hashes.add(hashlib.sha256(restore_orientation(strip_metadata(data))).hexdigest())
    return records.record_ids_of_files(workspace.engine, hashes)


def is_drawn_record(workspace: Workspace, record_ids: Collection[str]) -> bool:
    """Whether there are such records and all of them are drawn: then an image that is their file is drawn too."""
    if not record_ids:
        return False
    rows = records.records_by_id(workspace.engine, record_ids)
    return bool(rows["dataset_id"].isin(simulated_dataset_ids(workspace)).all())


def _kind(workspace: Workspace, dataset_ids: Collection[str], simulated: bool | None, *, default: bool) -> bool:
    if dataset_ids:
        return kind_of_datasets(workspace, dataset_ids)
    return default if simulated is None else simulated


def _searched(
    workspace: Workspace, model_id: str, kind: bool, searches: Sequence[Search], *, identical: Collection[str] = ()
) -> list[list[SimilarRecord]]:
    """What each search finds, all in one index of the present state."""
    for _ in range(2):
        index = index_of(workspace, model_id, simulated=kind)
        found = [search(index) for search in searches]
        shown = _as_stored(workspace, index, found, identical=identical, simulated=kind)
        if shown is not None:
            return shown
        _indices.forget(_key(workspace, model_id, kind))
    raise InvalidInput("The records are being changed at this moment; please try again.")


def _as_stored(
    workspace: Workspace,
    index: FeatureIndex,
    found: Sequence[Sequence[tuple[str, float]]],
    *,
    identical: Collection[str],
    simulated: bool,
) -> list[list[SimilarRecord]] | None:
    """What was found with what the database says of it now; None when an image is another than the index knows."""
    wanted = {record_id: None for pairs in found for record_id, _ in pairs}
    rows = {row["id"]: row for row in records.records_by_id(workspace.engine, wanted).to_dict("records")}
    if any(
        record_id not in rows or rows[record_id]["image_sha256"] != index.image_sha256(record_id)
        for record_id in wanted
    ):
        return None

    def shown(record_id: str, similarity: float) -> SimilarRecord:
        row = rows[record_id]
        return SimilarRecord(
            record_id=record_id,
            image_id=str(row["image_id"]),
            dx=str(row["dx"]),
            image_sha256=str(row["image_sha256"]),
            similarity=similarity,
            dataset_id=str(row["dataset_id"]),
            lesion_id=str(row["lesion_id"]),
            verification_stage=None if pd.isna(row["verification_stage"]) else int(row["verification_stage"]),
            stage_claimed=not pd.isna(row["stage_claimed"]) and bool(row["stage_claimed"]),
            identical=record_id in identical,
            simulated=simulated,
        )

    return [[shown(record_id, similarity) for record_id, similarity in pairs] for pairs in found]
