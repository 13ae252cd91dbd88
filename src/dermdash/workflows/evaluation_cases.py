"""The cases an evaluation is made of: a model's stored predictions, or a file's, joined with the truth."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analysis.scored_cases import ScoredCases, make_cases
from dermdash.dataset.predictions_csv import OutsidePredictions, describe_problems
from dermdash.dataset.truth_csv import TruthTable
from dermdash.errors import InvalidInput, NotFound
from dermdash.records.taxonomy import Taxonomy, get_taxonomy
from dermdash.storage import models, records
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted, form
from dermdash.workflows import classify
from dermdash.workflows.case_groups import group_keys_of
from dermdash.workflows.held_out import held_out_records

ATTRIBUTES = (
    "dataset_id", "sex", "age_at_exam", "fitzpatrick_type", "anatomical_site", "image_quality_score",
    "technical_quality", "verification_stage",
)  # fmt: skip


TRAINING_NOT_KNOWN = "Whether these predictions come from a model trained on these images is not known."


@dataclass(frozen=True, slots=True)
class PredictionFile:
    """A CSV of class probabilities: the name to show, and its path or bytes."""

    name: str
    source: Path | bytes


@dataclass(frozen=True, slots=True)
class ModelCases:
    """The cases of one model with what was left out (reason to count) and what to warn of."""

    cases: ScoredCases
    model: dict[str, Any]
    left_out: dict[str, int]
    warnings: tuple[str, ...]

    @property
    def label(self) -> str:
        """Name and id of the model, for people."""
        return f"{self.model['name']} ({self.model['id']})"

    @property
    def named_warnings(self) -> tuple[str, ...]:
        """The warnings with the model they are about, to stand beside those of another."""
        return tuple(f"{self.label}: {warning}" for warning in self.warnings)


def cases_of_model(
    workspace: Workspace,
    *,
    model_id: str | None = None,
    dataset_ids: Collection[str] | None = None,
    include_trained: bool = False,
) -> ModelCases:
    """The diagnosed records a model predicted, as cases.

    Held out only, unless asked: a record counts as trained on when its lesion, its patient or its very file was. What
    is left out is counted under ``no_diagnosis``, ``no_prediction``, ``trained_on``.

    Raises
    ------
    NotFound
        No such model or data set, or nothing is left to evaluate.
    """
    model = _model(workspace, model_id)
    taxonomy = get_taxonomy(model["taxonomy"])
    datasets = named_datasets(workspace, dataset_ids, taxonomy=taxonomy.name)
    frames = [records.records_of_dataset(workspace.engine, d["id"]) for d in datasets]
    every = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    if every.empty:
        raise NotFound(f"There is no record to evaluate on: import a data set with the classes of {taxonomy.name}.")
    kept = every[every["dx"].isin(taxonomy.codes)]
    left_out = {"no_diagnosis": len(every) - len(kept)}
    stored = models.predictions_of_model(workspace.engine, model["id"], kept["id"])
    by_record = dict(zip(stored["record_id"], stored["probabilities"], strict=True))
    predicted = kept[kept["id"].isin(by_record.keys())]
    left_out["no_prediction"] = len(kept) - len(predicted)
    if predicted.empty:
        raise NotFound(
            f"Model {model['id']} has no prediction of these records yet: `dermdash predict --model {model['id']}`."
        )
    trained = ~held_out_records(workspace, model["id"], predicted)
    warnings = []
    if include_trained:
        left_out["trained_on"] = 0
        if not model["training_lesions_known"]:
            warnings.append("What this model was trained on is not known: the figures may be too good.")
        elif trained.any():
            warnings.append(
                f"{int(trained.sum()):,} of {counted(len(predicted), 'image')} "
                f"{form(int(trained.sum()), 'was', 'were')} in the training of this model: the figures are too good."
            )
    else:
        if not model["training_lesions_known"] or trained.all():
            why = (
                "was trained on all of these records"
                if model["training_lesions_known"]
                else "does not say what it was trained on, so no record counts as held out"
            )
            raise NotFound(
                f"Model {model['id']} {why}. Evaluate it on other data, or include records it was trained on "
                "(--include-trained), knowing that the figures are too good then."
            )
        left_out["trained_on"] = int(trained.sum())
        predicted = predicted[~trained]
    probabilities = np.array([[by_record[i][code] for code in taxonomy.codes] for i in predicted["id"]], float)
    cases = make_cases(
        taxonomy=taxonomy,
        case_ids=list(predicted["id"]),
        truth=list(predicted["dx"]),
        probabilities=probabilities,
        group_keys=group_keys_of(workspace, list(predicted["id"])),
        attributes=predicted[list(ATTRIBUTES)],
    )
    return ModelCases(cases, model, left_out, tuple(warnings))


def truth_of_dataset(workspace: Workspace, dataset_id: str) -> tuple[TruthTable, Taxonomy]:
    """The diagnosed records of a data set as a truth table, by image id, with their taxonomy.

    The column ``group_key`` says which records of the workspace belong together (`case_groups`).

    Raises
    ------
    NotFound
        No such data set, or none of its records has a diagnosis.
    """
    dataset = named_datasets(workspace, [dataset_id])[0]
    taxonomy = get_taxonomy(dataset["taxonomy"])
    rows = records.records_of_dataset(workspace.engine, dataset_id)
    rows = rows[rows["dx"].isin(taxonomy.codes)]
    if rows.empty:
        raise NotFound(f"The data set {dataset['name']} has no diagnosed record to compare with.")
    frame = rows[["image_id", "dx", "patient_id", *ATTRIBUTES]].assign(
        lesion_id=pd.Series(lesions_of(rows), index=rows.index, dtype=object),
        group_key=list(group_keys_of(workspace, list(rows["id"]))),
    )
    return TruthTable(frame.reset_index(drop=True)), taxonomy


def outside_cases(
    predictions: OutsidePredictions, truth: TruthTable, *, taxonomy: Taxonomy, name: str, common_only: bool = False
) -> ScoredCases:
    """Join predictions made elsewhere with the truth.

    Raises
    ------
    InvalidInput
        Images that only one of both has (unless ``common_only``), or none in common.
    """
    frame = truth.frame.set_index("image_id")
    position = {image: i for i, image in enumerate(predictions.image_ids)}
    unknown = [image for image in predictions.image_ids if image not in frame.index]
    missing = [image for image in frame.index if image not in position]
    shared = [image for image in frame.index if image in position]
    if not shared or ((unknown or missing) and not common_only):
        problems = {}
        if missing:
            problems["images without a prediction"] = missing
        if unknown:
            problems["images the truth does not know"] = unknown
        raise InvalidInput(
            describe_problems(f"{name} and the truth are not about the same images", problems)
            + ". Nothing was evaluated; --common evaluates the images both have."
        )
    rows = frame.loc[shared]
    return make_cases(
        taxonomy=taxonomy,
        case_ids=shared,
        truth=list(rows["dx"]),
        probabilities=predictions.probabilities[[position[image] for image in shared]],
        lesion_ids=list(rows["lesion_id"]),
        patient_ids=list(rows["patient_id"]),
        group_keys=list(rows["group_key"]) if "group_key" in rows.columns else None,
        attributes=rows[[c for c in ATTRIBUTES if c in rows.columns]].reset_index(drop=True),
    )


def normalised_warnings(name: str, predictions: OutsidePredictions) -> tuple[str, ...]:
    """What to say of a file whose rows were divided by their sum; empty where none was."""
    n = predictions.normalised
    return (f"Normalised, not having summed to 1: {counted(n, 'row')} of {name}.",) if n else ()


def file_warnings(name: str, predictions: OutsidePredictions) -> tuple[str, ...]:
    """What to say of a file that is compared, with its name."""
    return (f"{name}: {TRAINING_NOT_KNOWN}", *normalised_warnings(name, predictions))


def shared_cases(every: Sequence[ScoredCases]) -> tuple[int, list[ScoredCases]]:
    """The cases all have, in one order, with how many these are.

    Raises
    ------
    InvalidInput
        They share no case, or disagree about the taxonomy.
    """
    first = every[0]
    if any(other.taxonomy.name != first.taxonomy.name for other in every):
        raise InvalidInput("the models do not name the same classes: expected models of one taxonomy")
    common = set(first.case_ids).intersection(*[other.case_ids for other in every])
    if not common:
        raise InvalidInput("the models were not applied to the same images: there is no image they share")
    order = [case for case in first.case_ids if case in common]
    aligned = []
    for cases in every:
        position = {case: i for i, case in enumerate(cases.case_ids)}
        at = np.array([position[case] for case in order])
        aligned.append(cases.take(at))
    return len(order), aligned


def named_datasets(
    workspace: Workspace, dataset_ids: Collection[str] | None, *, taxonomy: str | None = None
) -> list[dict[str, Any]]:
    """The data sets of these ids, or (None) every one of the taxonomy.

    Raises
    ------
    NotFound
        An id that does not exist.
    InvalidInput
        A data set of another taxonomy than the one asked for.
    """
    known = {str(d["id"]): d for d in records.list_datasets(workspace.engine)}
    if dataset_ids is None:
        return [d for d in known.values() if taxonomy is None or d["taxonomy"] == taxonomy]
    if absent := [d for d in dataset_ids if d not in known]:
        raise NotFound(f"There is no data set {', '.join(absent)}; there are: {', '.join(known) or 'none yet'}.")
    chosen = [known[d] for d in dict.fromkeys(dataset_ids)]
    if taxonomy is not None and (other := [d["id"] for d in chosen if d["taxonomy"] != taxonomy]):
        raise InvalidInput(f"the model names the classes of {taxonomy}, which {', '.join(other)} does not use")
    return chosen


def lesions_of(rows: pd.DataFrame) -> list[str | None]:
    """Lesion of each record; None where the source names none (the image id stands there then)."""
    return [
        None if lesion == image else lesion for lesion, image in zip(rows["lesion_id"], rows["image_id"], strict=True)
    ]


def _model(workspace: Workspace, model_id: str | None) -> dict[str, Any]:
    if model_id is not None:
        return models.get_model(workspace.engine, model_id)
    newest = next((m for m in classify.list_models(workspace) if m["predictions"]), None)
    if newest is None:
        raise NotFound("No model has predictions yet: `dermdash predict` makes them.")
    return newest
