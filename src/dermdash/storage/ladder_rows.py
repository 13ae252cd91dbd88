"""Rows read by the same statements within an act, outside of one, and as of one moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from dermdash.storage.act_transaction import ActTransaction
from dermdash.storage.results import read_dicts


class Snapshot:
    """The database as of one moment: others go on writing, and nothing of it is seen here."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection

    def read(self, statement: sa.Select[Any]) -> list[dict[str, Any]]:
        """Rows of a query."""
        return [dict(row) for row in self.connection.execute(statement).mappings().all()]


Source = sa.Engine | ActTransaction | Snapshot
"""Where rows are read: an engine sees what is committed, an act also what it has written itself."""


@contextmanager
def one_moment(engine: sa.Engine) -> Iterator[Snapshot]:
    """Everything read within sees the database as of the first statement."""
    options = {} if engine.dialect.name == "duckdb" else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield Snapshot(connection)


@contextmanager
def connection_to(source: Source) -> Iterator[sa.Connection]:
    """A connection for a result that is read some rows at a time."""
    if isinstance(source, sa.Engine):
        with source.connect() as connection:
            yield connection
    else:
        yield source.connection


def read(source: Source, statement: sa.Select[Any]) -> list[dict[str, Any]]:
    """Run a query and return its rows as dicts."""
    return read_dicts(source, statement) if isinstance(source, sa.Engine) else source.read(statement)


def first(source: Source, statement: sa.Select[Any]) -> dict[str, Any] | None:
    """The first row of a query, None where there is none."""
    return next(iter(read(source, statement.limit(1))), None)
