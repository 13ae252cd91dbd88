"""HAM10000 metadata (Tschandl et al., Scientific Data 5, 180161, 2018; doi 10.7910/DVN/DBW86T)."""

from pathlib import Path

from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.source_records import Exclusion, ExclusionReason, SourceRecord, SourceTable
from dermdash.errors import InvalidInput
from dermdash.records.cell_values import read_cell
from dermdash.records.csv_table import (
    MetadataTable,
    Row,
    clean_image_id,
    require_columns,
)
from dermdash.records.fields import FIELDS, FieldSpec, empty_values
from dermdash.records.table_files import read_table_file
from dermdash.records.taxonomy import HAM7, Taxonomy
from dermdash.records.verification_stage import STAGE_OF_DX_TYPE, VerificationStage, stage_of_dx_type

_FIELDS: tuple[FieldSpec, ...] = tuple(f for f in FIELDS if f.ham10000)
COLUMNS = ("lesion_id", "image_id", "dx", "dx_type", *(f.ham10000 for f in _FIELDS))


def read_metadata(source: Path | bytes, taxonomy: Taxonomy = HAM7) -> SourceTable:
    """Read HAM10000_metadata (a later release's ``dataset`` column is allowed and not used).

    Rows with an unknown dx or dx_type, a repeated image_id or the wrong number of cells become exclusions;
    an age outside 0-120 years leaves the record, without its age and with a note.

    Raises
    ------
    MissingColumns
        Columns are missing or misnamed.
    InvalidInput
        The file is absent, empty or no CSV.
    """
    return records_of(read_table_file(source), file_kind="HAM10000 metadata", taxonomy=taxonomy)


def records_of(table: MetadataTable, *, file_kind: str, taxonomy: Taxonomy) -> SourceTable:
    """Turn a table with the HAM10000 columns into records and exclusions."""
    require_columns(table, COLUMNS, file_kind=file_kind)
    records: list[SourceRecord] = []
    exclusions: list[Exclusion] = []
    row_of_id: dict[str, int] = {}
    for row in table:
        outcome = _read_row(row, row_of_id, taxonomy)
        if isinstance(outcome, Exclusion):
            exclusions.append(outcome)
        else:
            row_of_id[outcome.image_id] = row.number
            records.append(outcome)
    return SourceTable(tuple(records), tuple(exclusions), table.notes)


def _read_row(row: Row, row_of_id: dict[str, int], taxonomy: Taxonomy) -> SourceRecord | Exclusion:
    if row.cells is None:
        return Exclusion("", ExclusionReason.INVALID_ROW, row.problem)
    cells = row.cells
    image_id = clean_image_id(cells["image_id"])
    if not image_id:
        return Exclusion("", ExclusionReason.INVALID_ROW, f"row {row.number}: image_id is empty")
    if image_id in row_of_id:
        detail = f"row {row.number}: {image_id} already stands in row {row_of_id[image_id]}"
        return Exclusion(image_id, ExclusionReason.DUPLICATE_IMAGE_ID, detail)
    label = cells["dx"].strip()
    dx = label.lower()
    if dx not in taxonomy:
        detail = f"row {row.number}: dx {label!r}, expected one of {', '.join(taxonomy.codes)}"
        return Exclusion(image_id, ExclusionReason.UNKNOWN_DIAGNOSIS, detail)
    dx_type = cells["dx_type"].strip().lower()
    try:
        stage = stage_of_dx_type(dx_type)
    except InvalidInput:
        expected = ", ".join(STAGE_OF_DX_TYPE)
        detail = f"row {row.number}: dx_type {cells['dx_type'].strip()!r}, expected one of {expected}"
        return Exclusion(image_id, ExclusionReason.UNKNOWN_DX_TYPE, detail)
    values = empty_values()
    notes: list[str] = []
    further: dict[str, str] = {}
    for spec in _FIELDS:
        read = read_cell(spec, cells[spec.ham10000])
        values[spec.name] = read.value
        if read.remark:
            notes.append(read.note(row.number, spec.ham10000, cells[spec.ham10000]))
            further[spec.ham10000] = cells[spec.ham10000].strip()
    values["clinical_diagnosis"] = dx
    values["histopathology_result"] = dx if stage is VerificationStage.HISTOLOGY else None
    values["verification_stage"] = int(stage)
    lesion_id = cells["lesion_id"].strip() or image_id
    return SourceRecord(image_id, lesion_id, None, label, dx, dx_type, values, tuple(notes), further=further)


FORMAT = DatasetFormat(
    key="ham10000",
    title="HAM10000 metadata",
    description="Import HAM10000: lesion ids, diagnoses and how each was confirmed.",
    table="HAM10000_metadata (CSV)",
    columns=COLUMNS,
    read=read_metadata,
    taxonomy=HAM7.name,
    dataset_id="ham10000",
    name="HAM10000",
    source="doi:10.7910/DVN/DBW86T",
    licence="CC BY-NC 4.0",
)
