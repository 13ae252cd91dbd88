"""What can be chosen of agreement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from dermdash.analyses.options import Choices, Control, Options

KEY = "agreement"
TITLE = "Agreement"
RATINGS = {
    "dx": "diagnosis",
    "malignant_answer": "benign or malignant",
    "management": "management",
    "confidence": "confidence",
    "malignancy_rating": "malignancy rating",
}
"""What agreement can be measured on: column of the readings and its name in words."""


def recorded_ratings(table: Any, chosen: Mapping[str, Any]) -> Choices:
    """The ratings that these readings hold, by column."""
    return {name: words.capitalize() for name, words in RATINGS.items() if table.has(name)}


class AgreementOptions(Options):
    """What can be chosen of agreement."""

    rating: Annotated[
        str,
        Field(description=f"{', '.join(RATINGS)}."),
        Control("Agreement on", address="rating", choices=recorded_ratings, more={"width": 260}),
    ] = "dx"
    replicates: Annotated[
        int,
        Field(ge=0, le=20_000, description="Bootstrap draws of cases."),
        Control(
            "Draws for intervals", address="draws", choices={n: f"{n:,}" for n in (500, 2000, 5000)},
            help="Cases are drawn again so many times. More draws, steadier intervals.", more={"width": 180},
        ),
    ] = 2000  # fmt: skip
    confidence: Annotated[float, Field(gt=0, lt=1, description="Level of the intervals, 0..1."), Control()] = 0.95
