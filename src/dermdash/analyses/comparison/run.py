"""Compare a model with another, with predictions made elsewhere, or with the readers of a study.

- ``compare_files(first, second, truth, ...) -> ModelComparison``
- ``compare_model_with_readers(workspace, study, model_id=...) -> ReaderComparison``

Both results have ``as_dict()``; docs/evaluation.md explains the keys.
"""

from __future__ import annotations

from dataclasses import replace

from dermdash.analyses.comparison.paired_cases import compared_cases, pair_model_with_file
from dermdash.analysis.borderline_cases import borderline_warnings
from dermdash.analysis.evaluation import EvaluationOptions
from dermdash.analysis.model_comparison import ModelComparison
from dermdash.analysis.reader_comparison import ReaderComparison, compare_with_readers
from dermdash.dataset.predictions_csv import read_predictions
from dermdash.dataset.truth_csv import TruthTable, read_truth
from dermdash.errors import NotFound
from dermdash.records.taxonomy import Taxonomy, get_taxonomy
from dermdash.storage import readings
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
from dermdash.workflows.reader_study.study_results import find_study


def compare_files(
    first: PredictionFile,
    second: PredictionFile,
    truth: PredictionFile,
    *,
    taxonomy: str,
    normalise: bool = False,
    common_only: bool = False,
    options: EvaluationOptions | None = None,
) -> ModelComparison:
    """Two files of predictions on the same images; parameters and errors as `evaluate_model.evaluate_predictions`."""
    kind = get_taxonomy(taxonomy)
    known = read_truth(truth.source, taxonomy=kind)
    return _compare_files(first, second, known, kind, normalise, common_only, options)


def compare_files_on_dataset(
    workspace: Workspace,
    first: PredictionFile,
    second: PredictionFile,
    *,
    dataset_id: str,
    normalise: bool = False,
    common_only: bool = False,
    options: EvaluationOptions | None = None,
) -> ModelComparison:
    """Two files of predictions of the images of a data set; otherwise as `compare_files`."""
    known, kind = truth_of_dataset(workspace, dataset_id)
    return _compare_files(first, second, known, kind, normalise, common_only, options)


def compare_model_with_file(
    workspace: Workspace,
    model_id: str | None,
    file: PredictionFile,
    *,
    dataset_id: str,
    include_trained: bool = False,
    normalise: bool = False,
    options: EvaluationOptions | None = None,
) -> ModelComparison:
    """A model of the workspace against predictions made elsewhere, on the images of one data set that both judged."""
    return pair_model_with_file(
        workspace,
        model_id,
        file,
        dataset_id=dataset_id,
        include_trained=include_trained,
        normalise=normalise,
        options=options,
    ).comparison


def compare_model_with_readers(
    workspace: Workspace,
    study: str,
    *,
    model_id: str | None = None,
    include_trained: bool = False,
    options: EvaluationOptions | None = None,
) -> ReaderComparison:
    """A model against the unaided answers of a study (practice left out).

    Simulated readers are left out beside people; a study of simulated readers alone is compared and marked as such.

    Parameters
    ----------
    study
        Name or id.
    model_id
        None: the study's own model, or else the one in use for the images of its data set.

    Raises
    ------
    NotFound
        No such study or model, or no case that the model was kept from in training.
    InvalidInput
        Nobody has answered one of these cases yet.
    """
    chosen = options or EvaluationOptions()
    found = find_study(workspace, study)
    check_results_open(workspace, found["id"])
    stored = readings.readings_of_study(workspace.engine, found["id"])
    if len(stored):
        stored = stored[(stored["phase"] == "unaided") & ~stored["practice"].astype(bool)]
    if stored.empty:
        raise NotFound(f"No reader of the study {found['name']!r} has answered without assistance yet.")
    people = ~stored["simulated"].astype(bool)
    used = stored[people] if people.any() else stored
    model = cases_of_model(
        workspace,
        model_id=model_id or found["model_id"],
        dataset_ids=[found["dataset_id"]],
        include_trained=include_trained,
    )
    answers = used.sort_values("sequence", kind="stable")[["reader_id", "record_id", "dx"]].set_axis(
        ["reader", "case", "dx"], axis=1
    )
    # A record may come back in a later round to measure agreement; the first answer is the one without memory.
    answers = answers.drop_duplicates(["reader", "case"], keep="first")
    cases = model.cases.counting_borderline_as(chosen.borderline)
    comparison = compare_with_readers(
        cases,
        answers,
        model=model.label,
        confidence=chosen.confidence,
        replicates=chosen.bootstrap,
        seed=chosen.seed,
        simulated=not people.any(),
    )
    return replace(comparison, warnings=(*model.named_warnings, *borderline_warnings(cases)))


def _compare_files(
    first: PredictionFile,
    second: PredictionFile,
    truth: TruthTable,
    taxonomy: Taxonomy,
    normalise: bool,
    common_only: bool,
    options: EvaluationOptions | None,
) -> ModelComparison:
    judged, warnings = [], [*truth.warnings]
    for file in (first, second):
        predictions = read_predictions(file.source, taxonomy=taxonomy, normalise=normalise)
        judged.append(outside_cases(predictions, truth, taxonomy=taxonomy, name=file.name, common_only=common_only))
        warnings += file_warnings(file.name, predictions)
    _, (a, b) = shared_cases(judged)
    return compared_cases(a, b, (first.name, second.name), options, tuple(warnings))
