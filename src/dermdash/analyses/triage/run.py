"""Second opinion and triage by the model, simulated on the readings of a study."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dermdash.analyses.collective.malignancy_panels import MALIGNANT, SIDES
from dermdash.analyses.collective.run import first_answers, malignancy_votes, voting_frame
from dermdash.analyses.collective.vote_bootstrap import REPLICATES
from dermdash.analyses.collective.votes import Votes, votes_of
from dermdash.analyses.model_predictions import ModelOpinions
from dermdash.analyses.other_designs import require_answers
from dermdash.analyses.triage.options import KEY
from dermdash.analyses.triage.rates import PathwayInput
from dermdash.analyses.triage.result import ThresholdChoice, TriageStudy
from dermdash.analyses.triage.second_opinion import (
    DiagnosisSecondOpinion,
    diagnosis_second_opinion,
    second_opinion,
)
from dermdash.analyses.triage.simulation import Thresholds, simulate_triage
from dermdash.analysis.scored_cases import MALIGNANCY
from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.modality import Phase
from dermdash.readings.readings_table import ReadingsTable
from dermdash.records.taxonomy import BorderlinePolicy
from dermdash.storage import studies
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier.held_out import records_of_lesions
from dermdash.workflows.classifier.operating_points import OperatingPoint, get_operating_point, list_operating_points

PURPOSE = "simulating a triage"
DEFAULT_RULE_OUT = 0.1
"""Malignancy probability below which nobody reads, where no operating point is chosen: a convention, not a finding."""
DEFAULT_CALL = 0.5
"""Malignancy probability from which the model as second reader calls malignant, likewise."""


@dataclass(frozen=True, slots=True)
class TriageOptions:
    """What to simulate.

    ``rule_out``, ``rule_in``: malignancy probabilities (0..1); ``threshold`` is where the model as second reader calls
    malignant. None in ``rule_in``: no case is referred unread. ``prevalence``: share of malignant lesions to express
    the result in, beside that of the cases.
    """

    rule_out: ThresholdChoice
    threshold: ThresholdChoice
    rule_in: ThresholdChoice | None = None
    prevalence: float | None = None
    replicates: int = REPLICATES
    seed: int | None = None


def analyse_triage(table: ReadingsTable, opinions: ModelOpinions, options: TriageOptions) -> TriageStudy:
    """Send the cases of a study through a triage, and through a second opinion by the model.

    Raises
    ------
    MissingColumns
        The readings say nothing of malignancy or of the truth, or no malignancy probability of the model is known.
    InvalidInput
        No unaided answer to a case that the model has judged, or thresholds that cross.
    """
    require_answers(table, "malignant_answer", "truth_malignant", purpose=PURPOSE)
    if not opinions.malignancy:
        why = opinions.missing or "No model has judged them."
        raise MissingColumns(f"{PURPOSE} needs the model's malignancy probability of each case. {why}")
    seed = table.seed if options.seed is None else options.seed
    frame, classes, answer, excluded = voting_frame(table)
    unaided = first_answers(frame, Phase.UNAIDED, excluded)
    every = malignancy_votes(unaided)
    scored = np.array([case in opinions.malignancy for case in every.cases], dtype=bool)
    votes = every.of_cases(scored)
    if not votes.cases:
        raise InvalidInput(f"the model has judged no case that was read without assistance in {table.source}")
    unscored = int((~scored).sum())
    names = unaided.drop_duplicates("case").set_index("case")[
        "truth_dx" if answer == "diagnosis" else "truth_malignant"
    ]  # fmt: skip
    truth = {str(case): _class_name(value, answer) for case, value in names.items()}
    thresholds = Thresholds(options.rule_out.value, None if options.rule_in is None else options.rule_in.value)

    def called(part: Votes) -> PathwayInput:
        malignant = part.truth == SIDES.index(MALIGNANT)
        return PathwayInput(part, malignant, tuple(truth[c] for c in part.cases), seed, options.replicates)

    triage = simulate_triage(
        called(votes),
        np.array([opinions.malignancy[c] for c in votes.cases]),
        thresholds,
        left_out=unscored,
        prevalence=options.prevalence,
    )
    not_computed = [opinions.missing] if opinions.missing else []
    enough = votes.readers_per_case.sum(axis=1) >= 3
    second = None
    if enough.any():
        part = votes.of_cases(enough)
        calls = np.array([opinions.malignancy[c] >= options.threshold.value for c in part.cases], dtype=bool)
        left_out = unscored + int((~enough).sum())
        second = second_opinion(called(part), calls, threshold=options.threshold.value, left_out=left_out)
    else:
        not_computed.append("Second opinion on malignancy: no case was read by three readers.")
    diagnosis: DiagnosisSecondOpinion | None = None
    if answer == "diagnosis" and opinions.diagnosis:
        all_votes = votes_of(unaided, answer="answer", truth="true_answer", classes=classes)
        diagnosis = diagnosis_second_opinion(all_votes, opinions, seed=seed, replicates=options.replicates)
    if diagnosis is None:
        not_computed.append(
            "Second opinion on the diagnosis: it needs the class that the model names and cases with two readers."
        )
    return TriageStudy(
        source=table.source,
        model=opinions.name,
        origin=opinions.origin,
        triage=triage,
        second=second,
        diagnosis=diagnosis,
        rule_out=options.rule_out,
        rule_in=options.rule_in,
        threshold=options.threshold,
        seed=seed,
        replicates=options.replicates,
        simulated=bool(frame["simulated"].fillna(False).any()),
        exploratory=KEY not in table.prespecified,
        clustered=table.clustered,
        excluded=dict(table.excluded) | {reason: n for reason, n in excluded.items() if n},
        not_computed=tuple(not_computed),
        warnings=opinions.warnings,
    )


def _class_name(value: object, answer: str) -> str:
    return str(value) if answer == "diagnosis" else "malignant" if value else "benign"


def own_threshold(value: float) -> ThresholdChoice:
    """A threshold that was typed in."""
    if not 0 <= value <= 1:
        raise InvalidInput(f"the threshold is {value}: expected a probability, 0 to 1")
    return ThresholdChoice(float(value), "chosen by hand")


def threshold_of(
    workspace: Workspace | None,
    given: str,
    study_id: str | None,
    *,
    borderline: BorderlinePolicy = BorderlinePolicy.BENIGN,
) -> ThresholdChoice:
    """A probability that was written, else the operating point of that id or name.

    ``borderline``: what borderline diagnoses count as in the readings.

    Raises
    ------
    InvalidInput
        No probability, and there is no workspace to look for an operating point in.
    """
    try:
        return own_threshold(float(given))
    except ValueError:
        if workspace is None:
            raise InvalidInput(
                f"{given!r} is no probability, and a log in a file has no saved operating points: give a number, 0 to 1"
            ) from None
    return point_threshold(workspace, given, study_id=study_id, borderline=borderline)


def point_threshold(
    workspace: Workspace,
    id_or_name: str,
    *,
    study_id: str | None = None,
    borderline: BorderlinePolicy | None = None,
) -> ThresholdChoice:
    """The malignancy threshold of a saved operating point, with a warning where it was chosen on this study's cases.

    Raises
    ------
    NotFound
        There is no such operating point.
    InvalidInput
        It belongs to another model than the study's, or was chosen with borderline diagnoses counted otherwise than
        ``borderline``, where that is given.
    """
    point = get_operating_point(workspace, id_or_name)
    if borderline is not None:
        point.check_policy(borderline)
    value = point.thresholds[MALIGNANCY]
    assert value is not None  # choosing refuses a point without one
    warning = ""
    if study_id is not None:
        study = studies.get_study(workspace.engine, study_id)
        if study["model_id"] and study["model_id"] != point.model_id:
            raise InvalidInput(
                f"the operating point {point.name!r} is of model {point.model_id}, and the study's model is "
                f"{study['model_id']}: choose one of its own"
            )
        warning = _chosen_on_the_cases(workspace, point, study_id)
    return ThresholdChoice(value, f"operating point {point.name}: {point.rule_words} on {point.dataset_id}", warning)


def _chosen_on_the_cases(workspace: Workspace, point: OperatingPoint, study_id: str) -> str:
    cases = studies.cases_of_study(workspace.engine, study_id)
    shared = len(records_of_lesions(workspace, point.chosen_lesions).intersection(cases["record_id"]))
    if not shared:
        return ""
    return (
        f"The operating point {point.name} was chosen on {shared} of the lesions of this study: its figures here are "
        "too good."
    )


def study_points(
    workspace: Workspace, study_id: str | None, *, borderline: BorderlinePolicy | None
) -> list[OperatingPoint]:
    """Saved operating points of the study's model, newest first; all there are where the study has no model.

    Only those that were chosen with borderline diagnoses counted as the readings count them; None: all.
    """
    model_id = None if study_id is None else studies.get_study(workspace.engine, study_id)["model_id"]
    points = list_operating_points(workspace, model_id=model_id)
    return [p for p in points if borderline in (None, p.borderline) or not p.taxonomy.has_borderline]


def default_threshold(
    workspace: Workspace | None,
    study_id: str | None,
    *,
    otherwise: float = DEFAULT_RULE_OUT,
    borderline: BorderlinePolicy = BorderlinePolicy.BENIGN,
) -> ThresholdChoice:
    """The newest operating point of the study's model that fits the policy, else a convention that is named as one."""
    if workspace is not None and study_id is not None:
        if points := study_points(workspace, study_id, borderline=borderline):
            return point_threshold(workspace, points[0].id, study_id=study_id)
        if study_points(workspace, study_id, borderline=None):
            return ThresholdChoice(
                otherwise, f"a convention; no operating point of the model was chosen with {borderline.counted}"
            )
    return ThresholdChoice(otherwise, "a convention; no operating point of the model is saved")
