"""How the analyses print: the section a page would show, as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from dermdash.cli.console import print_json, say, tell
from dermdash.wording import cell

if TYPE_CHECKING:
    from dermdash.analyses.section import Section


def print_section(section: Section, warnings: Sequence[str] = ()) -> None:
    """Print findings and tables on stdout; first the ``warnings`` of the readings they are made of."""
    tell(section.title)
    if section.answer is not None:
        tell(section.answer.sentence)
    for warning in warnings:
        tell(f"  Warning: {warning}")
    for text in section.summary:
        tell(f"  {text}")
    for warning in section.warnings:
        tell(f"  Note: {warning}")
    for table in section.tables:
        tell(f"\n{table.title}")
        tell(table.shown.map(cell).to_string(index=False))
        if table.note:
            tell(table.note)


def print_result(value: dict[str, Any], warnings: Sequence[str]) -> None:
    """Print a result as JSON, with the ``warnings`` of the readings it is made of under ``source_warnings``."""
    print_json(value | {"source_warnings": [*warnings, *value.get("source_warnings", ())]})


def name_reversal(warnings: Iterable[str]) -> None:
    """Where ratings seem reversed, name the option on stderr: the warning itself speaks to pages, too."""
    from dermdash.analysis.reversed_scores import RATINGS_WAY_OUT

    if RATINGS_WAY_OUT in warnings:
        say("The option --reverse-ratings reads the ratings of a file the other way round.")
