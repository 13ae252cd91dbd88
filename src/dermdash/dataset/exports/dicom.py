"""DICOM: a file per image (dermoscopy of Supplement 221), and the table that says the rest."""

from __future__ import annotations

from dermdash.dataset.exports.export_format import DatasetExport, ExportedDataset, ExportedRecord, LeftOutOfFormat
from dermdash.dataset.exports.image_folder import ALL_CARRIED, FolderWriter
from dermdash.dataset.exports.places import ExportPlace
from dermdash.dataset.exports.tables import CARRIED
from dermdash.dataset.formats import any_table
from dermdash.errors import DermdashError


class _DicomWriter:
    """Writes ``images/NAME.dcm``, masks, and ``metadata.csv``."""

    def __init__(self, place: ExportPlace, dataset: ExportedDataset, images: bool) -> None:
        self._place = place
        self._max_pixels = int(dataset.facts["max_pixels"])
        self._table = FolderWriter(place, dataset, images=False, suffix=".dcm")

    def add(self, record: ExportedRecord) -> None:
        from dermdash.dataset.dicom_writing import dicom_file, facts_of_row  # OpenCV: not for `--help`

        assert record.image is not None
        try:
            data = dicom_file(record.image, facts_of_row(record.row), max_pixels=self._max_pixels)
        except DermdashError as error:
            raise LeftOutOfFormat("image_cannot_be_read", str(error)) from None
        self._place.put(f"images/{record.name}.dcm", data)
        if record.mask is not None:
            self._place.put(f"masks/{record.name}_segmentation.png", record.mask)
        self._table.add(record)

    def close(self) -> None:
        self._table.close()

    def notes(self) -> list[str]:
        return []


FORMAT = DatasetExport(
    key="dicom",
    title="DICOM",
    description="A DICOM file per image with age, sex and site, masks, and metadata.csv with every field.",
    imported_as=any_table.FORMAT.key,
    open=_DicomWriter,
    pixels=True,
    further=True,
    ages_as_numbers=True,
    carries=CARRIED - {"image_type"},
    loses=(
        *ALL_CARRIED,
        "An image whose type is not known comes back as dermoscopic: its file has to say one.",
        "The image file itself: its pixels come back, upright, in another file.",
    ),
)
