"""What a comparison shows beside its statistics: both models' cases, and where two judges of a case disagree."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdash.analysis.arrays import BoolArray
from dermdash.analysis.borderline_cases import borderline_warnings
from dermdash.analysis.evaluation import EvaluationOptions
from dermdash.analysis.model_comparison import ModelComparison, compare_models
from dermdash.analysis.scored_cases import ScoredCases
from dermdash.dataset.predictions_csv import read_predictions
from dermdash.errors import InvalidInput
from dermdash.storage import readings, records, studies
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier.evaluation_cases import (
    PredictionFile,
    cases_of_model,
    file_warnings,
    outside_cases,
    shared_cases,
    truth_of_dataset,
)
from dermdash.workflows.reader_study.blinding import check_results_open

# Which of both named the true class, in the order of the lists.
ONLY_FIRST, ONLY_SECOND, BOTH_WRONG = "only_first", "only_second", "both_wrong"


@dataclass(frozen=True, slots=True)
class PairedModels:
    """Two models on the same cases in the same order, their comparison, and what was left out (reason to count).

    ``simulated``: the images of some were drawn by a program.
    """

    first: ScoredCases
    second: ScoredCases
    comparison: ModelComparison
    left_out: dict[str, int]
    simulated: bool = False


def pair_models(
    workspace: Workspace,
    first: str | None,
    second: str,
    *,
    dataset_ids: Collection[str] | None = None,
    simulated: bool | None = None,
    include_trained: bool = False,
    options: EvaluationOptions | None = None,
) -> PairedModels:
    """Two models of the workspace on the records both predicted and neither trained on.

    Parameters
    ----------
    first
        Id of a model; None: the one in use.
    dataset_ids, simulated
        Of which records, of which kind; where neither is said those that the first is evaluated on
        (`evaluation_cases.default_dataset`).

    Raises
    ------
    NotFound, InvalidInput
        As `evaluation_cases.cases_of_model` and `evaluation_cases.shared_cases`, or the same model twice.
    """
    one = cases_of_model(
        workspace, model_id=first, dataset_ids=dataset_ids, include_trained=include_trained, simulated=simulated
    )
    if one.model["id"] == second:
        raise InvalidInput(f"model {second} would be compared with itself: name another one")
    same = [str(d["id"]) for d in one.datasets]
    found = [one, cases_of_model(workspace, model_id=second, dataset_ids=same, include_trained=include_trained)]
    count, (a, b) = shared_cases([f.cases for f in found])
    warnings = (*found[0].named_warnings, *found[1].named_warnings)
    comparison = compared_cases(a, b, (found[0].label, found[1].label), options, warnings)
    left_out = {"only_one_can_be_evaluated": len(set(found[0].cases.case_ids) | set(found[1].cases.case_ids)) - count}
    return PairedModels(*_counted(a, b, options), comparison, left_out, any(f.simulated for f in found))


def pair_model_with_file(
    workspace: Workspace,
    model_id: str | None,
    file: PredictionFile,
    *,
    dataset_id: str,
    include_trained: bool = False,
    normalise: bool = False,
    options: EvaluationOptions | None = None,
) -> PairedModels:
    """A model of the workspace and predictions made elsewhere, on the images of a data set that both judged.

    Raises
    ------
    NotFound, InvalidInput, MissingColumns
        The model has nothing to evaluate there, or the file cannot be used; the message names rows.
    """
    found = cases_of_model(workspace, model_id=model_id, dataset_ids=[dataset_id], include_trained=include_trained)
    truth, taxonomy = truth_of_dataset(workspace, dataset_id)
    predictions = read_predictions(file.source, taxonomy=taxonomy, normalise=normalise)
    other = outside_cases(predictions, truth, taxonomy=taxonomy, name=file.name, common_only=True)
    # A model's cases are named by record, a file's by image.
    other = other.renamed([records.record_id(dataset_id, image) for image in other.case_ids])
    count, (a, b) = shared_cases([found.cases, other])
    warnings = (*found.named_warnings, *file_warnings(file.name, predictions))
    comparison = compared_cases(a, b, (found.label, file.name), options, warnings)
    every = set(found.cases.case_ids) | set(other.case_ids)
    left_out = {"only_one_can_be_evaluated": len(every) - count}
    return PairedModels(*_counted(a, b, options), comparison, left_out, found.simulated)


def compared_cases(
    a: ScoredCases,
    b: ScoredCases,
    names: tuple[str, str],
    options: EvaluationOptions | None,
    warnings: tuple[str, ...],
) -> ModelComparison:
    """Two models on the same cases in the same order, by these options, with what was said of either."""
    chosen = options or EvaluationOptions()
    a, b = _counted(a, b, options)
    found = compare_models(
        a, b, names=names, confidence=chosen.confidence, replicates=chosen.bootstrap, seed=chosen.seed
    )
    return replace(found, warnings=(*warnings, *borderline_warnings(a)))


def _counted(a: ScoredCases, b: ScoredCases, options: EvaluationOptions | None) -> tuple[ScoredCases, ScoredCases]:
    """Both with borderline classes as the options count them."""
    policy = (options or EvaluationOptions()).borderline
    return a.counting_borderline_as(policy), b.counting_borderline_as(policy)


def model_disagreements(pair: PairedModels) -> pd.DataFrame:
    """The cases whose most probable class differs, the surest disagreement first.

    Columns ``record``, ``truth``, ``first``, ``first_probability``, ``second``, ``second_probability``, ``who``
    (`ONLY_FIRST`, `ONLY_SECOND`, `BOTH_WRONG`).
    """
    a, b = pair.first, pair.second
    codes = np.array(a.taxonomy.codes)
    first, second = a.predicted, b.predicted
    rows = np.arange(len(a))
    frame = pd.DataFrame(
        {
            "record": a.case_ids,
            "truth": codes[a.truth],
            "first": codes[first],
            "first_probability": a.probabilities[rows, first],
            "second": codes[second],
            "second_probability": b.probabilities[rows, second],
            "who": _who(first == a.truth, second == a.truth),
        }
    )[first != second]
    sure = frame["first_probability"] + frame["second_probability"]
    return frame.iloc[np.argsort(-sure.to_numpy(), kind="stable")].reset_index(drop=True)


def reader_disagreements(
    workspace: Workspace, study_id: str, *, model_id: str, include_trained: bool = False
) -> pd.DataFrame:
    """The cases where the model names another class than most readers did without assistance.

    The cases and answers are those of `compare_models.compare_model_with_readers`.

    Returns
    -------
    DataFrame
        ``record``, ``truth``, ``first`` (the model's class) with ``first_probability``, ``second`` (the class most
        readers gave; ties go to the first in the taxonomy) with ``second_probability`` (their share), ``readers``
        (how many answered), ``who``; most unanimous readers first.
    """
    study = studies.get_study(workspace.engine, study_id)
    check_results_open(workspace, study["id"])
    stored = readings.readings_of_study(workspace.engine, study["id"])
    found = cases_of_model(
        workspace, model_id=model_id, dataset_ids=[study["dataset_id"]], include_trained=include_trained
    )
    cases = found.cases
    used = stored[(stored["phase"] == "unaided") & ~stored["practice"].astype(bool)]
    people = ~used["simulated"].astype(bool)
    used = used[people] if people.any() else used
    used = used.sort_values("sequence", kind="stable").drop_duplicates(["reader_id", "record_id"])
    counts = pd.crosstab(used["record_id"], used["dx"]).reindex(columns=list(cases.taxonomy.codes), fill_value=0)
    read = cases.subset(np.isin(cases.case_ids, counts.index))
    votes = counts.loc[list(read.case_ids)].to_numpy()
    codes, rows = np.array(cases.taxonomy.codes), np.arange(len(read))
    first, second = read.predicted, votes.argmax(axis=1)
    frame = pd.DataFrame(
        {
            "record": read.case_ids,
            "truth": codes[read.truth],
            "first": codes[first],
            "first_probability": read.probabilities[rows, first],
            "second": codes[second],
            "second_probability": votes[rows, second] / votes.sum(axis=1),
            "readers": votes.sum(axis=1),
            "who": _who(first == read.truth, second == read.truth),
        }
    )[first != second]
    return frame.sort_values(["second_probability", "record"], ascending=[False, True], ignore_index=True)


def _who(first_right: BoolArray, second_right: BoolArray) -> NDArray[np.str_]:
    return np.select([first_right, second_right], [ONLY_FIRST, ONLY_SECOND], BOTH_WRONG)


def thumbnails_of(workspace: Workspace, record_ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """Image id and hash of each record, for tiles."""
    rows = records.records_by_id(workspace.engine, list(record_ids))
    return {str(r["id"]): (str(r["image_id"]), str(r["image_sha256"])) for _, r in rows.iterrows()}
