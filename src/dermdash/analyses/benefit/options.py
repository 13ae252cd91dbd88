"""What can be chosen of benefit of assistance."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from dermdash.analyses.benefit.measures import MEASURES, WORDS, Measure, Outcome
from dermdash.analyses.options import Choices, Control, Draw, Options

_OUTCOMES = {
    Outcome.DIAGNOSIS: "Correct diagnosis",
    Outcome.MALIGNANCY: "Malignant or benign",
    Outcome.MANAGEMENT: "Management",
    Outcome.AGREEMENT: "Agreement with the model",
}
EVERY, NONE = "every", "none"


def offered_outcomes(table: Any, chosen: Mapping[str, Any]) -> Choices:
    """The outcomes that these readings hold answers for."""
    from dermdash.analyses.benefit.outcomes import available_outcomes

    return {outcome: _OUTCOMES[outcome] for outcome in available_outcomes(table)}


def _measures(table: Any, chosen: Mapping[str, Any]) -> Choices:
    return {measure: WORDS[measure].label for measure in MEASURES[chosen["outcome"]]}


def _managed(table: Any, chosen: Mapping[str, Any]) -> Choices:
    return {"": ""} if chosen["outcome"] is Outcome.MANAGEMENT else {}


class BenefitOptions(Options):
    """What can be chosen of the benefit of assistance.

    ``rows`` of a rubric stand before a file of it; both None: the default rubric. ``breakdown`` None: all that the
    readings allow; `NONE`: no breakdown.
    """

    outcome: Annotated[
        Outcome,
        Field(description="What counts in an answer."),
        Control("What counts", address="outcome", choices=offered_outcomes, more={"width": 230}),
    ] = Outcome.DIAGNOSIS
    measure: Annotated[
        Measure | None,
        Field(description="Measure of the outcome that comes first and is broken down."),
        Control("Measure", address="measure", choices=_measures, of="outcome", more={"width": 250}),
    ] = None
    breakdown: Annotated[
        tuple[str, ...] | None,
        Field(
            description="experience_group, profession, truth_dx, truth_malignant, confidence, advice_correct, "
            "advice_faulty, round or unaided_skill; may be repeated. Default: all that the readings allow; none: no "
            "breakdown."
        ),
        Control(),
    ] = None
    rubric: Annotated[
        Path | None,
        Field(description="CSV with truth, management, judgement, for the outcome management."),
        Control(),
    ] = None
    rows: Annotated[
        tuple[tuple[tuple[str, str], str], ...] | None,
        Control("Which management counts as what", Draw.RUBRIC, choices=_managed, flag=None),
    ] = None
    replicates: Annotated[
        int | None,
        Field(ge=0, le=50_000, description="Bootstrap draws (2,000; for counts per image 10,000)."),
        Control(),
    ] = None
    confidence: Annotated[float, Field(gt=0, lt=1, description="Level of the intervals, 0..1."), Control()] = 0.95


class MalignancyOptions(BenefitOptions):
    """The same for answers malignant or benign."""

    outcome: Outcome = Outcome.MALIGNANCY


def _scopes(result: Any, chosen: Mapping[str, Any]) -> Choices:
    from dermdash.readings.modality import modality_name

    return {b.modality: modality_name(b.modality) for b in result.found.breakdowns if b.rows}


def _breakdowns(result: Any, chosen: Mapping[str, Any]) -> Choices:
    from dermdash.analyses.benefit.words import breakdown_title

    made = [b for b in result.found.breakdowns if b.rows and b.modality == chosen["scope"]]
    return {EVERY: "Every breakdown"} | {b.key: breakdown_title(b.key) for b in made} if made else {}


class BenefitViews(Options):
    """Which breakdowns are shown."""

    scope: Annotated[str | None, Control("Groups with", address="scope", choices=_scopes, more={"width": 230})] = None
    by: Annotated[str, Control("By", address="by", choices=_breakdowns, more={"width": 270})] = EVERY
