"""Ground truth of the ISIC 2018 Task 3 test set: one-hot diagnoses, or the columns of HAM10000."""

from pathlib import Path

from dermdash.dataset.formats import ham10000
from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.source_records import Exclusion, ExclusionReason, SourceRecord, SourceTable
from dermdash.records.csv_table import Row, clean_image_id, number_or_none, require_columns
from dermdash.records.fields import empty_values
from dermdash.records.table_files import read_table_file
from dermdash.records.taxonomy import HAM7, Taxonomy
from dermdash.records.verification_stage import VerificationStage

CLASS_COLUMNS = ("MEL", "NV", "BCC", "AKIEC", "BKL", "DF", "VASC")
COLUMNS = ("image", *CLASS_COLUMNS)


def read_ground_truth(source: Path | bytes, taxonomy: Taxonomy = HAM7) -> SourceTable:
    """Read the one-hot file ``image,MEL,NV,BCC,AKIEC,BKL,DF,VASC``, or one with the HAM10000 columns.

    The one-hot file does not say how a diagnosis was confirmed, so it claims no more than stage 1 and has no
    dx_type; it names no lesions, so each image is a lesion of its own.

    Raises
    ------
    MissingColumns
        Neither set of columns is complete.
    """
    table = read_table_file(source)
    if {"image_id", "dx"} <= set(table.columns):
        return ham10000.records_of(table, file_kind="ISIC 2018 test metadata", taxonomy=taxonomy)
    require_columns(table, COLUMNS, file_kind="ISIC 2018 ground truth")
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
    image_id = clean_image_id(row.cells["image"])
    if not image_id:
        return Exclusion("", ExclusionReason.INVALID_ROW, f"row {row.number}: image is empty")
    if image_id in row_of_id:
        detail = f"row {row.number}: {image_id} already stands in row {row_of_id[image_id]}"
        return Exclusion(image_id, ExclusionReason.DUPLICATE_IMAGE_ID, detail)
    numbers = [number_or_none(row.cells[name.lower()]) for name in CLASS_COLUMNS]
    if None in numbers or sorted(numbers, key=lambda n: n or 0) != [0] * 6 + [1]:
        written = ", ".join(row.cells[name.lower()].strip() for name in CLASS_COLUMNS)
        detail = f"row {row.number}: expected one 1 and six 0, found {written}"
        return Exclusion(image_id, ExclusionReason.INVALID_ROW, detail)
    label = CLASS_COLUMNS[numbers.index(1)]
    dx = label.lower()
    values = empty_values()
    values["clinical_diagnosis"] = dx
    values["verification_stage"] = int(VerificationStage.INITIAL_ANNOTATION)
    return SourceRecord(image_id, image_id, None, label, dx, None, values)


FORMAT = DatasetFormat(
    key="isic2018-test",
    title="ISIC 2018 Task 3 ground truth",
    description="Import the ISIC 2018 Task 3 test set.",
    table="ISIC2018_Task3_Test_GroundTruth (one-hot CSV)",
    columns=COLUMNS,
    read=read_ground_truth,
    taxonomy=HAM7.name,
    dataset_id="isic2018-test",
    name="ISIC 2018 Task 3 test",
    source="doi:10.7910/DVN/DBW86T",
    licence="CC BY-NC 4.0",
    flags=("--ground-truth", "--metadata"),
)
