"""Filtered records in the order of the Records page: which stand before and after one, and at which place it stands."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from dermdash.records.record_filter import RecordFilter
from dermdash.storage import tables as t
from dermdash.storage.record_conditions import conditions_of, quality_column


class RecordBeside(NamedTuple):
    """A record beside another: what a small picture of it needs."""

    id: str
    image_sha256: str
    dx: str | None


class Surroundings(NamedTuple):
    """The records around one: ``before`` and ``after`` in their order, its ``place`` from 1 among ``total``.

    ``place`` is None where the filter does not let the record itself through.
    """

    before: tuple[RecordBeside, ...]
    after: tuple[RecordBeside, ...]
    place: int | None
    total: int


def sort_column(record_filter: RecordFilter, sort: str) -> sa.ColumnElement[Any]:
    """What records are put in order by."""
    return quality_column(record_filter.quality_source) if sort == "quality" else t.record.c[sort]


def ordering(record_filter: RecordFilter, sort: str, descending: bool) -> list[sa.ColumnElement[Any]]:
    """The order of the Records page: missing values last, records that are equal by their id."""
    column = sort_column(record_filter, sort)
    return [column.desc().nulls_last() if descending else column.asc().nulls_last(), t.record.c.id]


def surroundings(
    engine: sa.Engine, record_filter: RecordFilter, record_id: str, *, sort: str, descending: bool, each: int
) -> Surroundings:
    """Up to ``each`` records on either side of one, without reading those between."""
    c, column = t.record.c, sort_column(record_filter, sort)
    conditions = conditions_of(record_filter)
    with engine.connect() as connection:
        row = connection.execute(sa.select(column).where(c.id == record_id)).first()
        if row is None:
            return Surroundings((), (), None, 0)
        value = row[0]
        before, after = _before(column, value, record_id, descending), _after(column, value, record_id, descending)
        forwards = ordering(record_filter, sort, descending)
        backwards = [column.asc().nulls_first() if descending else column.desc().nulls_first(), c.id.desc()]

        def some(side: sa.ColumnElement[bool], order: Sequence[sa.ColumnElement[Any]]) -> list[RecordBeside]:
            statement = sa.select(c.id, c.image_sha256, c.dx).where(*conditions, side).order_by(*order).limit(each)
            return [RecordBeside(*found) for found in connection.execute(statement).all()]

        counts = sa.select(
            sa.func.count(),
            sa.func.sum(sa.case((before, 1), else_=0)),
            sa.func.max(sa.case((c.id == record_id, 1), else_=0)),
        ).where(*conditions)
        total, passed, inside = connection.execute(counts).one()
        place = int(passed or 0) + 1 if inside else None
        return Surroundings(tuple(reversed(some(before, backwards))), tuple(some(after, forwards)), place, int(total))


def _after(column: Any, value: Any, record_id: str, descending: bool) -> sa.ColumnElement[bool]:
    c = t.record.c
    if value is None:
        return sa.and_(column.is_(None), c.id > record_id)
    further = column < value if descending else column > value
    return sa.or_(further, sa.and_(column == value, c.id > record_id), column.is_(None))


def _before(column: Any, value: Any, record_id: str, descending: bool) -> sa.ColumnElement[bool]:
    c = t.record.c
    if value is None:
        return sa.or_(column.is_not(None), sa.and_(column.is_(None), c.id < record_id))
    nearer = column > value if descending else column < value
    return sa.or_(nearer, sa.and_(column == value, c.id < record_id))
