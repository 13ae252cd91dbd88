"""Evaluate a classifier: a model of the workspace, or predictions made elsewhere.

Interface (what the page and the command line use)
--------------------------------------------------
- ``evaluable_models(workspace) -> list[dict]``: models with at least one prediction, the one in use first
- ``evaluate_model(workspace, model_id=, dataset_ids=, ...) -> Evaluation``: stored predictions against the records
- ``evaluate_predictions(files, truth, ...) -> Evaluation``: CSV files against a truth CSV, no workspace needed
- ``evaluate_predictions_on_dataset(workspace, files, dataset_id=, ...)``: CSV files against a data set
  (a file is a ``PredictionFile(name, path or bytes)``; several are repeats)
- the tables of an evaluation: ``analyses/evaluation/tables.py``
- comparisons of two models, or of a model with the readers of a study: ``analyses/comparison/run.py``

What comes back is one frozen ``analysis.evaluation.Evaluation``:

- ``classes``: tuple of ``OneVsRest`` in the order of the taxonomy; ``malignancy``: one more, or None. Each has ``auc``
  (``.estimate`` with value, low, high, bootstrap_low, bootstrap_high, reason; ``.logit``, ``.grouped``),
  ``average_precision``, ``threshold``, ``threshold_rule`` (youden | given), ``youden_threshold``, ``sensitivity``,
  ``specificity``, ``specificity_malignant``, ``specificity_benign`` (all ``Estimate``), ``roc``
  (``RocCurve``: thresholds (first one inf), sensitivity, specificity arrays) and ``precision_recall`` (thresholds,
  precision, recall); the last two are None where a side has no case.
- ``classification``: accuracy, top_k, mean_recall, macro_f1, recalls, precisions, f1 (``Estimate``), confusion (array)
- ``calibration`` and ``calibration_scaled`` (``.measures`` after temperature scaling): brier, log_loss,
  malignancy_brier, ``top_class`` / ``malignancy`` reliability curves with ``bins`` (count, stated, observed, low, high)
- ``decision_curve``: thresholds, model, low, high, treat_all arrays; treating none is 0
- ``subgroups``: tuple of ``SubgroupTable`` (column, title, rows); a row's ``note`` says when it is too small
- ``datasets``: per data set the same ``OneVsRest`` (for thresholds of several data sets on one plot); () for one
- ``repeats``: mean and SD over several models or files; ``warnings``: sentences to show; ``left_out``: reason to count

``Estimate.value`` None means not estimable and ``Estimate.reason`` says why; ``Estimate.interval`` is the interval to
show (grouped bootstrap, else analytic). ``Evaluation.as_dict()`` is the JSON; docs/evaluation.md explains every key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from dermdash.analysis.evaluation import Evaluation, EvaluationOptions, dataset_curves, evaluate
from dermdash.analysis.model_comparison import ModelComparison
from dermdash.analysis.reader_comparison import ReaderComparison
from dermdash.analysis.repeats import summarise_repeats
from dermdash.analysis.scaled_calibration import ScaledCalibration, TemperatureSource, scale_calibration
from dermdash.analysis.scored_cases import ScoredCases
from dermdash.dataset.predictions_csv import OutsidePredictions, read_predictions
from dermdash.dataset.truth_csv import TruthTable, read_truth
from dermdash.errors import InvalidInput
from dermdash.records.chosen_records import chooses, kept_filter
from dermdash.records.record_filter import RecordFilter
from dermdash.records.taxonomy import Taxonomy, get_taxonomy
from dermdash.storage import findings, operating_points, records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier.evaluation_cases import (
    TRAINING_NOT_KNOWN,
    cases_of_model,
    changed_warnings,
    outside_cases,
    shared_cases,
    truth_of_dataset,
)
from dermdash.workflows.classifier.evaluation_cases import PredictionFile as PredictionFile
from dermdash.workflows.classifier.model_in_use import offered
from dermdash.workflows.classifier.model_registry import list_predicting_models
from dermdash.workflows.dataset.browse_records import dataset_names
from dermdash.workflows.dataset.image_kinds import DRAWN_IMAGES, kind_of_datasets


def evaluable_models(workspace: Workspace, *, simulated: bool | None = None) -> list[dict[str, Any]]:
    """Models with at least one stored prediction: the one in use first, then the others of its kind, then the rest.

    ``simulated`` names the kind; None: photographs, drawn images only where there are no others.
    """
    return offered(workspace, list_predicting_models(workspace), simulated=simulated)


def evaluation_version(workspace: Workspace) -> str:
    """A value that changes whenever an evaluation may: with records, predictions, confirmed pairs, operating points."""
    predictions = sorted((m["id"], m["predictions"]) for m in list_predicting_models(workspace))
    points = sorted(row["id"] for row in operating_points.list_operating_points(workspace.engine))
    state = (predictions, points, sorted(findings.confirmed_pairs(workspace.engine)))
    return f"{records.data_version(workspace.engine)} {hashlib.sha256(repr(state).encode()).hexdigest()}"


def evaluate_model(
    workspace: Workspace,
    *,
    model_id: str | None = None,
    dataset_ids: Collection[str] | None = None,
    simulated: bool | None = None,
    include_trained: bool = False,
    options: EvaluationOptions | None = None,
    temperature_from: str | None = None,
    repeat_model_ids: Sequence[str] = (),
    record_filter: RecordFilter | None = None,
) -> Evaluation:
    """Evaluate the stored predictions of a model.

    Parameters
    ----------
    model_id
        None: the model in use for these images.
    dataset_ids
        None: one, that of `evaluation_cases.default_dataset`. Several are pooled.
    simulated
        Where no data set is named: one of drawn images (True) or of photographs (False); None: of the model's own kind.
    include_trained
        Also count records the model trained on, or may have trained on (a model from elsewhere); the result warns.
    options
        Levels, draws, seed, thresholds; None: the defaults.
    temperature_from
        Data set to fit the temperature on; None or one of the data sets evaluated: cross-fitted on the cases
        evaluated.
    repeat_model_ids
        Further models of the same kind (other seeds): mean and SD over all of them on the images they share.
    record_filter
        Only the records that it lets through; a temperature of another data set is fitted on such records, too.

    Raises
    ------
    NotFound
        No such model or data set, no prediction, or no record that was kept out of training.
    """
    options = options or EvaluationOptions()
    found = cases_of_model(
        workspace, model_id=model_id, dataset_ids=dataset_ids, include_trained=include_trained, simulated=simulated,
        record_filter=record_filter,
    )  # fmt: skip
    model_id, dataset_ids = str(found.model["id"]), [str(d["id"]) for d in found.datasets]
    others = [
        cases_of_model(
            workspace,
            model_id=other,
            dataset_ids=dataset_ids,
            include_trained=include_trained,
            record_filter=record_filter,
        )
        for other in repeat_model_ids
    ]
    left_out = dict(found.left_out)
    shared, every = shared_cases([found.cases, *[other.cases for other in others]])
    if others:
        left_out["not_evaluable_in_every_repeat"] = len(found.cases) - shared
    cases = every[0]
    datasets = sorted(cases.attributes["dataset_id"].unique())
    elsewhere = None
    if temperature_from is not None and temperature_from not in datasets:
        # Only records kept out of training: on the others the model is surer than it ever is on new images.
        fitting = cases_of_model(
            workspace, model_id=model_id, dataset_ids=[temperature_from], record_filter=record_filter
        )
        elsewhere = TemperatureSource(temperature_from, fitting.cases)
    result = evaluate(
        cases,
        options,
        source={
            "kind": "model",
            "model": _summary(found.model),
            "repeats": [_summary(other.model) for other in others],
            "datasets": datasets,
            "dataset_names": _names(workspace, datasets),
            "simulated": found.simulated,
            "too_good": found.too_good,
            **({"record_filter": kept_filter(record_filter)} if record_filter and chooses(record_filter) else {}),
        },
        left_out=left_out,
        scaled=_scale(cases, options, elsewhere),
        warnings=tuple(dict.fromkeys([*found.warnings, *[w for other in others for w in other.warnings]])),
    )
    names = [f"{m.model['name']} ({m.model['id']})" for m in (found, *others)]
    repeats = summarise_repeats(names, every, options) if others else None
    return replace(result, datasets=dataset_curves(cases, options), repeats=repeats)


def _names(workspace: Workspace, dataset_ids: Sequence[str]) -> list[str]:
    names = dataset_names(workspace)
    return [names[dataset_id] for dataset_id in dataset_ids]


def evaluate_predictions(
    files: Sequence[PredictionFile],
    truth: PredictionFile,
    *,
    taxonomy: str,
    normalise: bool = False,
    common_only: bool = False,
    options: EvaluationOptions | None = None,
    temperature_files: tuple[PredictionFile, PredictionFile] | None = None,
) -> Evaluation:
    """Evaluate predictions made elsewhere against a truth file; several files are repeats (mean and SD).

    Parameters
    ----------
    files
        CSV with a column ``image`` or ``image_id`` and one per class; see `dataset.predictions_csv`. The figures are
        those of the first; mean and SD over all stand in ``repeats``.
    truth
        CSV, one-hot or with a column ``dx``; see `dataset.truth_csv`.
    normalise
        Divide rows that do not sum to 1 by their sum instead of refusing the file.
    common_only
        Evaluate the images both have, counting the others, instead of refusing files about different images.
    temperature_files
        Predictions and truth of other images to fit a temperature on; None: cross-fitted on the images evaluated.

    Raises
    ------
    InvalidInput
        A file that cannot be used, or images that are not in both files; the message names rows and images.
    """
    kind = get_taxonomy(taxonomy)
    known = read_truth(truth.source, taxonomy=kind)
    elsewhere = None
    if temperature_files is not None:
        predicted = read_predictions(temperature_files[0].source, taxonomy=kind, normalise=normalise)
        other = read_truth(temperature_files[1].source, taxonomy=kind)
        name = temperature_files[0].name
        elsewhere = TemperatureSource(
            name, outside_cases(predicted, other, taxonomy=kind, name=name, common_only=common_only)
        )
    return _evaluate_outside(
        _read_all(files, kind, normalise),
        known,
        taxonomy=kind,
        options=options or EvaluationOptions(),
        source={"truth": truth.name, "datasets": [], "dataset_names": []},
        warnings=known.warnings,
        common_only=common_only,
        elsewhere=elsewhere,
    )


def evaluate_predictions_on_dataset(
    workspace: Workspace,
    files: Sequence[PredictionFile],
    *,
    dataset_id: str,
    normalise: bool = False,
    common_only: bool = False,
    options: EvaluationOptions | None = None,
) -> Evaluation:
    """Evaluate predictions made elsewhere against the diagnoses of a data set; parameters as `evaluate_predictions`.

    Raises
    ------
    NotFound
        No such data set, or it has no diagnosed record.
    InvalidInput
        As `evaluate_predictions`.
    """
    known, kind = truth_of_dataset(workspace, dataset_id)
    drawn = kind_of_datasets(workspace, [dataset_id])
    return _evaluate_outside(
        _read_all(files, kind, normalise),
        known,
        taxonomy=kind,
        options=options or EvaluationOptions(),
        source={
            "truth": None,
            "datasets": [dataset_id],
            "dataset_names": _names(workspace, [dataset_id]),
            "simulated": drawn,
        },
        warnings=(TRAINING_NOT_KNOWN, *((DRAWN_IMAGES,) if drawn else ())),
        common_only=common_only,
        elsewhere=None,
    )


def record_of_case(evaluation: Evaluation, case: str) -> str | None:
    """The record that a case of an evaluation is; None of images that no data set of the workspace holds.

    A model's cases are named by record, those of a file of predictions by image.
    """
    source = evaluation.source
    if source.get("kind") == "model":
        return case
    return records.record_id(source["datasets"][0], case) if source["datasets"] else None


def with_comparison(evaluation: Evaluation, comparison: ModelComparison | ReaderComparison) -> Evaluation:
    """The same evaluation beside a comparison (`workflows.compare_models`), for one JSON or one page."""
    return replace(evaluation, comparison=comparison)


def _evaluate_outside(
    outside: Sequence[tuple[str, OutsidePredictions]],
    truth: TruthTable,
    *,
    taxonomy: Taxonomy,
    options: EvaluationOptions,
    source: dict[str, Any],
    warnings: tuple[str, ...],
    common_only: bool,
    elsewhere: TemperatureSource | None,
) -> Evaluation:
    if not outside:
        raise InvalidInput("no predictions file was given")
    joined = [
        outside_cases(found, truth, taxonomy=taxonomy, name=name, common_only=common_only) for name, found in outside
    ]
    # The figures are those of the first file, so what is left out is counted for it, and what only others lack apart.
    both = len(joined[0])
    count, joined = shared_cases(joined)
    cases, names = joined[0], [name for name, _ in outside]
    notes = tuple(note for name, found in outside for note in changed_warnings(name, found))
    left_out = {"no_prediction": len(truth.frame) - both, "no_truth": len(outside[0][1].image_ids) - both}
    if len(outside) > 1:
        left_out["not_evaluable_in_every_repeat"] = both - count
    result = evaluate(
        cases,
        options,
        source={"kind": "predictions", "predictions": names, **source},
        left_out=left_out,
        scaled=_scale(cases, options, elsewhere),
        warnings=(*warnings, *notes),
    )
    repeats = summarise_repeats(names, joined, options) if len(joined) > 1 else None
    return replace(result, repeats=repeats)


def _read_all(
    files: Sequence[PredictionFile], taxonomy: Taxonomy, normalise: bool
) -> list[tuple[str, OutsidePredictions]]:
    return [(file.name, read_predictions(file.source, taxonomy=taxonomy, normalise=normalise)) for file in files]


def _scale(
    cases: ScoredCases, options: EvaluationOptions, elsewhere: TemperatureSource | None
) -> ScaledCalibration | None:
    cases = cases.counting_borderline_as(options.borderline)
    return scale_calibration(
        cases, fitted_elsewhere=elsewhere, bins=options.bins, confidence=options.confidence, seed=options.seed
    )


def _summary(model: dict[str, Any]) -> dict[str, Any]:
    return {key: model[key] for key in ("id", "name", "architecture", "input_size", "checkpoint_sha256", "simulated")}
