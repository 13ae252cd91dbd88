"""One table, given as a file or its bytes, read by a layout."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path, PurePosixPath

from dermdash.dataset.formats.layout import Layout, TableLayout
from dermdash.dataset.formats.layout_reader import read_tables
from dermdash.dataset.formats.proposal import proposed_layout
from dermdash.dataset.formats.table_plan import NamedTable
from dermdash.dataset.formats.table_sources import FoundTable, open_table
from dermdash.dataset.source_records import SourceTable
from dermdash.errors import InvalidInput, MissingColumns
from dermdash.records.csv_table import MetadataTable, Row, require_columns
from dermdash.records.taxonomy import Taxonomy

_LOOKED_AT = 10_000


def read_one_table(layout: Layout | None, source: Path | bytes, taxonomy: Taxonomy, *, file_kind: str) -> SourceTable:
    """Read one file that a layout knows; None: by the layout that its columns propose.

    Raises
    ------
    MissingColumns
        It is none of the kinds of table of the layout.
    InvalidInput
        The file is absent, empty or no table, or no column of it names the images.
    """
    table = open_table(source, "metadata file")
    if layout is None:
        layout = proposed_layout(table.table.columns, table.shape)
        if layout is None:
            raise MissingColumns(f"no column names the images: found {', '.join(table.table.columns)}")
    named = as_kind(table, layout)
    if named is None:
        require_columns(table.table, layout.tables[0].needs, file_kind=file_kind)
        raise InvalidInput(f"this is no table of {file_kind}: its cells are others")
    return read_tables(layout, [named], taxonomy)


def as_kind(table: FoundTable, layout: Layout) -> NamedTable | None:
    """The table as one of a layout, given a header where its file has none; None where it is none of it."""
    kind = layout.kind_of(table.columns, table.shape)
    if kind is not None:
        return NamedTable(table.name, kind, table.table) if _cells_fit(table.table, kind) else None
    for kind in layout.tables:
        if kind.headless and (with_header := _with_header(table.table, kind)) is not None:
            return NamedTable(table.name, kind, with_header)
    return None


def named_from_its_folder(table: FoundTable, columns: Iterable[str], is_there: Callable[[str], bool]) -> FoundTable:
    """The table, the folder it lies in before the names of images that are there by it: a table beside images names
    them from where it lies.

    Parameters
    ----------
    columns
        Those that name images.
    is_there
        Whether a path from the top of the source is that of an image.
    """
    folder = PurePosixPath(table.name).parent
    places = [table.table.columns.index(name) for name in columns]
    if not folder.name or not places:
        return table

    def from_here(row: Row) -> Row:
        named = {at: name for at in places if row.values is not None and (name := row.values[at].strip())}
        found = {at: path for at, name in named.items() if not is_there(name) and is_there(path := str(folder / name))}
        if not found or row.values is None:
            return row
        return replace(row, values=tuple(found.get(at, cell) for at, cell in enumerate(row.values)))

    return replace(table, table=replace(table.table, body=tuple(map(from_here, table.table.body))))


def _cells_fit(table: MetadataTable, kind: TableLayout) -> bool:
    for name, pattern in kind.cells.items():
        at = table.columns.index(name.lower())
        fits = re.compile(pattern, re.IGNORECASE).fullmatch
        for row in table.body[:_LOOKED_AT]:
            if row.values is not None and (cell := row.values[at].strip()) and not fits(cell):
                return False
    return True


def _with_header(table: MetadataTable, kind: TableLayout) -> MetadataTable | None:
    """A table whose first row was taken for its header, with that row as a row; None where it is not such a table."""
    patterns = list(kind.headless.items())
    first = table.heads or table.columns
    if len(table.columns) != len(patterns):
        return None
    if not all(re.fullmatch(p, cell.strip(), re.IGNORECASE) for (_, p), cell in zip(patterns, first, strict=True)):
        return None
    names = tuple(name.lower() for name, _ in patterns)
    rows = [Row(1, names, tuple(first)), *(replace(row, columns=names) for row in table)]
    return replace(table, columns=names, heads=names, body=tuple(rows))
