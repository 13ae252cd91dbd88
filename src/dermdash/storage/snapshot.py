"""Copies of the whole database as of one moment, and what a database holds, table by table.

The copy is a DuckDB file with our tables, whatever the engine: a backup of one can be restored into the other.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from dermdash.errors import DermdashError
from dermdash.storage.bulk import insert_missing
from dermdash.storage.engine import HEAD_REVISION, current_revision, open_engine
from dermdash.storage.tables import metadata

_ROWS = 20_000
Progress = Callable[[str], None]


def copy_database(engine: sa.Engine, target: Path) -> None:
    """Write everything that is committed at this moment to a new DuckDB file; others go on reading and writing.

    Raises
    ------
    OutOfReach
        The database cannot be reached, or the disk of ``target`` is full.
    """
    if engine.dialect.name == "duckdb":
        _copy_duckdb(engine, target)
    else:
        _copy_server(engine, target)


def _copy_duckdb(engine: sa.Engine, target: Path) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        quote = connection.dialect.identifier_preparer.quote
        own = connection.execute(sa.text("SELECT current_database()")).scalar_one()
        place, copy = str(target).replace("'", "''"), f"copy_{uuid4().hex}"
        connection.exec_driver_sql(f"ATTACH '{place}' AS {copy}")
        try:
            # One statement is one transaction: it sees what was committed when it began, and nothing later.
            connection.exec_driver_sql(f"COPY FROM DATABASE {quote(own)} TO {copy}")
        finally:
            connection.exec_driver_sql(f"DETACH {copy}")


def _copy_server(engine: sa.Engine, target: Path) -> None:
    copy = open_engine(f"duckdb:///{target}")
    try:
        with _one_moment(engine) as source:
            _refuse_older(engine)
            for table in metadata.sorted_tables:
                result = source.execution_options(yield_per=_ROWS).execute(sa.select(table)).mappings()
                for rows in result.partitions(_ROWS):
                    with copy.begin() as connection:
                        insert_missing(connection, table, [dict(row) for row in rows])
        with copy.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("CHECKPOINT")
    finally:
        copy.dispose()


@contextmanager
def _one_moment(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection whose every statement sees the database as of its first."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection, connection.begin():
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        yield connection


def _refuse_older(engine: sa.Engine) -> None:
    if current_revision(engine) != HEAD_REVISION:
        raise DermdashError("The database has another schema than this dermdash: open it once, which upgrades it.")


def load_copy(copy: Path, engine: sa.Engine, progress: Progress | None = None) -> None:
    """Fill an empty database of the newest schema from a copy, in one transaction; the copy is migrated if older."""
    source = open_engine(f"duckdb:///{copy}")
    try:
        with source.connect() as reading, engine.begin() as writing:
            for table in metadata.sorted_tables:
                if progress is not None:
                    progress(table.name)
                result = reading.execute(sa.select(table)).mappings()
                for rows in result.partitions(_ROWS):
                    insert_missing(writing, table, [dict(row) for row in rows])
    finally:
        source.dispose()


def row_counts(engine: sa.Engine) -> dict[str, int]:
    """Rows of each table."""
    with engine.connect() as connection:
        return {
            table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def unreadable_tables(engine: sa.Engine) -> dict[str, str]:
    """Read every value of every table; which of them cannot be read whole, and why."""
    found = {}
    for table in metadata.sorted_tables:
        try:
            with engine.connect() as connection:
                _read_whole(connection, table)
        except (sa.exc.DBAPIError, DermdashError) as error:
            cause: Any = getattr(error, "orig", None) or error
            found[table.name] = next(iter(str(cause).splitlines()), type(cause).__name__)
    return found


def _read_whole(connection: sa.Connection, table: sa.Table) -> None:
    if connection.dialect.name == "duckdb":
        name = connection.dialect.identifier_preparer.quote(table.name)
        connection.exec_driver_sql(f"SELECT bit_xor(hash({name})) FROM {name}").all()  # noqa: S608  a name of ours
        return
    for _ in connection.execution_options(yield_per=_ROWS).execute(sa.select(table)).partitions(_ROWS):
        pass


def is_empty(engine: sa.Engine) -> bool:
    """Whether no table holds a row."""
    return not any(row_counts(engine).values())
