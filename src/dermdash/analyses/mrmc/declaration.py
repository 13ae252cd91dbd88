"""Multi-reader multi-case comparison, declared."""

from __future__ import annotations

from typing import Any

from dermdash.analyses.declaration import Analysis, AnalysisContext
from dermdash.analyses.mrmc.options import KEY, TITLE, MrmcChoice, MrmcViews
from dermdash.errors import DermdashError, InvalidInput


def _run(data: Any, options: MrmcChoice, context: AnalysisContext) -> Any:
    from dermdash.analyses.mrmc import run
    from dermdash.analyses.mrmc.ratings_file import RatingsFile
    from dermdash.analysis.mrmc.analysis import MrmcOptions
    from dermdash.analysis.mrmc.figure_of_merit import FigureOfMerit

    ratings = isinstance(data, RatingsFile)
    make = FigureOfMerit if ratings else run.merit_of_readings
    chosen = MrmcOptions(
        merit=make(
            options.figure,
            options.threshold,
            over=options.over.value,
            low=options.low,
            high=options.high,
            weight=options.weight,
        ),
        covariance=options.covariance,
        confidence=options.confidence,
        margin=options.margin,
        complete_cases=options.complete_cases,
    )
    if ratings:
        return _of_ratings(data, options, chosen, context)
    if options.model_reader is not None:
        raise InvalidInput(
            f"{data.source} names its model with a model of the workspace or a file of predictions: a reader who is a "
            "model is for files of ratings"
        )
    wanted = options.against_model or context.model_id is not None or context.predictions is not None
    return run.analyse_mrmc_readings(
        data,
        chosen,
        modalities=options.modality or None,
        between_assistance=options.between_assistance,
        model=run.model_in(context, data, threshold=options.model_threshold) if wanted else None,
    )


def _of_ratings(file: Any, options: MrmcChoice, chosen: Any, context: AnalysisContext) -> Any:
    from dermdash.analyses.mrmc import run
    from dermdash.analyses.mrmc.ratings_file import read_model_scores
    from dermdash.analysis.mrmc.model import take_model_reader

    name = file.data.source
    if options.modality or options.between_assistance:
        raise InvalidInput(f"{name} holds its modalities: --modality and --between-assistance are for logs of readings")
    if context.model_id is not None or options.against_model:
        raise InvalidInput(f"{name} is a file of ratings: name its model with --predictions or --model-reader")
    data, scores = file.data, None
    if options.model_reader is not None:
        data, taken = take_model_reader(data, options.model_reader)
        # A model among the readers rates on their scale, so that their threshold is its own.
        own = options.threshold if options.model_threshold is None else options.model_threshold
        scores = run.ModelToCompare(f"Model {options.model_reader}", taken, own)
    elif context.predictions is not None:
        found = read_model_scores(context.predictions.source, name=context.predictions.name)
        scores = run.model_of_file(found, data, name=context.predictions.name, threshold=options.model_threshold)
    return run.analyse_mrmc_data(data, chosen, model=scores, notes=file.notes)


def _run_for_report(data: Any, options: MrmcChoice, context: AnalysisContext) -> Any:
    """With the model where there is one; else without: "Readers and model" says why there is none."""
    try:
        return _run(data, options.model_copy(update={"against_model": True}), context)
    except DermdashError:
        return _run(data, options, AnalysisContext())


def _section(result: Any, table: Any, options: Any, views: Any) -> Any:
    from dermdash.analyses.mrmc.section import mrmc_section

    return mrmc_section(result) if views is None else mrmc_section(result, along=views.along)


MRMC = Analysis(
    key=KEY,
    title=TITLE,
    menu="Modalities over readers and cases",
    icon="ssid_chart",
    purpose="Modalities compared over readers and cases, so that results hold for others (Obuchowski-Rockette).",
    options=MrmcChoice,
    views=MrmcViews,
    run=_run,
    run_for_report=_run_for_report,
    section=_section,
    of_model=True,
    ratings=True,
    reads_ratings=True,
    doing="Comparing the modalities",
)
