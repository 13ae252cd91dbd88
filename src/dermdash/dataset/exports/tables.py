"""Rows of tables as they leave: cells by the columns of a layout, CSV written bit by bit."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import IO, Any

from dermdash.dataset.exports.export_format import ExportedRecord
from dermdash.dataset.formats.own_columns import OWN_NAMES
from dermdash.records.details import FURTHER_PREFIX
from dermdash.records.safe_csv import escape_cell, join_list
from dermdash.records.verification_stage import STAGE_OF_DX_TYPE

CARRIED = frozenset({"image_id", *OWN_NAMES})
"""Every column of a record that a table under our own names carries."""
_DX_TYPE_OF_STAGE = {3: "histo", 2: "consensus"}


class CsvStream:
    """A CSV file written row by row, with cells that no spreadsheet executes."""

    def __init__(self, file: IO[bytes], columns: Sequence[str]) -> None:
        self._file = io.TextIOWrapper(file, "utf-8", newline="")
        self._write = csv.writer(self._file, lineterminator="\n").writerow
        self._write([escape_cell(name) for name in columns])
        self.columns = tuple(columns)

    def row(self, cells: Mapping[str, Any]) -> None:
        """Write one row; what is missing stays empty."""
        self._write([escape_cell(cell_of(cells.get(name))) for name in self.columns])

    def close(self) -> None:
        """Write what is left."""
        self._file.close()


def cell_of(value: Any) -> str:
    """A value as the text of a cell; a whole number without a fraction, several words joined."""
    if value is None or value != value:
        return ""
    if isinstance(value, list | tuple):
        return join_list(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def own_cells(record: ExportedRecord) -> dict[str, Any]:
    """All that is known of a record under our own names; a field in which nothing stands is None."""
    return {name: record.row.get(name) for name in OWN_NAMES}


def further_cells(record: ExportedRecord) -> dict[str, str]:
    """Further columns with the mark before their names by which an import knows them."""
    return {f"{FURTHER_PREFIX}{name}": text for name, text in record.further.items()}


def further_names(names: Iterable[str]) -> tuple[str, ...]:
    """The same of names alone."""
    return tuple(f"{FURTHER_PREFIX}{name}" for name in names)


def confirmation_of(row: Mapping[str, Any]) -> str | None:
    """How the label of a record is confirmed, in HAM10000's words: what the source said, as long as the stage reached
    here is still that; None below a consensus."""
    stage, said = row.get("verification_stage"), row.get("dx_type")
    if said in STAGE_OF_DX_TYPE and stage in (None, int(STAGE_OF_DX_TYPE[said])):
        return str(said)
    return _DX_TYPE_OF_STAGE.get(int(stage)) if stage is not None else None


def site_as_written(row: Mapping[str, Any], harmonised: Callable[[str | None], str | None]) -> str | None:
    """The word of the source for the site where that still means the site of the record, else the site."""
    said, site = row.get("source_site"), row.get("anatomical_site")
    return said if said and harmonised(said) == site else site
