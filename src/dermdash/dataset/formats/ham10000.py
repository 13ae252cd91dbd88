"""HAM10000 metadata (Tschandl et al., Scientific Data 5, 180161, 2018; doi 10.7910/DVN/DBW86T)."""

from pathlib import Path
from typing import Any

from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.source_records import Exclusion, ExclusionReason, SourceRecord, SourceTable
from dermdash.errors import InvalidInput
from dermdash.records.csv_table import (
    MetadataTable,
    Row,
    clean_image_id,
    read_table,
    require_columns,
    text_or_none,
)
from dermdash.records.details import detail
from dermdash.records.field_values import UnusableValue, parse_field
from dermdash.records.fields import FIELDS, FieldSpec, empty_values
from dermdash.records.taxonomy import HAM7, Taxonomy
from dermdash.records.verification_stage import STAGE_OF_DX_TYPE, VerificationStage, stage_of_dx_type

_FIELDS: tuple[FieldSpec, ...] = tuple(f for f in FIELDS if f.ham10000)
_SOURCE = detail("acquisition_source").ham10000
COLUMNS = ("lesion_id", "image_id", "dx", "dx_type", *(f.ham10000 for f in _FIELDS))


def read_metadata(source: Path | bytes, taxonomy: Taxonomy = HAM7) -> SourceTable:
    """Read HAM10000_metadata (a later release's ``dataset`` column says where images were acquired).

    Rows with an unknown dx or dx_type, a repeated image_id or the wrong number of cells become exclusions;
    an age outside 0-120 years leaves the record, without its age and with a note.

    Raises
    ------
    MissingColumns
        Columns are missing or misnamed.
    InvalidInput
        The file is absent, empty or no CSV.
    """
    return records_of(read_table(source), file_kind="HAM10000 metadata", taxonomy=taxonomy)


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
    for spec in _FIELDS:
        values[spec.name] = _value(spec, cells[spec.ham10000], row.number, notes)
    values["clinical_diagnosis"] = dx
    values["histopathology_result"] = dx if stage is VerificationStage.HISTOLOGY else None
    values["verification_stage"] = int(stage)
    lesion_id = cells["lesion_id"].strip() or image_id
    source = text_or_none(cells.get(_SOURCE, ""))
    return SourceRecord(
        image_id, lesion_id, None, label, dx, dx_type, values, tuple(notes),
        details={"image_type": "dermoscopic"} | ({} if source is None else {"acquisition_source": source}),
        further={name: cell for name, cell in cells.items() if name not in (*COLUMNS, _SOURCE) and cell.strip()},
    )  # fmt: skip


def _value(spec: FieldSpec, cell: str, row_number: int, notes: list[str]) -> Any:
    try:
        # Ages are rounded to five years, and some releases write them with a decimal.
        return parse_field(spec, cell, rounded=True)
    except UnusableValue as problem:
        notes.append(f"row {row_number}: {spec.ham10000} {cell.strip()!r} {problem} and was left empty")
        return None


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
