"""Which rows have an image and which images have a row, before any image is read."""

from dataclasses import dataclass

from dermdash.dataset.image_source import ImageEntry, ImageSource
from dermdash.dataset.source_records import Exclusion, ExclusionReason, SourceRecord, SourceTable


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import will read, and what is left out already.

    ``work`` pairs each usable row with its image. ``excluded_rows`` are rows of the metadata file:
    ``len(work) + len(excluded_rows)`` is the number of rows. ``excluded_files`` are image files no row speaks of
    and second files of one id.
    """

    rows: int
    work: tuple[tuple[SourceRecord, ImageEntry], ...]
    excluded_rows: tuple[Exclusion, ...]
    excluded_files: tuple[Exclusion, ...]


def plan_import(table: SourceTable, source: ImageSource) -> ImportPlan:
    """Match rows and images by image id; a row whose archive entry was refused gets that reason."""
    refused = {p.image_id: p for p in source.problems if p.reason is not ExclusionReason.DUPLICATE_IMAGE_FILE}
    work: list[tuple[SourceRecord, ImageEntry]] = []
    excluded_rows = list(table.exclusions)
    for record in table.records:
        if (entry := source.find(record.image_id)) is not None:
            work.append((record, entry))
        elif (problem := refused.pop(record.image_id, None)) is not None:
            excluded_rows.append(problem)
        else:
            detail = f"there is no image file for {record.image_id}"
            excluded_rows.append(Exclusion(record.image_id, ExclusionReason.NO_IMAGE_FILE, detail))
    named = {r.image_id for r in table.records} | {e.image_id for e in table.exclusions}
    excluded_files = [p for p in source.problems if p.image_id in refused or p.image_id not in named]
    excluded_files += [p for p in source.problems if p.reason is ExclusionReason.DUPLICATE_IMAGE_FILE]
    for image_id in source.names():
        if image_id not in named and (entry := source.find(image_id)) is not None:
            detail = f"{entry.location} is named in no row"
            excluded_files.append(Exclusion(image_id, ExclusionReason.IMAGE_WITHOUT_ROW, detail))
    return ImportPlan(table.rows, tuple(work), tuple(excluded_rows), tuple(dict.fromkeys(excluded_files)))
