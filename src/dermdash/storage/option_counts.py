"""How many records each option of the filters would show."""

import sqlalchemy as sa

from dermdash.records.record_filter import FACETS, UNKNOWN, FilterSpec, RecordFilter
from dermdash.storage import tables as t
from dermdash.storage.memberships import MEMBERSHIPS
from dermdash.storage.record_conditions import (
    conditions_of,
    facet_conditions,
    filter_column,
    range_and_text_conditions,
)

Counts = dict[str, dict[str, int]]


def option_counts(engine: sa.Engine, record_filter: RecordFilter) -> Counts:
    """For each facet, how many records each option would show with the other facets as they are.

    Missing values count under "unknown".
    """
    counts: Counts = {facet: {} for facet in FACETS}
    with engine.connect() as connection:
        there = _said_anything_of(connection)
        statements = [_counted_together(record_filter), *(_counted_apart(record_filter, facet) for facet in there)]
        for facet, option, n in (row for statement in statements for row in connection.execute(statement).all()):
            counts[facet][UNKNOWN if option is None else option] = n
        for facet in _apart().keys() - there:
            conditions = conditions_of(record_filter.without(facet))
            n = connection.execute(sa.select(sa.func.count()).select_from(t.record).where(*conditions)).scalar_one()
            counts[facet] = {UNKNOWN: n} if n else {}
        for facet, membership in MEMBERSHIPS.items():
            for option, n in connection.execute(membership.counted(conditions_of(record_filter.without(facet)))).all():
                counts[facet][option] = n
    return counts


def _together() -> dict[str, FilterSpec]:
    return {name: spec for name, spec in FACETS.items() if not spec.optional and not spec.membership}


def _apart() -> dict[str, FilterSpec]:
    return {name: spec for name, spec in FACETS.items() if spec.optional and not spec.membership}


def _said_anything_of(connection: sa.Connection) -> set[str]:
    """Of what is counted apart, the facets of which any record holds anything."""
    largest = sa.select(*[sa.func.max(t.record.c[spec.column]).label(name) for name, spec in _apart().items()])
    row = connection.execute(largest).mappings().one()
    return {name for name, value in row.items() if value is not None}


def _counted_together(record_filter: RecordFilter) -> sa.Executable:
    """The records are read once, however many facets there are.

    Into the few thousand combinations of options that occur, from which each facet is then counted.
    """
    source = record_filter.quality_source
    columns = {name: filter_column(spec, source) for name, spec in _together().items()}
    apart = {name: filter_column(spec, source) for name, spec in _apart().items()}
    seen = (
        sa.select(*[column.label(facet) for facet, column in columns.items()], sa.func.count().label("n"))
        .where(*facet_conditions(record_filter, apart), *range_and_text_conditions(record_filter))
        # By position: repeating the expressions would bind their parameters twice, and PostgreSQL sees a difference.
        .group_by(*[sa.text(str(i + 1)) for i in range(len(columns))])
        .cte("combination")
    )
    options = {facet: seen.c[facet] for facet in columns}
    parts = [
        sa.select(
            sa.literal(facet).label("facet"),
            sa.cast(options[facet], sa.String).label("option"),
            sa.cast(sa.func.sum(seen.c.n), sa.BigInteger).label("n"),
        )
        .where(*facet_conditions(record_filter.without(facet), options))
        .group_by(options[facet])
        for facet in columns
    ]
    return sa.union_all(*parts)


def _counted_apart(record_filter: RecordFilter, facet: str) -> sa.Executable:
    """What has hundreds of options, or little to do with the rest, by itself.

    Together with the others they would make as many combinations as there are records.
    """
    column = filter_column(FACETS[facet], record_filter.quality_source)
    return (
        sa.select(sa.literal(facet).label("facet"), sa.cast(column, sa.String).label("option"), sa.func.count())
        .select_from(t.record)
        .where(*conditions_of(record_filter.without(facet)))
        .group_by(sa.text("2"))
    )
