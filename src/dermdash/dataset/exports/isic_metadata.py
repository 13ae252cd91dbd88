"""Metadata for the ISIC archive: the columns that it checks, and beside them what it has no place for."""

from __future__ import annotations

from collections import Counter
from typing import Any

from dermdash.dataset.exports.export_format import DatasetExport, ExportedDataset, ExportedRecord
from dermdash.dataset.exports.places import ExportPlace
from dermdash.dataset.exports.tables import CsvStream, confirmation_of, further_cells, further_names
from dermdash.dataset.formats import isic_archive
from dermdash.dataset.formats.isic_diagnoses import MELANOMA, STEP, path_of_class
from dermdash.records.sites import GENERAL_SITES
from dermdash.wording import counted

_CONFIRMED = {
    "histo": "histopathology",
    "follow_up": "serial imaging showing no change",
    "consensus": "single image expert consensus",
    "confocal": "confocal microscopy with consensus dermoscopy",
}
_CLINICAL = "single contributor clinical assessment"
_IMAGE_TYPES = {
    "dermoscopic": "dermoscopic",
    "clinical_close_up": "clinical: close-up",
    "clinical_overview": "clinical: overview",
}
_LIGHT = {
    ("contact", "polarised"): "contact polarized",
    ("contact", "non_polarised"): "contact non-polarized",
    ("non_contact", "polarised"): "non-contact polarized",
}
_STEPS = tuple(f"diagnosis_{n}" for n in range(1, 6))
_HISTORY = "personal_hx_mm"
COLUMNS = (
    "filename", "isic_id", "attribution", "copyright_license", "age", "sex", "anatom_site_general", *_STEPS,
    "diagnosis_confirm_type", "clin_size_long_diam_mm", "mel_thick_mm", _HISTORY, "fitzpatrick_skin_type",
    "image_type", "dermoscopic_type", "patient_id", "lesion_id",
)  # fmt: skip
BESIDE = ("dx", "source_label", "source_site")
"""What ISIC has no place for; its check takes other columns as they are."""


class _IsicWriter:
    """Writes ``metadata.csv``, and the images and masks beside it."""

    def __init__(
        self, place: ExportPlace, dataset: ExportedDataset, images: bool, *, table: str = "metadata.csv"
    ) -> None:
        self._place, self._dataset, self._images = place, dataset, images
        columns = (*COLUMNS, *BESIDE, *further_names(dataset.further))
        self._table = CsvStream(place.stream(table), columns)
        self._left: Counter[str] = Counter()

    def add(self, record: ExportedRecord) -> None:
        self._table.row({**self._cells(record), **further_cells(record)})
        put_images(self._place, record, images=self._images)

    def _cells(self, record: ExportedRecord) -> dict[str, Any]:
        row = record.row
        stage, dx = row.get("verification_stage"), str(row.get("dx") or "")
        path = path_of_class(self._dataset.taxonomy[dx]) if dx in self._dataset.taxonomy else ""
        if dx and not path:
            self._left[
                f"{self._dataset.taxonomy[dx].name} has no single place in ISIC's tree of diagnoses: diagnosis"
            ] += 1
        confirmed = confirmation_of(row)
        site = row.get("anatomical_site")
        if site and site not in GENERAL_SITES:
            self._left[f"{site!r} is none of ISIC's general sites: anatom_site_general"] += 1
        lesion = row.get("lesion_id")
        if lesion in self._dataset.lesions_of_several:
            self._left["A lesion of several patients, which ISIC refuses: lesion_id"] += 1
        thick = row.get("breslow_mm")
        melanoma = path.startswith(MELANOMA)
        if thick is not None and not melanoma:
            self._left["A thickness beside a diagnosis that is no melanoma, which ISIC refuses: mel_thick_mm"] += 1
        image_type = _IMAGE_TYPES.get(str(row.get("image_type") or ""), "")
        light = _LIGHT.get((str(row.get("contact")), str(row.get("polarisation"))), "")
        history = str(record.further.get(_HISTORY, "")).strip().lower()
        return {
            "filename": record.file_name,
            "isic_id": row["image_id"],
            "attribution": row.get("attribution"),
            "copyright_license": row.get("licence"),
            "age": row.get("age_at_exam"),
            "sex": row.get("sex"),
            "anatom_site_general": site if site in GENERAL_SITES else None,
            **dict(zip(_STEPS, path.split(STEP) if path else (), strict=False)),
            "diagnosis_confirm_type": _CONFIRMED[confirmed] if confirmed else _CLINICAL if stage == 1 else None,
            "clin_size_long_diam_mm": _millimetres(row.get("lesion_diameter_mm")),
            "mel_thick_mm": _millimetres(thick) if melanoma else None,
            _HISTORY: history if history in ("true", "false") else None,
            "fitzpatrick_skin_type": row.get("fitzpatrick_type"),
            "image_type": image_type,
            "dermoscopic_type": light if image_type == "dermoscopic" else None,
            "patient_id": row.get("patient_id"),
            "lesion_id": None if lesion in self._dataset.lesions_of_several else lesion,
            **{name: row.get(name) for name in BESIDE},
        }

    def close(self) -> None:
        self._table.close()

    def notes(self) -> list[str]:
        return [f"{said} stays empty ({counted(n, 'record')})." for said, n in self._left.most_common()]


def _millimetres(value: Any) -> str | None:
    """A length as ISIC takes it: two decimals."""
    return None if value is None else f"{round(float(value), 2):g}"


def put_images(place: ExportPlace, record: ExportedRecord, *, images: bool, folder: str = "images") -> None:
    """Write the image of a record and its mask beside it, under names by which an import finds both."""
    if not images:
        return
    if record.image is not None:
        place.put(f"{folder}/{record.file_name}", record.image)
    if record.mask is not None:
        place.put(f"masks/{record.name}_segmentation.png", record.mask)


FORMAT = DatasetExport(
    key="isic-metadata",
    title="ISIC archive metadata",
    description="metadata.csv as the ISIC archive takes it, with images and masks.",
    imported_as=isic_archive.FORMAT.key,
    open=_IsicWriter,
    alone=(".csv",),
    further=True,
    ages_as_numbers=True,
    carries=frozenset(
        {
            "image_id", "lesion_id", "patient_id", "source_label", "dx", "age_at_exam", "sex", "fitzpatrick_type",
            "anatomical_site", "source_site", "lesion_diameter_mm", "breslow_mm", "verification_stage", "image_type",
            "licence", "attribution",
        }
    ),
    loses=(
        "Lengths have two decimals.",
        "Polarisation and contact where only one of them is known, and light without contact that is not polarised.",
        "Image types that ISIC parts further (TBP tiles, others).",
        "A Breslow thickness beside a diagnosis that is no melanoma; lesion ids that several patients share.",
        "Sunburns, history of skin cancer, colours, elevation, border, structures, examiner, quality, dates, splits.",
        "What the clinical diagnosis and the histology say beside the label.",
    ),
)  # fmt: skip
