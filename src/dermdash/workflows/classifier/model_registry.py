"""The models of a workspace: those added or trained here, and always the one that comes with dermdash.

- ``list_models``, ``list_predicting_models``: what can be chosen
- ``add_checkpoint``, ``export_model``: files in and out
- ``load_model``, ``whole_checkpoint``: the network of a model, once its file was found to be the one that was added
- ``simulated_word``, ``model_label``: how a model is named wherever it speaks

Which of them answers where none is named: ``workflows/classifier/model_in_use.py``.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from weakref import WeakSet

from dermdash.classifier import checkpoints, reference_model
from dermdash.classifier.checkpoints import CheckpointMetadata
from dermdash.errors import FileDamaged, FileMissing, InvalidInput, NotFound
from dermdash.records.taxonomy import TAXONOMIES
from dermdash.storage import models, operating_points, records
from dermdash.storage.workspace import Workspace, checkpoint_name
from dermdash.workflows.dataset.remembered_lesions import remembered_here

if TYPE_CHECKING:
    from dermdash.classifier.checkpoints import Classifier

_ID_DIGITS = 12
_registering = threading.Lock()
_with_reference: WeakSet[Any] = WeakSet()
"""Databases in which this process has seen the reference model."""


def list_models(workspace: Workspace) -> list[dict[str, Any]]:
    """Every model with its number of predictions, newest first; the one that comes with dermdash is always there."""
    with suppress(NotFound):  # an incomplete installation: what was added or trained here still answers
        add_reference_model(workspace)
    return [model | {"simulated": bool(model["simulated"])} for model in models.list_models(workspace.engine)]


def list_predicting_models(workspace: Workspace) -> list[dict[str, Any]]:
    """Those of ``list_models`` that have at least one stored prediction."""
    return [model for model in list_models(workspace) if model["predictions"]]


def get_model(workspace: Workspace, model_id: str) -> dict[str, Any]:
    """One model, or NotFound."""
    with suppress(NotFound):
        if model_id == reference_model_id():
            add_reference_model(workspace)
    model = models.get_model(workspace.engine, model_id)
    return model | {"simulated": bool(model["simulated"])}


def whole_checkpoint(workspace: Workspace, model_id: str) -> Path:
    """The file of a model, which has the hash under which the model was added.

    Raises
    ------
    NotFound
        No such model.
    FileMissing, FileDamaged
        Its file is missing, or another one.
    """
    recorded = get_model(workspace, model_id)["checkpoint_sha256"]
    path = workspace.checkpoint(model_id)
    again = "Restore it from a backup (`dermdash restore`), or add the model again (`dermdash model add`)."
    try:
        status = path.stat()
    except OSError:
        raise FileMissing(f"The checkpoint of the model {model_id} is missing at {path}. {again}") from None
    if _hash_of(path, status.st_mtime_ns, status.st_size) != recorded:
        raise FileDamaged(
            f"The checkpoint of the model {model_id} at {path} is damaged: it is not the file that was added. {again}"
        )
    return path


@lru_cache(maxsize=32)
def _hash_of(path: Path, modified: int, size: int) -> str:
    return checkpoints.checkpoint_sha256(path)


def load_model(workspace: Workspace, model_id: str, *, device: str = "cpu") -> Classifier:
    """The network of a model; raises as `whole_checkpoint`, and InvalidCheckpoint where this version cannot read it."""
    return checkpoints.load_checkpoint(whole_checkpoint(workspace, model_id), device=device)


def model_label(model: Mapping[str, Any]) -> str:
    """Name and id of a model, and the word for one trained on drawings: as it is named wherever it speaks."""
    return f"{model['name']} ({model['id']}){', trained on drawings' if model['simulated'] else ''}"


def reference_model_id() -> str:
    """Id of the model that comes with dermdash; raises NotFound in an incomplete installation."""
    return reference_model.reference_sha256()[:_ID_DIGITS]


def add_reference_model(workspace: Workspace) -> str:
    """Register the classifier that comes with dermdash, with its operating point, and return its model id.

    Doing it again changes nothing; an operating point that was withdrawn stays withdrawn. After the first time in a
    process it costs nothing, and processes that do it at once come to the same.
    """
    model_id = reference_model_id()
    with _registering:
        if workspace.engine in _with_reference and workspace.checkpoint(model_id).is_file():
            return model_id
        path = reference_model.reference_checkpoint()
        _copy(workspace, path, model_id)
        known = {model["id"] for model in models.list_models(workspace.engine)}
        if model_id not in known:
            sha256, metadata = reference_model.reference_sha256(), checkpoints.read_metadata(path)
            _save(workspace, sha256, metadata, name=reference_model.REFERENCE_NAME, dataset_id=None)
        if not operating_points.list_operating_points(workspace.engine, model_id=model_id, withdrawn=True):
            values = {**reference_model.reference_operating_point(), "model_id": model_id, "created_by": "dermdash"}
            # Somebody may have given that name to a point of another model: then theirs stays the only one.
            with suppress(InvalidInput):
                operating_points.save_operating_point(workspace.engine, values={"id": _new_id(), **values})
        _with_reference.add(workspace.engine)
    return model_id


def open_checkpoint(
    path: Path, *, architecture: str | None = None, taxonomy: str | None = None, input_size: int = 224
) -> Classifier:
    """Load a checkpoint of dermdash, or plain weights where an ``architecture`` is named.

    ``taxonomy`` and ``input_size`` (px) are those of plain weights, which must name the first; a checkpoint knows its
    own. Raises InvalidCheckpoint, InvalidInput or NotFound; nothing in the file is ever executed.
    """
    if architecture is None:
        return checkpoints.load_checkpoint(path)
    if taxonomy is None:
        raise InvalidInput(f"plain weights do not say which classes they are of: name one of {', '.join(TAXONOMIES)}")
    return checkpoints.load_state_dict_file(path, architecture=architecture, taxonomy=taxonomy, input_size=input_size)


def add_checkpoint(
    workspace: Workspace,
    path: Path,
    *,
    name: str | None = None,
    architecture: str | None = None,
    taxonomy: str | None = None,
    input_size: int = 224,
    dataset_id: str | None = None,
    earlier_dataset_id: str | None = None,
    simulated: bool = False,
) -> str:
    """Register a checkpoint file made elsewhere and return its model id; parameters as ``open_checkpoint``.

    A ``.safetensors`` file of dermdash knows what it trained on. Plain weights (``architecture`` given) do not, so
    no case can count as held out from them.

    Parameters
    ----------
    dataset_id
        The data set it was trained on, where that is one of the workspace: ids of its lesions then mean lesions of
        this data set alone.
    earlier_dataset_id
        That of the weights it started from, likewise.
    simulated
        States that it was trained on drawn lesions. A checkpoint that says so itself, or a simulated data set it was
        trained on, need no statement.

    Raises
    ------
    InvalidCheckpoint
        Not a plain state dict of the expected shape; nothing is executed or stored.
    """
    classifier = open_checkpoint(path, architecture=architecture, taxonomy=taxonomy, input_size=input_size)
    if architecture is None:
        sha256 = checkpoints.checkpoint_sha256(path)
        _copy(workspace, path, sha256[:_ID_DIGITS])
    else:
        sha256 = _save_under_its_hash(workspace, classifier)
    dataset = next((d for d in records.list_datasets(workspace.engine) if d["id"] == dataset_id), None)
    drawn = simulated or classifier.metadata.simulated or bool(dataset and dataset["simulated"])
    metadata = replace(classifier.metadata, simulated=drawn)
    of = [known for known in (dataset_id, earlier_dataset_id) if known is not None]
    return _save(workspace, sha256, metadata, name=name or path.stem, dataset_id=dataset_id, lesions_of=of)


def export_model(
    workspace: Workspace, model_id: str, out: Path, *, half_precision: bool = False, temperature: float = 1.0
) -> str:
    """Write the checkpoint of a model to a file to share, and return its sha256.

    The file says whether the model was trained on drawings, also where the checkpoint it was made from did not.

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
    model = get_model(workspace, model_id)
    classifier = load_model(workspace, model_id)
    classifier = replace(classifier, metadata=replace(classifier.metadata, simulated=model["simulated"]))
    if temperature != 1.0:
        classifier = checkpoints.with_temperature(classifier, temperature)
    return checkpoints.save_checkpoint(out, classifier, half_precision=half_precision)


def _copy(workspace: Workspace, path: Path, model_id: str) -> None:
    """Copy a checkpoint into the workspace unless it is there as it was: whole or not at all."""
    there = workspace.checkpoint(model_id)
    if not there.is_file() or checkpoints.checkpoint_sha256(there) != checkpoints.checkpoint_sha256(path):
        workspace.files.add_file(checkpoint_name(model_id), path)


def _save_under_its_hash(workspace: Workspace, classifier: Classifier) -> str:
    with tempfile.TemporaryDirectory(prefix="model-", dir=workspace.home) as folder:
        unnamed = Path(folder, "model.safetensors")
        sha256 = checkpoints.save_checkpoint(unnamed, classifier)
        workspace.files.add_file(checkpoint_name(sha256[:_ID_DIGITS]), unnamed)
    return sha256


def _save(
    workspace: Workspace,
    sha256: str,
    metadata: CheckpointMetadata,
    *,
    name: str,
    dataset_id: str | None,
    lesions_of: Sequence[str] = (),
) -> str:
    model_id = sha256[:_ID_DIGITS]
    lesions = [
        (dataset, str(lesion))
        for dataset in lesions_of
        for lesion in records.records_of_dataset(workspace.engine, dataset)["lesion_id"].unique()
    ]
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
            # Figures of a part of the records must not look like figures of all.
            "metrics": dict(metadata.metrics)
            | ({"record_filter": dict(metadata.record_filter)} if metadata.record_filter else {}),
            "training_lesions_known": metadata.training_known,
            "preprocessing": metadata.preprocessing,
            "simulated": metadata.simulated,
        },
        training_lesion_digests=remembered_here(metadata.training_lesions, lesions),
    )
    return model_id


def _new_id() -> str:
    return uuid4().hex[:_ID_DIGITS]
