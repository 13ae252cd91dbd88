"""HAM10000's metadata of the second release, images and masks."""

from __future__ import annotations

from dermdash.dataset.exports.class_words import ClassWords
from dermdash.dataset.exports.export_format import (
    DatasetExport,
    ExportedDataset,
    ExportedRecord,
    LeftOutOfFormat,
    unfit_name,
)
from dermdash.dataset.exports.isic_metadata import put_images
from dermdash.dataset.exports.places import ExportPlace
from dermdash.dataset.exports.tables import CsvStream, confirmation_of, site_as_written
from dermdash.dataset.formats import ham10000
from dermdash.records.sites import harmonised_site
from dermdash.records.taxonomy import get_taxonomy

_SOURCE = next(c.name for c in ham10000.METADATA.columns if c.to == "acquisition_source")
COLUMNS = (*ham10000.COLUMNS, _SOURCE)
_UNKNOWN = ("sex", "localization")
"""Columns in which HAM10000 writes unknown where nothing is known."""


class _Ham10000Writer:
    """Writes ``HAM10000_metadata.csv``."""

    def __init__(
        self, place: ExportPlace, dataset: ExportedDataset, images: bool, *, table: str = "HAM10000_metadata.csv"
    ) -> None:
        self._place, self._images = place, images
        self._classes = ClassWords(dataset.taxonomy, get_taxonomy(FORMAT.taxonomy))
        self._table = CsvStream(place.stream(table), COLUMNS)
        self._field_of = {c.name: c.to for c in ham10000.METADATA.columns}

    def add(self, record: ExportedRecord) -> None:
        row = record.row
        code = self._classes.code_of(row)
        confirmed = confirmation_of(row)
        if confirmed is None:
            detail = "HAM10000 has no word for a label that is neither histology, follow-up, consensus nor confocal"
            raise LeftOutOfFormat("not_confirmed", detail)
        if self._images and row["image_id"] != record.name:
            raise unfit_name(record)
        cells = {name: row.get(self._field_of[name]) for name in COLUMNS if self._field_of[name] in row}
        cells |= {name: cells.get(name) or "unknown" for name in _UNKNOWN}
        cells |= {"image_id": row["image_id"], "lesion_id": row["lesion_id"], "dx": code, "dx_type": confirmed}
        cells["localization"] = site_as_written(row, harmonised_site) or "unknown"
        self._table.row(cells)
        put_images(self._place, record, images=self._images)

    def close(self) -> None:
        self._table.close()

    def notes(self) -> list[str]:
        return self._classes.notes()


FORMAT = DatasetExport(
    key="ham10000",
    title="HAM10000",
    description="HAM10000_metadata.csv of the second release, images and masks.",
    imported_as=ham10000.FORMAT.key,
    open=_Ham10000Writer,
    alone=(".csv",),
    taxonomy=ham10000.FORMAT.taxonomy or "",
    ages_as_numbers=True,
    carries=frozenset(
        {
            "image_id", "lesion_id", "dx", "verification_stage", "age_at_exam", "sex", "anatomical_site",
            "acquisition_source",
        }
    ),
    loses=(
        "Records without a class among the seven, and those with an initial annotation only, are left out.",
        "Patients, further columns, and every other field and detail.",
    ),
)  # fmt: skip
