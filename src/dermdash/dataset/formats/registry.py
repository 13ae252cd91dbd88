"""The formats of data sets, in the order of page, command and docs."""

from dermdash.dataset.formats import (
    any_table,
    bcn20000,
    coco,
    croissant,
    ddi,
    derm7pt,
    dermofit,
    fitzpatrick17k,
    folder_per_class,
    ham10000,
    isic2016,
    isic2017,
    isic2018,
    isic2018_task3,
    isic2019,
    isic2020,
    isic2024,
    isic_archive,
    medmnist,
    milk10k,
    pad_ufes_20,
    ph2,
    records_csv,
    scin,
    webdataset,
    yolo,
)
from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.errors import InvalidInput

FORMATS: dict[str, DatasetFormat] = {
    f.key: f
    for f in (
        ham10000.FORMAT,
        isic2018_task3.FORMAT,
        records_csv.FORMAT,
        isic2016.FORMAT,
        isic2017.FORMAT,
        isic2018.FORMAT,
        isic2019.FORMAT,
        isic2020.FORMAT,
        isic2024.FORMAT,
        isic_archive.FORMAT,
        milk10k.FORMAT,
        bcn20000.FORMAT,
        pad_ufes_20.FORMAT,
        ph2.FORMAT,
        derm7pt.FORMAT,
        dermofit.FORMAT,
        fitzpatrick17k.FORMAT,
        ddi.FORMAT,
        scin.FORMAT,
        folder_per_class.FORMAT,
        medmnist.FORMAT,
        coco.FORMAT,
        yolo.FORMAT,
        webdataset.FORMAT,
        croissant.FORMAT,
        any_table.FORMAT,
    )
}
RECOGNISED: dict[str, DatasetFormat] = {key: f for key, f in FORMATS.items() if not f.alias_of}
"""Those that a source can be recognised as."""


def get_format(key: str) -> DatasetFormat:
    """Return the format of that name, or raise InvalidInput naming the known ones."""
    if key not in FORMATS:
        raise InvalidInput(f"unknown format {key!r}: choose {', '.join(FORMATS)}")
    return FORMATS[key]


def recognise(columns: tuple[str, ...]) -> DatasetFormat | None:
    """The first format that a table with these columns could be of; None where there is none."""
    return next((f for f in FORMATS.values() if f.fits(columns)), None)
