"""A workspace with masks and a tiny untrained network, for tests of saliency."""

import hashlib
import io

import numpy as np
from PIL import Image

from dermdash.records.taxonomy import HAM7
from dermdash.storage import records
from dermdash.storage.object_store import MASKS
from dermdash.storage.workspace import Workspace
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
