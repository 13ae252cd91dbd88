"""How the analyses print: the section a page would show, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from dermdash.wording import cell

if TYPE_CHECKING:
    from dermdash.report.section import Section


def print_section(section: Section) -> None:
    """Print findings and tables on stdout."""
    typer.echo(section.title)
    for text in section.summary:
        typer.echo(f"  {text}")
    for warning in section.warnings:
        typer.echo(f"  Note: {warning}")
    for table in section.tables:
        typer.echo(f"\n{table.title}")
        typer.echo(table.shown.map(cell).to_string(index=False))
        if table.note:
            typer.echo(table.note)
