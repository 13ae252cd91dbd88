"""The formats of data sets, in the order of page, command and docs; the one with the most columns before the others."""

from dermdash.dataset.formats import ham10000, isic2018_task3, records_csv
from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.errors import InvalidInput

FORMATS: dict[str, DatasetFormat] = {f.key: f for f in (ham10000.FORMAT, isic2018_task3.FORMAT, records_csv.FORMAT)}


def get_format(key: str) -> DatasetFormat:
    """Return the format of that name, or raise InvalidInput naming the known ones."""
    if key not in FORMATS:
        raise InvalidInput(f"unknown format {key!r}: choose {', '.join(FORMATS)}")
    return FORMATS[key]


def recognise(columns: tuple[str, ...]) -> DatasetFormat | None:
    """The first format that a table with these columns could be of; None where there is none."""
    return next((f for f in FORMATS.values() if f.fits(columns)), None)
