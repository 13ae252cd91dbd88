"""A workspace with masks and a tiny untrained network, for tests of saliency."""

import hashlib
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from dermdash.records.acts import TaskPurpose
from dermdash.records.taxonomy import HAM7
from dermdash.storage import annotation_rows, records
from dermdash.storage.act_transaction import ActTransaction, in_one_act
from dermdash.storage.object_store import MASKS
from dermdash.storage.workspace import Workspace
from dermdash.verification.marks import Mark
from dermdash.workflows.classifier import model_registry
from tests.filled_workspace import DATASET, fill_records

SIZE = (48, 36)


def png_of(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def disc_mask(size: tuple[int, int] = SIZE) -> bytes:
    """A disc of a third of the shorter side in the middle, where the drawn lesions are."""
    width, height = size
    rows, columns = np.mgrid[:height, :width] + 0.5
    return png_of(np.hypot(rows - height / 2, columns - width / 2) < min(size) / 3)


def add_mask(workspace: Workspace, record_id: str, data: bytes) -> None:
    """Store a lesion mask of a record."""
    sha256 = hashlib.sha256(data).hexdigest()
    workspace.files.put(MASKS, sha256, data)
    records.save_batch(workspace.engine, images=[], records=[], masks=[{"record_id": record_id, "mask_sha256": sha256}])


def add_tiny_model(workspace: Workspace, *, seed: int = 5, input_size: int = 64) -> str:
    """Register an untrained ResNet-10; return its id."""
    import torch

    from dermdash.classifier.checkpoints import CheckpointMetadata, Classifier, save_checkpoint
    from dermdash.classifier.resnet import build_resnet

    torch.manual_seed(seed)
    network = build_resnet("resnet10", class_count=len(HAM7.codes)).eval()
    metadata = CheckpointMetadata("resnet10", "ham7", HAM7.codes, input_size, seed=seed, epochs=0)
    path = workspace.home / f"tiny-{seed}.safetensors"
    save_checkpoint(path, Classifier(network, metadata))
    return model_registry.add_checkpoint(workspace, path, name="Tiny model")


def fill_with_masks(workspace: Workspace, *, per_class: int = 2) -> tuple[list[str], str]:
    """Records with a mask each but for the last two, and a tiny model; return record ids and model id."""
    record_ids = fill_records(workspace, dataset=DATASET, per_class=per_class)
    for record_id in record_ids[:-2]:
        add_mask(workspace, record_id, disc_mask())
    return record_ids, add_tiny_model(workspace)


def add_review(workspace: Workspace, record_id: str, reviewer: str, *, marks: Sequence[Mark]) -> None:
    """Store a review of a record with these marks; nothing follows from it."""
    record = records.get_record(workspace.engine, record_id)
    content = {"dx": record["dx"], "values": {}, "marks": [mark.as_json() for mark in marks]}

    def work(act: ActTransaction) -> None:
        annotation_rows.add_annotation(
            act,
            {
                "id": f"{record_id}-{reviewer}", "task_id": f"{record_id}-{reviewer}", "record_id": record_id,
                "dataset_id": record["dataset_id"], "account_id": reviewer, "stage": 2, "cycle": 1,
                "purpose": TaskPurpose.REVIEW, "dx": record["dx"], "unsure": False, "quality": 4, "content": content,
                "blind_to_initial": True, "blind_to_model": True,
            },
        )  # fmt: skip

    in_one_act(workspace.engine, reviewer, work)
