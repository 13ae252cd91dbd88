"""Ground truth of ISIC 2018, task 3: one-hot diagnoses, as the package isic-challenge-scoring loads them."""

from __future__ import annotations

from dermdash.dataset.exports.class_words import ClassWords
from dermdash.dataset.exports.export_format import DatasetExport, ExportedDataset, ExportedRecord, unfit_name
from dermdash.dataset.exports.isic_metadata import put_images
from dermdash.dataset.exports.places import ExportPlace
from dermdash.dataset.exports.tables import CsvStream, confirmation_of
from dermdash.dataset.formats import isic2018
from dermdash.records.taxonomy import get_taxonomy

_NAME = "ISIC2018_Task3_{part}_GroundTruth.csv"
_GROUPS = "ISIC2018_Task3_{part}_LesionGroupings.csv"
_PARTS = {"train": "Training", "validation": "Validation", "test": "Test"}
_CONFIRMED = {
    "histo": "histopathology",
    "follow_up": "serial imaging showing no change",
    "consensus": "single image expert consensus",
    "confocal": "confocal microscopy with consensus dermoscopy",
    "": "single contributor clinical assessment",
}


class _ChallengeWriter:
    """Writes the truth of each part of the split (Training where there is none), and which images are of one lesion."""

    def __init__(self, place: ExportPlace, dataset: ExportedDataset, images: bool, *, table: str = "") -> None:
        self._place, self._images, self._one = place, images, table
        self._classes = ClassWords(dataset.taxonomy, get_taxonomy(FORMAT.taxonomy))
        self._tables: dict[str, tuple[CsvStream, CsvStream | None]] = {}

    def add(self, record: ExportedRecord) -> None:
        code = self._classes.code_of(record.row).upper()
        image = str(record.row["image_id"])
        if self._images and image != record.name:
            raise unfit_name(record)
        truth, groups = self._of_part(record.part)
        # Decimals: the package compares a truth with itself only where all of its numbers are such.
        truth.row({"image": image} | {c: "1.0" if c == code else "0.0" for c in isic2018.CLASS_COLUMNS})
        if groups is not None:
            confirmed = _CONFIRMED[confirmation_of(record.row) or ""] if record.row.get("verification_stage") else ""
            groups.row(
                {"image": image, "lesion_id": record.row["lesion_id"], "diagnosis_confirm_type": confirmed}
            )  # fmt: skip
        put_images(self._place, record, images=self._images)

    def _of_part(self, part: str) -> tuple[CsvStream, CsvStream | None]:
        key = "" if self._one else part
        if key not in self._tables:
            named = _PARTS.get(part, part.title() if part else "Training")
            first = CsvStream(
                self._place.stream(self._one or _NAME.format(part=named)), ("image", *isic2018.CLASS_COLUMNS)
            )
            second = None
            if not self._one:
                columns = ("image", "lesion_id", "diagnosis_confirm_type")
                second = CsvStream(self._place.stream(_GROUPS.format(part=named)), columns)
            self._tables[key] = (first, second)
        return self._tables[key]

    def close(self) -> None:
        if not self._tables:
            self._of_part("")
        for tables in self._tables.values():
            for table in filter(None, tables):
                table.close()

    def notes(self) -> list[str]:
        return self._classes.notes()


FORMAT = DatasetExport(
    key="challenge-truth",
    title="ISIC 2018 task 3 ground truth",
    description="One-hot ground truth of the seven classes of ISIC 2018, task 3, with lesion groupings.",
    imported_as=isic2018.FORMAT.key,
    open=_ChallengeWriter,
    alone=(".csv",),
    taxonomy=isic2018.FORMAT.taxonomy or "",
    carries=frozenset({"image_id", "lesion_id", "dx", "verification_stage"}),
    loses=(
        "Records without a class among the seven are left out.",
        "Every field and detail, the patient, further columns, and the diagnosis in the words of the source.",
        "A truth alone (a .csv file) also lacks lesions and how a diagnosis was confirmed.",
    ),
)
