"""How many records each option of the filters would show."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from dermdash.records.record_filter import FACETS, UNKNOWN, FilterSpec, RecordFilter
from dermdash.storage import tables as t
from dermdash.storage.memberships import MEMBERSHIPS
from dermdash.storage.record_conditions import conditions_of, option_of, stored_column
from dermdash.storage.records import count_records
from dermdash.storage.results import read_dicts
from dermdash.storage.unchanged import while_unchanged

Counts = dict[str, dict[str, int]]


def option_counts(engine: sa.Engine, record_filter: RecordFilter) -> Counts:
    """For each facet, how many records each option would show with the other facets as they are.

    Missing values count under "unknown".
    """
    counts: Counts = {facet: {} for facet in FACETS}
    silent = _optional().keys() - while_unchanged(engine, "optional facets", lambda: _said_now(engine), scans=True)
    # All facets without a choice of their own ask the same records: these are read once for all of them.
    groups = [(facets, record_filter.without(facets[0])) for facets in _asking_the_same(record_filter)]
    # What needs only their number is asked before: it is known from the page itself.
    of_number = silent | {facet for facet, kept in MEMBERSHIPS.items() if kept.of_number}
    numbers = [count_records(engine, wanted) if of_number & set(facets) else 0 for facets, wanted in groups]
    with engine.connect() as connection:
        for (facets, wanted), n_records in zip(groups, numbers, strict=True):
            conditions = conditions_of(wanted)
            if asked := [facet for facet in facets if not FACETS[facet].membership and facet not in silent]:
                rows = connection.execute(_counted(record_filter, asked, conditions)).all()
                for facet, option, n in rows:
                    counts[facet][UNKNOWN if option is None else option] = n
            for facet in facets:
                if facet in silent:
                    counts[facet] = {UNKNOWN: n_records} if n_records else {}
                if facet in MEMBERSHIPS:
                    counts[facet] = MEMBERSHIPS[facet].counts(connection, conditions, n_records)
    return counts


def _asking_the_same(record_filter: RecordFilter) -> list[list[str]]:
    """The facets in groups of one filter: those without a choice together, each other one by itself."""
    chosen = [facet for facet in FACETS if record_filter.chosen(facet)]
    others = [facet for facet in FACETS if facet not in chosen]
    return [*([others] if others else []), *([facet] for facet in chosen)]


def _optional() -> dict[str, FilterSpec]:
    return {name: spec for name, spec in FACETS.items() if spec.optional and not spec.membership}


def _said_now(engine: sa.Engine) -> frozenset[str]:
    """Of the optional facets those of which any record holds anything."""
    columns = {name: t.record.c[spec.column] for name, spec in _optional().items()}
    if engine.dialect.name == "duckdb":
        # It knows of each block of rows whether a column is empty there, and reads next to nothing.
        asked: list[Any] = [
            sa.exists(sa.select(sa.literal(1)).select_from(t.record).where(column.is_not(None))).label(name)
            for name, column in columns.items()
        ]
        return frozenset(name for name, there in read_dicts(engine, sa.select(*asked))[0].items() if there)
    largest = sa.select(*[sa.func.max(column).label(name) for name, column in columns.items()])
    return frozenset(name for name, most in read_dicts(engine, largest)[0].items() if most is not None)


def _counted(
    record_filter: RecordFilter, facets: Collection[str], conditions: Sequence[sa.ColumnElement[bool]]
) -> sa.Executable:
    """Facet, option and number of records, the records read once, however many facets there are.

    They are grouped by what is stored, column by column, and the few values that occur are then turned into options.
    """
    specs = {facet: FACETS[facet] for facet in facets}
    stored = {spec.column: stored_column(spec, record_filter.quality_source) for spec in specs.values()}
    dataset = "of_dataset"
    columns = {name: column.label(f"stored_{name}") for name, column in stored.items()}
    read = sa.select(*columns.values(), t.record.c.dataset_id.label(dataset)).where(*conditions).subquery()
    values = {name: read.c[f"stored_{name}"] for name in columns}
    with_dataset = {spec.column for spec in specs.values() if spec.of_class is not None}
    sets = [
        sa.tuple_(value, read.c[dataset]) if name in with_dataset else sa.tuple_(value)
        for name, value in values.items()
    ]
    seen = (
        sa.select(
            sa.func.grouping(*values.values()).label("grouped"),
            *values.values(),
            (read.c[dataset] if with_dataset else sa.null()).label(dataset),
            sa.func.count().label("n"),
        )
        .group_by(sa.func.grouping_sets(*sets))
        .cte("seen")
    )
    parts = [_of_facet(seen, facet, spec, list(values), dataset) for facet, spec in specs.items()]
    return sa.union_all(*parts)


def _of_facet(
    seen: sa.CTE, facet: str, spec: FilterSpec, columns: Sequence[str], dataset: str
) -> sa.Select[str, str, int]:
    """What was grouped by the facet's column, as options."""
    option = option_of(spec, seen.c[f"stored_{spec.column}"], seen.c[dataset])
    return (
        sa.select(
            sa.literal(facet).label("facet"),
            sa.cast(option, sa.String).label("option"),
            sa.cast(sa.func.sum(seen.c.n), sa.BigInteger).label("n"),
        )
        .where(seen.c.grouped == _all_but(columns, spec.column))
        # By position: repeating the expression would bind its parameters twice, and PostgreSQL sees a difference.
        .group_by(sa.text("2"))
    )


def _all_but(columns: Sequence[str], column: str) -> int:
    """What GROUPING says of rows that were grouped by this column: a bit for each that they were not grouped by."""
    return sum(1 << place for place, name in enumerate(reversed(columns)) if name != column)
