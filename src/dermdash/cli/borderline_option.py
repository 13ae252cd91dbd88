"""The options that says what borderline classes count as, of every command that holds malignant against benign."""

from typing import Annotated

import typer

from dermdash.records.taxonomy import BorderlinePolicy

Borderline = Annotated[
    BorderlinePolicy,
    typer.Option(
        "--borderline",
        help="What borderline classes count as where malignant is held against benign: benign, malignant, or own, a "
        "class that is neither. Labels stay as they are.",
    ),
]
BorderlineOfSource = Annotated[
    BorderlinePolicy | None,
    typer.Option(
        "--borderline",
        help="What borderline diagnoses count as where malignant is held against benign: benign, malignant, or own, a "
        "class that is neither. Not given: as the protocol of the study says, else benign. Labels stay as they are.",
    ),
]
"""Of readings, whose study may say it."""
