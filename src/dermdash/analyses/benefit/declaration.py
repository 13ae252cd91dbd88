"""Benefit of assistance, declared: for correct diagnoses and, as an analysis of its own, for malignancy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dermdash.analyses.benefit.measures import Outcome
from dermdash.analyses.benefit.options import (
    EVERY,
    NONE,
    BenefitOptions,
    BenefitViews,
    MalignancyOptions,
    offered_outcomes,
)
from dermdash.analyses.benefit.planned import KEY, KEY_MALIGNANCY, PARTS, TITLE
from dermdash.analyses.declaration import Analysis, AnalysisContext, Lack, sentence_of


def _lacks(table: Any) -> Lack | None:
    from dermdash.analyses.other_designs import lack_of_diagnosis

    if offered_outcomes(table, {}):
        return _lacks_pairs(table)
    return lack_of_diagnosis(table, "trending_up") or Lack(
        "trending_up",
        "These readings hold no answer that is right or wrong",
        "The true diagnoses are missing. Import the log again with them, or choose other readings.",
    )


def _lacks_pairs(table: Any) -> Lack | None:
    from dermdash.analyses.other_designs import why_no_pairs
    from dermdash.readings.readings_table import ReadingsTable

    why = why_no_pairs(table) if isinstance(table, ReadingsTable) else None
    return None if why is None else Lack("trending_up", "Nothing changes within a reader", sentence_of(why))


def _lacks_malignancy(table: Any) -> Lack | None:
    from dermdash.analyses.other_designs import lack_of_diagnosis

    return lack_of_diagnosis(table, "trending_up") or _lacks(table)


def _run_for_report(table: Any, options: BenefitOptions, context: AnalysisContext) -> Any:
    """Of readers who were asked for no diagnosis, but for what they would do, the report says how appropriate it is."""
    from dermdash.analyses.other_designs import says_no_side

    if says_no_side(table) and Outcome.MANAGEMENT in offered_outcomes(table, {}):
        options = BenefitOptions(outcome=Outcome.MANAGEMENT)
    return _run(table, options, context)


def _prepare(table: Any, context: AnalysisContext) -> Any:
    from dermdash.analyses.benefit.image_truth import with_truth

    return with_truth(table, context)


def _run(table: Any, options: BenefitOptions, context: AnalysisContext) -> Any:
    from dermdash.analyses.benefit.read_rubric import read_rubric
    from dermdash.analyses.benefit.rubric import DEFAULT_RUBRIC, Judgement, Rubric
    from dermdash.analyses.benefit.run import analyse_benefit

    rubric = DEFAULT_RUBRIC
    if options.rows is not None:
        rubric = Rubric({place: Judgement(judgement) for place, judgement in options.rows})
    elif options.rubric is not None:
        rubric = read_rubric(options.rubric)
    return analyse_benefit(
        table,
        outcome=options.outcome,
        breakdown_measure=options.measure,
        breakdowns=None if options.breakdown is None else [key for key in options.breakdown if key != NONE],
        rubric=rubric,
        lesions=getattr(table, "lesions", None),
        replicates=options.replicates,
        confidence=options.confidence,
    )


def _section(result: Any, table: Any, options: Any, views: Any) -> Any:
    from dermdash.analyses.benefit.section import benefit_section
    from dermdash.readings.modality import ALL_MODALITIES

    if views is None:
        return benefit_section(result)
    return benefit_section(result, scope=views.scope or ALL_MODALITIES, only=None if views.by == EVERY else views.by)


def _malignancy_section(result: Any, table: Any, options: Any, views: Any) -> Any:
    section = _section(result, table, options, views)
    planned = KEY_MALIGNANCY in result.prespecified
    return replace(section, key=KEY_MALIGNANCY, title=BENEFIT_MALIGNANCY.title, exploratory=not planned)


BENEFIT = Analysis(
    key=KEY,
    title=TITLE,
    icon="trending_up",
    purpose="How answers change when readers are assisted, for whom, and on which cases.",
    options=BenefitOptions,
    views=BenefitViews,
    prepare=_prepare,
    run=_run,
    run_for_report=_run_for_report,
    section=_section,
    lacks=_lacks,
    counts=True,
    doing="Comparing answers before and after assistance",
    parts=PARTS,
)
BENEFIT_MALIGNANCY = Analysis(
    key=KEY_MALIGNANCY,
    title="Benefit of assistance for malignancy",
    purpose="How answers malignant or benign change when readers are assisted.",
    options=MalignancyOptions,
    views=BenefitViews,
    prepare=_prepare,
    run=_run,
    section=_malignancy_section,
    lacks=_lacks_malignancy,
    counts=True,
    command=None,
    page=False,
)
