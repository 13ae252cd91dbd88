"""What can be chosen of reliance on advice."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from dermdash.analyses.options import Control, Draw, Options

KEY = "reliance"
TITLE = "Reliance on advice"
ADVICE = ("advice_dx", "advice_malignant", "advice_correct")
"""Columns of which one at least says what was advised, or whether it was right."""


class Compared(StrEnum):
    """What answers and advice are compared by."""

    AS_SHOWN = "as-shown"
    MALIGNANCY = "malignancy"


class RelianceOptions(Options):
    """What can be chosen of reliance."""

    level: Annotated[
        Compared,
        Field(description="What answers and advice are compared by: as-shown, or malignancy for every modality."),
        Control(
            "Answers and advice are compared by",
            Draw.SEGMENT,
            "compared",
            {Compared.AS_SHOWN: "what the advice names", Compared.MALIGNANCY: "malignant or not"},
            help="By malignancy all modalities can be compared with each other.",
        ),
    ] = Compared.AS_SHOWN
    bins: Annotated[
        int,
        Field(ge=2, le=20, description="Bins of the dependence curves."),
        Control("Bins of the curves", Draw.SLIDER, "bins", low=3, high=10, step=1, more={"width": 220}, aside=True),
    ] = 5
    replicates: Annotated[int, Field(ge=0, le=100_000, description="Bootstrap draws; 0: none."), Control()] = 2000
    confidence: Annotated[float, Field(gt=0, lt=1)] = 0.95
