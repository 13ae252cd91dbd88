"""A workspace with photographs and drawn images, and a model of each that has predicted its own kind."""

import numpy as np

from dermdash.storage import models, records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier import embeddings
from tests.evaluated_workspace import noisy_predictions
from tests.filled_workspace import DATASET, fill_records

DRAWN = "drawn"
OF_PHOTOGRAPHS, OF_DRAWINGS = "m00000000011", "m00000000012"


def add_model(
    workspace: Workspace, model_id: str, *, dataset: str | None = None, simulated: bool = False, taxonomy: str = "ham7"
) -> None:
    """Register a model without a network that trained on one lesion nobody has."""
    models.save_model(
        workspace.engine,
        values={
            "id": model_id, "name": f"Model {model_id[-2:]}", "architecture": "resnet10", "taxonomy": taxonomy,
            "input_size": 32, "checkpoint_sha256": model_id[-1] * 64, "dataset_id": dataset, "metrics": {},
            "training_lesions_known": True, "simulated": simulated,
        },
        training_lesion_digests=["0" * 16],
    )  # fmt: skip


def predict(workspace: Workspace, model_id: str, dataset: str, *, favour: float = 1.5) -> list[str]:
    """Store predictions and features of a data set; return its record ids."""
    ids = [str(i) for i in records.records_of_dataset(workspace.engine, dataset)["id"]]
    models.save_predictions(workspace.engine, noisy_predictions(workspace, model_id, ids, favour=favour))
    features = np.random.default_rng(len(dataset)).normal(size=(len(ids), 8)).astype(np.float32)
    embeddings.append_features(workspace, model_id, ids, features)
    return ids


def fill_two_kinds(workspace: Workspace, *, drawn_per_class: int = 7) -> None:
    """Data set ``clinic`` of photographs, ``drawn`` (larger) of drawn images, and the two models."""
    fill_records(workspace)
    fill_records(workspace, dataset=DRAWN, per_class=drawn_per_class, simulated=True)
    add_model(workspace, OF_PHOTOGRAPHS, dataset=DATASET)
    add_model(workspace, OF_DRAWINGS, dataset=DRAWN, simulated=True)
    predict(workspace, OF_PHOTOGRAPHS, DATASET)
    predict(workspace, OF_DRAWINGS, DRAWN, favour=2.5)
