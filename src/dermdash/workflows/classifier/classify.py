"""Apply a model to the records of a workspace, or to image files outside it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dermdash.classifier import checkpoints
from dermdash.classifier.chunks import IMAGES_IN_CHUNK, PredictedChunk, predict_chunk
from dermdash.classifier.preprocessing import FORMATS, ReadableImage
from dermdash.dataset.image_decoding import read_picture
from dermdash.dataset.picture_formats import READ_IN_WORDS, format_of
from dermdash.errors import InvalidInput, NotFound, UnreadableImage, UnsafeUpload
from dermdash.records.taxonomy import Taxonomy, get_taxonomy
from dermdash.settings import Settings
from dermdash.storage import models, records
from dermdash.storage.object_store import ORIGINALS
from dermdash.storage.workspace import Workspace
from dermdash.workflows.chunk_workers import chunk_workers, chunks_of
from dermdash.workflows.classifier import embeddings
from dermdash.workflows.classifier.model_registry import get_model, load_model, open_checkpoint, whole_checkpoint
from dermdash.workflows.dataset.image_kinds import datasets_of_kind, kind_words

_SAVE_EVERY = 2048


@dataclass(frozen=True, slots=True)
class PredictionProgress:
    """How many of the records to predict are done."""

    done: int
    total: int


def predict_records(
    workspace: Workspace,
    *,
    model_id: str,
    dataset_ids: Collection[str] | None = None,
    simulated: bool | None = None,
    progress: Callable[[PredictionProgress], None] | None = None,
) -> int:
    """Store class probabilities and features of every record that lacks them; return how many were predicted.

    Can be interrupted: what is stored is skipped by the next call.

    Parameters
    ----------
    dataset_ids
        Only these data sets; None: every one of the model's classes and of one kind.
    simulated
        That kind: drawn images (True) or photographs (False); None: what the model was trained on.
    progress
        Called with every batch.

    Raises
    ------
    NotFound
        The model or its checkpoint is not in the workspace.
    """
    model = get_model(workspace, model_id)
    missing = records_to_predict(workspace, model, dataset_ids=dataset_ids, simulated=simulated)
    report = progress or (lambda _: None)
    report(PredictionProgress(0, len(missing)))
    if missing.empty:
        return 0
    images = [workspace.files.image(ORIGINALS, sha256) for sha256 in missing["image_sha256"]]
    pending_ids: list[str] = []
    pending_features: list[np.ndarray] = []
    done = predicted = 0
    try:
        for part, unreadable in _predicted(workspace, model, images):
            ids = list(missing["id"].iloc[done : done + len(part.probabilities)])
            kept = [i for i in range(len(ids)) if i not in unreadable]
            _save(workspace, model, [ids[i] for i in kept], part.probabilities[kept])
            pending_ids += [ids[i] for i in kept]
            pending_features.append(part.features[kept])
            done += len(ids)
            predicted += len(kept)
            if len(pending_ids) >= _SAVE_EVERY:
                embeddings.append_features(workspace, model_id, pending_ids, np.concatenate(pending_features))
                pending_ids, pending_features = [], []
            report(PredictionProgress(done, len(missing)))
    finally:
        if pending_ids:  # also where it was stopped: a prediction without its features is made again
            embeddings.append_features(workspace, model_id, pending_ids, np.concatenate(pending_features))
    return predicted


def _predicted(
    workspace: Workspace, model: dict[str, Any], images: Sequence[ReadableImage]
) -> Iterator[PredictedChunk]:
    """Predictions of the images in order, some at a time."""
    checkpoint = whole_checkpoint(workspace, model["id"])
    checkpoints.read_metadata(checkpoint)
    if workspace.settings.cluster:
        work = partial(predict_chunk, checkpoint=checkpoint, sha256=model["checkpoint_sha256"])
        with chunk_workers(workspace, processes=False) as workers:
            for _, part in workers.in_order(work, chunks_of(images, IMAGES_IN_CHUNK)):
                yield part
        return
    # Here one network takes every core, and a GPU is never without a batch.
    from dermdash.classifier.inference import predict_batches

    classifier = checkpoints.load_checkpoint(checkpoint)
    unreadable: set[int] = set()
    done = 0
    for found in predict_batches(classifier, images, unreadable=lambda position, _: unreadable.add(position)):
        n = len(found.probabilities)
        yield PredictedChunk(found, frozenset(i - done for i in unreadable if done <= i < done + n))
        done += n


def probabilities_of(workspace: Workspace, record_id: str, *, model_id: str) -> dict[str, float]:
    """Class probabilities of one record as they are stored, else made now; nothing is stored.

    Raises
    ------
    NotFound
        The record, the model or its checkpoint is not in the workspace.
    UnreadableImage, UnsafeUpload
        The image cannot be read.
    """
    stored = models.predictions_of_model(workspace.engine, model_id, [record_id])
    if len(stored):
        return dict(stored["probabilities"].iloc[0])
    from dermdash.classifier.inference import predict

    model = get_model(workspace, model_id)
    image = workspace.files.image(ORIGINALS, str(records.get_record(workspace.engine, record_id)["image_sha256"]))
    made = predict(load_model(workspace, model_id), [image])
    return _by_code(get_taxonomy(model["taxonomy"]), made.probabilities[0])


def _by_code(taxonomy: Taxonomy, probabilities: np.ndarray) -> dict[str, float]:
    return {code: round(float(p), 6) for code, p in zip(taxonomy.codes, probabilities, strict=True)}


def records_to_predict(
    workspace: Workspace,
    model: dict[str, Any],
    *,
    dataset_ids: Collection[str] | None = None,
    simulated: bool | None = None,
) -> pd.DataFrame:
    """The records (``id``, ``image_sha256``) that `predict_records` would predict: they lack probabilities or features.

    Raises
    ------
    NotFound
        There is no data set for this model.
    """
    every = predictable_records(workspace, model, dataset_ids=dataset_ids, simulated=simulated)
    return without_prediction(workspace, model, every)


def without_prediction(workspace: Workspace, model: dict[str, Any], every: pd.DataFrame) -> pd.DataFrame:
    """Those of the records (``id``) that lack probabilities or features of the model."""
    # A record needs both; an interruption between the two is made good here.
    predicted = models.predicted_record_ids(workspace.engine, model["id"])
    complete = predicted & embeddings.record_ids(workspace, model["id"])
    return every[~every["id"].isin(complete)]


def predictable_records(
    workspace: Workspace,
    model: dict[str, Any],
    *,
    dataset_ids: Collection[str] | None = None,
    simulated: bool | None = None,
) -> pd.DataFrame:
    """Every record (``id``, ``image_sha256``) that `predict_records` is about, predicted already or not.

    Raises
    ------
    NotFound
        There is no data set for this model.
    """
    kind = bool(model["simulated"]) if simulated is None else simulated
    if dataset_ids is None:
        datasets = datasets_of_kind(workspace, simulated=kind, taxonomy=model["taxonomy"])
    else:
        known = records.list_datasets(workspace.engine)
        datasets = [d for d in known if d["id"] in dataset_ids and d["taxonomy"] == model["taxonomy"]]
    frames = [records.records_of_dataset(workspace.engine, d["id"])[["id", "image_sha256"]] for d in datasets]
    if not frames:
        what = kind_words(kind) if dataset_ids is None else f"records of {', '.join(dataset_ids)}"
        raise NotFound(
            f"There are no {what} to predict with the classes of {model['taxonomy']}: import a data set first."
        )
    return pd.concat(frames, ignore_index=True)


def _save(workspace: Workspace, model: dict[str, Any], ids: Sequence[str], probabilities: np.ndarray) -> None:
    taxonomy = get_taxonomy(model["taxonomy"])
    rows = []
    for record_id, row in zip(ids, probabilities, strict=True):
        by_code = _by_code(taxonomy, row)
        rows.append(
            {
                "record_id": record_id,
                "model_id": model["id"],
                "probabilities": by_code,
                "predicted_dx": taxonomy.codes[int(row.argmax())],
                "malignancy_probability": taxonomy.malignancy_probability(by_code),
            }
        )
    models.save_predictions(workspace.engine, rows)


def predict_images(
    images: Sequence[Path],
    *,
    checkpoint: Path,
    architecture: str | None = None,
    taxonomy: str | None = None,
    input_size: int = 224,
    progress: Callable[[int], None] | None = None,
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Class probabilities of image files outside the workspace; the model's parameters as ``open_checkpoint``.

    Returns
    -------
    frame, unreadable
        Columns ``image`` (file name without extension) and the class codes; and file name to reason for the
        images that cannot be read.

    Raises
    ------
    InvalidInput
        No image is given.
    """
    from dermdash.classifier.inference import predict

    if not images:
        raise InvalidInput(f"no image was found: expected {READ_IN_WORDS} files")
    classifier = open_checkpoint(checkpoint, architecture=architecture, taxonomy=taxonomy, input_size=input_size)
    unreadable: dict[int, UnreadableImage | UnsafeUpload] = {}
    result = predict(classifier, map(_readable, images), progress=progress, unreadable=unreadable.__setitem__)
    frame = pd.DataFrame(result.probabilities, columns=list(classifier.metadata.class_codes))
    frame.insert(0, "image", [path.stem for path in images])
    problems = {images[position].name: str(error) for position, error in unreadable.items()}
    return frame.drop(index=list(unreadable)), problems


def _readable(path: Path) -> Path | bytes:
    """The file itself, or a PNG of what the classifier's decoder does not know (HEIC, DICOM and others)."""
    try:
        with path.open("rb") as file:
            kind = format_of(file.read(512))
        if kind is None or kind in FORMATS:
            return path
        limits = Settings()
        if path.stat().st_size > limits.max_image_megabytes * 1e6:
            return path
        return read_picture(path.read_bytes(), max_pixels=limits.max_image_pixels).stripped.data
    except (OSError, UnreadableImage, UnsafeUpload):
        return path  # which fails there, and is listed
