"""A folder of images with a table beside them (as Hugging Face's image folders), or a folder per class."""

from __future__ import annotations

from functools import partial

from dermdash.dataset.exports.class_words import NO_CLASS
from dermdash.dataset.exports.export_format import (
    DatasetExport,
    ExportedDataset,
    ExportedRecord,
    LeftOutOfFormat,
    unfit_name,
)
from dermdash.dataset.exports.isic_metadata import put_images
from dermdash.dataset.exports.places import ExportPlace
from dermdash.dataset.exports.tables import CARRIED, CsvStream, further_cells, further_names, own_cells
from dermdash.dataset.formats import any_table, folder_per_class
from dermdash.dataset.formats.own_columns import OWN_NAMES

FILE = "file_name"


class FolderWriter:
    """Writes ``metadata.csv`` with every field under our own names, and the images it names."""

    def __init__(
        self,
        place: ExportPlace,
        dataset: ExportedDataset,
        images: bool,
        *,
        table: str = "metadata.csv",
        suffix: str = "",
    ) -> None:
        self._place, self._images, self._suffix = place, images, suffix
        split = ("split_part",) if dataset.split else ()
        self._table = CsvStream(place.stream(table), (FILE, *OWN_NAMES, *split, *further_names(dataset.further)))

    def add(self, record: ExportedRecord) -> None:
        """Write a row, and its files."""
        file = f"images/{record.name}{self._suffix or record.suffix}"
        said = {FILE: file, **own_cells(record), "split_part": record.part, **further_cells(record)}
        self._table.row(said)
        put_images(self._place, record, images=self._images)

    def close(self) -> None:
        """Write what is left."""
        self._table.close()

    def notes(self) -> list[str]:
        """Nothing is written as something else."""
        return []


class _PerClassWriter:
    """Writes ``class/image``, below a folder per part where a split was chosen; no table."""

    def __init__(self, place: ExportPlace, dataset: ExportedDataset, images: bool) -> None:
        del images
        del dataset
        self._place = place

    def add(self, record: ExportedRecord) -> None:
        dx = record.row.get("dx")
        if not dx:
            raise LeftOutOfFormat(NO_CLASS, "it has no diagnosis with a class, so there is no folder for it")
        if record.row["image_id"] != record.name:
            raise unfit_name(record)
        assert record.image is not None
        above = f"{record.part}/" if record.part else ""
        self._place.put(f"{above}{dx}/{record.file_name}", record.image)
        if record.mask is not None:
            self._place.put(f"masks/{record.name}_segmentation.png", record.mask)

    def close(self) -> None:
        """Nothing comes at the end."""

    def notes(self) -> list[str]:
        return []


ALL_CARRIED = (
    "Stages that were reached here count as claimed by the source elsewhere; who said what stands in labels.csv.",
)
FORMAT = DatasetExport(
    key="folder",
    title="Image folder",
    description="Images, masks and metadata.csv with every field under its own name.",
    imported_as=any_table.FORMAT.key,
    open=FolderWriter,
    alone=(".csv",),
    further=True,
    carries=CARRIED,
    loses=ALL_CARRIED,
)
PER_CLASS = DatasetExport(
    key="folder-per-class",
    title="A folder per class",
    description="Images in folders that are called as their class, and no table.",
    imported_as=folder_per_class.FORMAT.key,
    open=_PerClassWriter,
    carries=frozenset({"image_id", "dx"}),
    loses=(
        "Records without a class are left out.",
        "Everything but image, mask and class: lesions and patients too, so that no split can keep them together.",
    ),
)
with_suffix = partial(FolderWriter, suffix=".dcm")
