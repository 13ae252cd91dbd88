"""What can be chosen of second opinion and triage."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dermdash.analyses.options import Control, Draw, Options

KEY = "triage"
TITLE = "Second opinion and triage"
NEVER = "never"
"""Chosen where nobody is referred unread."""


class TriageChoice(Options):
    """What can be chosen of triage: each threshold is a probability, or the id or name of an operating point."""

    rule_out: Annotated[
        str | None,
        Field(
            description="Below it nobody reads: a malignancy probability (0..1), or the name of an operating point. "
            "Default: the newest operating point of the study's model, else 0.1."
        ),
        Control("Send away below", Draw.THRESHOLD, "away", more={"otherwise": 0.1}),
    ] = None
    rule_in: Annotated[
        str | None,
        Field(description="From it on a case is referred unread; a probability or an operating point."),
        Control("Refer unread from", Draw.THRESHOLD, "refer", more={"otherwise": 0.9, "none": NEVER}),
    ] = None
    second_reader: Annotated[
        str | None,
        Field(
            description="From it on the model as second reader calls malignant; default: the operating point, or 0.5."
        ),
        Control("As second reader, malignant from", Draw.THRESHOLD, "second", more={"otherwise": 0.5}),
    ] = None
    prevalence: Annotated[
        float | None,
        Field(ge=0, le=1, description="Share of malignant lesions to express the result in, e.g. 0.03."),
        Control(
            "Malignant among 1,000 patients",
            Draw.NUMBER_OR_NONE,
            "malignant",
            low=1,
            high=999,
            per=1000,
            help="Expresses the result in patients of a practice, where fewer lesions are malignant than in a study.",
            more={"placeholder": "leave out", "width": 220},
            aside=True,
        ),
    ] = None  # fmt: skip
    replicates: Annotated[
        int, Field(ge=0, le=100_000, description="Replicates of readers and cases."), Control(flag="--bootstrap")
    ] = 1000
