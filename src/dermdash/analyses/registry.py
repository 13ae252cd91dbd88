"""Every analysis the report can hold: one entry per section, with the workflow and the section it is made of.

An entry imports what it needs when it is built, so that a report of one analysis pays for that one alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dermdash.analyses.section import Section
from dermdash.errors import DermdashError
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.readings_table import ReadingsTable
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier.evaluation_cases import PredictionFile

if TYPE_CHECKING:
    from dermdash.analyses.collective.votes import ModelOpinions
    from dermdash.analyses.human_machine.read_cases import ModelScores


@dataclass(frozen=True, slots=True)
class AnalysisContext:
    """What an analysis may need beside the readings.

    Attributes
    ----------
    workspace
        None: the readings come from a file.
    study_id
        The study of the workspace the readings come from; None for a log.
    model_id, predictions
        The model to compare readers with; both None: the study's own, else what the readers were shown.
    truth
        CSV with the true diagnosis of each image, where one was given beside the readings.
    """

    workspace: Workspace | None = None
    study_id: str | None = None
    model_id: str | None = None
    predictions: PredictionFile | None = None
    include_trained: bool = False
    truth: Path | None = None


BENEFIT_MALIGNANCY = "benefit-malignancy"
MALIGNANCY_TITLE = "Benefit of assistance for malignancy"
Build = Callable[[ReadingsTable, AnalysisContext], Section]


@dataclass(frozen=True, slots=True)
class Analysis:
    """One analysis: ``key`` is the anchor of its section and its name in commands and in a frozen protocol.

    ``build_aggregate`` makes the section from counts per image; None: that needs single readings.
    """

    key: str
    title: str
    build: Build
    build_aggregate: Callable[[AggregateTable, AnalysisContext], Section] | None = None


def _benefit(outcome: str) -> tuple[Build, Callable[[AggregateTable, AnalysisContext], Section]]:
    """Builders for an outcome, from readings and from counts per image."""

    def build(table: ReadingsTable, context: AnalysisContext) -> Section:
        from dermdash.analyses.benefit.measures import Outcome
        from dermdash.analyses.benefit.run import analyse_benefit
        from dermdash.analyses.benefit.section import benefit_section

        return benefit_section(analyse_benefit(table, outcome=Outcome(outcome)))

    def build_aggregate(table: AggregateTable, context: AnalysisContext) -> Section:
        from dermdash.analyses.benefit.image_truth import lesions_of_truth_file, with_workspace_truth
        from dermdash.analyses.benefit.measures import Outcome
        from dermdash.analyses.benefit.run import analyse_benefit
        from dermdash.analyses.benefit.section import benefit_section

        lesions = None
        if context.truth is not None:
            lesions = lesions_of_truth_file(context.truth, table)
        elif context.workspace is not None:
            table, lesions = with_workspace_truth(context.workspace, table)
        return benefit_section(analyse_benefit(table, outcome=Outcome(outcome), lesions=lesions))

    return build, build_aggregate


def _benefit_malignancy(table: ReadingsTable, context: AnalysisContext) -> Section:
    # To the section this is the benefit: what the protocol says of it stands under the name of this analysis.
    planned = tuple("benefit" for name in table.prespecified if name == BENEFIT_MALIGNANCY)
    section = _benefit("malignancy")[0](replace(table, prespecified=planned), context)
    return replace(section, key=BENEFIT_MALIGNANCY, title=MALIGNANCY_TITLE)


def _benefit_malignancy_counts(table: AggregateTable, context: AnalysisContext) -> Section:
    section = _benefit("malignancy")[1](table, context)
    return replace(section, key=BENEFIT_MALIGNANCY, title=MALIGNANCY_TITLE)


def _mrmc(table: ReadingsTable, context: AnalysisContext) -> Section:
    from dermdash.analyses.mrmc.run import ModelToCompare, analyse_mrmc_readings
    from dermdash.analyses.mrmc.section import mrmc_section

    try:
        scores = _scores(table, context)
    except DermdashError:  # "Readers and model" says why there is no model; modalities can be compared without
        return mrmc_section(analyse_mrmc_readings(table))
    by_case = dict(zip(scores.cases, map(float, scores.malignancy), strict=True))
    model = ModelToCompare(scores.name, by_case, None, scores.warnings)
    return mrmc_section(analyse_mrmc_readings(table, model=model))


def _human_machine(table: ReadingsTable, context: AnalysisContext) -> Section:
    from dermdash.analyses.human_machine.run import analyse_human_machine
    from dermdash.analyses.human_machine.section import KEY, human_machine_section

    found = analyse_human_machine(table, _scores(table, context))
    return human_machine_section(found, exploratory=KEY not in table.prespecified)


def _scores(table: ReadingsTable, context: AnalysisContext) -> ModelScores:
    from dermdash.analyses.model_scores import find_scores

    return find_scores(
        table,
        workspace=context.workspace,
        study_id=context.study_id,
        model_id=context.model_id,
        predictions=context.predictions,
        include_trained=context.include_trained,
    )


def _reliance(table: ReadingsTable, context: AnalysisContext) -> Section:
    from dermdash.analyses.reliance.run import analyse_reliance
    from dermdash.analyses.reliance.section import reliance_section

    return reliance_section(analyse_reliance(table), table)


def _reading_time(table: ReadingsTable, context: AnalysisContext) -> Section:
    from dermdash.analyses.reading_time.run import analyse_reading_time
    from dermdash.analyses.reading_time.section import reading_time_section

    return reading_time_section(analyse_reading_time(table), table)


def _agreement(table: ReadingsTable, context: AnalysisContext) -> Section:
    from dermdash.analyses.agreement.run import analyse_agreement
    from dermdash.analyses.agreement.section import agreement_section

    return agreement_section(analyse_agreement(table))


def _item_response(table: ReadingsTable, context: AnalysisContext) -> Section:
    from dermdash.analyses.item_response.run import analyse_item_response
    from dermdash.analyses.item_response.section import item_response_section

    return item_response_section(analyse_item_response(table))


def _collective(table: ReadingsTable, context: AnalysisContext) -> Section:
    from dermdash.analyses.collective.run import CollectiveOptions, analyse_collective
    from dermdash.analyses.collective.section import collective_section

    found = analyse_collective(table, opinions=_opinions(table, context), options=CollectiveOptions())
    return collective_section(found)


def _triage(table: ReadingsTable, context: AnalysisContext) -> Section:
    from dermdash.analyses.triage.run import DEFAULT_CALL, TriageOptions, analyse_triage, default_threshold
    from dermdash.analyses.triage.section import triage_section

    options = TriageOptions(
        rule_out=default_threshold(context.workspace, context.study_id),
        threshold=default_threshold(context.workspace, context.study_id, otherwise=DEFAULT_CALL),
    )
    return triage_section(analyse_triage(table, _opinions(table, context), options))


def _opinions(table: ReadingsTable, context: AnalysisContext) -> ModelOpinions:
    from dermdash.analyses.model_opinions import model_opinions

    return model_opinions(
        table,
        workspace=context.workspace,
        study_id=context.study_id,
        model_id=context.model_id,
        predictions=context.predictions,
        include_trained=context.include_trained,
    )


ANALYSES: tuple[Analysis, ...] = (
    Analysis("benefit", "Benefit of assistance", *_benefit("diagnosis")),
    Analysis(BENEFIT_MALIGNANCY, MALIGNANCY_TITLE, _benefit_malignancy, _benefit_malignancy_counts),
    Analysis("mrmc", "Multi-reader multi-case comparison", _mrmc),
    Analysis("human-machine", "Readers and model", _human_machine),
    Analysis("reliance", "Reliance on advice", _reliance),
    Analysis("reading-time", "Reading time", _reading_time),
    Analysis("agreement", "Agreement", _agreement),
    Analysis("item-response", "Readers and cases", _item_response),
    Analysis("collective", "Collective decisions", _collective),
    Analysis("triage", "Second opinion and triage", _triage),
)
"""In the order of the report."""
