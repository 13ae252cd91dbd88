"""Propose how a table is read, and write that down for people to edit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from dermdash.dataset.formats.layout import TARGETS
from dermdash.dataset.formats.mapping_file import parse_mapping
from dermdash.dataset.formats.mapping_text import mapping_yaml
from dermdash.dataset.formats.recognition import tables_of_folders
from dermdash.dataset.formats.source_files import list_source
from dermdash.dataset.formats.source_proposal import SourceProposal, propose_source
from dermdash.dataset.formats.table_sources import FoundTable, Shape, tables_of
from dermdash.dataset.source_entry import DEFAULT_LIMITS, SourceLimits
from dermdash.errors import InvalidInput, MissingColumns


def proposal_of(paths: Sequence[Path], *, taxonomy: str | None = None, encoding: str | None = None) -> SourceProposal:
    """What is proposed for the tables that lie there, together.

    Raises
    ------
    InvalidInput
        There is no table.
    """
    found, passed = readable_tables(paths, encoding=encoding)
    tables = tables_for_mapping(found)
    if not tables:
        why = "; ".join(f"{name}: {reason}" for name, reason in passed[:3])
        raise InvalidInput(f"{', '.join(map(str, paths))}: there is no table" + (f": {why}" if why else ""))
    return propose_source(tables, taxonomy=taxonomy)


def readable_tables(
    paths: Sequence[Path], *, encoding: str | None = None, limits: SourceLimits = DEFAULT_LIMITS
) -> tuple[list[FoundTable], list[tuple[str, str]]]:
    """All tables that lie there, the folders of the images as one, too; and files that are none, with the reason."""
    listing = list_source(paths, limits=limits)
    try:
        found, passed = tables_of(listing, encoding=encoding)
    finally:
        listing.close()
    return [*found, *tables_of_folders(listing.images)], passed


def tables_for_mapping(tables: Iterable[FoundTable]) -> list[FoundTable]:
    """Tables with rows that a mapping can be made for, the largest first; the folders of the images last."""
    shapes = frozenset(Shape) - {Shape.ARRAYS}
    usable = [t for t in tables if t.table.body and t.shape in shapes]
    return sorted(usable, key=lambda t: (t.shape is Shape.FOLDERS, -len(t.table.body)))


def proposal_yaml(proposal: SourceProposal) -> str:
    """What is proposed as a file of a mapping, beside each column how sure that is.

    Raises
    ------
    MissingColumns
        No column may name the images; the message lists them with what stands in them.
    """
    if proposal.mapping is None:
        seen = "; ".join(
            f"{table.name}: {c.name} ({', '.join(c.examples) or 'empty'})"
            for table, p in proposal.tables
            for c in p.columns[:20]
        )
        raise MissingColumns(f"no column may name the images: {seen}")
    names = ", ".join(table.name for table, _ in proposal.tables if table.name not in proposal.unused)
    head = [
        f"How {names} {'is' if len(proposal.mapping.layout.tables) == 1 else 'are'} read: proposed, to be checked by "
        "somebody who knows the table.",
        "A column goes to a target, or to \"\": then it is kept as it stands. `ignored: [column]` leaves one out.",
        "values: what the words of a column mean; a word with \"\" means nothing, one not listed is read as it stands.",
        f"Targets: {', '.join(sorted(TARGETS))}",
        *(f"Not used, as no column fits to another table: {name}" for name in proposal.unused),
    ]  # fmt: skip
    text = mapping_yaml(proposal.mapping, head=head, beside=proposal.comments())
    parse_mapping(text, file=f"mapping of {names}")  # what is written can be read again
    return text
