"""Prepare a training: which records, what belongs together, what is held out; written into a new job folder."""

from __future__ import annotations

import shutil
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdash.classifier.checkpoints import read_metadata
from dermdash.classifier.initial_weights import InitialKnowledge, read_knowledge
from dermdash.classifier.splits import folds_by_lesion, split_by_lesion
from dermdash.errors import InvalidInput, NotFound
from dermdash.storage import findings, models, records
from dermdash.storage.object_store import copy_whole
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted
from dermdash.workflows.classifier import model_registry
from dermdash.workflows.classifier.held_out import records_of_lesions
from dermdash.workflows.classifier.training.job import (
    FORMAT,
    Job,
    JobState,
    new_job_folder,
    read_job,
    write_json,
    write_status,
)
from dermdash.workflows.classifier.training.settings import IMAGENET, TrainingSettings
from dermdash.workflows.classifier.training.usable_records import FILTER, usable_records
from dermdash.workflows.dataset.identity_groups import identity_groups


def prepare_training(workspace: Workspace, settings: TrainingSettings) -> Job:
    """Write the job of a training with these settings; it does not run yet.

    Images of one lesion, one patient, one file, or of a pair confirmed to show one lesion stay on one side of the
    split or in one fold. Whatever the initial weights have seen is never held out. With a filter only the records that
    it lets through are trained on and held out; what belongs together is found over all of the data set. What belongs
    to a locked test part is never used. A split that is named says what is held out; its test part is not used.

    Raises
    ------
    NotFound
        No such data set, split, model or weights file, or no diagnosed record to train on.
    InvalidInput
        Nothing can be held out: too few lesions, or the initial weights have seen them all. What is left to train on is
        of one class. Or the filter is none.
    """
    dataset = next((d for d in records.list_datasets(workspace.engine) if d["id"] == settings.dataset_id), None)
    rows = records.records_of_dataset(workspace.engine, settings.dataset_id)
    every = rows[rows["dx"].notna()].reset_index(drop=True)
    if dataset is None or every.empty:
        raise NotFound(f"The data set {settings.dataset_id!r} has no diagnosed records to train on.")
    initial, weights = _initial(workspace, settings)
    # Ties and what the initial weights have seen hold also through records that are left out, and other data sets.
    together = identity_groups(workspace)
    usable = usable_records(workspace, settings, every, together)
    settings = replace(settings, folds=usable.folds or settings.folds)
    rows = every[usable.kept].reset_index(drop=True)
    groups = together.of(rows["id"].tolist())
    known = records_of_lesions(workspace, _seen_before(workspace, settings, initial))
    seen = rows["id"].isin(known).to_numpy()
    if usable.fold is None:
        fold = _folds(rows, together.names_of(rows["id"].tolist()), seen, settings)
    else:
        fold = _unseen(usable.fold, seen, settings)
    _check_classes(rows, fold)
    count = settings.folds or settings.repeats
    parts = [
        {"title": f"fold {i} of {count}", "seed": settings.seed, "fold": i}
        if settings.folds
        else {"title": f"seed {settings.seed + i - 1}", "seed": settings.seed + i - 1, "fold": 1}
        for i in range(1, count + 1)
    ]
    known_patients = rows["patient_id"].notna()
    folder = new_job_folder(workspace.home)
    try:
        if weights is not None:
            copy_whole(weights, folder / f"initial{weights.suffix}")
        columns = {
            "id": rows["id"], "image_id": rows["image_id"], "sha256": rows["image_sha256"], "dx": rows["dx"],
            "lesion_id": rows["lesion_id"], "fold": fold,
        }  # fmt: skip
        write_json(folder / "records.json", {name: pd.Series(values).tolist() for name, values in columns.items()})
        write_json(
            folder / "request.json",
            {
                "format": FORMAT,
                "settings": asdict(settings),
                "title": settings.title,
                # What the model will say it was made of: the filter, and the parts of the split.
                "records_used": usable.record_filter,
                "taxonomy": dataset["taxonomy"],
                "dataset_name": dataset["name"],
                "simulated": bool(dataset["simulated"]),
                "parts": parts,
                "initial": {
                    "file": None if weights is None else f"initial{weights.suffix}",
                    "source": settings.initial,
                    "training_lesions": list(initial.training_lesions),
                    "training_known": initial.training_known,
                },
                "counts": {
                    "records": len(rows),
                    "held_out": int((fold > 0).sum()),
                    "groups": len(set(groups.tolist())),
                    "lesions": int(rows["lesion_id"].nunique()),
                    "known_patients": int(known_patients.sum()),
                    "confirmed_pairs": _confirmed_pairs(workspace, rows),
                    "seen_by_initial": int(seen.sum()),
                    "single_group_classes": _single_group_classes(rows, groups),
                    "left_out_by_filter": usable.left_out[FILTER],
                    "left_out": usable.left_out,
                    "locks": usable.locks,
                    "locked_seen_by_initial": len(known & usable.behind_locks),
                },
                "grouped_by_patient": bool(known_patients.all()),
            },
        )
        write_status(folder, JobState.STOPPED, message="Prepared, not started yet.")
    except BaseException:  # an interruption or a full disk leaves no half-written job behind
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return read_job(folder)


def _folds(
    rows: pd.DataFrame, group_names: list[str], seen: NDArray[np.bool_], settings: TrainingSettings
) -> NDArray[np.int64]:
    """Of each record, the fold it is held out in; 0 where it is always trained on."""
    fold = np.zeros(len(rows), dtype=np.int64)
    free = np.flatnonzero(~seen)
    if not len(free):
        raise InvalidInput(
            "The weights to start from have seen every lesion of this data set: nothing is left to measure the new "
            "model on. Start from other weights, or train on another data set."
        )
    # Named by their records, so that the same records give the same split in every workspace.
    names = [group_names[i] for i in free]
    labels = rows["dx"].iloc[free].tolist()
    if settings.folds:
        fold[free] = folds_by_lesion(labels=labels, lesion_ids=names, folds=settings.folds, seed=settings.seed)
    else:
        fold[free] = split_by_lesion(
            labels=labels, lesion_ids=names, held_out_fraction=settings.held_out_fraction, seed=settings.seed
        )
    if not fold.any():
        raise InvalidInput(
            "Nothing can be held out: no class has two lesions (or patients) that are independent of one another."
        )
    return fold


def _unseen(fold: NDArray[np.int64], seen: NDArray[np.bool_], settings: TrainingSettings) -> NDArray[np.int64]:
    """The folds of a split as they are, unless the initial weights know what is to be held out."""
    if (seen & (fold > 0)).any():
        n = int((seen & (fold > 0)).sum())
        raise InvalidInput(
            f"The weights to start from have seen {counted(n, 'record')} that the split {settings.split!r} holds out: "
            "start from other weights, or choose another split."
        )
    return fold


def _check_classes(rows: pd.DataFrame, fold: NDArray[np.int64]) -> None:
    """Raise InvalidInput where what remains to be trained on, in any part, is of one class."""
    for held_out in sorted(set(fold[fold > 0].tolist())):
        classes = sorted(rows["dx"][fold != held_out].unique())
        if len(classes) < 2:
            only = f"are all {classes[0]}" if classes else "are none"
            raise InvalidInput(
                f"A classifier needs at least two diagnoses to learn from, and the records to train on {only}. Let "
                "more records through, or train on another data set."
            )


def _single_group_classes(rows: pd.DataFrame, groups: NDArray[np.int32]) -> list[str]:
    """Classes whose records are all of one group: they cannot be trained on and measured both."""
    counts = pd.Series(groups).groupby(rows["dx"].to_numpy()).nunique()
    return [str(code) for code in counts[counts == 1].index]


def _initial(workspace: Workspace, settings: TrainingSettings) -> tuple[InitialKnowledge, Path | None]:
    """What the weights to start from have seen, and their file (None: none, or downloaded by the job)."""
    name = settings.initial
    if name in ("", IMAGENET):
        return InitialKnowledge((), training_known=True), None
    registered = {str(m["id"]): m for m in model_registry.list_models(workspace)}
    if name in registered:
        model = registered[name]
        if model["architecture"] != settings.architecture:
            raise InvalidInput(
                f"The model {name} is a {model['architecture']}: choose that architecture to start from it."
            )
        path = model_registry.whole_checkpoint(workspace, name)
        # The file's digests leave with the new model; what was seen here is asked of the registry.
        lesions = read_metadata(path).training_lesions
        return InitialKnowledge(lesions, bool(model["training_lesions_known"])), path
    path = Path(name).expanduser()
    if not path.is_file():
        raise NotFound(
            f"There is neither a model nor a file {name!r} to start from. Give the id of a model, the path of a .pth, "
            f".pt or .safetensors file, or {IMAGENET}."
        )
    if path.suffix not in (".pth", ".pt", ".safetensors"):
        raise InvalidInput(f"{path.name} is no weights file: expected .pth, .pt or .safetensors")
    knowledge = read_knowledge(path)
    if settings.initial_unseen and not knowledge.training_known:
        knowledge = InitialKnowledge((), training_known=True)
    return knowledge, path


def _seen_before(workspace: Workspace, settings: TrainingSettings, initial: InitialKnowledge) -> set[str]:
    """What the weights to start from have seen, as this workspace remembers it."""
    seen = models.training_lesion_digests(workspace.engine, settings.initial)
    return seen or set(initial.training_lesions)


def _confirmed_pairs(workspace: Workspace, rows: pd.DataFrame) -> int:
    """How many pairs of these records people confirmed to show one lesion under different ids."""
    there = set(rows["id"])
    return sum({a, b} <= there for a, b in findings.confirmed_pairs(workspace.engine))
