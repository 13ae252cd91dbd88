"""What can be chosen of item response."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from dermdash.analyses.options import Choices, Control, Options
from dermdash.readings.modality import Phase

KEY = "item-response"
TITLE = "Item response"
_PHASES = {Phase.UNAIDED: "Without assistance", Phase.AIDED: "With assistance"}


class Discrimination(StrEnum):
    """How steeply the chance of a right answer rises with ability."""

    AUTO = "auto"
    ONE = "one"
    TWO = "two"


def _phases(table: Any, chosen: Mapping[str, Any]) -> Choices:
    return {phase: words for phase, words in _PHASES.items() if (table.frame["phase"] == phase).any()}


class ItemResponseOptions(Options):
    """What can be chosen of the item response model."""

    phase: Annotated[
        Phase,
        Field(description="unaided or aided."),
        Control("Answers", address="phase", choices=_phases, more={"width": 220}),
    ] = Phase.UNAIDED
    model: Annotated[
        Discrimination,
        Field(description="auto, one or two parameters per case."),
        Control(
            "Discrimination",
            address="discrimination",
            choices={
                Discrimination.AUTO: "By the number of answers",
                Discrimination.ONE: "One for all cases",
                Discrimination.TWO: "One for each case",
            },
            help="How steeply the chance of a right answer rises with ability. One for each case takes many answers.",
            more={"width": 260},
        ),
    ] = Discrimination.AUTO
    confidence: Annotated[float, Field(gt=0, lt=1, description="Level of the intervals, 0..1."), Control()] = 0.95
