"""The truth to evaluate predictions against, as a table of any kind.

Either one-hot (``image,MEL,NV,...`` as the ISIC 2018 ground truth) or with one column ``dx`` (HAM10000_metadata, or
simply ``image,dx``), in codes or in words (`records.diagnosis_words`). ``lesion_id``, ``patient_id``, the fields that
part an evaluation and how the diagnosis was confirmed are used where they stand; other columns are not.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from dermdash.dataset.predictions_csv import IMAGE_COLUMNS, describe_problems
from dermdash.errors import InvalidInput, MissingColumns
from dermdash.records.csv_table import MetadataTable, Row, clean_image_id, number_or_none, text_or_none
from dermdash.records.diagnosis_words import read_diagnosis
from dermdash.records.field_values import UnusableValue, allowed_range, parse_field
from dermdash.records.fields import FIELDS, FieldSpec, Kind
from dermdash.records.safe_csv import unescape_cell
from dermdash.records.table_files import read_table_file
from dermdash.records.taxonomy import Taxonomy
from dermdash.records.verification_stage import STAGE_OF_DX_TYPE
from dermdash.wording import counted, form

# Column names people use, first the one meant; the key is what a record calls it.
_IDS: dict[str, tuple[str, ...]] = {
    "lesion_id": ("lesion_id", "lesion"),
    "patient_id": ("patient_id", "patient"),
}
_FIELDS = tuple(f for f in FIELDS if f.subgroup)
_DX = ("dx", "diagnosis")


@dataclass(frozen=True, slots=True)
class TruthTable:
    """One row per image: image_id, dx (class code), lesion_id, patient_id and the attributes that were recorded.

    ``warnings`` says what of the file was not usable and left empty.
    """

    frame: pd.DataFrame
    warnings: tuple[str, ...] = ()


def read_truth(source: Path | bytes, *, taxonomy: Taxonomy) -> TruthTable:
    """Read a truth file; all of it or nothing.

    Raises
    ------
    MissingColumns
        No image column, or neither ``dx`` nor a column for every class.
    InvalidInput
        No row, an unknown diagnosis, a row that is not one-hot, or an image without a name or in two rows; the message
        names the first rows and how many there are.
    """
    table = read_table_file(source, file_kind="truth file")
    image_column = _first(table, IMAGE_COLUMNS)
    dx_column = _first(table, _DX)
    lower = {code.lower(): code for code in taxonomy.codes}
    if image_column is None or (dx_column is None and not set(lower) <= set(table.columns)):
        raise MissingColumns(
            f"the truth file needs a column image or image_id, and either dx or one column per class of "
            f"{taxonomy.name} ({', '.join(taxonomy.codes)}). Found: {', '.join(table.columns)}"
        )
    problems: dict[str, list[str]] = {}
    left_empty: Counter[str] = Counter()
    rows: dict[str, dict[str, Any]] = {}
    lines: dict[str, int] = {}
    for row in table:
        if row.cells is None:
            problems.setdefault(row.fault, []).append(row.problem)
            continue
        image = clean_image_id(unescape_cell(row.cells[image_column].strip()))
        if not image:
            problems.setdefault("no image name", []).append(f"row {row.number}")
            continue
        if image in rows:
            place = f"{image} (rows {lines[image]} and {row.number})"
            problems.setdefault("an image that stands in two rows", []).append(place)
            continue
        if dx_column is not None:
            written = row.cells[dx_column].strip()
            dx = read_diagnosis(written, taxonomy).code
            problem, detail = f"a diagnosis that {taxonomy.name} does not have", f"row {row.number} {written!r}"
        else:
            dx = _one_hot(row.cells, lower)
            problem, detail = "not one 1 and otherwise 0", f"row {row.number}"
        if dx is None:
            problems.setdefault(problem, []).append(detail)
            continue
        values = _attributes(table, row, left_empty)
        rows[image] = {"image_id": image, "dx": dx, **values}
        lines[image] = row.number
    if problems:
        raise InvalidInput(describe_problems("the truth file cannot be used", problems) + ". Nothing was evaluated.")
    if not rows:
        raise InvalidInput("the truth file has no row below its header")
    frame = pd.DataFrame(list(rows.values()))
    for name in ("lesion_id", "patient_id"):
        if name not in frame:
            frame[name] = None
    return TruthTable(frame, (*table.notes, *_left_empty_notes(left_empty)))


def _left_empty_notes(left_empty: Mapping[str, int]) -> tuple[str, ...]:
    """What of the fields was not usable, by field: how many values, and what was expected."""
    return tuple(
        f"{counted(n, 'value')} of {spec.name} in the truth file {form(n, 'is', 'are')} not {_expected(spec)} and "
        f"{form(n, 'was', 'were')} left empty"
        for spec in _FIELDS
        if (n := left_empty.get(spec.name, 0))
    )


def _expected(spec: FieldSpec) -> str:
    return allowed_range(spec) or f"a {spec.kind}"


def _one_hot(cells: dict[str, str], lower: dict[str, str]) -> str | None:
    numbers = {code: number_or_none(cells[name]) for name, code in lower.items()}
    marked = [code for code, value in numbers.items() if value == 1]
    return marked[0] if len(marked) == 1 and all(v in (0, 1) for v in numbers.values()) else None


def _attributes(table: MetadataTable, row: Row, left_empty: Counter[str]) -> dict[str, Any]:
    assert row.cells is not None
    values: dict[str, Any] = {}
    for attribute, names in _IDS.items():
        if (column := _first(table, names)) is not None:
            values[attribute] = text_or_none(unescape_cell(row.cells[column]))
    for spec in _FIELDS:
        if (column := _first(table, spec.names)) is not None:
            values[spec.name] = _value(spec, unescape_cell(row.cells[column]), left_empty)
    if "verification_stage" not in values and "dx_type" in table.columns:
        stage = STAGE_OF_DX_TYPE.get(row.cells["dx_type"].strip().lower())
        values["verification_stage"] = None if stage is None else int(stage)
    return values


def _value(spec: FieldSpec, written: str, left_empty: Counter[str]) -> Any:
    try:
        return parse_field(spec, written, rounded=True)
    except UnusableValue:
        if spec.kind is Kind.TEXT:
            # Another word makes a subgroup of its own, which is better than losing it.
            return written.strip().lower()
        left_empty[spec.name] += 1
        return None


def _first(table: MetadataTable, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in table.columns), None)
