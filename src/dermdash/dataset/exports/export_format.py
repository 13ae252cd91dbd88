"""What a format of exports declares of itself, once: command, page, docs and the text beside an export follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from dermdash.dataset.exports.places import ExportPlace
from dermdash.records.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedDataset:
    """What is known of all records that are written.

    Attributes
    ----------
    id, name, source, licence, taxonomy, simulated
        Of the data set.
    records
        How many are chosen.
    further
        Names of all further columns that any of them has.
    lesions_of_several
        Lesion ids, as they are written, that records of several patients share.
    version, split
        The version that it is and the split that was chosen, by name; empty: none.
    state
        Which version it is, or how far it is from the latest, in words.
    facts
        What documents say of the data set, for formats that describe it.
    """

    id: str
    name: str
    source: str
    licence: str
    taxonomy: Taxonomy
    simulated: bool
    records: int
    further: tuple[str, ...] = ()
    lesions_of_several: frozenset[str] = frozenset()
    version: str = ""
    state: str = ""
    split: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExportedRecord:
    """One record as it leaves.

    Attributes
    ----------
    row
        Columns of the record by name, names of people hidden as was chosen; with ``width``, ``height`` of its image.
    name
        How its files are called, without ending: safe on every disk and unlike that of any other record.
    suffix
        Of its image file (".jpg", ".png").
    further
        Further columns of its source.
    labels
        Rows of who said what of it (`beside_exports.LABEL_COLUMNS`).
    part
        Of the split it is in; empty: none was chosen.
    image, mask
        Bytes of the stored files; None: the format takes none, or there is no mask.
    """

    row: Mapping[str, Any]
    name: str
    suffix: str
    further: Mapping[str, str] = field(default_factory=dict)
    labels: Sequence[Mapping[str, Any]] = ()
    part: str = ""
    image: bytes | None = field(default=None, repr=False)
    mask: bytes | None = field(default=None, repr=False)

    @property
    def file_name(self) -> str:
        """Its image file."""
        return f"{self.name}{self.suffix}"


class LeftOutOfFormat(Exception):
    """A record that the format cannot hold: the reason as it is counted, and in words."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


def unfit_name(record: ExportedRecord) -> LeftOutOfFormat:
    """A format that names images by their files alone cannot hold an id that names none."""
    said = f"{str(record.row['image_id'])!r} cannot name a file as it stands"
    return LeftOutOfFormat("image_id_is_no_file_name", said)


class Writer(Protocol):
    """Takes the records of an export one after another; what it keeps of them does not grow with images."""

    def add(self, record: ExportedRecord) -> None:
        """Write a record; raises `LeftOutOfFormat` where the format cannot hold it, and has written nothing then."""

    def close(self) -> None:
        """Write what comes at the end."""

    def notes(self) -> Sequence[str]:
        """What was read as something else or left empty, counted; sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetExport:
    """A format that a data set can be written in.

    Attributes
    ----------
    key, title, description
        Name of the command, and for people.
    imported_as
        Key of the format in `dataset.formats` that reads it.
    carries
        Columns of a record that are the same after an import elsewhere.
    masks, further
        Whether masks and further columns are, too.
    loses
        What is not, in sentences.
    alone
        Endings of a file that holds the table without images; empty: it is a folder or an archive.
    pixels
        Whether images come back with the same pixels, not as the same file.
    taxonomy
        Name of the only taxonomy it knows; empty: any.
    ages_as_numbers
        Whether the bin of an age is written as its lower end.
    open
        Makes the writer of one export: with images in a place, or of the table alone.
    """

    key: str
    title: str
    description: str
    imported_as: str
    carries: frozenset[str]
    open: Callable[[ExportPlace, ExportedDataset, bool], Writer]
    masks: bool = True
    further: bool = False
    loses: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    pixels: bool = False
    taxonomy: str = ""
    ages_as_numbers: bool = False
    images: str = field(default="images")
