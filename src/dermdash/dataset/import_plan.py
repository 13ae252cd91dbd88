"""Which rows have an image and a mask, and which files have a row, before any image is read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from dermdash.dataset.image_names import FoundFile, Wanted, match_files
from dermdash.dataset.image_source import ImageSource
from dermdash.dataset.mask_names import MaskFile, masks_apart, match_masks
from dermdash.dataset.outlines import LesionOutline
from dermdash.dataset.source_entry import ImageEntry
from dermdash.dataset.source_records import Exclusion, ExclusionReason, SourceRecord, SourceTable, repeated_row
from dermdash.records.csv_table import clean_image_id
from dermdash.wording import counted, form


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import will read, and what is left out already.

    ``table`` is what was planned, one row for each image id. ``work`` pairs each usable row with its image.
    ``excluded_rows`` are rows of the table, first those that the table excluded:
    ``len(work) + len(excluded_rows)`` is the number of rows. ``excluded_files`` are image files no row speaks of,
    copies of another file, and masks of no image. ``masks`` are those of rows, with an image or stored before, by image
    id. ``notes`` are image ids (empty for the whole) with what is to be said: each match of names that differ.
    """

    table: SourceTable
    work: tuple[tuple[SourceRecord, ImageEntry], ...]
    excluded_rows: tuple[Exclusion, ...]
    excluded_files: tuple[Exclusion, ...]
    masks: Mapping[str, ImageEntry | LesionOutline] = field(default_factory=dict)
    notes: tuple[tuple[str, str], ...] = ()

    @property
    def rows(self) -> int:
        """How many rows the table has."""
        return self.table.rows

    @property
    def unmatched_rows(self) -> tuple[Exclusion, ...]:
        """Rows that could be read and have no image."""
        return self.excluded_rows[len(self.table.exclusions) :]

    def of(self, table: SourceTable) -> "ImportPlan":
        """The same plan for the same rows, in their order, that say something else of their images."""
        said = dict(zip((r.image_id for r in self.table.records), table.records, strict=True))
        return replace(
            self,
            table=table,
            work=tuple((said[record.image_id], entry) for record, entry in self.work),
            excluded_rows=(*table.exclusions, *self.unmatched_rows),
        )


def without_repeated(table: SourceTable) -> SourceTable:
    """The table with one row for each image id, the first; a format may have seen to it already."""
    first: dict[str, SourceRecord] = {}
    repeated: list[Exclusion] = []
    for record in table.records:
        if record.image_id in first:
            repeated.append(repeated_row(record, first[record.image_id], "a later row", "an earlier one"))
        else:
            first[record.image_id] = record
    if not repeated:
        return table
    return SourceTable(tuple(first.values()), (*table.exclusions, *repeated), table.notes)


def plan_import(
    table: SourceTable,
    source: ImageSource,
    masks: ImageSource | None = None,
    outlines: Mapping[str, LesionOutline] = MappingProxyType({}),
) -> ImportPlan:
    """Match rows and images by path, name or id; a row whose archive entry was refused gets that reason.

    Parameters
    ----------
    masks
        A place of their own; else they are looked for among the images.
    outlines
        Lesions that annotations draw, by the file that a row names; a mask that is a file counts more.
    """
    table = without_repeated(table)
    refused = {problem.image_id: problem for problem in source.problems}
    taken: set[Exclusion] = set()
    wanted = [Wanted(r.image_path or r.image_id, r.source_label) for r in table.records]
    matches = match_files(wanted, source.images, left_out=filter(None, map(_named_by, table.exclusions)))
    work: list[tuple[SourceRecord, ImageEntry]] = []
    excluded_rows = list(table.exclusions)
    notes = [("", note) for note in (*source.notes, *(masks.notes if masks else ()))]
    mentioned = {name for e in table.exclusions for name in (e.image_id, _stem(e.image_id))}
    for record, row, found in zip(table.records, wanted, matches.outcomes, strict=True):
        name = _stem(row.text)
        if isinstance(found, FoundFile):
            work.append((record, found.entry))
            if found.note:
                notes.append((record.image_id, found.note))
            continue
        mentioned |= {record.image_id, name}
        if found.reason is ExclusionReason.NO_IMAGE_FILE and (problem := refused.pop(name, None)) is not None:
            taken.add(problem)
            excluded_rows.append(Exclusion(record.image_id, problem.reason, problem.detail))
        else:
            excluded_rows.append(Exclusion(record.image_id, found.reason, found.detail))
    used = {entry for _, entry in work}
    excluded_files = [p for p in source.problems if p not in taken]
    for copy, first in matches.copies:
        detail = f"{copy.location} is the same file as {first.location}, which is used"
        excluded_files.append(Exclusion(copy.image_id, ExclusionReason.DUPLICATE_IMAGE_FILE, detail))
    copies = {copy for copy, _ in matches.copies}
    for entry in source.images:
        if entry not in used and entry not in copies and entry.image_id not in mentioned:
            detail = f"{entry.location} is named in no row"
            excluded_files.append(Exclusion(entry.image_id, ExclusionReason.IMAGE_WITHOUT_ROW, detail))
    of_row = {record.image_id: entry for record, entry in work}
    shelves = list(source.masks)
    if masks is not None:
        shelves += masks_apart([*masks.images, *(mask.entry for mask in masks.masks)], source.images)
        excluded_files += masks.problems
        own = {(entry.path, entry.member) for entry in source.images}
        if shared := sum((entry.path, entry.member) in own for entry in masks.images):
            words = f"{counted(shared, 'file')} in the place of the masks {form(shared, 'is an image', 'are images')}"
            notes.append(("", f"{words} of the data set itself, and no mask"))
    matched = match_masks(
        {r.image_id: of_row.get(r.image_id) for r in table.records},
        _each_once(shelves),
        others=[e for e in source.images if e not in used and e not in copies],
    )
    excluded_files += matched.problems
    return ImportPlan(
        table,
        tuple(work),
        tuple(excluded_rows),
        tuple(dict.fromkeys(excluded_files)),
        {**_drawn(table, outlines, matched.found, notes), **matched.found},
        tuple(notes),
    )


def _drawn(
    table: SourceTable,
    outlines: Mapping[str, LesionOutline],
    found: Mapping[str, ImageEntry],
    notes: list[tuple[str, str]],
) -> dict[str, LesionOutline]:
    """The outline of each image id that has no mask file; that a file is taken instead is noted."""
    drawn = {}
    for record in table.records if outlines else ():
        outline = outlines.get(record.image_path or record.image_id)
        if outline is None:
            continue
        if (mask := found.get(record.image_id)) is None:
            drawn[record.image_id] = outline
        else:
            notes.append((record.image_id, f"{outline.location} is not used: {mask.location} is its mask"))
    return drawn


def _named_by(left_out: Exclusion) -> str:
    """What a row that was left out says of its image, as far as it is known."""
    row = left_out.record
    return left_out.image_id if row is None else row.image_path or row.image_id


def _stem(text: str) -> str:
    """The name in a path, without its folders and its extension."""
    return clean_image_id(text.replace("\\", "/").rpartition("/")[2])


def _each_once(masks: Iterable[MaskFile]) -> list[MaskFile]:
    return list({(mask.entry.path, mask.entry.member): mask for mask in masks}.values())
