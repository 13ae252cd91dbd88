"""The option that says what borderline classes count as, of every command that holds malignant against benign."""

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
