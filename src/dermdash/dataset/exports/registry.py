"""The formats of exports, in the order of page, command and docs."""

from dermdash.dataset.exports import (
    challenge_truth,
    coco,
    croissant,
    dicom,
    ham10000,
    image_folder,
    isic_metadata,
    parquet,
    webdataset,
)
from dermdash.dataset.exports.export_format import DatasetExport
from dermdash.errors import InvalidInput

EXPORTS: dict[str, DatasetExport] = {
    f.key: f
    for f in (
        isic_metadata.FORMAT,
        challenge_truth.FORMAT,
        ham10000.FORMAT,
        croissant.FORMAT,
        parquet.FORMAT,
        webdataset.FORMAT,
        image_folder.FORMAT,
        image_folder.PER_CLASS,
        coco.FORMAT,
        dicom.FORMAT,
    )
}


def get_export(key: str) -> DatasetExport:
    """The format of that name, or InvalidInput naming the known ones."""
    if key not in EXPORTS:
        raise InvalidInput(f"unknown format {key!r}: choose {', '.join(EXPORTS)}")
    return EXPORTS[key]
