"""How well tables fit together by their keys: which rows find one another, and which do not."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from dermdash.dataset.formats.joined_table import JoinedTable, Joins
from dermdash.dataset.formats.layout import ColumnRole, Layout
from dermdash.dataset.formats.row_says import RowSays
from dermdash.dataset.formats.table_plan import NAMES_IMAGE, NamedTable, TablePlan
from dermdash.records.csv_table import Row
from dermdash.records.safe_csv import unescape_cell


@dataclass(slots=True)
class JoinFit:
    """How the rows of one table fit to those whose rows are images.

    Attributes
    ----------
    table, column, of
        The joined table, its key, and to what that belongs (`TableLayout.of`).
    asked_by
        The columns that hold the key elsewhere, each as "table: column".
    rows, matched
        Rows of images that say a key, and those of them that found a row here.
    absent
        Keys that find no row, each with the table, the row and the column that says it.
    spare
        Keys here that no image asks for.
    several
        Keys here with rows that say different things: none of these is used.
    alike
        Keys that are spelt otherwise here, with how.
    """

    table: str
    column: str
    of: str
    asked_by: tuple[str, ...] = ()
    rows: int = 0
    matched: int = 0
    absent: list[tuple[str, int, str, str]] = field(default_factory=list)
    spare: tuple[str, ...] = ()
    several: tuple[str, ...] = ()
    alike: dict[str, str] = field(default_factory=dict)


def join_fits(layout: Layout, tables: Sequence[NamedTable]) -> tuple[JoinFit, ...]:
    """How each table that is joined fits; none where all tables name the images."""
    order = [kind.kind for kind in layout.tables]
    first_kind = min(tables, key=lambda t: order.index(t.kind.kind)).kind.kind
    first = [t for t in tables if t.kind.kind == first_kind]
    others = [t for t in tables if t.kind.kind != first_kind]
    if not others:
        return ()
    joins = Joins(first, others, within_patient=layout.lesion_of_patient)
    wanted = {str(t.of) for t in joins.tables} | {str(ColumnRole.PATIENT_ID), *map(str, NAMES_IMAGE)}
    fits = {id(t): JoinFit(t.name, t.plan.head(t.key), str(t.of), _askers(t, tables)) for t in joins.tables}
    seen: set[tuple[int, Said]] = set()
    for named in first:
        plan = TablePlan(named.kind, named.table)
        for row in named.table:
            if row.values is not None:
                _count(joins, fits, _said_in(named.name, plan, row, wanted), wanted, seen)
    for table in joins.tables:
        fit = fits[id(table)]
        fit.spare, fit.several, fit.alike = tuple(table.spare), tuple(sorted(table.several)), dict(table.alike)
    return tuple(fits.values())


Said = tuple[str, int, str]
"""Where something is said: table, row and column."""


def _count(
    joins: Joins, fits: dict[int, JoinFit], where: dict[str, tuple[str, Said]], wanted: set[str],
    seen: set[tuple[int, Said]],
) -> None:  # fmt: skip
    """Count one row of images, of which ``where`` holds what its cells say, and by which cell."""
    said = RowSays(values={to: value for to, (value, _) in where.items()})
    found = set()
    for table, other in joins.rows_for(said):
        found.add(id(table))
        for to, (value, place) in _said_in(table.name, table.plan, other, wanted).items():
            if said.values.setdefault(to, value) is value:
                where.setdefault(to, (value, place))
    for table in joins.tables:
        if key := table.key_in(said):
            fit = fits[id(table)]
            fit.rows += 1
            place = next(where[to][1] for to in (table.of, ColumnRole.IMAGE_PATH) if to in where)
            if id(table) in found:
                fit.matched += 1
            elif (id(table), place) not in seen:
                seen.add((id(table), place))
                fit.absent.append((*place, key))


def _said_in(name: str, plan: TablePlan, row: Row, wanted: set[str]) -> dict[str, tuple[str, Said]]:
    """What the cells of a row say of these targets, each with its place."""
    found: dict[str, tuple[str, Said]] = {}
    assert row.values is not None
    for c in plan.columns:
        if c.column.to in wanted and (value := c.read(unescape_cell(row.values[c.at])).value) is not None:
            found.setdefault(c.column.to, (value, (name, row.number, c.name)))
    return found


def _askers(joined: JoinedTable, tables: Sequence[NamedTable]) -> tuple[str, ...]:
    of = {joined.of, *(NAMES_IMAGE if joined.of == ColumnRole.IMAGE_ID else ())}
    return tuple(
        f"{t.name}: {c.name}"
        for t in tables
        if t.name != joined.name
        for c in TablePlan(t.kind, t.table).columns
        if c.column.to in of
    )
