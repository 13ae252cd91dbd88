"""What every adapter of a public data set returns: usable records, and what was left out and why."""

from collections import Counter
from collections.abc import Iterable, Mapping
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


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One row or file left out: its image id (may be empty), the reason, and where and what exactly."""

    image_id: str
    reason: ExclusionReason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One usable row of a metadata file.

    ``lesion_id`` equals ``image_id`` where the source does not say which images show the same lesion.
    ``source_label`` is the diagnosis as written in the file, ``dx`` its class code in the taxonomy.
    ``values`` holds all 16 fields by name (None where missing); ``notes`` says which values were not usable.
    ``details`` are the usable values of what is kept beside the fields, by name; ``further`` is every other column of
    the row, verbatim. ``image_path`` is what the table says of the file (a path, a name); empty: the image id
    """

    image_id: str
    lesion_id: str
    patient_id: str | None
    source_label: str
    dx: str
    dx_type: str | None
    values: dict[str, Any]
    notes: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    further: Mapping[str, str] = field(default_factory=dict)
    image_path: str = ""


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A metadata file read to its end: every data row is either a record or an exclusion."""

    records: tuple[SourceRecord, ...]
    exclusions: tuple[Exclusion, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def rows(self) -> int:
        """Number of data rows in the file (blank lines do not count)."""
        return len(self.records) + len(self.exclusions)


def count_by_reason(exclusions: Iterable[Exclusion]) -> dict[str, int]:
    """Count exclusions by reason, most frequent first; reasons that did not occur are absent."""
    return {str(reason): n for reason, n in Counter(e.reason for e in exclusions).most_common()}
