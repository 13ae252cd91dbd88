"""The cases an evaluation is made of: a model's stored predictions, or a file's, joined with the truth."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analysis.scored_cases import ScoredCases, make_cases
from dermdash.dataset.predictions_csv import OutsidePredictions, describe_problems
from dermdash.dataset.truth_csv import TruthTable
from dermdash.errors import InvalidInput, NotFound, WayOut
from dermdash.records.chosen_records import chooses, filter_in_words
from dermdash.records.fields import FIELDS
from dermdash.records.record_filter import RecordFilter
from dermdash.records.taxonomy import Taxonomy, get_taxonomy
from dermdash.storage import models, records
from dermdash.storage.acquisition import rejected_ids
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted, form
from dermdash.workflows.classifier.evaluation_datasets import default_dataset, kind_warnings, named_datasets
from dermdash.workflows.classifier.held_out import held_out_records
from dermdash.workflows.classifier.model_in_use import answering_model
from dermdash.workflows.classifier.model_registry import model_label
from dermdash.workflows.dataset.chosen_records import ids_let_through
from dermdash.workflows.dataset.identity_groups import group_keys_of

ATTRIBUTES = ("dataset_id", *(f.name for f in FIELDS if f.subgroup), "technical_quality")


TRAINING_NOT_KNOWN = "Whether these predictions come from a model trained on these images is not known."


@dataclass(frozen=True, slots=True)
class PredictionFile:
    """A CSV of class probabilities: the name to show, and its path or bytes."""

    name: str
    source: Path | bytes


@dataclass(frozen=True, slots=True)
class ModelCases:
    """The cases of one model with what was left out (reason to count) and what to warn of.

    ``datasets`` are those they come from. ``simulated``: drawn images are among them. ``too_good``: the model was
    trained on some of them, or may have been.
    """

    cases: ScoredCases
    model: dict[str, Any]
    datasets: tuple[dict[str, Any], ...]
    left_out: dict[str, int]
    warnings: tuple[str, ...]
    too_good: bool = False

    @property
    def label(self) -> str:
        """Name and id of the model, for people."""
        return model_label(self.model)

    @property
    def simulated(self) -> bool:
        """Whether drawn images are among the cases."""
        return any(d["simulated"] for d in self.datasets)

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
    simulated: bool | None = None,
    record_filter: RecordFilter | None = None,
) -> ModelCases:
    """The diagnosed records a model predicted, as cases.

    Held out only, unless asked: a record counts as trained on when its lesion, its patient or its very file was. What
    is left out is counted under ``rejected_at_acquisition`` (where any is), ``filtered_out`` (where there is a filter),
    ``no_diagnosis``, ``no_prediction``, ``trained_on``.

    Parameters
    ----------
    model_id
        None: the model in use for these images.
    dataset_ids
        None: the one data set that `default_dataset` names; several are pooled, which the result says.
    simulated
        Where no data set is named: one of drawn images (True) or of photographs (False); None: of the model's own kind.
    record_filter
        Only the records that it lets through.

    Raises
    ------
    NotFound
        No such model or data set, or nothing is left to evaluate.
    InvalidInput
        The filter chooses data sets itself.
    """
    model = answering_model(workspace, model_id, dataset_ids=dataset_ids, simulated=simulated)
    taxonomy = get_taxonomy(model["taxonomy"])
    if dataset_ids is None:
        datasets = [default_dataset(workspace, model, simulated=simulated)]
    else:
        datasets = named_datasets(workspace, dataset_ids, taxonomy=taxonomy.name)
    frames = [records.records_of_dataset(workspace.engine, d["id"]) for d in datasets]
    every = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    if every.empty:
        raise NotFound(f"There is no record to evaluate on: import a data set with the classes of {taxonomy.name}.")
    chosen, left_out = _chosen(workspace, every, datasets, record_filter)
    kept = chosen[chosen["dx"].isin(taxonomy.codes)]
    left_out["no_diagnosis"] = len(chosen) - len(kept)
    stored = models.predictions_of_model(workspace.engine, model["id"], kept["id"])
    by_record = dict(zip(stored["record_id"], stored["probabilities"], strict=True))
    predicted = kept[kept["id"].isin(by_record.keys())]
    left_out["no_prediction"] = len(kept) - len(predicted)
    if predicted.empty:
        where = [str(d["id"]) for d in datasets]
        raise NotFound(
            f"Model {model_label(model)} has no prediction of the records of {', '.join(where)} yet: predict them on "
            f"the Models page, or run `dermdash predict --model {model['id']} --dataset {' --dataset '.join(where)}`."
        )
    trained = ~held_out_records(workspace, model["id"], predicted)
    warnings, too_good = kind_warnings(model, datasets), False
    if include_trained:
        left_out["trained_on"] = 0
        too_good = not model["training_lesions_known"] or bool(trained.any())
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
                f"Model {model_label(model)} {why}. Evaluate it on other data, or include records it was trained "
                "on, knowing that the figures are too good then.",
                way_out=WayOut.INCLUDE_TRAINED,
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
    return ModelCases(cases, model, tuple(datasets), left_out, tuple(warnings), too_good)


def _chosen(
    workspace: Workspace,
    rows: pd.DataFrame,
    datasets: Sequence[Mapping[str, Any]],
    record_filter: RecordFilter | None,
) -> tuple[pd.DataFrame, dict[str, int]]:
    """The rows that the filter lets through, and how many it leaves out; not counted where there is none.

    What the acquisition gate rejected is left out, and counted by itself, unless the filter asks for it.
    """
    rows, gone = without_rejected(workspace, rows, record_filter)
    if record_filter is None or not chooses(record_filter):
        return rows, gone
    passing = set().union(*(ids_let_through(workspace, str(d["id"]), record_filter) for d in datasets))
    chosen = rows[rows["id"].isin(passing)]
    if chosen.empty:
        raise NotFound(
            f"The filter ({filter_in_words(record_filter)}) lets none of {counted(len(rows), 'record')} of "
            f"{', '.join(str(d['id']) for d in datasets)} through."
        )
    return chosen, {**gone, "filtered_out": len(rows) - len(chosen)}


def without_rejected(
    workspace: Workspace, rows: pd.DataFrame, record_filter: RecordFilter | None = None
) -> tuple[pd.DataFrame, dict[str, int]]:
    """The rows of records that the acquisition gate did not reject, and how many it did, where it did any."""
    if record_filter is not None and not record_filter.hides_rejected:
        return rows, {}
    kept = rows[~rows["id"].isin(rejected_ids(workspace.engine))]
    gone = len(rows) - len(kept)
    return kept, {"rejected_at_acquisition": gone} if gone else {}


def truth_of_dataset(workspace: Workspace, dataset_id: str) -> tuple[TruthTable, Taxonomy]:
    """The diagnosed records of a data set as a truth table, by image id, with their taxonomy.

    The column ``group_key`` says which records of the workspace belong together (`identity_groups`).

    Raises
    ------
    NotFound
        No such data set, or none of its records has a diagnosis.
    """
    dataset = named_datasets(workspace, [dataset_id])[0]
    taxonomy = get_taxonomy(dataset["taxonomy"])
    rows = records.records_of_dataset(workspace.engine, dataset_id)
    rows = without_rejected(workspace, rows)[0]
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
            + ". Nothing was evaluated.",
            way_out=WayOut.COMMON_IMAGES,
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


def changed_warnings(name: str, predictions: OutsidePredictions) -> tuple[str, ...]:
    """What of a file was not taken as it stands: rows divided by their sum, lines skipped; empty where nothing."""
    n = predictions.normalised
    normalised = (f"Normalised, not having summed to 1: {counted(n, 'row')} of {name}.",) if n else ()
    return (*normalised, *(f"{name}: {note}" for note in predictions.notes))


def file_warnings(name: str, predictions: OutsidePredictions) -> tuple[str, ...]:
    """What to say of a file that is compared, with its name."""
    return (f"{name}: {TRAINING_NOT_KNOWN}", *changed_warnings(name, predictions))


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


def lesions_of(rows: pd.DataFrame) -> list[str | None]:
    """Lesion of each record; None where the source names none (the image id stands there then)."""
    return [
        None if lesion == image else lesion for lesion, image in zip(rows["lesion_id"], rows["image_id"], strict=True)
    ]
