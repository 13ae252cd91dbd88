"""A CSV with the 16 fields by their own names: what dermdash exports, and what other sites can fill in."""

import difflib
import json
from pathlib import Path
from typing import Any

from dermdash.dataset.source_records import Exclusion, ExclusionReason, SourceRecord, SourceTable
from dermdash.records.csv_table import (
    MetadataTable,
    Row,
    clean_image_id,
    number_or_none,
    read_table,
    require_columns,
    text_or_none,
)
from dermdash.records.fields import FIELD_NAMES, FIELDS, FieldSpec, Kind
from dermdash.records.safe_csv import LIST_SEPARATOR, unescape_cell
from dermdash.records.taxonomy import HAM7, Taxonomy
from dermdash.records.verification_stage import STAGE_OF_DX_TYPE, VerificationStage

REQUIRED_COLUMNS = ("image_id", "dx")
OPTIONAL_COLUMNS = ("lesion_id", "patient_id", "dx_type", "source_label", *FIELD_NAMES)
LOWEST_ACCEPTED_QUALITY = 3
_TRUE = frozenset({"true", "yes", "y", "1", "1.0"})
_FALSE = frozenset({"false", "no", "n", "0", "0.0"})


class _UnusableError(ValueError):
    """A cell that its field does not allow; the text says what was expected."""


def read_records(source: Path | bytes, *, taxonomy: Taxonomy = HAM7) -> SourceTable:
    """Read records with the 16 fields as columns; only image_id and dx must be there.

    Lists are JSON or separated by ``;``. A value that its field does not allow is left empty and noted; a
    diagnosis outside the taxonomy, a repeated image_id and an image_quality_score of 1 or 2 exclude the row.
    Columns that are not used are named in the table's notes, with the field they may have been meant for.

    Raises
    ------
    MissingColumns
        image_id or dx is missing or misnamed.
    """
    table = read_table(source)
    require_columns(table, REQUIRED_COLUMNS, file_kind="the records file")
    records: list[SourceRecord] = []
    exclusions: list[Exclusion] = []
    row_of_id: dict[str, int] = {}
    for row in table:
        outcome = _read_row(row, taxonomy, row_of_id)
        if isinstance(outcome, Exclusion):
            exclusions.append(outcome)
        else:
            row_of_id[outcome.image_id] = row.number
            records.append(outcome)
    return SourceTable(tuple(records), tuple(exclusions), (*table.notes, *_unused_columns(table)))


def _unused_columns(table: MetadataTable) -> tuple[str, ...]:
    absent = [name for name in OPTIONAL_COLUMNS if name not in table.columns]
    notes = []
    for name in table.columns:
        if name in REQUIRED_COLUMNS or name in OPTIONAL_COLUMNS:
            continue
        close = difflib.get_close_matches(name, absent, n=1, cutoff=0.75)
        notes.append(f"column {name!r} is not used" + (f"; did you mean {close[0]!r}?" if close else ""))
    return tuple(notes)


def _read_row(row: Row, taxonomy: Taxonomy, row_of_id: dict[str, int]) -> SourceRecord | Exclusion:
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
    values: dict[str, Any] = {}
    for spec in FIELDS:
        written = cells.get(spec.name, "").strip()
        try:
            values[spec.name] = parse_field(spec, written)
        except ValueError as problem:
            values[spec.name] = None
            notes.append(f"row {row.number}: {spec.name} {written!r} {problem} and was left empty")
    quality = values["image_quality_score"]
    if quality is not None and quality < LOWEST_ACCEPTED_QUALITY:
        detail = f"row {row.number}: image_quality_score {quality}, accepted from {LOWEST_ACCEPTED_QUALITY}"
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


def parse_field(spec: FieldSpec, written: str) -> Any:
    """Turn a cell into the value of its field, None when the cell says nothing.

    Raises
    ------
    ValueError
        The field does not allow the value; the message says what was expected.
    """
    text = text_or_none(written)
    if text is None:
        return None
    if spec.kind is Kind.LIST:
        return _parse_list(spec, text)
    if spec.kind is Kind.BOOLEAN:
        if text.lower() in _TRUE | _FALSE:
            return text.lower() in _TRUE
        raise _UnusableError("is neither true nor false")
    if spec.kind is Kind.TEXT:
        return _choice(spec, text) if spec.choices else text
    number = number_or_none(text)
    if number is None or (spec.kind is Kind.INTEGER and not number.is_integer()):
        raise _UnusableError(f"is not {'a whole number' if spec.kind is Kind.INTEGER else 'a number'}")
    low, high = spec.minimum, spec.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        raise _UnusableError(f"is outside {low:g}-{high:g}")
    return int(number) if spec.kind is Kind.INTEGER else number


def _parse_list(spec: FieldSpec, text: str) -> list[str] | None:
    if text.startswith("["):
        try:
            items = json.loads(text)
        except (json.JSONDecodeError, RecursionError):
            raise _UnusableError("is not a JSON list") from None
        if not all(isinstance(item, str) for item in items):
            raise _UnusableError("is not a list of words")
    else:
        items = text.split(LIST_SEPARATOR)
    return [_choice(spec, item.strip()) for item in items if item.strip()] or None


def _choice(spec: FieldSpec, text: str) -> str:
    for choice in spec.choices:
        if choice.lower() == text.lower():
            return choice
    raise _UnusableError(f"is none of {', '.join(spec.choices)}")
