"""Look at a source before anything is stored: what it is, what would come in, and what a mapping would be made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import pandas as pd

from dermdash.dataset.dataset_name import DatasetName
from dermdash.dataset.formats.mapped_source import CellProblem
from dermdash.dataset.formats.mapping import TableMapping
from dermdash.dataset.formats.mapping_proposal import LOOKED_AT
from dermdash.dataset.formats.registry import FORMATS
from dermdash.dataset.formats.table_sources import FoundTable, Shape
from dermdash.dataset.source_entry import DEFAULT_LIMITS
from dermdash.dataset.source_records import SourceRecord
from dermdash.errors import InvalidInput
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.import_dataset import limits_of
from dermdash.workflows.dataset.import_log import left_out_of
from dermdash.workflows.dataset.import_source import PreparedImport, foresee_import, prepare_import
from dermdash.workflows.dataset.propose_mapping import readable_tables, tables_for_mapping
from dermdash.workflows.dataset.source_summary import SourceSummary

_MOST_PROBLEMS = 100_000
_FIRST = 20
JOINED_ROWS = 50_000
"""Rows of each of several tables that are kept to see how they fit together."""


@dataclass(frozen=True, slots=True)
class SourceLook:
    """What was seen.

    Attributes
    ----------
    summary
        What it is and what would come in; None where it is of no format.
    refused
        Why it is of none, or cannot be read as was asked.
    left_out
        Everything that would be left out or not used: image_id, reason, detail, concerns.
    problems
        Cells of which something is lost, of the formats that a mapping reads; at most 100,000.
    first
        The first records.
    tables
        The beginnings of the tables that are there, for a mapping; also those that are not read now.
    rows
        How many rows each table has.
    mapping
        By which the tables were read, if by one.
    already_present, changed
        Rows whose records are in the workspace and say the same, or otherwise.
    """

    summary: SourceSummary | None
    refused: str
    left_out: pd.DataFrame
    problems: tuple[CellProblem, ...]
    first: tuple[SourceRecord, ...]
    tables: tuple[FoundTable, ...]
    rows: tuple[int, ...]
    mapping: TableMapping | None = None
    already_present: int = 0
    changed: int = 0

    @property
    def proposed(self) -> bool:
        """Whether no format says how it is read, so that somebody should look at what is proposed."""
        return self.summary is None or FORMATS[self.summary.format].proposed


def look_at_source(
    paths: Sequence[Path],
    *,
    asked: str | None = None,
    taxonomy: str | None = None,
    dataset_id: str | None = None,
    workspace: Workspace | None = None,
    mapping: TableMapping | None = None,
    encoding: str | None = None,
    pseudonyms: bool = False,
    unnamed: DatasetName | None = None,
) -> SourceLook:
    """Look at what lies under the paths; the options are those of `prepare_import` and `foresee_import`.

    Raises
    ------
    InvalidInput
        There is nothing that can be read, and no table that a mapping could be made for.
    """
    limits = DEFAULT_LIMITS if workspace is None else limits_of(workspace)
    try:
        prepared = prepare_import(
            paths, asked=asked, taxonomy=taxonomy, dataset_id=dataset_id, workspace=workspace, mapping=mapping,
            encoding=encoding, unnamed=unnamed,
        )  # fmt: skip
    except InvalidInput as error:
        found, _ = readable_tables(paths, encoding=encoding, limits=limits)
        if not (tables := tables_for_mapping(found)):
            raise
        nothing = pd.DataFrame(columns=["image_id", "reason", "detail", "concerns"])
        return SourceLook(None, str(error), nothing, (), (), _beginnings(tables), _rows(tables), mapping)
    try:
        foreseen = None if workspace is None else foresee_import(workspace, prepared, pseudonyms=pseudonyms)
    finally:
        prepared.close()
    read = [FoundTable(t.name, t.table, Shape(t.kind.shape)) for t in prepared.source.tables]
    tables = tables_for_mapping((*read, *prepared.source.unread))
    read_by_columns = mapping is not None or prepared.source.form.proposed
    return SourceLook(
        prepared.summary,
        "",
        left_out_of(prepared.table, prepared.matched),
        tuple(islice(prepared.problems(), _MOST_PROBLEMS)) if read_by_columns else (),
        _first(prepared),
        _beginnings(tables),
        _rows(tables),
        mapping,
        0 if foreseen is None else foreseen.already_present,
        0 if foreseen is None else foreseen.changed,
    )


def _first(prepared: PreparedImport) -> tuple[SourceRecord, ...]:
    return prepared.table.records[:_FIRST]


def _beginnings(tables: Sequence[FoundTable]) -> tuple[FoundTable, ...]:
    """Enough of each table to propose and to preview, and to join several; all of it might be a gigabyte."""
    most = LOOKED_AT if len(tables) == 1 else JOINED_ROWS
    return tuple(replace(t, table=replace(t.table, body=t.table.body[:most])) for t in tables)


def _rows(tables: Sequence[FoundTable]) -> tuple[int, ...]:
    return tuple(len(t.table.body) for t in tables)
