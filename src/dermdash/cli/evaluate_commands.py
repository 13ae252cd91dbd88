"""`dermdash evaluate`: a model, or predictions made elsewhere, measured against the truth."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dermdash.cli.borderline_option import Borderline
from dermdash.cli.console import Json, Simulated, command_workspace, errors_explained, print_json, say
from dermdash.cli.where_option import Where
from dermdash.errors import InvalidInput, NotFound
from dermdash.records.record_filter import SPLIT
from dermdash.records.split_parts import TEST, part_option
from dermdash.records.taxonomy import DEFAULT_TAXONOMY, TAXONOMIES, BorderlinePolicy

if TYPE_CHECKING:
    from dermdash.analysis.evaluation import Evaluation, EvaluationOptions
    from dermdash.analysis.model_comparison import ModelComparison
    from dermdash.analysis.reader_comparison import ReaderComparison
    from dermdash.storage.workspace import Workspace
    from dermdash.workflows.classifier.evaluation_cases import PredictionFile


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("evaluate")(evaluate)


def evaluate(
    model: Annotated[
        list[str] | None,
        typer.Option(help="Model id; the one in use when not given. Several: repeats, mean and SD."),
    ] = None,
    dataset: Annotated[
        list[str] | None,
        typer.Option(help="Data set id; the model's own, else the largest, when not given. Several are pooled."),
    ] = None,
    simulated: Simulated = False,
    predictions: Annotated[
        list[Path] | None, typer.Option(help="CSV of predictions made elsewhere. Several: repeats, mean and SD.")
    ] = None,
    truth: Annotated[
        Path | None, typer.Option(help="CSV with the truth for --predictions; needs no workspace. Else --dataset.")
    ] = None,
    taxonomy: Annotated[str, typer.Option(help=f"Of --truth: {', '.join(TAXONOMIES)}.")] = DEFAULT_TAXONOMY,
    thresholds: Annotated[
        str | None,
        typer.Option(help="Thresholds to apply instead of Youden's: a JSON or CSV file, or a saved operating point."),
    ] = None,
    temperature_from: Annotated[
        str | None,
        typer.Option(
            help="Data set to fit the temperature on (with --truth: a CSV of predictions). Else cross-fitted."
        ),
    ] = None,
    temperature_truth: Annotated[
        Path | None, typer.Option(help="Truth of the CSV given to --temperature-from.")
    ] = None,
    compare: Annotated[
        str | None, typer.Option(help="Another model id or predictions CSV, compared on the same images.")
    ] = None,
    readers: Annotated[str | None, typer.Option(help="Study whose unaided readers the model is compared with.")] = None,
    where: Where = None,
    split: Annotated[str | None, typer.Option(help="Only records of a split of that name.")] = None,
    part: Annotated[str, typer.Option(help="Of --split: train, validation, test, or a fold by its number.")] = TEST,
    include_trained: Annotated[
        bool, typer.Option("--include-trained", help="Also images the model trained on, or may have.")
    ] = False,
    normalise: Annotated[
        bool, typer.Option("--normalise", help="Divide rows of a CSV that do not sum to 1 by their sum.")
    ] = False,
    common: Annotated[
        bool, typer.Option("--common", help="Evaluate the images that predictions and truth share.")
    ] = False,
    borderline: Borderline = BorderlinePolicy.BENIGN,
    bootstrap: Annotated[int, typer.Option(min=0, max=100_000, help="Bootstrap draws; 0: none.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Same input and seed: same intervals.")] = 2020,
    confidence: Annotated[float, typer.Option(help="Level of the intervals.")] = 0.95,
    out: Annotated[Path | None, typer.Option(help="Write the result: .json all of it, .csv the table.")] = None,
    as_json: Json = False,
) -> None:
    """Measure a classifier: AUC, Youden thresholds, sensitivity and specificity by class, calibration, subgroups."""
    if predictions and model:
        raise typer.BadParameter("give --model or --predictions, not both")
    if truth is not None and not predictions:
        raise typer.BadParameter("--truth belongs to --predictions")
    if truth is not None and dataset:
        raise typer.BadParameter("give --truth or --dataset, not both")
    if (where or split) and (predictions or compare is not None or readers is not None):
        raise typer.BadParameter(
            "--where and --split choose records for a model alone: not with --predictions, --compare, --readers"
        )
    if predictions and simulated:
        raise typer.BadParameter(
            "--simulated chooses a data set for a model; name the one of --predictions by --dataset"
        )
    if predictions and (readers is not None or include_trained):
        raise typer.BadParameter("--readers and --include-trained need a model of the workspace")
    if (temperature_truth is not None) != (temperature_from is not None and truth is not None):
        raise typer.BadParameter("with --truth, --temperature-from CSV and --temperature-truth CSV belong together")
    if out is not None and out.suffix.lower() not in (".json", ".csv"):
        raise typer.BadParameter("--out needs a name that ends in .json or .csv")
    if predictions and truth is None and temperature_from is not None:
        raise typer.BadParameter("--temperature-from needs a model, or --predictions with --truth")
    with ExitStack() as stack:
        stored_point = thresholds is not None and not Path(thresholds).is_file()
        if predictions and truth is not None and not stored_point:
            stack.enter_context(errors_explained())
            workspace = None
        else:
            workspace = stack.enter_context(command_workspace())
        options = replace(
            _options(workspace, thresholds, confidence=confidence, bootstrap=bootstrap, seed=seed),
            borderline=borderline,
        )
        if predictions and truth is not None:
            result = _files_against_truth(
                predictions, truth, taxonomy, normalise, common, options, temperature_from, temperature_truth, compare
            )
        elif predictions:
            assert workspace is not None
            result = _files_against_dataset(workspace, predictions, dataset, normalise, common, options, compare)
        else:
            assert workspace is not None
            if split is not None:
                from dermdash.workflows.dataset.kept_splits import part_of_split, standing_split

                chosen = standing_split(workspace, split)
                dataset = dataset or list(chosen.datasets)
                where = [*(where or ()), f"{SPLIT}={part_option(split, part_of_split(chosen, part).name)}"]
            result = _model(
                workspace, model, dataset, simulated, include_trained, normalise, options, temperature_from, compare,
                readers, where,
            )  # fmt: skip
        if out is not None:
            _write(out, result)
    from dermdash.analyses.evaluation.section import evaluation_json, evaluation_section
    from dermdash.cli.analyse.output import print_section

    if as_json:
        print_json(evaluation_json(result))
        return
    print_section(evaluation_section(result))
    if out is not None:
        say(f"Written to {out}")


def _options(
    workspace: Workspace | None, thresholds: str | None, *, confidence: float, bootstrap: int, seed: int
) -> EvaluationOptions:
    from dermdash.analysis.evaluation import EvaluationOptions

    values: dict[str, float] = {}
    made_under = None
    if thresholds is not None and Path(thresholds).is_file():
        from dermdash.dataset.thresholds_file import read_thresholds

        file = read_thresholds(Path(thresholds))
        for note in file.notes:
            say(f"{thresholds}: {note}")
        values, made_under = file.thresholds, file.borderline
    elif thresholds is not None:
        from dermdash.workflows.classifier.operating_points import get_operating_point

        assert workspace is not None
        try:
            point = get_operating_point(workspace, thresholds)
        except NotFound as error:
            raise NotFound(f"--thresholds names neither a file nor a saved operating point: {error}") from error
        values = {code: value for code, value in point.thresholds.items() if value is not None}
        made_under = point.borderline
    return EvaluationOptions(
        confidence=confidence, bootstrap=bootstrap, seed=seed, thresholds=values, threshold_source=thresholds,
        thresholds_made_under=made_under,
    )  # fmt: skip


def _files_against_truth(
    predictions: list[Path],
    truth: Path,
    taxonomy: str,
    normalise: bool,
    common: bool,
    options: EvaluationOptions,
    temperature_from: str | None,
    temperature_truth: Path | None,
    compare: str | None,
) -> Evaluation:
    from dermdash.analyses.comparison.run import compare_files
    from dermdash.workflows.classifier.evaluate_model import evaluate_predictions, with_comparison

    elsewhere = None
    if temperature_from is not None and temperature_truth is not None:
        elsewhere = (_file(Path(temperature_from)), _file(temperature_truth))
    files = [_file(path) for path in predictions]
    result = evaluate_predictions(
        files,
        _file(truth),
        taxonomy=taxonomy,
        normalise=normalise,
        common_only=common,
        options=options,
        temperature_files=elsewhere,
    )
    if compare is None:
        return result
    found = compare_files(
        files[0],
        _file(_existing(compare)),
        _file(truth),
        taxonomy=taxonomy,
        normalise=normalise,
        common_only=common,
        options=options,
    )
    return with_comparison(result, found)


def _files_against_dataset(
    workspace: Workspace,
    predictions: list[Path],
    dataset: list[str] | None,
    normalise: bool,
    common: bool,
    options: EvaluationOptions,
    compare: str | None,
) -> Evaluation:
    from dermdash.analyses.comparison.run import compare_files_on_dataset
    from dermdash.workflows.classifier.evaluate_model import evaluate_predictions_on_dataset, with_comparison

    if dataset is not None and len(dataset) > 1:
        raise InvalidInput("predictions made elsewhere are evaluated on one data set: name one with --dataset")
    dataset_id = dataset[0] if dataset else _only_dataset(workspace)
    files = [_file(path) for path in predictions]
    result = evaluate_predictions_on_dataset(
        workspace, files, dataset_id=dataset_id, normalise=normalise, common_only=common, options=options
    )
    if compare is None:
        return result
    found = compare_files_on_dataset(
        workspace,
        files[0],
        _file(_existing(compare)),
        dataset_id=dataset_id,
        normalise=normalise,
        common_only=common,
        options=options,
    )
    return with_comparison(result, found)


def _model(
    workspace: Workspace,
    model: list[str] | None,
    dataset: list[str] | None,
    simulated: bool,
    include_trained: bool,
    normalise: bool,
    options: EvaluationOptions,
    temperature_from: str | None,
    compare: str | None,
    readers: str | None,
    where: list[str] | None,
) -> Evaluation:
    from dermdash.analyses.comparison import run as compare_models
    from dermdash.analyses.comparison.paired_cases import pair_models
    from dermdash.records.record_filter import RecordFilter
    from dermdash.workflows.classifier.evaluate_model import evaluate_model, with_comparison

    if compare is not None and readers is not None:
        raise InvalidInput("give --compare or --readers, not both")
    first = model[0] if model else None
    if readers is not None and first is None:
        # Readers are compared with the model that their study showed them, on the images they read.
        from dermdash.workflows.reader_study.study_results import find_study

        study = find_study(workspace, readers)
        first, dataset = study["model_id"], dataset or [str(study["dataset_id"])]
    result = evaluate_model(
        workspace,
        model_id=first,
        dataset_ids=dataset,
        simulated=simulated or None,
        include_trained=include_trained,
        options=options,
        temperature_from=temperature_from,
        repeat_model_ids=model[1:] if model else (),
        record_filter=RecordFilter.from_words(where or ()),
    )
    model_id = str(result.source["model"]["id"])
    found: ModelComparison | ReaderComparison
    if readers is not None:
        found = compare_models.compare_model_with_readers(
            workspace, readers, model_id=model_id, include_trained=include_trained, options=options
        )
    elif compare is None:
        return result
    elif Path(compare).is_file():
        used = result.source["datasets"]
        if len(used) != 1:
            raise InvalidInput("a predictions CSV is compared on one data set: name one with --dataset")
        found = compare_models.compare_model_with_file(
            workspace,
            model_id,
            _file(Path(compare)),
            dataset_id=used[0],
            include_trained=include_trained,
            normalise=normalise,
            options=options,
        )
    else:
        found = pair_models(
            workspace,
            model_id,
            compare,
            dataset_ids=result.source["datasets"],
            include_trained=include_trained,
            options=options,
        ).comparison
    return with_comparison(result, found)


def _file(path: Path) -> PredictionFile:
    from dermdash.workflows.classifier.evaluation_cases import PredictionFile

    return PredictionFile(str(path), path)


def _existing(path: str) -> Path:
    if not Path(path).is_file():
        raise InvalidInput(f"--compare {path}: there is no such file; predictions are compared with another CSV")
    return Path(path)


def _only_dataset(workspace: Workspace) -> str:
    from dermdash.workflows.dataset.browse_records import list_datasets

    every = list_datasets(workspace)
    # The one of photographs is meant beside any number of drawn ones.
    ids = [str(d["id"]) for d in every if not d["simulated"]] or [str(d["id"]) for d in every]
    if len(ids) != 1:
        known = ", ".join(str(d["id"]) for d in every) or "none yet"
        raise InvalidInput(f"name the data set with --dataset, or give --truth CSV; the data sets are: {known}")
    return ids[0]


def _write(out: Path, result: Evaluation) -> None:
    from dermdash.analyses.evaluation.section import evaluation_json
    from dermdash.analyses.evaluation.tables import class_table
    from dermdash.records.safe_csv import to_safe_csv
    from dermdash.workflows.write_output import write_output

    if out.suffix.lower() == ".csv":
        write_output(out, to_safe_csv(class_table(result).numbers))
    else:
        write_output(out, json.dumps(evaluation_json(result), indent=2, default=str, allow_nan=False).encode())
