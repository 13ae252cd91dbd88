"""Register and apply classifiers on the records of a workspace; `train_classifier` makes one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
import pandas as pd

from dermdash.classifier import checkpoints, reference_model
from dermdash.classifier.checkpoints import lesion_digest
from dermdash.errors import InvalidInput, NotFound, UnreadableImage, UnsafeUpload
from dermdash.records.taxonomy import get_taxonomy
from dermdash.storage import models, operating_points, records
from dermdash.storage.object_store import ORIGINALS
from dermdash.storage.workspace import Workspace
from dermdash.wording import told_apart
from dermdash.workflows import embeddings

if TYPE_CHECKING:
    from dermdash.classifier.checkpoints import Classifier

_ID_DIGITS = 12
_SAVE_EVERY = 2048


@dataclass(frozen=True, slots=True)
class PredictionProgress:
    """How many of the records to predict are done."""

    done: int
    total: int


def open_checkpoint(
    path: Path, *, architecture: str | None = None, taxonomy: str = "ham7", input_size: int = 224
) -> Classifier:
    """Load a checkpoint of dermdash, or plain weights where an ``architecture`` is named.

    ``taxonomy`` and ``input_size`` (px) are those of plain weights; a checkpoint knows its own. Raises
    InvalidCheckpoint or NotFound; nothing in the file is ever executed.
    """
    if architecture is None:
        return checkpoints.load_checkpoint(path)
    return checkpoints.load_state_dict_file(path, architecture=architecture, taxonomy=taxonomy, input_size=input_size)


def add_checkpoint(
    workspace: Workspace,
    path: Path,
    *,
    name: str | None = None,
    architecture: str | None = None,
    taxonomy: str = "ham7",
    input_size: int = 224,
    dataset_id: str | None = None,
) -> str:
    """Register a checkpoint file made elsewhere and return its model id; parameters as ``open_checkpoint``.

    ``dataset_id`` is the data set it was trained on, where that is one of the workspace.

    A ``.safetensors`` file of dermdash knows what it trained on. Plain weights (``architecture`` given) do not, so
    no case can count as held out from them.

    Raises
    ------
    InvalidCheckpoint
        Not a plain state dict of the expected shape; nothing is executed or stored.
    """
    classifier = open_checkpoint(path, architecture=architecture, taxonomy=taxonomy, input_size=input_size)
    if architecture is None:
        sha256 = checkpoints.checkpoint_sha256(path)
        copy = checkpoint_path(workspace, sha256[:_ID_DIGITS])
        if not copy.is_file():
            workspace.models.mkdir(parents=True, exist_ok=True)
            partial = copy.with_name(f"{uuid4().hex}.part")
            shutil.copyfile(path, partial)
            partial.replace(copy)
    else:
        sha256 = _save_under_its_hash(workspace, classifier)
    return _register(workspace, sha256, classifier, name=name or path.stem, dataset_id=dataset_id)


def export_model(
    workspace: Workspace, model_id: str, out: Path, *, half_precision: bool = False, temperature: float = 1.0
) -> str:
    """Write the checkpoint of a model to a file to share, and return its sha256.

    Parameters
    ----------
    half_precision
        Store float16: half the size; probabilities change by about 0.001.
    temperature
        Divide the logits by it (see ``dermdash evaluate``, which estimates one). The file then is another model.

    Raises
    ------
    NotFound
        No such model.
    """
    models.get_model(workspace.engine, model_id)
    classifier = checkpoints.load_checkpoint(checkpoint_path(workspace, model_id))
    if temperature != 1.0:
        classifier = checkpoints.with_temperature(classifier, temperature)
    return checkpoints.save_checkpoint(out, classifier, half_precision=half_precision)


def _save_under_its_hash(workspace: Workspace, classifier: Classifier) -> str:
    workspace.models.mkdir(parents=True, exist_ok=True)
    unnamed = workspace.models / f"{uuid4().hex}.safetensors"
    sha256 = checkpoints.save_checkpoint(unnamed, classifier)
    unnamed.replace(checkpoint_path(workspace, sha256[:_ID_DIGITS]))
    return sha256


def _register(workspace: Workspace, sha256: str, classifier: Classifier, *, name: str, dataset_id: str | None) -> str:
    metadata = classifier.metadata
    model_id = sha256[:_ID_DIGITS]
    models.save_model(
        workspace.engine,
        values={
            "id": model_id,
            "name": name,
            "architecture": metadata.architecture,
            "taxonomy": metadata.taxonomy,
            "input_size": metadata.input_size,
            "checkpoint_sha256": sha256,
            "dataset_id": dataset_id,
            "metrics": dict(metadata.metrics),
            "training_lesions_known": metadata.training_known,
            "preprocessing": metadata.preprocessing,
        },
        training_lesion_digests=metadata.training_lesions,
    )
    return model_id


def checkpoint_path(workspace: Workspace, model_id: str) -> Path:
    """Where the checkpoint of a model lies."""
    return workspace.models / f"{model_id}.safetensors"


def list_models(workspace: Workspace) -> list[dict[str, Any]]:
    """Every model with its number of predictions, newest first."""
    return models.list_models(workspace.engine)


def newest_model_id(workspace: Workspace) -> str:
    """The model to use when none is named: the newest of the workspace, else the reference model."""
    known = list_models(workspace)
    return str(known[0]["id"]) if known else add_reference_model(workspace)


def add_reference_model(workspace: Workspace) -> str:
    """Register the classifier that comes with dermdash, with its operating point, and return its model id.

    Doing it again changes nothing; an operating point that was withdrawn stays withdrawn.
    """
    model_id = add_checkpoint(workspace, reference_model.reference_checkpoint(), name=reference_model.REFERENCE_NAME)
    if not operating_points.list_operating_points(workspace.engine, model_id=model_id, withdrawn=True):
        values = {**reference_model.reference_operating_point(), "model_id": model_id, "created_by": "dermdash"}
        # Somebody may have given that name to a point of another model: then theirs stays the only one.
        with suppress(InvalidInput):
            operating_points.save_operating_point(workspace.engine, values={"id": uuid4().hex[:_ID_DIGITS], **values})
    return model_id


def model_names(workspace: Workspace) -> dict[str, str]:
    """What each model is called where people read: its name, and with its id where several have the same name."""
    return told_apart({str(m["id"]): str(m["name"]) for m in list_models(workspace)})


def predict_records(
    workspace: Workspace,
    *,
    model_id: str,
    dataset_ids: Collection[str] | None = None,
    progress: Callable[[PredictionProgress], None] | None = None,
) -> int:
    """Store class probabilities and features of every record that lacks them; return how many were predicted.

    Can be interrupted: what is stored is skipped by the next call.

    Raises
    ------
    NotFound
        The model or its checkpoint is not in the workspace.
    """
    model = models.get_model(workspace.engine, model_id)
    missing = _without_prediction(workspace, model_id, model["taxonomy"], dataset_ids)
    report = progress or (lambda _: None)
    report(PredictionProgress(0, len(missing)))
    if missing.empty:
        return 0
    from dermdash.classifier.inference import predict_batches

    classifier = checkpoints.load_checkpoint(checkpoint_path(workspace, model_id))
    unreadable: set[int] = set()
    paths = [workspace.files.path(ORIGINALS, sha256) for sha256 in missing["image_sha256"]]
    pending_ids: list[str] = []
    pending_features: list[np.ndarray] = []
    done = 0
    for part in predict_batches(classifier, paths, unreadable=lambda position, _: unreadable.add(position)):
        ids = list(missing["id"].iloc[done : done + len(part.probabilities)])
        kept = [i for i in range(len(ids)) if done + i not in unreadable]
        _save(workspace, model, [ids[i] for i in kept], part.probabilities[kept])
        pending_ids += [ids[i] for i in kept]
        pending_features.append(part.features[kept])
        done += len(ids)
        if len(pending_ids) >= _SAVE_EVERY or done == len(paths):
            embeddings.append(workspace, model_id, pending_ids, np.concatenate(pending_features))
            pending_ids, pending_features = [], []
        report(PredictionProgress(done, len(missing)))
    return done - len(unreadable)


def _without_prediction(
    workspace: Workspace, model_id: str, taxonomy: str, dataset_ids: Collection[str] | None
) -> pd.DataFrame:
    datasets = [d["id"] for d in records.list_datasets(workspace.engine) if d["taxonomy"] == taxonomy]
    wanted = [d for d in datasets if dataset_ids is None or d in dataset_ids]
    frames = [records.records_of_dataset(workspace.engine, dataset_id)[["id", "image_sha256"]] for dataset_id in wanted]
    if not frames:
        raise NotFound("There are no records to predict: import a data set first.")
    every = pd.concat(frames, ignore_index=True)
    # A record needs both; an interruption between the two is made good here.
    complete = models.predicted_record_ids(workspace.engine, model_id) & embeddings.record_ids(workspace, model_id)
    return every[~every["id"].isin(complete)]


def _save(workspace: Workspace, model: dict[str, Any], ids: Sequence[str], probabilities: np.ndarray) -> None:
    taxonomy = get_taxonomy(model["taxonomy"])
    rows = []
    for record_id, row in zip(ids, probabilities, strict=True):
        by_code = {code: round(float(p), 6) for code, p in zip(taxonomy.codes, row, strict=True)}
        rows.append(
            {
                "record_id": record_id,
                "model_id": model["id"],
                "probabilities": by_code,
                "predicted_dx": taxonomy.codes[int(row.argmax())],
                "malignancy_probability": min(1.0, taxonomy.malignancy_probability(by_code)),
            }
        )
    models.save_predictions(workspace.engine, rows)


def predict_images(
    images: Sequence[Path],
    *,
    checkpoint: Path,
    architecture: str | None = None,
    taxonomy: str = "ham7",
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
        raise InvalidInput("no image was found: expected .jpg, .jpeg or .png files")
    classifier = open_checkpoint(checkpoint, architecture=architecture, taxonomy=taxonomy, input_size=input_size)
    unreadable: dict[int, UnreadableImage | UnsafeUpload] = {}
    result = predict(classifier, images, progress=progress, unreadable=unreadable.__setitem__)
    frame = pd.DataFrame(result.probabilities, columns=list(classifier.metadata.class_codes))
    frame.insert(0, "image", [path.stem for path in images])
    problems = {images[position].name: str(error) for position, error in unreadable.items()}
    return frame.drop(index=list(unreadable)), problems


def held_out_mask(workspace: Workspace, model_id: str, lesion_ids: Sequence[str]) -> np.ndarray:
    """For each lesion, whether the model is known not to have trained on it (bool)."""
    model = models.get_model(workspace.engine, model_id)
    if not model["training_lesions_known"]:
        return np.zeros(len(lesion_ids), dtype=bool)
    trained = models.training_lesion_digests(workspace.engine, model_id)
    return np.array([lesion_digest(lesion_id) not in trained for lesion_id in lesion_ids], dtype=bool)
