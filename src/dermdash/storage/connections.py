"""Connections to the database: few, waited for, and with typed errors when they are lost.

Every statement of dermdash goes through an engine made here, so what a lost server, a full disk or a locked file looks
like is decided in one place.
"""

import random
import re
import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import TimeoutError as NoConnectionInTime
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection, QueuePool

from dermdash.errors import DatabaseBusy, DatabaseLost, DermdashError, WorkspaceFull, WorkspaceLocked
from dermdash.storage.unchanged import forget_at_commit, see_what_server_commits
from dermdash.wording import number

PATIENCE_S = 10.0
"""How long a thread waits for a connection before it says that the database is busy."""
_TRY_AGAIN_S = 0.2
_LOCK_HOLDER = re.compile(r"PID (\d+)")
# Of PostgreSQL: too many connections; disk full; the classes of lost connections, of a server that stops or starts, and
# of resources that are used up.
_TOO_MANY = "53300"
_DISK_FULL = "53100"
_LOST = ("08", "57P0", "53", "58")
# A server that has vanished without a word is noticed within seconds and not within the quarter of an hour of TCP.
_POSTGRESQL = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
_PLANS = "SELECT set_config('random_page_cost', '1.1', false), set_config('jit', 'off', false)"
# DuckDB would fetch an extension from its makers' server whenever a statement names something of it. Each session runs
# its statements on a thread of its own; waking others for them costs a small one twice what it takes by itself.
_DUCKDB = {"autoinstall_known_extensions": False, "allow_community_extensions": False, "threads": 1}


class WaitingPool(QueuePool):
    """A pool whose callers wait for a connection and are told in our words when none came in time."""

    def connect(self) -> PoolProxiedConnection:
        """A connection of the pool.

        Raises
        ------
        DatabaseBusy
            All were in use for as long as one waits.
        """
        try:
            return super().connect()
        except NoConnectionInTime as error:
            raise DatabaseBusy(
                f"No connection to the database was free within {number(PATIENCE_S, 0)} seconds. Do it again in a "
                "moment; if this happens often, raise DERMDASH_DATABASE_CONNECTIONS."
            ) from error


def new_engine(url: sa.URL, *, connections: int) -> sa.Engine:
    """An engine on DuckDB or PostgreSQL whose errors are ours; `connections` bounds those to a server."""
    if url.get_backend_name() == "duckdb":
        # A connection is a cursor of one embedded database, so there may be many.
        engine = sa.create_engine(
            url, poolclass=WaitingPool, pool_size=8, max_overflow=32, pool_timeout=PATIENCE_S,
            connect_args={"config": _DUCKDB},
        )  # fmt: skip
    else:
        arguments = {name: value for name, value in _POSTGRESQL.items() if name not in url.query}
        engine = sa.create_engine(
            url, poolclass=WaitingPool, pool_size=connections, max_overflow=0, pool_timeout=PATIENCE_S,
            pool_pre_ping=True, connect_args=arguments,
        )  # fmt: skip
        sa.event.listen(engine, "do_connect", _wait_for_a_connection)
        sa.event.listen(engine, "connect", _plan_for_memory)
    sa.event.listen(engine, "handle_error", _explain)
    _end_nothing_that_never_began(engine.dialect)
    if engine.dialect.name == "duckdb":
        forget_at_commit(engine)
    else:
        see_what_server_commits(engine)
    return engine


def _end_nothing_that_never_began(dialect: sa.Dialect) -> None:
    """Let what ran without a transaction (`dermdash.storage.results`), or has committed its own, be followed by no
    ROLLBACK when its connection is given back: to DuckDB it is a statement like others.
    """
    dialect.skip_autocommit_rollback = True
    if dialect.name == "duckdb":  # whose dialect does not say
        dialect.detect_autocommit_setting = _no_transaction  # type: ignore[method-assign,assignment]


def _no_transaction(connection: Any) -> bool:
    """Whether a connection to DuckDB has no transaction open; where that cannot be told, it is rolled back."""
    return connection.autocommit or getattr(connection, "_transaction_statements", 0) is None


def allowed_connections(engine: sa.Engine) -> int | None:
    """How many connections the server grants to all programs together; None for DuckDB, which counts none."""
    if engine.dialect.name != "postgresql":
        return None
    asked = "current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
    with engine.connect() as connection:
        return int(connection.execute(sa.text(f"SELECT {asked}")).scalar_one())


def _wait_for_a_connection(
    dialect: Any, _entry: ConnectionPoolEntry, arguments: list[Any], parameters: dict[str, Any]
) -> Any:
    """Connect; a server that has no connection left for us, because other processes hold them, is asked again."""
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            return dialect.connect(*arguments, **parameters)
        except dialect.loaded_dbapi.OperationalError as error:
            if not _too_many(error) or time.monotonic() > end:
                raise
        time.sleep(_TRY_AGAIN_S * random.uniform(0.5, 1.5))  # noqa: S311  so that those who wait do not ask at once


def _plan_for_memory(connection: Any, _entry: ConnectionPoolEntry) -> None:
    """Let a new connection plan as for tables that are in memory, or on a disk without moving parts.

    With the server's defaults it reads a whole table rather than some thousand rows by an index, which takes ten times
    as long, and compiles statements that are over in the meantime.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PLANS)
    connection.commit()


def _too_many(error: BaseException) -> bool:
    text = str(error)
    # Refused before there is a connection, the error carries no code.
    return _code(error) == _TOO_MANY or "too many clients" in text or "connection slots are reserved" in text


def _code(error: BaseException | None) -> str:
    return str(getattr(error, "sqlstate", None) or "")


def _explain(context: ExceptionContext) -> None:
    """Raise what an error of the driver means, where it means that the database is out of reach."""
    if context.is_pre_ping:
        return  # the pool opens another connection, which may well succeed
    error = context.original_exception
    url = context.engine.url if context.engine is not None else None
    explained = explain(error, place=str(url.database) if url else "", lost=context.is_disconnect)
    if explained is not None:
        raise explained from error


def explain(error: BaseException, *, place: str, lost: bool = False) -> DermdashError | None:
    """The typed error for one of a driver, None where it is a fault of the statement or of its data.

    Parameters
    ----------
    place
        The database as people know it: the path of the file, or the name on the server.
    lost
        The driver says that the connection is gone.
    """
    kind, text, code = type(error).__name__, str(error), _code(error)
    if "Could not set lock" in text:
        holder = _LOCK_HOLDER.search(text)
        who = f"process {holder.group(1)}" if holder else "another process"
        return WorkspaceLocked(
            f"The workspace database {place} is in use by {who}, most likely the running app. "
            "Stop the app first, or set DERMDASH_DATABASE_URL to a PostgreSQL server, which several "
            "processes can share."
        )
    if "no space left" in text.lower() or code == _DISK_FULL:
        return WorkspaceFull(
            f"The disk holding the database {place} is full: what was just written is not stored, everything before "
            "it is safe. Free some space and do it again."
        )
    if _too_many(error):
        return DatabaseBusy(
            f"The server of the database {place} has no connection left. Stop programs that hold some, raise its "
            "max_connections, or lower DERMDASH_DATABASE_CONNECTIONS."
        )
    if "not a valid DuckDB database file" in text:
        return None  # no waiting makes one of it: opening the workspace says so
    # Before there is a connection psycopg gives no code; DuckDB has classes of errors and no codes.
    refused = kind == "OperationalError" and not code
    if lost or refused or code.startswith(_LOST) or kind in ("IOException", "FatalException", "ConnectionTimeout"):
        return DatabaseLost(
            f"The database {place} cannot be reached at the moment ({_first_line(text)}). What was acknowledged "
            "before is safe; start the database, or look whether the network and the disk are there."
        )
    return None


def _first_line(text: str) -> str:
    return next(iter(text.strip().splitlines()), "no reason given")[:200]
