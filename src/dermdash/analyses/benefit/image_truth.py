"""The truth of images that a log counts answers to, and which of them are of one lesion."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from dermdash.analyses.declaration import AnalysisContext
from dermdash.dataset.truth_csv import read_truth
from dermdash.errors import NotFound
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.readings_table import ReadingsTable
from dermdash.records.name_match import match_names
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier.evaluation_cases import truth_of_dataset
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.readings.log_truth import aggregate_with_truth, truth_of_images


def with_truth(table: ReadingsTable | AggregateTable, context: AnalysisContext) -> ReadingsTable | AggregateTable:
    """Counts per image with their truth, and the lesion of each image, from the truth file or the workspace.

    Single readings bring their truth along.
    """
    if not isinstance(table, AggregateTable):
        return table
    if context.truth is not None:
        if not table.frame["truth_dx"].notna().any():
            known = truth_of_images(context.truth, taxonomy=table.taxonomy)
            table = aggregate_with_truth(table, known, origin="the truth file")
        return replace(table, lesions=lesions_of_truth_file(context.truth, table))
    if context.workspace is None:
        return table
    table, lesions = with_workspace_truth(context.workspace, table)
    return replace(table, lesions=lesions)


def with_workspace_truth(workspace: Workspace, table: AggregateTable) -> tuple[AggregateTable, dict[str, str]]:
    """Fill in diagnoses from the records of the workspace, and name the group of each image (patient, lesion, file).

    A table that has its truth keeps it. An image that two data sets diagnose differently has no truth; none known
    leaves the table as it is.
    """
    frames = []
    for dataset in browse_records.list_datasets(workspace):
        if dataset["taxonomy"] != table.taxonomy:
            continue
        try:
            truth, _ = truth_of_dataset(workspace, dataset["id"])
        except NotFound:  # no record of this data set has a diagnosis
            continue
        frames.append(truth.frame[["image_id", "dx", "group_key"]])
    if not frames:
        return table, {}
    known = pd.concat(frames, ignore_index=True)
    match = match_names(table.frame["case"], known["image_id"].astype(str))
    case_of = {image: case for case, image in match.found.items()}
    known = known.assign(image_id=known["image_id"].astype(str).map(case_of)).dropna(subset=["image_id"])
    # Beside the note that counts what the workspace knows: every page and report prints it.
    table = replace(table, notes=(*table.notes, *match.warnings("images", "the workspace")))
    groups = dict(zip(known["image_id"], known["group_key"], strict=True))
    if known.empty or table.frame["truth_dx"].notna().any():
        return table, groups
    by_image = known.groupby("image_id")["dx"]
    agreed = known[by_image.transform("nunique") == 1]
    if agreed.empty:
        return table, groups
    diagnoses = dict(zip(agreed["image_id"], agreed["dx"], strict=True))
    return aggregate_with_truth(table, diagnoses, origin="the workspace"), groups


def lesions_of_truth_file(truth: Path | bytes, table: AggregateTable) -> dict[str, str]:
    """Lesion (else patient) of each image, where the truth file names them."""
    frame = read_truth(truth, taxonomy=table.classes).frame
    patient = frame["patient_id"].map(lambda v: f"patient {v}", na_action="ignore")
    lesion = frame["lesion_id"].map(lambda v: f"lesion {v}", na_action="ignore")
    group = patient.where(patient.notna(), lesion)
    named = group.notna()
    known = dict(zip(frame.loc[named, "image_id"].astype(str), group[named].astype(str), strict=True))
    return {case: known[image] for case, image in match_names(table.frame["case"], known).found.items()}
