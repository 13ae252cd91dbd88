"""Readers whose session somebody marked as suspicious: said of every result, and left out where that is asked for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from dermdash.errors import InvalidInput
from dermdash.reader_study.conduct import ActKind, suspicious_readers
from dermdash.readings.readings_table import ReadingsTable
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted, form
from dermdash.workflows.reader_study.conduct import acts_of_study

MARKED = "the reader was marked as suspicious"
WITHOUT = " (without marked readers)"
"""What the source is called by then, so that no heading, file or cache takes it for all readers."""


def marked_readers(workspace: Workspace, study_id: str) -> tuple[str, ...]:
    """The readers of a study whose latest mark says that they are suspicious, sorted."""
    return tuple(sorted(suspicious_readers(acts_of_study(workspace, study_id, [ActKind.MARK]))))


def say_marked(table: ReadingsTable, marked: Collection[str]) -> ReadingsTable:
    """The same readings, with a warning that names the marked readers among them."""
    here = sorted(set(marked) & set(table.frame["reader"].astype(str)))
    if not here:
        return table
    said = (
        f"{counted(len(here), 'reader is', 'readers are')} marked as suspicious and {form(len(here), 'is', 'are')} in "
        f"these results: {', '.join(here)}."
    )
    return replace(table, warnings=(*table.warnings, said))


def without_marked(table: ReadingsTable, marked: Collection[str]) -> ReadingsTable:
    """The readings of all other readers; those left out are counted and named. Where none is marked, the same readings.

    A protocol names its analyses for all readers: without some of them none is pre-specified.

    Raises
    ------
    InvalidInput
        Every reader is marked.
    """
    readers = table.frame["reader"].astype(str)
    out = readers.isin(set(marked)).to_numpy(bool)
    if not out.any():
        return table
    if out.all():
        raise InvalidInput(f"every reader of {table.source} is marked as suspicious: nobody is left to analyse")
    names = sorted(set(readers[out]))
    said = (
        f"Left out {form(len(names), 'is', 'are')} {counted(len(names), 'reader')} marked as suspicious, with "
        f"{counted(int(out.sum()), 'reading')}: {', '.join(names)}."
    )
    return replace(
        table,
        frame=table.frame[~out].reset_index(drop=True),
        source=f"{table.source}{WITHOUT}",
        excluded={**table.excluded, MARKED: int(out.sum())},
        prespecified=(),
        warnings=(said, *table.warnings),
    )
