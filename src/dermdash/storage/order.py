"""The order of what is only ever appended: a number beside each moment, since a clock can be set back."""

import threading
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from dermdash.storage import tables as t

_OF_A_SESSION = (t.reading, t.session_event, t.step_sent)
_lock = threading.Lock()
# One process alone has a DuckDB file: it knows the last number, and asking at every answer costs as much as storing it.
_given: WeakKeyDictionary[sa.Engine, dict[tuple[sa.Table, ...], int]] = WeakKeyDictionary()


def next_number(connection: sa.Connection, *tables: sa.Table, rows: int = 1) -> int:
    """The first of so many numbers that follow all of these tables', to be inserted with the connection; from 1.

    Two transactions that do not see one another may give the same on PostgreSQL: they have no order. Numbers of a
    transaction that is given up are left out.
    """
    if connection.dialect.name != "duckdb":
        return _last_number(connection, tables) + 1
    with _lock:
        given = _given.setdefault(connection.engine, {})
        first = given.get(tables, -1) + 1 or _last_number(connection, tables) + 1
        given[tables] = first + rows - 1
    return first


def next_of_session(connection: sa.Connection, *, rows: int = 1) -> int:
    """The number of the next answer, event or sending: they are counted together, of all readers."""
    return next_number(connection, *_OF_A_SESSION, rows=rows)


def numbers_up_to(connection: sa.Connection) -> None:
    """Let the numbers that are given from now on follow every one that was stored with this connection, as rows that
    came out of another workspace bring theirs along."""
    if connection.dialect.name == "duckdb":
        with _lock:
            _given.pop(connection.engine, None)


def _last_number(connection: sa.Connection, tables: tuple[sa.Table, ...]) -> int:
    last = [sa.func.coalesce(sa.select(sa.func.max(table.c.sequence)).scalar_subquery(), 0) for table in tables]
    return int(connection.execute(sa.select(last[0] if len(last) == 1 else sa.func.greatest(*last))).scalar_one())
