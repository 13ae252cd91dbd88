"""What can be chosen of agreement on labels."""

from typing import Annotated

from pydantic import Field

from dermdash.analyses.options import Control, Options

KEY = "label-agreement"
TITLE = "Agreement of reviewers"
PURPOSE = (
    "How far the people who review a data set agree with one another, with themselves, with consensus and histology."
)


class LabelAgreementOptions(Options):
    """What can be chosen of agreement on labels."""

    replicates: Annotated[
        int,
        Field(ge=0, le=20_000, description="Bootstrap draws of records."),
        Control(
            "Draws for intervals", address="draws", choices={n: f"{n:,}" for n in (500, 2000, 5000)},
            help="Records are drawn again so many times. More draws, steadier intervals.", more={"width": 180},
        ),
    ] = 2000  # fmt: skip
    confidence: Annotated[float, Field(gt=0, lt=1, description="Level of the intervals, 0..1."), Control()] = 0.95
