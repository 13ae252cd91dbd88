"""Comparison of modalities over several readers and cases (MRMC), from a file of ratings or from readings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dermdash.analysis.mrmc.analysis import MrmcOptions, analyse_mrmc
from dermdash.analysis.mrmc.data import MrmcData
from dermdash.analysis.mrmc.effect import EffectTest, Inference, no_effect
from dermdash.analysis.mrmc.merit import AREAS, Figure, Merit
from dermdash.analysis.mrmc.model import beside_model
from dermdash.analysis.mrmc.result import MrmcResult
from dermdash.analysis.paired_accuracy import holm
from dermdash.errors import InvalidInput
from dermdash.readings.modality import modality_label
from dermdash.readings.readings_table import ReadingsTable
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted
from dermdash.workflows.analyses.model_scores import find_scores
from dermdash.workflows.analyses.mrmc_readings import (
    CALL_THRESHOLD,
    UNAIDED,
    Comparison,
    assistance_comparison,
    assisted_comparisons,
    unaided_readings,
)
from dermdash.workflows.evaluation_cases import PredictionFile

KEY = "mrmc"


@dataclass(frozen=True, slots=True)
class ModelToCompare:
    """A model to set beside the readers: score by case, and its threshold for figures that need one."""

    name: str
    scores: Mapping[str, float]
    threshold: float | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class MrmcComparison:
    """One comparison: its name, the result or why there is none, and what was left out before it.

    ``against_model``: the first modality is a model, whose scores are no readings.
    """

    name: str
    result: MrmcResult | None
    reason: str | None = None
    excluded: dict[str, int] = field(default_factory=dict)
    assistance: str | None = None
    p_holm: dict[Inference, float | None] = field(default_factory=dict)
    against_model: bool = False

    @property
    def readings(self) -> int:
        """Readings by readers."""
        if self.result is None:
            return 0
        read = self.result.data.read
        return int(read[:, 1:].sum() if self.against_model else read.sum())

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        if self.result is None:
            tests = {kind.value: no_effect(self.reason or "not computed").as_dict() for kind in Inference}
            return {"name": self.name, **tests, "excluded": self.excluded, "reason": self.reason}
        found = self.result.as_dict()
        for kind, p in self.p_holm.items():
            found[kind.value]["p_holm"] = p
        return {"name": self.name, **found, "n_readings": self.readings, "excluded": self.left_out, "reason": None}

    @property
    def left_out(self) -> dict[str, int]:
        """Readings left out, before the analysis and in it."""
        return self.excluded | (self.result.excluded if self.result is not None else {})


@dataclass(frozen=True, slots=True, eq=False)
class MrmcStudyResult:
    """All comparisons of one source.

    ``comparisons`` are of modalities, ``model`` those of a model with the readers of each modality.
    """

    source: str
    options: MrmcOptions
    comparisons: tuple[MrmcComparison, ...]
    model: tuple[MrmcComparison, ...] = ()
    excluded: dict[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    prespecified: bool = False
    simulated: bool = False

    def as_dict(self) -> dict[str, Any]:
        """For JSON: the tests of the one comparison at the top; of several, each under ``comparisons``."""
        if len(self.comparisons) == 1:
            top = self.comparisons[0].as_dict()
        else:
            reason = f"{len(self.comparisons)} comparisons: see comparisons, or choose one modality"
            top = {kind.value: no_effect(reason).as_dict() for kind in Inference}
        return {
            **{kind.value: top.pop(kind.value) for kind in Inference},
            "source": self.source,
            **top,
            "comparisons": [found.as_dict() for found in self.comparisons] if len(self.comparisons) > 1 else [],
            "model": [found.as_dict() for found in self.model],
            "source_excluded": self.excluded,
            "source_warnings": list(self.warnings),
            "notes": list(self.notes),
            "prespecified": self.prespecified,
            "simulated": self.simulated,
        }


def analyse_mrmc_data(
    data: MrmcData, options: MrmcOptions | None = None, *, model: ModelToCompare | None = None
) -> MrmcStudyResult:
    """Analyse a file of ratings.

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


def merit_of_readings(figure: Figure, threshold: float | None = None, **changes: Any) -> Merit:
    """The figure for readings: without a threshold, one that needs it is taken from the answers malignant or benign."""
    if figure not in AREAS and threshold is None:
        return Merit(figure, threshold=CALL_THRESHOLD, call="of the answer malignant", **changes)
    return Merit(figure, threshold=threshold, **changes)


def model_to_compare(
    table: ReadingsTable,
    workspace: Workspace | None = None,
    study_id: str | None = None,
    model_id: str | None = None,
    predictions: Path | PredictionFile | None = None,
    *,
    threshold: float | None = None,
) -> ModelToCompare:
    """The model that `find_scores` finds; by default it calls a case malignant from a probability of 0.5 on."""
    file = PredictionFile(predictions.name, predictions) if isinstance(predictions, Path) else predictions
    found = find_scores(table, workspace=workspace, study_id=study_id, model_id=model_id, predictions=file)
    scores = dict(zip(found.cases, map(float, found.malignancy), strict=True))
    return ModelToCompare(found.name, scores, CALL_THRESHOLD if threshold is None else threshold, found.warnings)


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
