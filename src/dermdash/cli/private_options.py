"""Options of every command whose file names patients, lesions or examiners."""

from typing import Annotated

import typer

HideNames = Annotated[
    bool,
    typer.Option(
        "--pseudonyms", help="Keyed pseudonyms for patients, lesions and examiners, and dates moved per patient."
    ),
]
KeyId = Annotated[str | None, typer.Option("--key", help="An earlier key of pseudonyms, by its id.")]
RAW_HINT = "With --pseudonyms the file hides them."


def names_words(words: str, *, hidden: bool) -> str:
    """What is said of the names in a file; ``words`` as `Privacy.words` says them."""
    return words if hidden else f"{words} {RAW_HINT}"
