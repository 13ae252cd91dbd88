"""A mapping tried on the beginnings of tables: how they fit together, what cannot be used, the first records."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dermdash.dataset.formats.join_check import JoinFit, join_fits
from dermdash.dataset.formats.joined_table import Joins
from dermdash.dataset.formats.layout_reader import read_tables
from dermdash.dataset.formats.mapped_source import CellProblem, cell_problems, join_problems, kind_of
from dermdash.dataset.formats.mapping import TableMapping
from dermdash.dataset.formats.row_says import RowSays, UnusableRow, take_row
from dermdash.dataset.formats.table_plan import NamedTable, TablePlan
from dermdash.dataset.formats.table_sources import FoundTable
from dermdash.dataset.source_records import Exclusion, SourceRecord
from dermdash.records.taxonomy import Taxonomy

TRIED = 5000
"""Rows of each table whose cells are looked at."""
Place = tuple[str, int]
"""A row of a table."""


@dataclass(frozen=True, slots=True)
class TriedRecord:
    """One of the first records, or why a row is none, with the problems of its cells by where these go."""

    place: Place
    outcome: SourceRecord | Exclusion
    problems: Mapping[str, CellProblem]


@dataclass(frozen=True, slots=True)
class MappingTrial:
    """What a mapping makes of tables: how those joined fit, problems cell by cell, the first records."""

    fits: tuple[JoinFit, ...]
    problems: tuple[CellProblem, ...]
    first: tuple[TriedRecord, ...]


def try_mapping(
    mapping: TableMapping, tables: Sequence[FoundTable], taxonomy: Taxonomy, *, rows: int
) -> MappingTrial | None:
    """Try a mapping on tables at hand; None where it is for none of them.

    Parameters
    ----------
    rows
        Of the table of images whose records are shown.
    """
    named = [NamedTable(t.name, kind, t.table) for t in tables if (kind := kind_of(mapping, t)) is not None]
    order = [kind.kind for kind in mapping.layout.tables]
    named.sort(key=lambda t: order.index(t.kind.kind))
    if not named or not named[0].kind.names_images:
        return None
    fits = join_fits(mapping.layout, named)
    beginnings = [replace(t, table=replace(t.table, body=t.table.body[:TRIED])) for t in named]
    problems = [p for t in beginnings for p in cell_problems(t, taxonomy)]
    problems += join_problems(fits)
    others = [t for t in named if t.kind.kind != named[0].kind.kind]
    return MappingTrial(fits, tuple(problems), _first_records(mapping, beginnings[0], others, taxonomy, problems, rows))


def _first_records(
    mapping: TableMapping,
    first: NamedTable,
    others: Sequence[NamedTable],
    taxonomy: Taxonomy,
    problems: Sequence[CellProblem],
    rows: int,
) -> tuple[TriedRecord, ...]:
    # Later rows say what these are: the order of day and month, and names that stand in several folders.
    read = read_tables(mapping.layout, [first, *others], taxonomy)
    first = replace(first, table=replace(first.table, body=first.table.body[:rows]))
    shown = {row.number for row in first.table}
    targets = {
        (t.name, c.name): str(c.column.to)
        for t in (first, *others)
        for plan in (TablePlan(t.kind, t.table),)
        for c in (*plan.columns, *(c for _, _, columns in plan.pictures for c in columns))
    }
    by_place: defaultdict[Place, list[CellProblem]] = defaultdict(list)
    for problem in problems:
        by_place[problem.table, problem.row].append(problem)
    rows_of = _rows_of(mapping, first, others)
    tried = []
    outcomes: list[SourceRecord | Exclusion] = [*read.records, *read.exclusions]
    for outcome in outcomes:
        number = int(outcome.row.rpartition(" ")[2])
        if number not in shown:
            continue
        found = [p for place in rows_of.get(number, [(first.name, number)]) for p in by_place[place]]
        said = {targets.get((p.table, p.column), ""): p for p in reversed(found)}
        tried.append(TriedRecord((first.name, number), outcome, said))
    return tuple(sorted(tried, key=lambda t: t.place[1]))


def _rows_of(mapping: TableMapping, first: NamedTable, others: Sequence[NamedTable]) -> dict[int, list[Place]]:
    """By row of the first table, all rows that its records are made of."""
    joins = Joins([first], others, within_patient=mapping.layout.lesion_of_patient)
    plan = TablePlan(first.kind, first.table)
    found: dict[int, list[Place]] = {}
    for row in first.table:
        if row.values is None:
            continue
        places, said = [(first.name, row.number)], RowSays()
        try:
            take_row(said, plan, "", row.values)
            for table, other in joins.rows_for(said):
                places.append((table.name, other.number))
                take_row(said, table.plan, "", other.values or ())
        except UnusableRow:
            pass
        found[row.number] = places
    return found
