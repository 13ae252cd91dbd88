"""A CSV with the fields of a record by name: what dermdash exports, and what other sites can fill in."""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.source_records import Exclusion, ExclusionReason, SourceRecord, SourceTable
from dermdash.records.csv_table import (
    MetadataTable,
    Row,
    clean_image_id,
    read_table,
    require_columns,
    text_or_none,
)
from dermdash.records.details import DETAIL_NAMES, DETAILS, FURTHER_PREFIX, of_dermoscopic_type
from dermdash.records.field_values import UnusableValue, parse_field
from dermdash.records.fields import FIELD_NAMES, FIELDS, FieldSpec, empty_values
from dermdash.records.record_columns import COMPUTED
from dermdash.records.safe_csv import unescape_cell
from dermdash.records.taxonomy import Taxonomy
from dermdash.records.verification_stage import STAGE_OF_DX_TYPE, VerificationStage

REQUIRED_COLUMNS = ("image_id", "dx")
OPTIONAL_COLUMNS = ("lesion_id", "patient_id", "dx_type", "source_label", *FIELD_NAMES, *DETAIL_NAMES)
LOWEST_ACCEPTED_QUALITY = 3


def read_records(source: Path | bytes, taxonomy: Taxonomy) -> SourceTable:
    """Read records with their fields as columns, by our name or another known one; only image_id and dx must be there.

    Lists are JSON or separated by ``;``. A value that its field does not allow is left empty, noted and kept as
    text; a diagnosis outside the taxonomy, a repeated image_id and an image_quality_score of 1 or 2 exclude the row.
    Columns that are none of ours are kept as further columns and named in the table's notes, with the field they may
    have been meant for.

    Raises
    ------
    MissingColumns
        image_id or dx is missing or misnamed.
    """
    table = read_table(source)
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
    found = ((spec.name, next((n for n in spec.names if n in table.columns), None)) for spec in (*FIELDS, *DETAILS))
    return {name: column for name, column in found if column is not None}


def _notes_on_columns(table: MetadataTable, column_of: dict[str, str]) -> tuple[str, ...]:
    notes = [f"column {column!r} was read as {name}" for name, column in column_of.items() if column != name]
    absent = [name for name in OPTIONAL_COLUMNS if name not in table.columns and name not in column_of]
    for name in table.columns:
        if name in REQUIRED_COLUMNS or name in OPTIONAL_COLUMNS or name in column_of.values():
            continue
        if name in COMPUTED:
            notes.append(f"column {name!r} is not used: it is worked out anew")
        elif not name.startswith(FURTHER_PREFIX):
            close = difflib.get_close_matches(name, absent, n=1, cutoff=0.75)
            notes.append(
                f"column {name!r} is kept as a further column" + (f"; did you mean {close[0]!r}?" if close else "")
            )
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
    for spec in FIELDS:
        if spec.name in column_of:
            values[spec.name] = _value(spec, cells[column_of[spec.name]].strip(), row.number, notes)
    quality = values["image_quality_score"]
    if quality is not None and quality < LOWEST_ACCEPTED_QUALITY:
        detail = f"row {row.number}: image_quality_score {quality}, accepted from {LOWEST_ACCEPTED_QUALITY}"
        return Exclusion(image_id, ExclusionReason.LOW_QUALITY_SCORE, detail)
    details = {
        spec.name: _value(spec, cells[column_of[spec.name]].strip(), row.number, notes)
        for spec in DETAILS
        if spec.name in column_of
    }
    if said := of_dermoscopic_type(cells.get("dermoscopic_type", "")):
        details = {**said, **{name: value for name, value in details.items() if value is not None}}
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
        details=details,
        further=_further(cells, column_of, {**values, **details}),
    )


def _further(cells: dict[str, str], column_of: dict[str, str], read: Mapping[str, Any]) -> dict[str, str]:
    """What stands in columns that are none of ours, and what could not be read in others, verbatim; nothing empty."""
    ours = {*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS, *COMPUTED, *column_of.values()}
    unread = {
        column: cells[column]
        for name, column in column_of.items()
        if read[name] is None and text_or_none(cells[column]) is not None
    }
    others = {name.removeprefix(FURTHER_PREFIX): cell for name, cell in cells.items() if name not in ours}
    return {name: cell for name, cell in {**unread, **others}.items() if cell.strip()}


def _value(spec: FieldSpec, written: str, row_number: int, notes: list[str]) -> Any:
    try:
        return parse_field(spec, written)
    except UnusableValue as problem:
        notes.append(
            f"row {row_number}: {spec.name} {written!r} {problem} and was left empty; it is kept as a further column"
        )
        return None


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
    table="CSV with image_id, dx and any fields and details of a record",
    columns=REQUIRED_COLUMNS,
    read=read_records,
    taxonomy=None,
    dataset_id="dataset",
    name="Data set",
    more_columns="any field or detail of a record by name; every other column is kept as it is",
)
