"""HAM10000 metadata (Tschandl et al., Scientific Data 5, 180161, 2018; doi 10.7910/DVN/DBW86T)."""

from pathlib import Path
from typing import Any

from dermdash.dataset.source_records import Exclusion, ExclusionReason, SourceRecord, SourceTable
from dermdash.errors import InvalidInput
from dermdash.records.csv_table import (
    MetadataTable,
    Row,
    clean_image_id,
    number_or_none,
    read_table,
    require_columns,
    text_or_none,
)
from dermdash.records.fields import FIELD_NAMES
from dermdash.records.taxonomy import HAM7
from dermdash.records.verification_stage import STAGE_OF_DX_TYPE, VerificationStage, stage_of_dx_type

COLUMNS = ("lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization")
SEXES = ("female", "male")


def read_metadata(source: Path | bytes) -> SourceTable:
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
    return records_of(read_table(source), file_kind="HAM10000 metadata")


def records_of(table: MetadataTable, *, file_kind: str) -> SourceTable:
    """Turn a table with the HAM10000 columns into records and exclusions."""
    require_columns(table, COLUMNS, file_kind=file_kind)
    records: list[SourceRecord] = []
    exclusions: list[Exclusion] = []
    row_of_id: dict[str, int] = {}
    for row in table:
        outcome = _read_row(row, row_of_id)
        if isinstance(outcome, Exclusion):
            exclusions.append(outcome)
        else:
            row_of_id[outcome.image_id] = row.number
            records.append(outcome)
    return SourceTable(tuple(records), tuple(exclusions), table.notes)


def _read_row(row: Row, row_of_id: dict[str, int]) -> SourceRecord | Exclusion:
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
    if dx not in HAM7:
        detail = f"row {row.number}: dx {label!r}, expected one of {', '.join(HAM7.codes)}"
        return Exclusion(image_id, ExclusionReason.UNKNOWN_DIAGNOSIS, detail)
    dx_type = cells["dx_type"].strip().lower()
    try:
        stage = stage_of_dx_type(dx_type)
    except InvalidInput:
        expected = ", ".join(STAGE_OF_DX_TYPE)
        detail = f"row {row.number}: dx_type {cells['dx_type'].strip()!r}, expected one of {expected}"
        return Exclusion(image_id, ExclusionReason.UNKNOWN_DX_TYPE, detail)
    values: dict[str, Any] = dict.fromkeys(FIELD_NAMES)
    notes: list[str] = []
    values["age_at_exam"] = _age(cells["age"], row.number, notes)
    values["sex"] = _sex(cells["sex"], row.number, notes)
    values["anatomical_site"] = text_or_none(cells["localization"])
    values["clinical_diagnosis"] = dx
    values["histopathology_result"] = dx if stage is VerificationStage.HISTOLOGY else None
    values["verification_stage"] = int(stage)
    lesion_id = cells["lesion_id"].strip() or image_id
    return SourceRecord(image_id, lesion_id, None, label, dx, dx_type, values, tuple(notes))


def _age(cell: str, row_number: int, notes: list[str]) -> int | None:
    written = text_or_none(cell)
    if written is None:
        return None
    age = number_or_none(written)
    if age is None or not 0 <= age <= 120:
        notes.append(f"row {row_number}: age {written!r} is outside 0-120 years and was left empty")
        return None
    return round(age)


def _sex(cell: str, row_number: int, notes: list[str]) -> str | None:
    written = text_or_none(cell)
    if written is None or written.lower() in SEXES:
        return written and written.lower()
    notes.append(f"row {row_number}: sex {written!r} is neither female nor male and was left empty")
    return None
