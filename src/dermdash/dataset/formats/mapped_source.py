"""A source read by a mapping: which of its tables the mapping is for, and what it cannot use of them, cell by cell."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from dermdash.dataset.formats import any_table
from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.diagnoses import reading_of
from dermdash.dataset.formats.join_check import JoinFit
from dermdash.dataset.formats.layout import ColumnRole, TableLayout, bare_head
from dermdash.dataset.formats.mapping import SITE, TableMapping
from dermdash.dataset.formats.recognition import RecognisedSource, tables_of_folders
from dermdash.dataset.formats.row_says import UnusableRow, one_hot_label
from dermdash.dataset.formats.source_files import SourceListing
from dermdash.dataset.formats.table_plan import NAMES_IMAGE, NamedTable, TablePlan
from dermdash.dataset.formats.table_sources import FoundTable, outlines_of, tables_of
from dermdash.dataset.formats.yaml_entry import near
from dermdash.errors import MissingColumns
from dermdash.records.safe_csv import unescape_cell
from dermdash.records.sites import general_site
from dermdash.records.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class CellProblem:
    """A cell that the mapping cannot use, or not all of it: table, row as a spreadsheet counts, column, value, why."""

    table: str
    row: int
    column: str
    value: str
    why: str

    def __str__(self) -> str:
        where = f"{self.table} row {self.row}"
        return f"{where}: {self.column} {self.value!r} {self.why}" if self.column else f"{where}: {self.why}"


def mapped_source(
    listing: SourceListing,
    mapping: TableMapping,
    *,
    form: DatasetFormat = any_table.FORMAT,
    encoding: str | None = None,
) -> RecognisedSource:
    """The tables among the files that the mapping is for; the others are named as not used.

    Parameters
    ----------
    form
        What the source is otherwise: of it are its name, id and licence, where the mapping says none.

    Raises
    ------
    MissingColumns
        It is for none of them; the message names the columns that are absent, and what they may be called here.
    """
    found, passed = tables_of(listing, encoding=encoding)
    folders = tables_of_folders(listing.images)
    found += [t for t in folders if kind_of(mapping, t) is not None and not _spoken_for(mapping, found, t)]
    named, read, rest = [], [], []
    for table in found:
        kind = kind_of(mapping, table)
        if kind is None:
            rest.append(table)
        else:
            named.append(NamedTable(table.name, kind, table.table))
            read.append(table)
    if not any(t.kind.names_images for t in named):
        raise MissingColumns(_fits_none(mapping, found))
    form = replace(
        form,
        layout=mapping.layout,
        read=None,  # type: ignore[arg-type]  # by its layout
        proposed=False,
        taxonomy=mapping.taxonomy or form.taxonomy,
        dataset_id=mapping.dataset or form.dataset_id,
        name=mapping.name or mapping.dataset or form.name,
        source=mapping.source or form.source,
        licence=mapping.licence or form.licence,
    )
    return RecognisedSource(
        form,
        mapping.layout,
        tuple(named),
        (),
        (*passed, *listing.problems, *((t.name, "no table of this mapping") for t in rest)),
        lacks=tuple(f"table {in_words(kind)}" for kind in absent_tables(mapping, (t.kind for t in named))),
        listing=listing,
        outlines=outlines_of(read),
        unread=(*rest, *(t for t in folders if all(t.name != n.name for n in named))),
    )


def kind_of(mapping: TableMapping, table: FoundTable) -> TableLayout | None:
    """Which of the tables of a mapping it is, whatever it was before it was one; None where it is none.

    Of several that it may be, the one that is called like its file, else the one most of whose columns it has.
    """
    fitting = [kind for kind in mapping.layout.tables if kind.fits(table.columns)]
    there = table.columns | {bare_head(name) for name in table.columns}
    called = kind_name(table)
    return max(fitting, key=lambda kind: (kind.kind == called, len(kind.known & there)), default=None)


def kind_name(table: FoundTable) -> str:
    """What a table is called in a mapping: its file without folders and ending."""
    return PurePosixPath(table.name.partition(": ")[2] or table.name).stem


def _spoken_for(mapping: TableMapping, found: Sequence[FoundTable], folders: FoundTable) -> bool:
    """Whether another table is that of the mapping which the folders of the images would be."""
    kind = kind_of(mapping, folders)
    return any(kind_of(mapping, table) is kind for table in found)


def fit_of_tables(mapping: TableMapping, tables: Iterable[Sequence[str]]) -> float:
    """The share of the columns that a mapping speaks of which tables, each by its columns, have (0..1).

    0 where they cannot be read by it.
    """
    here = [there | {bare_head(name) for name in there} for there in map(frozenset, tables)]
    kinds = mapping.layout.tables
    if not any(kind.names_images and kind.fits(there) for kind in kinds for there in here):
        return 0.0
    known = sum(len(kind.known) for kind in kinds)
    best = [max((len(k.known & there) for there in here if k.fits(there)), default=0) for k in kinds]
    return sum(best) / known if known else 0.0


def absent_tables(mapping: TableMapping, there: Iterable[TableLayout | None]) -> tuple[TableLayout, ...]:
    """Tables that the mapping joins and that are not there."""
    found = {id(kind) for kind in there}
    return tuple(kind for kind in mapping.layout.tables if id(kind) not in found)


def in_words(kind: TableLayout) -> str:
    """What a table of a mapping is called, with the columns by which it would be known."""
    return f"{kind.kind} (with {', '.join(kind.needs)})"


def absent_columns(source: RecognisedSource) -> list[str]:
    """In sentences, columns that the mapping speaks of and no table of that kind has."""
    said = []
    for named in source.tables:
        there = set(named.table.columns) | {bare_head(name) for name in named.table.columns}
        for name in sorted(named.kind.known - there):
            said.append(f"{named.name} has no column {name!r} of the mapping{near(name, named.table.columns)}")
    return said


def _fits_none(mapping: TableMapping, found: Sequence[FoundTable]) -> str:
    needs = [name for kind in mapping.layout.tables if kind.names_images for name in kind.needs]
    if not found:
        return f"there is no table for the mapping, which needs the columns {', '.join(needs)}"
    lines = []
    for table in found[:3]:
        lacks = [f"{n!r}{near(n, table.table.columns)}" for n in needs if n.lower() not in table.columns]
        if not lacks:
            lines.append(f"{table.name} is a {table.shape} file, not a table")
            continue
        lines.append(f"{table.name} lacks {', '.join(lacks)}: it has {', '.join(table.table.columns[:20])}")
    return "the mapping is for another table: " + "; ".join(lines)


def cell_problems(named: NamedTable, taxonomy: Taxonomy) -> Iterator[CellProblem]:
    """Every cell of a table of which something is lost, row by row."""
    plan = TablePlan(named.kind, named.table)
    classes: dict[str, str] = {}
    images = [(c.at, c.name) for c in plan.columns if c.column.to in NAMES_IMAGE]
    images += [(at, plan.head(picture.column)) for at, picture, _ in plan.pictures]
    for row in named.table:
        if row.values is None:
            yield CellProblem(named.name, row.number, "", "", row.problem)
            continue
        for planned in (*plan.columns, *(c for _, _, columns in plan.pictures for c in columns)):
            text = unescape_cell(row.values[planned.at]).strip()
            if not text:
                continue
            cell = planned.read(text)
            why = cell.remark
            if not why and planned.column.to == SITE and cell.value is not None and general_site(cell.value) is None:
                why = "is no general site of ISIC's and stays as it is"
            if not why and planned.column.to == ColumnRole.DIAGNOSIS and cell.value is not None:
                why = classes.get(cell.value) or classes.setdefault(cell.value, _no_class(cell.value, taxonomy))
            if why:
                yield CellProblem(named.name, row.number, planned.name, text, why)
        if named.kind.names_images and not any(row.values[at].strip() for at, _ in images):
            yield CellProblem(named.name, row.number, images[0][1] if images else "", "", "names no image")
        if plan.one_hot and (why := _not_one(plan, row.values)):
            yield CellProblem(named.name, row.number, ", ".join(n for _, n in plan.one_hot), "", why)


def join_problems(fits: Iterable[JoinFit]) -> Iterator[CellProblem]:
    """Every key of an image for which the table joined by it has no row, or several that say different things."""
    for fit in fits:
        several = {*fit.several}
        for table, row, column, key in fit.absent:
            why = f"has several rows in {fit.table}" if key in several else f"has no row in {fit.table}"
            yield CellProblem(table, row, column, key, why)


def _no_class(text: str, taxonomy: Taxonomy) -> str:
    reading = reading_of(text, taxonomy)
    return "" if reading.code is not None else f"has no class in {taxonomy.name} and stays a label: {reading.how}"


def _not_one(plan: TablePlan, cells: Sequence[str]) -> str:
    try:
        one_hot_label(plan, "row", cells)
    except UnusableRow as problem:
        return str(problem).partition(": ")[2]
    return ""
