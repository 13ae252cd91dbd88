"""Which format a source is of: its tables by their columns and cells, folders and archives by their layout."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from dermdash.dataset.duplicate_lists import KnownPairs, pairs_of
from dermdash.dataset.formats.beside_exports import NOT_READ, is_beside
from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.diagnoses import class_of
from dermdash.dataset.formats.layout import Layout
from dermdash.dataset.formats.layout_reader import read_tables
from dermdash.dataset.formats.one_table import as_kind, named_from_its_folder
from dermdash.dataset.formats.proposal import proposed_layout
from dermdash.dataset.formats.source_files import SourceFile, SourceListing
from dermdash.dataset.formats.table_plan import NamedTable
from dermdash.dataset.formats.table_sources import FoundTable, Shape, folders_table, outlines_of, tables_of
from dermdash.dataset.outlines import LesionOutline
from dermdash.dataset.source_records import SourceTable
from dermdash.errors import InvalidInput
from dermdash.records.taxonomy import TAXONOMIES, Taxonomy

_ANY = "table"
_PROPOSED = {Shape.CROISSANT: "croissant", Shape.SHARDS: "webdataset"}
"""Formats whose columns differ from source to source, by what the table was; another is any table."""


@dataclass(frozen=True, slots=True)
class RecognisedSource:
    """What a source was recognised as.

    Attributes
    ----------
    form, layout, tables
        The format, the layout that its tables are read by, and the tables of it.
    pairs
        Lists of duplicates that were found.
    not_used
        Names of files that say nothing to this format, and why.
    lacks
        What is absent without which nothing can be imported.
    also
        Other formats that were found, with the names of their files.
    listing
        All files that were found, the images among them.
    arrays
        The file whose arrays are the images, if that is so.
    outlines
        Lesions that its tables draw, by the file that a row names.
    unread
        Further tables that are there; the folders of the images as one, too.
    """

    form: DatasetFormat
    layout: Layout
    tables: tuple[NamedTable, ...]
    pairs: tuple[KnownPairs, ...] = ()
    not_used: tuple[tuple[str, str], ...] = ()
    lacks: tuple[str, ...] = ()
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    listing: SourceListing | None = field(default=None, repr=False)
    arrays: SourceFile | None = None
    outlines: Mapping[str, LesionOutline] = field(default_factory=dict, repr=False)
    unread: tuple[FoundTable, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the tables."""
        return tuple(t.name for t in self.tables)

    def read(self, taxonomy: Taxonomy) -> SourceTable:
        """Read the tables. A source that is nothing but a list of duplicates has no rows."""
        if not self.tables:
            return SourceTable((), ())
        return read_tables(self.layout, self.tables, taxonomy)


def recognise_source(
    listing: SourceListing,
    formats: Mapping[str, DatasetFormat],
    *,
    asked: str | None = None,
    encoding: str | None = None,
) -> RecognisedSource:
    """Find out what the files of a source are.

    Parameters
    ----------
    listing
        The files (`source_files.list_source`).
    formats
        Those that may be recognised, by key.
    asked
        The key of one of them: whether the source is of it.
    encoding
        Of tables that are text; None: found out.

    Raises
    ------
    InvalidInput
        Nothing there is of a known format, or it is not of the one asked for; the message says of which it is.
    """
    found, passed = tables_of(listing, encoding=encoding)
    passed = [*passed, *((t.name, NOT_READ) for t in found if is_beside(t.columns))]
    found = [t for t in found if not is_beside(t.columns)]
    candidates = _candidates(found, formats, listing, asked)
    pairs = tuple(p for t in found if t.shape is Shape.TABLE and (p := pairs_of(t.name, t.table)) is not None)
    passed += listing.problems
    if not candidates and pairs:
        form = formats[pairs[0].format]
        _refuse_other(asked, {form.key: (pairs[0].name,)}, formats)
        return RecognisedSource(form, form.layout or Layout(tables=()), (), pairs, tuple(passed), listing=listing)
    if not candidates:
        raise InvalidInput(_nothing_found(found, passed, listing))
    _refuse_other(asked, {key: c.files for key, c in candidates.items()}, formats)
    chosen = candidates[asked] if asked is not None else _largest(candidates)
    used = {*chosen.files, *(p.name for p in pairs)}
    why = "a mapping says how tables belong together" if chosen.form.proposed else "not of this format"
    rest = [(t.name, why) for t in found if t.name not in used and t.shape is not Shape.CROISSANT]
    arrays = next((f for f in listing.tables if f.suffix == ".npz" and f.name in used), None)
    return replace(
        chosen,
        pairs=pairs,
        not_used=(*passed, *rest),
        also={key: other.files for key, other in candidates.items() if other is not chosen},
        listing=listing,
        arrays=arrays,
        outlines=outlines_of(t for t in found if t.name in used),
        unread=(*(t for t in found if t.name not in used), *tables_of_folders(listing.images, used)),
    )


def tables_of_folders(images: Iterable[str], used: Container[str] = ()) -> tuple[FoundTable, ...]:
    """The folders of the images as a table, where there are several and it is not used."""
    folders = folders_table(images)
    if folders is None or folders.name in used:
        return ()
    at = folders.table.columns.index("class")
    return (folders,) if len({row.values[at] for row in folders.table if row.values is not None}) > 1 else ()


def _refuse_other(
    asked: str | None, found: Mapping[str, tuple[str, ...]], formats: Mapping[str, DatasetFormat]
) -> None:
    if asked is None or asked in found:
        return
    seen = "; ".join(f"{', '.join(files) or 'it'}: {formats[key].title} ({key})" for key, files in found.items())
    raise InvalidInput(f"this is not {formats[asked].title}, but {seen}")


def _candidates(
    found: Sequence[FoundTable], formats: Mapping[str, DatasetFormat], listing: SourceListing, asked: str | None
) -> dict[str, RecognisedSource]:
    """Formats with the tables of each; a table that is of several belongs to that which asks for most columns.

    A table that anybody could have made counts where there is no other or it is asked for, folders where it is absent.
    """
    images = frozenset(listing.images)
    if asked == _ANY:
        return _propose(found, formats, images)
    known = _of_known_formats(found, formats)
    if known:
        return known
    proposed = _propose((t for t in found if pairs_of(t.name, t.table) is None), formats, images)
    if proposed:
        return proposed
    folders = folders_table(listing.images)
    if folders is None or not (asked or _names_diagnoses(folders)):
        return {}
    return _of_known_formats([folders], formats)


def _of_known_formats(found: Sequence[FoundTable], formats: Mapping[str, DatasetFormat]) -> dict[str, RecognisedSource]:
    tables: defaultdict[str, list[NamedTable]] = defaultdict(list)
    for table in found:
        named = [(key, n) for key, f in formats.items() if f.layout and (n := as_kind(table, f.layout)) is not None]
        if named:
            key, best = max(named, key=lambda pair: (len(pair[1].kind.needs), len(pair[1].kind.cells)))
            tables[key].append(best)
    candidates = {}
    for key, of_key in tables.items():
        layout = formats[key].layout
        assert layout is not None
        candidates[key] = RecognisedSource(formats[key], layout, tuple(of_key), lacks=_lacks(layout, of_key))
    return candidates


def _names_diagnoses(folders: FoundTable) -> bool:
    """Whether any folder is called as a diagnosis: "part_1" and "images" are no classes."""
    at = folders.table.columns.index("class")
    names = {row.values[at] for row in folders.table if row.values is not None}
    return any(class_of(name, taxonomy) for name in names for taxonomy in TAXONOMIES.values())


def _propose(
    found: Iterable[FoundTable], formats: Mapping[str, DatasetFormat], images: Container[str]
) -> dict[str, RecognisedSource]:
    """The tables that anybody could have made, by key; those with the same columns are parts of one.

    Of several kinds the one with most rows is read: how they belong together, a mapping says.
    """
    proposed: dict[str, RecognisedSource] = {}
    parts: defaultdict[tuple[str, tuple[str, ...]], list[FoundTable]] = defaultdict(list)
    for table in found:
        key = _PROPOSED.get(table.shape, _ANY)
        if key in formats and table.lacks:
            proposed[key] = RecognisedSource(formats[key], Layout(tables=()), (), lacks=table.lacks)
        elif key in formats:
            parts[key, tuple(table.table.columns)].append(table)
    for (key, columns), tables in sorted(parts.items(), key=lambda part: sum(len(t.table.body) for t in part[1])):
        layout = proposed_layout(columns, tables[0].shape)
        if layout is not None:
            kind = layout.tables[0]
            here = [named_from_its_folder(t, kind.needs, images.__contains__) for t in tables]
            proposed[key] = RecognisedSource(
                formats[key], layout, tuple(NamedTable(t.name, kind, t.table) for t in here)
            )
    return proposed


def _lacks(layout: Layout, tables: Sequence[NamedTable]) -> tuple[str, ...]:
    if any(t.kind.names_images for t in tables):
        return ()
    return tuple(k.kind for k in layout.tables if k.names_images)[:1]


def _largest(candidates: Mapping[str, RecognisedSource]) -> RecognisedSource:
    return max(candidates.values(), key=lambda c: sum(len(t.table.body) for t in c.tables))


def _nothing_found(found: Sequence[FoundTable], passed: Sequence[tuple[str, str]], listing: SourceListing) -> str:
    tables = [t for t in found if len(t.table.columns) > 1]
    if tables:
        seen = [f"{PurePosixPath(t.name).name} has the columns {', '.join(t.table.columns)}" for t in tables[:3]]
        seen += [why for _, why in passed[:3]]
        return (
            f"no column names the images: {'; '.join(seen)}. Call the column that holds the file names image_id, or "
            "say by a mapping what the columns are (`dermdash import mapping` proposes one)"
        )
    prose = [(t.name, "holds one column") for t in found]
    if passed or prose:
        return "no table was found: " + "; ".join(f"{name}: {why}" for name, why in [*passed, *prose][:3])
    if listing.images:
        return "there is no table, and the images do not lie in a folder per class: expected one or the other"
    return "there is no table and no image"
