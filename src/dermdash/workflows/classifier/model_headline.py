"""How good a model is, in one number: the same on every page and in every command, because it is made here.

Mean recall of the stored predictions on the data set that `evaluation_datasets.default_dataset` names, over the
diagnosed records held out from the training: point estimate of `evaluate_model.evaluate_model`, without its intervals.
A figure measured at training is another one and is called so (`at_training`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.class_scores import measure_classification
from dermdash.classifier import reference_model
from dermdash.errors import DermdashError
from dermdash.records.chosen_records import kept_in_words
from dermdash.storage import records
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted, percent
from dermdash.workflows.classifier.evaluate_model import evaluation_version
from dermdash.workflows.classifier.evaluation_cases import cases_of_model
from dermdash.workflows.classifier.evaluation_datasets import default_dataset
from dermdash.workflows.classifier.model_registry import get_model, reference_model_id
from dermdash.workflows.dataset.browse_records import dataset_names
from dermdash.workflows.dataset.identity_groups import ONE_LESION, identity_groups


@dataclass(frozen=True, slots=True)
class ModelHeadline:
    """Mean recall (0..1) and accuracy of a model on ``images`` held-out images of ``lesions`` lesions of one data set.

    ``mean_recall`` None: ``missing`` says why, and what to do. ``dataset_id`` is empty where there is no data set.
    """

    model_id: str
    dataset_id: str
    dataset_name: str
    simulated: bool
    images: int
    lesions: int
    mean_recall: float | None
    accuracy: float | None
    missing: str

    @property
    def where(self) -> str:
        """On what it was measured, in words."""
        lesions = counted(self.lesions, "held-out lesion")
        images = "" if self.images == self.lesions else f" ({counted(self.images, 'image')})"
        return f"{lesions}{images} of {self.dataset_name}"


def model_headline(workspace: Workspace, model_id: str, *, dataset_id: str | None = None) -> ModelHeadline:
    """The headline of a model; kept in memory until records, predictions or confirmed pairs change.

    Parameters
    ----------
    dataset_id
        None: the data set on which the model is evaluated where none is named.

    Raises
    ------
    NotFound
        There is no such model.
    """
    return _headline(workspace, model_id, dataset_id, evaluation_version(workspace))


@lru_cache(maxsize=64)
def _headline(workspace: Workspace, model_id: str, dataset_id: str | None, version: str) -> ModelHeadline:
    model = get_model(workspace, model_id)
    dataset: dict[str, Any] = {"id": "", "name": "", "simulated": model["simulated"]}
    try:
        if dataset_id is None:
            dataset = default_dataset(workspace, model)
        else:
            dataset = next(d for d in records.list_datasets(workspace.engine) if d["id"] == dataset_id)
        found = cases_of_model(workspace, model_id=model_id, dataset_ids=[str(dataset["id"])])
    except DermdashError as error:
        drawn = bool(dataset["simulated"])
        return ModelHeadline(model_id, dataset["id"], dataset["name"], drawn, 0, 0, None, None, str(error))
    cases = found.cases
    measured = measure_classification(cases, bootstrap=GroupedBootstrap(cases.groups, 0, 0, 0.95))
    return ModelHeadline(
        model_id,
        str(dataset["id"]),
        str(dataset["name"]),
        bool(dataset["simulated"]),
        len(cases),
        _lesions(workspace, cases.case_ids),
        measured.mean_recall.value,
        measured.accuracy.value,
        "",
    )


def _lesions(workspace: Workspace, record_ids: tuple[str, ...]) -> int:
    return len(set(identity_groups(workspace, ONE_LESION).of(record_ids).tolist()))


def at_training(workspace: Workspace, model: dict[str, Any]) -> str:
    """What was measured when the model was trained, in words that say so; empty where nothing was."""
    metrics = model["metrics"]
    recall = metrics.get("mean_recall")
    if recall is None:
        only = trained_only_on(model)
        return f"trained on records with {only}" if only else ""
    lesions, images = metrics.get("held_out_lesions"), metrics.get("held_out_images")
    if lesions is not None:
        held_out = counted(int(lesions), "held-out lesion")
    else:
        held_out = "held-out lesions" if images is None else counted(int(images), "held-out image")
    only = trained_only_on(model)
    return (
        f"at training, on {held_out}{_trained_on(workspace, model)}{f' ({only})' if only else ''}: mean recall "
        f"{percent(recall)}"
    )


def trained_only_on(model: Mapping[str, Any]) -> str:
    """Which records of its data set it was trained and measured on, in words; empty for all."""
    return kept_in_words(model["metrics"].get("record_filter") or {})


def _trained_on(workspace: Workspace, model: dict[str, Any]) -> str:
    names = dataset_names(workspace)
    if model["dataset_id"] is not None:
        return f" of {names.get(model['dataset_id'], model['dataset_id'])}"
    try:
        return f" of {reference_model.TRAINED_ON}" if model["id"] == reference_model_id() else ""
    except DermdashError:
        return ""
