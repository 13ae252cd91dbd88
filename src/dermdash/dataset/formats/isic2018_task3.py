"""Ground truth of the ISIC 2018 Task 3 test set: one-hot diagnoses, or the columns of HAM10000."""

import re
from dataclasses import replace
from pathlib import Path

from dermdash.dataset.formats import ham10000
from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.isic2018 import CLASS_COLUMNS, GROUND_TRUTH
from dermdash.dataset.formats.one_table import read_one_table
from dermdash.dataset.source_records import SourceTable
from dermdash.errors import InvalidInput
from dermdash.records.taxonomy import HAM7, Taxonomy

COLUMNS = ("image", *CLASS_COLUMNS)
_LAYOUT = replace(ham10000.LAYOUT, tables=(GROUND_TRUTH, ham10000.METADATA))
_OTHER_PART = re.compile(r"train|valid", re.IGNORECASE)
_ISIC_ID = re.compile(r"ISIC_(\d{7})")
_FIRST_OF_TEST = 34_524
"""The images of the training and of the validation have lower numbers (ISIC_0024306 to ISIC_0034523)."""


def read_ground_truth(source: Path | bytes, taxonomy: Taxonomy = HAM7) -> SourceTable:
    """Read the one-hot file ``image,MEL,NV,BCC,AKIEC,BKL,DF,VASC``, or one with the HAM10000 columns.

    The one-hot file does not say how a diagnosis was confirmed, so it claims no more than stage 1 and has no
    dx_type; it names no lesions, so each image is a lesion of its own.

    Raises
    ------
    MissingColumns
        Neither set of columns is complete.
    InvalidInput
        It is the ground truth of the training or of the validation, by the name of the file or by its images.
    """
    table = read_one_table(_LAYOUT, source, taxonomy, file_kind="ISIC 2018 ground truth")
    _refuse_other_parts(source, table)
    return table


def _refuse_other_parts(source: Path | bytes, table: SourceTable) -> None:
    advice = "import it with the format isic2018, which takes training, validation and test"
    if isinstance(source, Path) and (word := _OTHER_PART.search(source.name)) and "test" not in source.name.lower():
        part = "training" if word[0].lower() == "train" else "validation"
        raise InvalidInput(f"{source.name} is the ground truth of the {part}, not of the test set: {advice}")
    numbers = [int(m[1]) for r in table.records if (m := _ISIC_ID.fullmatch(r.image_id))]
    if numbers and len(numbers) == len(table.records) and max(numbers) < _FIRST_OF_TEST:
        raise InvalidInput(
            f"these are no images of the ISIC 2018 test set, which begins with ISIC_{_FIRST_OF_TEST:07d}: {advice}"
        )


FORMAT = DatasetFormat(
    key="isic2018-test",
    title="ISIC 2018 Task 3 ground truth",
    description="Import the ISIC 2018 Task 3 test set.",
    table="ISIC2018_Task3_Test_GroundTruth (one-hot CSV)",
    columns=COLUMNS,
    read=read_ground_truth,
    layout_of=lambda _: _LAYOUT,
    taxonomy=HAM7.name,
    dataset_id="isic2018-test",
    name="ISIC 2018 Task 3 test",
    source="doi:10.7910/DVN/DBW86T",
    licence="CC BY-NC 4.0",
    flags=("--ground-truth", "--metadata"),
    alias_of="isic2018",
)
