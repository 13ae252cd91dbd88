"""What a model says of the cases that were read: from the workspace, from a file, or as it was shown to readers."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd

from dermdash.analyses.declaration import AnalysisContext
from dermdash.analyses.model_predictions import ModelScores
from dermdash.dataset.predictions_csv import describe_problems, read_predictions
from dermdash.errors import InvalidInput, MissingColumns, NotFound
from dermdash.readings.readings_table import ReadingsTable
from dermdash.records.csv_table import clean_image_id, number_or_none
from dermdash.records.name_match import match_names
from dermdash.records.table_files import read_table_columns, read_table_file
from dermdash.records.taxonomy import Taxonomy
from dermdash.storage import records, studies
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted
from dermdash.workflows.classifier.evaluation_cases import PredictionFile, cases_of_model, file_warnings
from dermdash.workflows.classifier.model_in_use import answering_model
from dermdash.workflows.dataset.image_kinds import datasets_of_kind

MALIGNANCY_COLUMNS = ("malignancy_probability", "prob_m_mal", "malignancy", "score")
SHOWN = "Model as shown to the readers"


def scores_in(context: AnalysisContext, table: ReadingsTable) -> ModelScores:
    """The scores that the context names; else of the study's model; else the probabilities the readers were shown.

    Raises
    ------
    DermdashError
        The scores that were asked for cannot be had, or there are none; the message says what would help.
    """
    if context.predictions is not None:
        return scores_of_file(context.predictions, table)
    if context.workspace is not None and (context.model_id is not None or context.study_id is not None):
        return scores_of_model(
            context.workspace,
            model_id=context.model_id,
            study_id=context.study_id,
            table=table,
            include_trained=context.include_trained,
        )
    if context.model_id is not None:
        raise NotFound(f"model {context.model_id} belongs to a workspace: name a study or an imported log of it")
    return scores_shown(table)


def scores_of_model(
    workspace: Workspace,
    *,
    table: ReadingsTable,
    study_id: str | None = None,
    model_id: str | None = None,
    include_trained: bool = False,
) -> ModelScores:
    """Stored predictions of a model for the images that were read.

    ``model_id`` None: the study's model, or else the one in use for the images of its data set.

    Only records that the model was not trained on, unless asked. Patients and lesions of the workspace say which cases
    belong together.

    Raises
    ------
    NotFound
        No such model, no prediction, or nothing it was not trained on.
    InvalidInput
        An image of the readings stands in several data sets.
    """
    study = None if study_id is None else studies.get_study(workspace.engine, study_id)
    named = model_id or (None if study is None else study["model_id"])
    if study is not None:
        datasets = [str(study["dataset_id"])]
    else:  # the log of another study: its images may stand in any data set of the kind the model knows
        model = answering_model(workspace, named)
        of_kind = datasets_of_kind(workspace, simulated=bool(model["simulated"]), taxonomy=model["taxonomy"])
        datasets = [str(d["id"]) for d in of_kind]
    found = cases_of_model(workspace, model_id=named, dataset_ids=datasets, include_trained=include_trained)
    rows = records.records_by_id(workspace.engine, list(found.cases.case_ids)).set_index("id")
    images = [str(rows.loc[case, "image_id"]) for case in found.cases.case_ids]
    read = set(table.frame["case"])
    match = match_names(sorted(read), images)
    case_of = {image: case for case, image in match.found.items()}
    kept = np.array([image in case_of for image in images])
    if not kept.any():
        raise NotFound(
            f"Model {found.label} has no prediction that counts for an image of {table.source}: predict these images, "
            "or name another model or a predictions file."
        )
    names = [case_of[name] for name, keep in zip(images, kept, strict=True) if keep]
    if twice := sorted(n for n, count in Counter(names).items() if count > 1):
        raise InvalidInput(f"image {twice[0]} stands in several data sets: it is not clear which one was read")
    cases = found.cases.subset(kept).counting_borderline_as(table.borderline)
    left_out = len(read) - len(names)
    more = (
        (f"Read, without a score that counts (no prediction, or trained on): {counted(left_out, 'image')}.",)
        if left_out
        else ()
    )
    warnings = (*found.warnings, *more, *match.warnings("cases", "the workspace"))
    return ModelScores(found.label, tuple(names), cases.malignancy, cases.probabilities, cases.group_keys, warnings)


def scores_of_file(file: PredictionFile, table: ReadingsTable) -> ModelScores:
    """Predictions made elsewhere, by image: probabilities of every class, or of malignancy alone.

    Raises
    ------
    InvalidInput, MissingColumns
        The file cannot be used, or holds none of the cases; rows and columns are named.
    """
    columns = read_table_columns(file.source, file_kind="predictions file")
    read = set(table.frame["case"])
    image = next((c for c in ("image", "image_id", "case") if c in columns), None)
    column = next((c for c in MALIGNANCY_COLUMNS if c in columns), None)
    classes = table.classes
    if classes is not None and not (image and column and len(columns) == 2):
        found = read_predictions(file.source, taxonomy=classes)
        match = match_names(sorted(read), found.image_ids)
        case_of = {image: case for case, image in match.found.items()}
        kept = [i for i, image in enumerate(found.image_ids) if image in case_of]
        probabilities = found.probabilities[kept]
        names = tuple(case_of[found.image_ids[i]] for i in kept)
        bad = np.array([c.is_malignant for c in classes.classes])
        scores = np.minimum(probabilities[:, bad].sum(axis=1), 1.0)
        warnings = (*file_warnings(file.name, found), *match.warnings("cases", file.name))
        result = ModelScores(file.name, names, scores, probabilities, None, warnings)
    else:
        if image is None or column is None:
            raise MissingColumns(
                f"the predictions file cannot be used: expected a column image and one of "
                f"{', '.join(MALIGNANCY_COLUMNS)}; found {', '.join(columns)}"
            )
        result = _malignancy_file(file, image, column, read)
        if classes is not None and classes.has_borderline:
            result = replace(result, warnings=(*result.warnings, _unsaid(file.name, classes)))
    if not result.cases:
        raise InvalidInput(
            f"{file.name} has no prediction of an image of {table.source}; its cases are named otherwise"
        )
    return result


def _unsaid(name: str, classes: Taxonomy) -> str:
    return (
        f"{name} holds the probability of malignancy alone and does not say what borderline diagnoses counted as in "
        f"it; the analysis counts {classes.borderline.counted}."
    )


def _malignancy_file(file: PredictionFile, image: str, column: str, read: set[str]) -> ModelScores:
    problems: dict[str, list[str]] = {}
    scores: dict[str, float] = {}
    table = read_table_file(file.source, file_kind="predictions file")
    for row in table:
        where = f"row {row.number}"
        if row.cells is None:
            problems.setdefault(row.fault, []).append(row.problem)
            continue
        name, value = clean_image_id(row.cells[image]), number_or_none(row.cells[column])
        if value is None or not 0 <= value <= 1:
            problems.setdefault("not a number from 0 to 1", []).append(f"{where} {column}={row.cells[column]!r}")
        elif name in scores:
            problems.setdefault("an image that stands in two rows", []).append(f"{name} ({where})")
        else:
            scores[name] = value
    if problems:
        raise InvalidInput(describe_problems("the predictions file cannot be used", problems))
    match = match_names(sorted(read), scores)
    case_of = {image: case for case, image in match.found.items()}
    names = tuple(image for image in scores if image in case_of)
    warnings = (*(f"{file.name}: {note}" for note in table.notes), *match.warnings("cases", file.name))
    values = np.array([scores[image] for image in names])
    return ModelScores(file.name, tuple(case_of[image] for image in names), values, warnings=warnings)


def scores_shown(table: ReadingsTable) -> ModelScores:
    """The malignancy probability that readers were shown for each case; advice made wrong on purpose is left out.

    Raises
    ------
    MissingColumns
        No probability was shown.
    InvalidInput
        A case was shown with different ones: then there is no score of the case.
    """
    table.require("advice_probability", purpose="the model's ROC curve without a model or a file of predictions")
    frame = table.frame
    shown = frame[frame["advice_probability"].notna() & ~frame["advice_faulty"].fillna(False).astype(bool)]
    by_case = shown.groupby("case")["advice_probability"].agg(["min", "max"])
    differing = by_case[(by_case["max"] - by_case["min"]).astype(float) > 1e-9]
    if len(differing):
        first = differing.iloc[0]
        raise InvalidInput(
            f"case {differing.index[0]} was shown with the probabilities {first['min']:g} and {first['max']:g}: the "
            "model has no single score of it. Give a file of predictions"
        )
    if by_case.empty:
        raise InvalidInput(f"all advice in {table.source} was made wrong on purpose: there is no score of the model")
    values = pd.to_numeric(by_case["max"]).to_numpy(float)
    if values.min() < 0 or values.max() > 1:
        raise InvalidInput("an advice_probability is no number from 0 to 1: give a file of predictions")
    return ModelScores(SHOWN, tuple(map(str, by_case.index)), values)
