"""What a source would bring, counted before anything is stored."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from dermdash.dataset.formats.diagnoses import reading_of
from dermdash.dataset.formats.recognition import RecognisedSource
from dermdash.dataset.source_records import Exclusion, SourceRecord, SourceTable
from dermdash.dataset.stored_values import stored_values
from dermdash.records.details import FURTHER
from dermdash.records.diagnosis_words import Decision
from dermdash.records.fields import is_filled
from dermdash.records.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class SourceSummary:
    """What was recognised and what an import would do.

    A row is with a record or excluded: ``rows == with_record + sum(excluded.values())``.

    Attributes
    ----------
    format, title, dataset, taxonomy
        Keys and names.
    files
        The tables that are read.
    rows, images
        Data rows, and images that they name and that can be used; a row may name several.
    with_record, with_label, with_class
        Rows with a usable image; of these rows with a diagnosis, and with one that has a class in the taxonomy.
    excluded, excluded_images
        By reason: rows without any usable image, and further images of rows that have one.
    fields
        Fields and details by name, with the number of rows that fill them.
    further
        Other columns that are kept verbatim.
    pairs
        Known duplicates that lists among the files name.
    outlines
        Images on which annotations draw the lesion.
    lacks
        Tables without which nothing can be imported.
    """

    format: str
    title: str
    dataset: str
    taxonomy: str
    files: tuple[str, ...]
    rows: int
    images: int
    with_record: int
    with_label: int
    with_class: int
    excluded: Mapping[str, int]
    excluded_images: Mapping[str, int]
    fields: Mapping[str, int]
    further: tuple[str, ...] = ()
    pairs: int = 0
    outlines: int = 0
    lacks: tuple[str, ...] = ()
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    not_used: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    value_notes: int = 0
    caution: str = ""

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {name: getattr(self, name) for name in self.__slots__} | {
            "not_used": [{"file": name, "why": why} for name, why in self.not_used]
        }


def summarise(
    source: RecognisedSource,
    table: SourceTable,
    taxonomy: Taxonomy,
    dataset: str,
    missing: Sequence[Exclusion] = (),
) -> SourceSummary:
    """Count what was read.

    Parameters
    ----------
    missing
        Exclusions of records for which there is no image file.
    """
    gone = {e.image_id for e in missing}
    records = [r for r in table.records if r.image_id not in gone]
    without_row = {e.image_id for e in (*table.exclusions, *missing) if not e.row}
    row_of = {r.image_id: r.row for r in table.records if r.image_id in without_row}
    kept = {r.row for r in records}
    excluded: Counter[str] = Counter()
    excluded_images: Counter[str] = Counter()
    lost: set[str] = set()
    for exclusion in (*table.exclusions, *missing):
        row = exclusion.row or row_of.get(exclusion.image_id, "")
        if row in kept or row in lost:
            excluded_images[str(exclusion.reason)] += 1
        else:
            lost.add(row)
            excluded[str(exclusion.reason)] += 1
    filled = count_filled(records, taxonomy)
    further = dict.fromkeys(name for r in records for name in r.further)
    return SourceSummary(
        format=source.form.key,
        title=source.form.title,
        dataset=dataset,
        taxonomy=taxonomy.name,
        files=source.files,
        rows=len(kept) + len(lost),
        images=len(records),
        with_record=len(kept),
        with_label=filled.with_label,
        with_class=filled.with_class,
        excluded=dict(excluded),
        excluded_images=dict(excluded_images),
        fields=filled.fields,
        further=tuple(further),
        pairs=sum(len(p.pairs) for p in source.pairs),
        outlines=len(source.outlines),
        lacks=source.lacks,
        also=source.also,
        not_used=source.not_used,
        notes=table.notes,
        value_notes=sum(len(r.notes) for r in records),
        caution=source.form.caution,
    )


@dataclass(frozen=True, slots=True)
class FilledRows:
    """Rows with a diagnosis, with one that has a class, and with each field or detail, by name."""

    with_label: int
    with_class: int
    fields: Mapping[str, int]


def count_filled(records: Sequence[SourceRecord], taxonomy: Taxonomy) -> FilledRows:
    """Count what rows say; one that names several images, whose records follow one another, counts once."""
    # A folder or class called "unknown" in some language is no label.
    written = {r.source_label for r in records if r.source_label}
    said = {text for text in written if reading_of(text, taxonomy).decision is not Decision.EMPTY}
    fields: Counter[str] = Counter()
    with_label = with_class = 0
    for _, of_row in groupby(records, key=lambda r: r.row or r.image_id):
        labels, classes, filled = False, False, dict[str, None]()
        for record in of_row:
            labels |= record.source_label in said
            classes |= record.dx is not None
            filled |= dict.fromkeys(n for n, v in stored_values(record).items() if n != FURTHER and is_filled(v))
        with_label += labels
        with_class += classes
        fields.update(filled.keys())
    return FilledRows(with_label, with_class, dict(sorted(fields.items())))
