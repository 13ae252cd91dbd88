"""Comparison of modalities over several readers and cases (MRMC), from a file of ratings or from readings."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dermdash.analyses.declaration import AnalysisContext
from dermdash.analyses.model_scores import scores_in
from dermdash.analyses.mrmc.options import KEY
from dermdash.analyses.mrmc.ratings_file import ScoresFile
from dermdash.analyses.mrmc.readings import (
    CALL_THRESHOLD,
    UNAIDED,
    Comparison,
    assistance_comparison,
    assisted_comparisons,
    unaided_readings,
)
from dermdash.analyses.mrmc.result import ModelToCompare as ModelToCompare
from dermdash.analyses.mrmc.result import MrmcComparison as MrmcComparison
from dermdash.analyses.mrmc.result import MrmcStudyResult as MrmcStudyResult
from dermdash.analysis.mrmc.analysis import MrmcOptions, analyse_mrmc
from dermdash.analysis.mrmc.choices import Figure
from dermdash.analysis.mrmc.data import MrmcData
from dermdash.analysis.mrmc.effect import EffectTest, Inference
from dermdash.analysis.mrmc.figure_of_merit import AREAS, FigureOfMerit
from dermdash.analysis.mrmc.model import beside_model
from dermdash.analysis.paired_accuracy import holm
from dermdash.errors import InvalidInput
from dermdash.readings.modality import modality_label
from dermdash.readings.readings_table import ReadingsTable
from dermdash.records.name_match import match_names
from dermdash.wording import counted


def analyse_mrmc_data(
    data: MrmcData,
    options: MrmcOptions | None = None,
    *,
    model: ModelToCompare | None = None,
    warnings: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> MrmcStudyResult:
    """Analyse a file of ratings; ``warnings`` and ``notes`` are what was said of it in reading.

    Raises
    ------
    InvalidInput
        As of `dermdash.analysis.mrmc.analysis.analyse_mrmc`; of the model as of `beside_model`.
    """
    options = options or MrmcOptions()
    against = list(_against_model(data.modalities, data, options, model))
    name = (
        " against ".join(data.modalities)
        if len(data.modalities) <= 2
        else counted(len(data.modalities), "modality", "modalities")
    )
    return MrmcStudyResult(
        data.source,
        options,
        (MrmcComparison(name, analyse_mrmc(data, options)),),
        model=tuple(_with_holm(against) if len(against) > 1 else against),
        warnings=(*warnings, *(() if model is None else model.warnings)),
        notes=notes,
    )


def analyse_mrmc_readings(
    table: ReadingsTable,
    options: MrmcOptions | None = None,
    *,
    modalities: Sequence[str] | None = None,
    between_assistance: bool = False,
    model: ModelToCompare | None = None,
) -> MrmcStudyResult:
    """Analyse the readings of a study or log: how well malignancy is told from its absence.

    Parameters
    ----------
    options
        With a figure of `merit_of_readings`: that of a call is taken from the answers malignant or benign, any other
        from the malignancy ratings.
    modalities
        Kinds of assistance to look at; None: all.
    between_assistance
        Compare the kinds of assistance with one another instead of each with the reading without.

    Raises
    ------
    MissingColumns, InvalidInput
        The readings do not allow any comparison. One that is not possible among several says why in its place.
    """
    options = options or MrmcOptions()
    if modalities is not None:
        if unknown := sorted(set(modalities) - set(table.modalities)):
            raise InvalidInput(
                f"{table.source} has no assistance {', '.join(unknown)}: expected "
                f"{', '.join(table.modalities) or 'none'}"
            )
        table = table.subset(table.frame["modality"].isin([*modalities, "none"]))
    answers = options.merit.call != ""
    parts = (
        (assistance_comparison(table, answers=answers),)
        if between_assistance
        else assisted_comparisons(table, answers=answers)
    )
    found = [_compare(part, options, alone=len(parts) == 1) for part in parts]
    if len(found) > 1:
        found = _with_holm(found)
    return MrmcStudyResult(
        source=table.source,
        options=options,
        comparisons=tuple(found),
        model=_models(table, parts, options, model, answers=answers),
        excluded=dict(table.excluded),
        warnings=() if model is None else model.warnings,
        notes=(*table.notes, *dict.fromkeys(note for part in parts for note in part.notes)),
        prespecified=KEY in table.prespecified,
        simulated=table.simulated,
    )


def merit_of_readings(figure: Figure, threshold: float | None = None, **changes: Any) -> FigureOfMerit:
    """The figure for readings: without a threshold, one that needs it is taken from the answers malignant or benign."""
    if figure not in AREAS and threshold is None:
        return FigureOfMerit(figure, threshold=CALL_THRESHOLD, call="of the answer malignant", **changes)
    return FigureOfMerit(figure, threshold=threshold, **changes)


def model_in(context: AnalysisContext, table: ReadingsTable, *, threshold: float | None = None) -> ModelToCompare:
    """The model that `scores_in` finds; by default it calls a case malignant from a probability of 0.5 on."""
    found = scores_in(context, table)
    scores = dict(zip(found.cases, map(float, found.malignancy), strict=True))
    return ModelToCompare(found.name, scores, CALL_THRESHOLD if threshold is None else threshold, found.warnings)


def model_of_file(file: ScoresFile, data: MrmcData, *, name: str, threshold: float | None = None) -> ModelToCompare:
    """A model by its scores in a file, joined to the cases of a file of ratings."""
    match = match_names(data.cases, file.scores)
    scores = {case: file.scores[other] for case, other in match.found.items()}
    warnings = (*(f"{name}: {note}" for note in file.notes), *match.warnings("cases", name))
    if not scores:
        raise InvalidInput(
            f"{name} has no score for any case of {data.source}: do the case names agree? {' '.join(warnings)}".strip()
        )
    return ModelToCompare(f"Model {name}", scores, threshold, warnings)


def _compare(part: Comparison, options: MrmcOptions, *, alone: bool) -> MrmcComparison:
    names = part.data.modalities
    name = modality_label(part.assistance) if part.assistance else " against ".join(names)
    try:
        return MrmcComparison(
            name, analyse_mrmc(part.data, options), excluded=part.excluded, assistance=part.assistance
        )
    except InvalidInput as error:
        if alone:
            raise
        return MrmcComparison(name, None, str(error), part.excluded, part.assistance)


def _with_holm(found: list[MrmcComparison]) -> list[MrmcComparison]:
    """Correct over the comparisons, each kind of inference for itself."""

    def test(comparison: MrmcComparison, kind: Inference) -> EffectTest | None:
        return None if comparison.result is None else comparison.result.overall[kind]

    corrected: list[dict[Inference, float | None]] = [{} for _ in found]
    for kind in Inference:
        tests = [test(comparison, kind) for comparison in found]
        for place, p in enumerate(holm([None if t is None else t.p for t in tests])):
            corrected[place][kind] = p
    return [replace(c, p_holm=p) for c, p in zip(found, corrected, strict=True)]


def _models(
    table: ReadingsTable,
    parts: Sequence[Comparison],
    options: MrmcOptions,
    model: ModelToCompare | None,
    *,
    answers: bool,
) -> tuple[MrmcComparison, ...]:
    """The model against all unaided readings, and against those with each assistance."""
    if model is None:
        return ()
    found: list[MrmcComparison] = []
    alone = unaided_readings(table, answers=answers)
    if alone is not None:
        found += _against_model([UNAIDED], alone.data, options, model)
    for part in parts:
        names = [name for name in part.data.modalities if name != UNAIDED]
        found += _against_model(names, part.data, options, model)
    return tuple(_with_holm(found) if len(found) > 1 else found)


def _against_model(
    names: Sequence[str], data: MrmcData, options: MrmcOptions, model: ModelToCompare | None
) -> tuple[MrmcComparison, ...]:
    if model is None:
        return ()
    found = []
    for name in names:
        try:
            joined, dropped = beside_model(
                data.of_modalities([name]), model.scores, options.merit, name=model.name, threshold=model.threshold
            )
            excluded = {"of a case that the model has no score of": dropped} if dropped else {}
            found.append(MrmcComparison(name, analyse_mrmc(joined, options), excluded=excluded, against_model=True))
        except InvalidInput as error:
            found.append(MrmcComparison(name, None, str(error)))
    return tuple(found)
