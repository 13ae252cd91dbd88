"""`dermdash analyse mrmc`: modalities compared over readers and cases."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dermdash.cli.analyse import app
from dermdash.cli.analyse.output import name_reversal, print_result, print_section
from dermdash.cli.analyse.source import (
    ReadAs,
    ReverseRatings,
    Source,
    Stage3,
    Truth,
    file_ratings,
    readings_and_workspace,
)
from dermdash.cli.console import Json, errors_explained
from dermdash.cli.spelling_option import Spellings, option_said
from dermdash.errors import InvalidInput


class Fom(StrEnum):
    """Figures of merit."""

    AUC = "auc"
    PAUC = "pauc"
    SENSITIVITY = "sensitivity"
    SPECIFICITY = "specificity"
    ACCURACY = "accuracy"
    WEIGHTED_ACCURACY = "weighted_accuracy"


class CovarianceMethod(StrEnum):
    """How the covariances are estimated."""

    JACKKNIFE = "jackknife"
    DELONG = "delong"
    UNBIASED = "unbiased"
    CLUSTERED = "clustered"


class Over(StrEnum):
    """What the range of the partial area is of."""

    SPECIFICITY = "specificity"
    SENSITIVITY = "sensitivity"


@app.command("mrmc")
def mrmc(
    source: Source,
    truth: Truth = None,
    spellings: Spellings = None,
    reverse_ratings: ReverseRatings = False,
    stage_3: Stage3 = False,
    fom: Annotated[Fom, typer.Option(help="Figure of merit; pauc is the AUC over a part of the curve.")] = Fom.AUC,
    threshold: Annotated[
        float | None,
        typer.Option(
            help="A rating at or above it calls the condition (sensitivity, specificity, accuracies). Readings of a "
            "study or log without it: the answer malignant."
        ),
    ] = None,
    covariance: Annotated[
        CovarianceMethod | None,
        typer.Option(
            help="As a rule clustered where cases share a lesion or patient, else jackknife, and unbiased where not "
            "every reader read every case."
        ),
    ] = None,
    low: Annotated[float, typer.Option(help="pauc: lower end of its range, 0..1.")] = 0.8,
    high: Annotated[float, typer.Option(help="pauc: upper end of its range, 0..1.")] = 1.0,
    over: Annotated[Over, typer.Option(help="pauc: what the range is of.")] = Over.SPECIFICITY,
    weight: Annotated[float, typer.Option(help="weighted_accuracy: weight of the sensitivity, 0..1.")] = 0.5,
    margin: Annotated[
        float | None, typer.Option(help="Test whether a modality is not worse than another by more than this.")
    ] = None,
    complete_cases: Annotated[
        bool, typer.Option("--complete-cases", help="Only cases that every reader read under every modality.")
    ] = False,
    modality: Annotated[
        list[str] | None, typer.Option(help="Readings of a study or log: only this assistance; may be repeated.")
    ] = None,
    between_assistance: Annotated[
        bool, typer.Option("--between-assistance", help="Compare kinds of assistance with one another.")
    ] = False,
    against_model: Annotated[
        bool, typer.Option("--against-model", help="Readings: also the study's model (else as shown) against readers.")
    ] = False,
    model: Annotated[str | None, typer.Option(help="Readings: this model of the workspace against readers.")] = None,
    predictions: Annotated[
        Path | None, typer.Option(help="A model against readers: CSV of its score by case (or probabilities by image).")
    ] = None,
    model_reader: Annotated[
        str | None, typer.Option(help="File of ratings: the reader in it who is a model, to set against the others.")
    ] = None,
    model_threshold: Annotated[
        float | None, typer.Option(help="A model score at or above it calls the condition.")
    ] = None,
    confidence: Annotated[float, typer.Option(help="Level of the intervals, 0..1.")] = 0.95,
    as_json: Json = False,
) -> None:
    """Compare modalities over readers and cases: Obuchowski-Rockette with Hillis' degrees of freedom.

    SOURCE is a CSV with the columns reader, modality (or treatment), case, truth and rating,

    an .imrmc file, a log of readings, or a study of the workspace.
    """
    with errors_explained():
        from dermdash.analyses.mrmc import run as workflow
        from dermdash.analyses.mrmc.ratings_file import is_mrmc_file, read_model_scores
        from dermdash.analysis.mrmc.analysis import MrmcOptions
        from dermdash.analysis.mrmc.covariance import Covariance
        from dermdash.analysis.mrmc.merit import Figure, Merit
        from dermdash.analysis.mrmc.model import take_model_reader

        figure = Figure(fom.value)
        read_as = ReadAs(truth, spellings, reverse_ratings, stage_3)
        ratings = Path(source).is_file() and is_mrmc_file(Path(source))
        make = Merit if ratings else workflow.merit_of_readings
        options = MrmcOptions(
            merit=make(figure, threshold, over=over.value, low=low, high=high, weight=weight),
            covariance=None if covariance is None else Covariance(covariance.value),
            confidence=confidence,
            margin=margin,
            complete_cases=complete_cases,
        )
        if ratings:
            if truth is not None or modality or between_assistance:
                raise InvalidInput(
                    f"{source} holds its truth and modalities: --truth, --modality and --between-assistance are for "
                    "logs of readings"
                )
            if model is not None or against_model:
                raise InvalidInput(
                    f"{source} is a file of ratings: name its model with --predictions or --model-reader"
                )
            file = file_ratings(Path(source), read_as)
            data, scores = file.data, None
            if model_reader is not None:
                data, taken = take_model_reader(data, model_reader)
                own = threshold if model_threshold is None else model_threshold
                scores = workflow.ModelToCompare(f"Model {model_reader}", taken, own)
            elif predictions is not None:
                found = read_model_scores(predictions, name=predictions.name)
                scores = workflow.model_of_file(found, data, name=predictions.name, threshold=model_threshold)
            warnings = option_said(file.warnings, file.alike)
            result = workflow.analyse_mrmc_data(data, options, model=scores, notes=file.notes)
        else:
            wanted = against_model or model is not None or predictions is not None
            needed = model is not None
            with readings_and_workspace(source, read_as, workspace_needed=needed) as (table, place, study_id):
                warnings = table.warnings
                result = workflow.analyse_mrmc_readings(
                    table,
                    options,
                    modalities=modality or None,
                    between_assistance=between_assistance,
                    model=workflow.model_to_compare(
                        table, place, study_id, model, predictions, threshold=model_threshold
                    )
                    if wanted
                    else None,
                )
        every = (*result.comparisons, *result.model)
        name_reversal([text for found in every if found.result is not None for text in found.result.warnings])
        if as_json:
            print_result(result.as_dict(), warnings)
            return
        from dermdash.analyses.mrmc.section import mrmc_section

        print_section(mrmc_section(result), warnings)
