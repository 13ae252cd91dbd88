"""What can be chosen of reading time."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dermdash.analyses.options import Control, Draw, Options

KEY = "reading-time"
TITLE = "Reading time"
_LEFT_OUT = "{} times are counted, and left out of the sensitivity analysis."


class TimeOptions(Options):
    """What can be chosen of reading times; bounds of plausible times are in seconds."""

    shortest: Annotated[
        float,
        Field(ge=0, description="Shorter times, in seconds, are called implausible."),
        Control(
            "Implausible below, s", Draw.NUMBER, "shortest", low=0.0, high=10.0, step=0.1,
            help=_LEFT_OUT.format("Shorter"), more={"width": 180},
        ),
    ] = 0.2  # fmt: skip
    longest: Annotated[
        float,
        Field(ge=0, description="Longer times, in seconds, are called implausible."),
        Control(
            "Implausible above, s", Draw.NUMBER, "longest", low=20.0, high=7200.0, step=60.0,
            help=_LEFT_OUT.format("Longer"), more={"width": 180, "format": "%.0f"},
        ),
    ] = 600.0  # fmt: skip
    parts: Annotated[
        int,
        Field(ge=2, le=20, description="Parts of the session and of each reader's times."),
        Control("Parts of the curves", Draw.SLIDER, "parts", low=3, high=10, step=1, more={"width": 220}, aside=True),
    ] = 5
    replicates: Annotated[int, Field(ge=0, le=100_000, description="Bootstrap draws; 0: none."), Control()] = 2000
    confidence: Annotated[float, Field(gt=0, lt=1)] = 0.95
