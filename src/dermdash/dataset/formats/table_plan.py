"""A table at hand seen through its layout: which column goes where, and which images its rows name."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple

from dermdash.dataset.formats.cells import Cell, is_date, reader_of
from dermdash.dataset.formats.layout import ColumnRole, SourceColumn, TableLayout, bare_head
from dermdash.records.cell_dates import date_order
from dermdash.records.csv_table import MetadataTable, clean_image_id
from dermdash.records.details import FURTHER_PREFIX

NAMES_IMAGE = (ColumnRole.IMAGE_ID, ColumnRole.IMAGE_PATH)


@dataclass(frozen=True, slots=True)
class NamedTable:
    """A table of a source, what it is called, and which kind of a layout it is."""

    name: str
    kind: TableLayout
    table: MetadataTable


class PlannedColumn(NamedTuple):
    """A column at hand: its place in the table, its name as written, where it goes, and how its cells are read."""

    at: int
    name: str
    column: SourceColumn
    read: Callable[[str], Cell]


def places_in(table: MetadataTable) -> dict[str, int]:
    """The place of each column by its name in small letters, also without what stands in brackets behind it."""
    return {bare_head(name): at for at, name in enumerate(table.columns)} | {
        name: at for at, name in enumerate(table.columns)
    }


class TablePlan:
    """Which columns of a table at hand go where."""

    def __init__(self, kind: TableLayout, table: MetadataTable) -> None:
        columns = table.columns
        place = places_in(table)
        # Further columns keep their names as they are written.
        written = table.heads if len(table.heads) == len(columns) else columns

        def planned(wanted: Sequence[SourceColumn]) -> list[PlannedColumn]:
            there = [(place[c.name.lower()], c) for c in wanted if c.to and c.name.lower() in place]
            return [PlannedColumn(at, written[at].strip(), c, reader_of(c, _order(table, at, c))) for at, c in there]

        self.kind = kind
        self._written = dict(zip(columns, written, strict=True))
        self.columns = planned(kind.columns)
        self.pictures = [
            (place[p.column.lower()], p, planned(p.columns)) for p in kind.pictures if p.column.lower() in place
        ]
        classes = kind.one_hot.classes if kind.one_hot else {}
        self.one_hot = [(place[n.lower()], label) for n, label in classes.items() if n.lower() in place]
        used = {c.at for c in self.columns} | {at for at, _, _ in self.pictures} | {at for at, _ in self.one_hot}
        used |= {c.at for _, _, columns in self.pictures for c in columns}
        used |= {place[name.lower()] for name in (kind.key, *kind.ignored) if name.lower() in place}
        self.confirms = any(c.column.to == ColumnRole.CONFIRMATION for c in self.columns)
        self.further = [
            (at, (written[at].strip() or name).removeprefix(FURTHER_PREFIX))
            for at, name in enumerate(columns)
            if at not in used
        ]

    def head(self, name: str) -> str:
        """The name of a column as it is written in the table."""
        return self._written.get(name.lower(), name).strip()


def _order(table: MetadataTable, at: int, column: SourceColumn) -> str | None:
    """Whether the dates of a column have the day or the month first."""
    if column.order:
        return column.order
    return date_order(row.values[at] for row in table if row.values is not None) if is_date(column) else None


def image_id_of(path: str, twice: frozenset[str]) -> str:
    """The name of a file without folders and ending, or with its folders where other files have that name."""
    if not _in_folder(path):
        return clean_image_id(path)
    whole = PurePosixPath(path.replace("\\", "/"))
    stem = clean_image_id(whole.name)
    return stem if stem not in twice else "_".join((*whole.parts[:-1], stem)).strip("/_.")


def _in_folder(path: str) -> bool:
    return "/" in path or "\\" in path


def _paths(plan: TablePlan, table: MetadataTable) -> Iterator[str]:
    columns = [at for at, _, _ in plan.pictures] + [c.at for c in plan.columns if c.column.to in NAMES_IMAGE]
    for row in table:
        if row.values is not None:
            yield from dict.fromkeys(cell for at in columns if (cell := row.values[at].strip()))


def names_in_several_folders(parts: Iterable[tuple[TablePlan, MetadataTable]]) -> frozenset[str]:
    """Names of files that stand in several folders, in one table or in several that are parts of one."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    paths = [path for plan, table in parts for path in _paths(plan, table)]
    if not any(map(_in_folder, paths)):
        return frozenset()
    for path in paths:
        whole = PurePosixPath(path.replace("\\", "/"))
        found[clean_image_id(whole.name)].add(str(whole))
    return frozenset(name for name, paths in found.items() if len(paths) > 1)


def image_ids(plan: TablePlan, table: MetadataTable) -> set[str]:
    """The ids of all images that the rows of a table name in a column of ids."""
    at = next((c.at for c in plan.columns if c.column.to == ColumnRole.IMAGE_ID), None)
    return {clean_image_id(row.values[at]) for row in table if row.values is not None} if at is not None else set()
