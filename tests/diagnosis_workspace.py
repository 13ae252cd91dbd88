"""A workspace with a tiny real network, its predictions and features of drawn lesions, and an operating point."""

import tempfile
from pathlib import Path

from dermdash.classifier.checkpoints import CheckpointMetadata, Classifier, lesion_digest, save_checkpoint
from dermdash.records.taxonomy import HAM7
from dermdash.storage import models
from dermdash.storage.workspace import Workspace, checkpoint_name
from dermdash.workflows.classifier import classify, operating_points
from dermdash.workflows.classifier.model_in_use import choose_model
from tests.filled_workspace import DATASET, fill_records

TINY = "tiny00000000"
POINT = "Screening"


def add_tiny_model(workspace: Workspace, *, seed: int = 0) -> str:
    """Register a network of random weights: what it says is wrong, but it says it the same way every time."""
    import torch

    from dermdash.classifier.networks import build_network

    torch.manual_seed(seed)
    network = build_network("resnet10", class_count=7).eval()
    metadata = CheckpointMetadata("resnet10", "ham7", HAM7.codes, 32, training_lesions=(lesion_digest("L_nv_0"),))
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "tiny.safetensors")
        sha256 = save_checkpoint(made, Classifier(network, metadata))
        workspace.files.add_file(checkpoint_name(TINY), made)
    models.save_model(
        workspace.engine,
        values={
            "id": TINY, "name": "Tiny model", "architecture": "resnet10", "taxonomy": "ham7", "input_size": 32,
            "checkpoint_sha256": sha256, "dataset_id": DATASET, "metrics": {}, "training_lesions_known": True,
        },
        training_lesion_digests=metadata.training_lesions,
    )  # fmt: skip
    return TINY


def fill_diagnosis_by_tiny_model(workspace: Workspace) -> None:
    """`fill_diagnosis`, with the tiny model in use."""
    fill_diagnosis(workspace)
    choose_model(workspace, TINY)


def fill_diagnosis(workspace: Workspace) -> None:
    """Records, the tiny model with predictions and features of them, and an operating point."""
    import torch

    fill_records(workspace, per_class=10)
    add_tiny_model(workspace)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    classify.predict_records(workspace, model_id=TINY)
    torch.set_num_threads(threads)
    operating_points.choose_operating_point(
        workspace, name=POINT, model_id=TINY, dataset_id=DATASET, rule="sensitivity", target=0.8
    )
