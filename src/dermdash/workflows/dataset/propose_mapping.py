"""Propose how a table is read, and write that down for people to edit."""

from __future__ import annotations

from pathlib import Path

from dermdash.dataset.formats.layout import TARGETS
from dermdash.dataset.formats.mapping_file import parse_mapping
from dermdash.dataset.formats.mapping_proposal import MappingProposal, propose_mapping
from dermdash.dataset.formats.mapping_text import mapping_yaml
from dermdash.dataset.formats.source_files import list_source
from dermdash.dataset.formats.table_sources import FoundTable, tables_of
from dermdash.errors import InvalidInput, MissingColumns


def proposal_of(
    path: Path, *, taxonomy: str | None = None, encoding: str | None = None
) -> tuple[FoundTable, MappingProposal]:
    """The table that lies there (of several the largest), and what is proposed for it.

    Raises
    ------
    InvalidInput
        There is no table.
    """
    listing = list_source([path])
    try:
        found, passed = tables_of(listing, encoding=encoding)
    finally:
        listing.close()
    if not found:
        why = "; ".join(f"{name}: {reason}" for name, reason in passed[:3])
        raise InvalidInput(f"{path} holds no table" + (f": {why}" if why else ""))
    table = max(found, key=lambda t: len(t.table.body))
    return table, propose_mapping(table, taxonomy=taxonomy)


def proposal_yaml(table: str, proposal: MappingProposal) -> str:
    """What is proposed as a file of a mapping, beside each column how sure that is.

    Raises
    ------
    MissingColumns
        No column may name the images; the message lists them with what stands in them.
    """
    if proposal.mapping is None:
        seen = "; ".join(f"{c.name} ({', '.join(c.examples) or 'empty'})" for c in proposal.columns[:20])
        raise MissingColumns(f"no column of {table} may name the images: {seen}")
    head = [
        f"How {table} is read: proposed, to be checked by somebody who knows the table.",
        "A column goes to a target, or to \"\": then it is kept as it stands. `ignored: [column]` leaves one out.",
        "values: what the words of a column mean; a word with \"\" means nothing, one not listed is read as it stands.",
        f"Targets: {', '.join(sorted(TARGETS))}",
    ]  # fmt: skip
    text = mapping_yaml(proposal.mapping, head=head, beside=proposal.comments())
    parse_mapping(text, file=f"mapping of {table}")  # what is written can be read again
    return text
