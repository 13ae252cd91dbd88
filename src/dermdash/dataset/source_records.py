"""What every adapter of a public data set returns: usable records, and what was left out and why."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class ExclusionReason(StrEnum):
    """Why a row or a file does not enter the data set; counted and listed under this word."""

    NO_IMAGE_FILE = "no_image_file"
    IMAGE_WITHOUT_ROW = "image_without_row"
    DUPLICATE_IMAGE_ID = "duplicate_image_id"
    DUPLICATE_IMAGE_FILE = "duplicate_image_file"
    AMBIGUOUS_IMAGE_NAME = "ambiguous_image_name"
    MASK_WITHOUT_IMAGE = "mask_without_image"
    AMBIGUOUS_MASK = "ambiguous_mask"
    UNFIT_MASK = "unfit_mask"
    DUPLICATE_CONTENT = "duplicate_content"
    EMPTY_FILE = "empty_file"
    UNREADABLE_IMAGE = "unreadable_image"
    UNSAFE_IMAGE = "unsafe_image"
    UNSAFE_ARCHIVE_ENTRY = "unsafe_archive_entry"
    LINK = "link"
    UNKNOWN_DIAGNOSIS = "unknown_diagnosis"
    UNKNOWN_DX_TYPE = "unknown_dx_type"
    INVALID_ROW = "invalid_row"
    LOW_QUALITY_SCORE = "low_quality_score"
    NO_DIAGNOSIS = "no_diagnosis"
    OTHER_PICTURE = "other_picture"
    WORKER_DIED = "worker_died"


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One usable row of a metadata file.

    ``lesion_id`` equals ``image_id`` where the source does not say which images show the same lesion.
    ``source_label`` is the diagnosis as written in the file, ``dx`` its class code in the taxonomy.
    ``values`` holds all 16 fields by name (None where missing); ``notes`` says which values were not usable.
    ``details`` are the usable values of what is kept beside the fields, by name; ``further`` is every other column of
    the row, verbatim. ``image_path`` is what the table says of the file (a path, a name); empty: the image id
    names it. ``refused`` is what the row claims of a field and the record does not get, because another field speaks
    against it (stage 3 without a result). ``dx`` is None where the diagnosis has no class in the taxonomy or the source
    says none. ``row`` is where it stands ("metadata.csv row 7"); records of one row are images of one lesion.
    """

    image_id: str
    lesion_id: str
    patient_id: str | None
    source_label: str
    dx: str | None
    dx_type: str | None
    values: dict[str, Any]
    notes: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    further: Mapping[str, str] = field(default_factory=dict)
    image_path: str = ""
    row: str = ""
    refused: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One row or file left out: its image id (may be empty), the reason, and where and what exactly.

    ``record`` is what a row says that could be read and is left out only for what another row says. ``row`` is where it
    stands, as in `SourceRecord`: a row of several images may have a record beside it.
    """

    image_id: str
    reason: ExclusionReason
    detail: str = ""
    record: SourceRecord | None = field(default=None, compare=False, repr=False)
    row: str = field(default="", compare=False, repr=False)


def repeated_row(record: SourceRecord, first: SourceRecord, where: str, where_first: str) -> Exclusion:
    """Leave out a row whose image id another row has; the detail says whether they agree.

    Parameters
    ----------
    where, where_first
        Where each stands ("row 7").
    """
    differing = [name for name, value in said_by(record).items() if value != said_by(first)[name]]
    says = f" and says otherwise of {', '.join(differing)}" if differing else " and says the same"
    detail = f"{where}: {record.image_id} already stands in {where_first}{says}"
    return Exclusion(record.image_id, ExclusionReason.DUPLICATE_IMAGE_ID, detail, record)


def said_by(record: SourceRecord) -> dict[str, Any]:
    """All that a row says of its image, by name of the column of a record."""
    names = ("lesion_id", "patient_id", "source_label", "dx", "dx_type")
    return {name: getattr(record, name) for name in names} | {**record.values, **record.details}


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A metadata file read to its end: every image that a data row names is either a record or an exclusion."""

    records: tuple[SourceRecord, ...]
    exclusions: tuple[Exclusion, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def rows(self) -> int:
        """Number of images that the data rows name (blank lines do not count); a row that names none counts as one."""
        return len(self.records) + len(self.exclusions)


_KEYS_TOLD = re.compile(r"\(keys .*\)$", re.DOTALL)


def keys_told(keys: Sequence[str], *, of_images: bool) -> str:
    """The keys of rows as the end of a note; those that may be names of people are marked, for `without_keys`."""
    return f"({', '.join(keys)})" if of_images else f"(keys {', '.join(keys)})"


def without_keys(note: str) -> str:
    """A note without the keys that it ends with, where these may be names of people."""
    return _KEYS_TOLD.sub("(with pseudonyms the keys are not told)", note)


class RowsOfTable:
    """Takes the rows of a table as they are read; of several with one image id the first counts."""

    def __init__(self) -> None:
        self._first: dict[str, tuple[int, SourceRecord]] = {}
        self._exclusions: list[Exclusion] = []

    def add(self, number: int, outcome: SourceRecord | Exclusion) -> None:
        """Take the next row: its number, and what it is."""
        if isinstance(outcome, Exclusion):
            self._exclusions.append(outcome)
        elif (first := self._first.get(outcome.image_id)) is not None:
            self._exclusions.append(repeated_row(outcome, first[1], f"row {number}", f"row {first[0]}"))
        else:
            self._first[outcome.image_id] = (number, outcome)

    def read(self, notes: Iterable[str] = ()) -> SourceTable:
        """All that was taken."""
        return SourceTable(tuple(record for _, record in self._first.values()), tuple(self._exclusions), tuple(notes))


def count_by_reason(exclusions: Iterable[Exclusion]) -> dict[str, int]:
    """Count exclusions by reason, most frequent first; reasons that did not occur are absent."""
    return {str(reason): n for reason, n in Counter(e.reason for e in exclusions).most_common()}
