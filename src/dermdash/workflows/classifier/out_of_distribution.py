"""What a model's known images look like to it, for warnings of others; learned from stored features, or shipped."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from dermdash.analysis import out_of_distribution as ood
from dermdash.analysis.out_of_distribution import OutOfDistributionModel
from dermdash.classifier import reference_model
from dermdash.errors import NotFound
from dermdash.storage import models, records
from dermdash.storage.workspace import Workspace, checkpoint_name
from dermdash.wording import counted
from dermdash.workflows.classifier import embeddings
from dermdash.workflows.classifier.held_out import held_out_records
from dermdash.workflows.dataset.browse_records import dataset_name
from dermdash.workflows.dataset.identity_groups import identity_groups

ENOUGH_HELD_OUT = 200
"""With so many images the model did not train on, the others are not needed; fewer give too few to set a threshold."""


@dataclass(frozen=True, slots=True, eq=False)
class KnownImages:
    """A model of the usual and, in words, the images it was learned from."""

    model: OutOfDistributionModel
    basis: str


def companion_name(model_id: str) -> str:
    """The name of the model of the usual that travels with a checkpoint: ``NAME.ood.npz`` beside it."""
    return checkpoint_name(model_id).removesuffix(".safetensors") + ".ood.npz"


def out_of_distribution_of(workspace: Workspace, model_id: str) -> KnownImages | None:
    """What is usual to a model; None where too few images are known to tell.

    In this order: the file beside its checkpoint; the one shipped with the reference model; the stored features of
    records it did not train on; all its stored features. Records of the data set it was trained on count alone where
    that is known, and never those of the other kind (photographs or drawn images).

    Raises
    ------
    NotFound
        There is no such model.
    InvalidInput
        The file beside the checkpoint is damaged.
    """
    for path in (workspace.files.local(companion_name(model_id)), _shipped(workspace, model_id)):
        if path is not None and path.is_file():
            status = path.stat()
            return _read(path, status.st_mtime_ns, status.st_size)
    store = embeddings.coverage(workspace, model_id)
    return _learned(workspace, model_id, repr(store), records.data_version(workspace.engine))


@lru_cache(maxsize=4)
def _read(path: Path, modified: int, size: int) -> KnownImages:
    known = ood.load(path)
    return KnownImages(known, f"{counted(known.images, 'image')} that came with the model")


def _shipped(workspace: Workspace, model_id: str) -> Path | None:
    """Statistics of the model that comes with dermdash, where this is it."""
    try:
        sha256, statistics = reference_model.reference_sha256(), reference_model.reference_statistics()
    except NotFound:
        return None
    wanted = models.get_model(workspace.engine, model_id)["checkpoint_sha256"]
    return statistics if sha256 == wanted else None


@lru_cache(maxsize=4)
def _learned(workspace: Workspace, model_id: str, stored: str, version: str) -> KnownImages | None:
    kind = bool(models.get_model(workspace.engine, model_id)["simulated"])
    ids, features = embeddings.stored_features(workspace, model_id, simulated=kind)
    if len(ids) < ood.LEAST_IMAGES:
        return None
    rows = records.similarity_columns(workspace.engine).set_index("id").loc[ids].reset_index()
    dataset_id = models.get_model(workspace.engine, model_id)["dataset_id"]
    own = (rows["dataset_id"] == dataset_id).to_numpy()
    if own.sum() < ood.LEAST_IMAGES:
        own[:] = True
        where = "of this workspace"
    else:
        where = f"of {dataset_name(workspace, dataset_id)}"
    held_out = own & held_out_records(workspace, model_id, rows)
    if held_out.sum() >= ENOUGH_HELD_OUT:
        own, where = held_out, f"{where} that the model did not train on"
    groups = [str(number) for number in identity_groups(workspace).of(ids)[own]]
    if len(set(groups)) < ood.FOLDS:
        return None
    return KnownImages(ood.fit(features[own], groups), f"{counted(int(own.sum()), 'image')} {where}")
