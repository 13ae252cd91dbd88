"""A table with the fields of a record by name: what dermdash exports, and what other sites can fill in."""

import difflib
from collections.abc import Sequence
from pathlib import Path

from dermdash.dataset.dataset_name import ANYBODYS
from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.layout import ColumnRole, Layout, SourceColumn, TableLayout
from dermdash.dataset.formats.layout_reader import read_tables
from dermdash.dataset.formats.table_plan import NamedTable
from dermdash.dataset.source_records import SourceTable
from dermdash.records.csv_table import require_columns
from dermdash.records.details import DETAIL_NAMES, DETAILS, FURTHER_PREFIX
from dermdash.records.fields import FIELD_NAMES, FIELDS
from dermdash.records.record_columns import COMPUTED
from dermdash.records.table_files import read_table_file
from dermdash.records.taxonomy import Taxonomy

REQUIRED_COLUMNS = ("image_id", "dx")
OPTIONAL_COLUMNS = ("lesion_id", "patient_id", "dx_type", "source_label", *FIELD_NAMES, *DETAIL_NAMES)
_ROLES = {
    "image_id": ColumnRole.IMAGE_ID,
    "dx": ColumnRole.DIAGNOSIS,
    "lesion_id": ColumnRole.LESION_ID,
    "patient_id": ColumnRole.PATIENT_ID,
    "dx_type": ColumnRole.CONFIRMATION,
    "source_label": ColumnRole.SOURCE_LABEL,
    "dermoscopic_type": ColumnRole.DERMOSCOPIC_TYPE,
}


def read_records(source: Path | bytes, taxonomy: Taxonomy) -> SourceTable:
    """Read records with their fields as columns, by our name or another known one; only image_id and dx must be there.

    Lists are JSON or separated by ``;``. A value that its field does not allow, or that says more than its field holds,
    is noted and kept as text; a diagnosis outside the taxonomy, a repeated image_id and an image_quality_score of 1 or
    2 exclude the row. Columns that are none of ours are kept as further columns and named in the table's notes, with
    the field they may have been meant for.

    Raises
    ------
    MissingColumns
        image_id or dx is missing or misnamed.
    """
    table = read_table_file(source)
    require_columns(table, REQUIRED_COLUMNS, file_kind="the records file")
    column_of = _columns_of_fields(table.columns)
    layout = layout_of(table.columns)
    read = read_tables(layout, [NamedTable("the records file", layout.tables[0], table)], taxonomy)
    return SourceTable(read.records, read.exclusions, (*read.notes, *_notes_on_columns(table.columns, column_of)))


def layout_of(names: Sequence[str]) -> Layout:
    """How a table with columns of these names is read."""
    columns = [SourceColumn(name=name, to=role) for name, role in _ROLES.items()]
    columns += [SourceColumn(name=column, to=field) for field, column in _columns_of_fields(names).items()]
    table = TableLayout(kind="records", needs=REQUIRED_COLUMNS, columns=tuple(columns), ignored=tuple(COMPUTED))
    return Layout(tables=(table,), strict_confirmation=True, unlabelled=False, unclassified=False)


def _columns_of_fields(columns: Sequence[str]) -> dict[str, str]:
    """Under which of its names each field stands in the table; a field without a column is absent."""
    found = ((spec.name, next((n for n in spec.names if n in columns), None)) for spec in (*FIELDS, *DETAILS))
    return {name: column for name, column in found if column is not None}


def _notes_on_columns(columns: Sequence[str], column_of: dict[str, str]) -> tuple[str, ...]:
    notes = [f"column {column!r} was read as {name}" for name, column in column_of.items() if column != name]
    absent = [name for name in OPTIONAL_COLUMNS if name not in columns and name not in column_of]
    for name in columns:
        if name in _ROLES or name in column_of.values():
            continue
        if name in COMPUTED:
            notes.append(f"column {name!r} is not used: it is worked out anew")
        elif not name.startswith(FURTHER_PREFIX):
            close = difflib.get_close_matches(name, absent, n=1, cutoff=0.75)
            notes.append(
                f"column {name!r} is kept as a further column" + (f"; did you mean {close[0]!r}?" if close else "")
            )
    return tuple(notes)


FORMAT = DatasetFormat(
    key="csv",
    title="Records CSV with the fields by name",
    description="Import any data set whose table names the fields of a record.",
    table="CSV with image_id, dx and any fields and details of a record",
    columns=REQUIRED_COLUMNS,
    read=read_records,
    layout_of=layout_of,
    taxonomy=None,
    dataset_id=ANYBODYS,
    name="Data set",
    more_columns="any field or detail of a record by name; every other column is kept as it is",
    alias_of="table",
)
