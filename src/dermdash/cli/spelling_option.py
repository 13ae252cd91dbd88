"""The option that says which spellings are one name, and how messages name it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from dermdash.errors import InvalidInput, NamesAlike

if TYPE_CHECKING:
    from dermdash.records.alike_names import AlikeNames

Spellings = Annotated[
    list[str] | None,
    typer.Option(
        "--spellings",
        help="Names that differ in spelling only (Reader A, reader a): merge takes them for one, apart says that they "
        "are different; reader=merge for one kind of name; may be repeated. Default: apart, with a warning.",
    ),
]


@contextmanager
def options_named() -> Iterator[None]:
    """Let an error that names alike spellings name the option, too."""
    try:
        yield
    except NamesAlike as error:
        raise InvalidInput(f"{error} {_way_out(error.groups, again=False)}") from error


def option_said(warnings: Sequence[str], alike: Sequence[AlikeNames], *, again: bool = False) -> tuple[str, ...]:
    """Warnings of a source, with the option after them where names look alike; ``again``: in a new import."""
    return (*warnings, _way_out(alike, again=again)) if alike else tuple(warnings)


def _way_out(alike: Sequence[AlikeNames], *, again: bool) -> str:
    kinds = list(dict.fromkeys(group.kind for group in alike))
    options = " ".join(f"--spellings {kind}=merge" for kind in kinds)
    start = "Import the file again with" if again else "Use"
    return f"{start} {options} to take them for one, or =apart if they are different."
