"""A CSV with the fields of a record by name: what dermdash exports, and what other sites can fill in."""

import difflib
from pathlib import Path
from typing import Any

from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.source_records import Exclusion, ExclusionReason, SourceRecord, SourceTable
from dermdash.records.cell_values import read_cell
from dermdash.records.csv_table import (
    MetadataTable,
    Row,
    clean_image_id,
    number_or_none,
    require_columns,
    text_or_none,
)
from dermdash.records.fields import FIELD_NAMES, FIELDS, empty_values
from dermdash.records.safe_csv import unescape_cell
from dermdash.records.table_files import read_table_file
from dermdash.records.taxonomy import Taxonomy
from dermdash.records.verification_stage import STAGE_OF_DX_TYPE, VerificationStage

REQUIRED_COLUMNS = ("image_id", "dx")
OPTIONAL_COLUMNS = ("lesion_id", "patient_id", "dx_type", "source_label", *FIELD_NAMES)
LOWEST_ACCEPTED_QUALITY = 3


def read_records(source: Path | bytes, taxonomy: Taxonomy) -> SourceTable:
    """Read records with their fields as columns, by our name or another known one; only image_id and dx must be there.

    A value that its field does not allow, or that says more than its field holds, is noted and kept as text; a
    diagnosis outside the taxonomy, a repeated image_id and an image_quality_score of 1 or 2 exclude the row.
    Columns that are not used are named in the table's notes, with the field they may have been meant for.

    Raises
    ------
    MissingColumns
        image_id or dx is missing or misnamed.
    """
    table = read_table_file(source)
    require_columns(table, REQUIRED_COLUMNS, file_kind="the records file")
    column_of = _columns_of_fields(table)
    records: list[SourceRecord] = []
    exclusions: list[Exclusion] = []
    row_of_id: dict[str, int] = {}
    for row in table:
        outcome = _read_row(row, taxonomy, row_of_id, column_of)
        if isinstance(outcome, Exclusion):
            exclusions.append(outcome)
        else:
            row_of_id[outcome.image_id] = row.number
            records.append(outcome)
    return SourceTable(tuple(records), tuple(exclusions), (*table.notes, *_notes_on_columns(table, column_of)))


def _columns_of_fields(table: MetadataTable) -> dict[str, str]:
    """Under which of its names each field stands in the table; a field without a column is absent."""
    found = ((spec.name, next((n for n in spec.names if n in table.columns), None)) for spec in FIELDS)
    return {name: column for name, column in found if column is not None}


def _notes_on_columns(table: MetadataTable, column_of: dict[str, str]) -> tuple[str, ...]:
    notes = [f"column {column!r} was read as {name}" for name, column in column_of.items() if column != name]
    absent = [name for name in OPTIONAL_COLUMNS if name not in table.columns and name not in column_of]
    for name in table.columns:
        if name in REQUIRED_COLUMNS or name in OPTIONAL_COLUMNS or name in column_of.values():
            continue
        close = difflib.get_close_matches(name, absent, n=1, cutoff=0.75)
        notes.append(f"column {name!r} is not used" + (f"; did you mean {close[0]!r}?" if close else ""))
    return tuple(notes)


def _read_row(
    row: Row, taxonomy: Taxonomy, row_of_id: dict[str, int], column_of: dict[str, str]
) -> SourceRecord | Exclusion:
    if row.cells is None:
        return Exclusion("", ExclusionReason.INVALID_ROW, row.problem)
    cells = {name: unescape_cell(cell) for name, cell in row.cells.items()}
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
    dx_type = text_or_none(cells.get("dx_type", ""))
    if dx_type is not None and dx_type.lower() not in STAGE_OF_DX_TYPE:
        detail = f"row {row.number}: dx_type {dx_type!r}, expected one of {', '.join(STAGE_OF_DX_TYPE)}"
        return Exclusion(image_id, ExclusionReason.UNKNOWN_DX_TYPE, detail)
    dx_type = dx_type and dx_type.lower()
    notes: list[str] = []
    values = empty_values()
    further: dict[str, str] = {}
    for spec in FIELDS:
        if spec.name in column_of:
            column = column_of[spec.name]
            read = read_cell(spec, cells[column])
            values[spec.name] = read.value
            if read.remark:
                notes.append(read.note(row.number, spec.name, cells[column]))
                further[column] = cells[column].strip()
    # Also 0, which is no score: whatever it means, it is not better than 1.
    quality = number_or_none(cells.get(column_of.get("image_quality_score", ""), ""))
    if quality is not None and quality < LOWEST_ACCEPTED_QUALITY:
        detail = f"row {row.number}: image_quality_score {quality:g}, accepted from {LOWEST_ACCEPTED_QUALITY}"
        return Exclusion(image_id, ExclusionReason.LOW_QUALITY_SCORE, detail)
    _settle_stage(values, dx, dx_type, row.number, notes)
    return SourceRecord(
        image_id=image_id,
        lesion_id=cells.get("lesion_id", "").strip() or image_id,
        patient_id=cells.get("patient_id", "").strip() or None,
        source_label=cells.get("source_label", "").strip() or label,
        dx=dx,
        dx_type=dx_type,
        values=values,
        notes=tuple(notes),
        further=further,
        image_path=cells["image_id"].strip(),
    )


def _settle_stage(values: dict[str, Any], dx: str, dx_type: str | None, row_number: int, notes: list[str]) -> None:
    """Fill stage and diagnosis from what the row does say; stage 3 without a histology result is lowered."""
    if values["clinical_diagnosis"] is None:
        values["clinical_diagnosis"] = dx
    if values["verification_stage"] is None:
        stage = STAGE_OF_DX_TYPE[dx_type] if dx_type else VerificationStage.INITIAL_ANNOTATION
        values["verification_stage"] = int(stage)
    if dx_type == "histo" and values["histopathology_result"] is None:
        values["histopathology_result"] = dx
    if values["verification_stage"] == VerificationStage.HISTOLOGY and values["histopathology_result"] is None:
        values["verification_stage"] = int(VerificationStage.INITIAL_ANNOTATION)
        notes.append(f"row {row_number}: stage 3 needs a histopathology_result; recorded as stage 1")


FORMAT = DatasetFormat(
    key="csv",
    title="Records CSV with the fields by name",
    description="Import any data set whose table names the fields of a record.",
    table="CSV with image_id, dx and any fields of a record",
    columns=REQUIRED_COLUMNS,
    read=read_records,
    taxonomy=None,
    dataset_id="dataset",
    name="Data set",
    more_columns="any field of a record by name",
)
