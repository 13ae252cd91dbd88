"""Opens the database: DuckDB in the workspace by default, PostgreSQL by URL; migrates after a backup."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from dermdash.errors import DermdashError, WorkspaceFull, WorkspaceLocked
from dermdash.storage.connections import new_engine
from dermdash.storage.object_store import copy_whole
from dermdash.wording import file_size

HEAD_REVISION = max(path.stem[1:5] for path in (Path(__file__).parent / "migrations" / "versions").glob("v*.py"))
"""The newest migration; a test holds it to the scripts. Knowing it here spares start-up importing Alembic."""

_T = TypeVar("_T")
_MIGRATION_LOCK = 7_236_115
_COPIES = "backups"
_CONFLICTS = ("conflict", "constraint", "serializ", "deadlock")


def now() -> datetime:
    """Return the time of this moment in UTC; every timestamp in the database comes from here."""
    return datetime.now(UTC)


def open_engine(url: str, *, checkpoints: Path | None = None, connections: int = 6) -> sa.Engine:
    """Open the database at `url`, migrate it to the newest schema, and return the engine.

    Parameters
    ----------
    checkpoints
        Folder of the workspace's checkpoints, where a migration looks up what its tables do not say.
    connections
        Connections to PostgreSQL that are held at most.

    Raises
    ------
    OutOfReach
        Another process holds the DuckDB file, the disk is full, or the server does not answer.
    DermdashError
        The database was written by a newer dermdash, or cannot be used.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() not in ("duckdb", "postgresql"):
        raise DermdashError(f"unsupported database {parsed.drivername!r}: use duckdb:/// or postgresql+psycopg://")
    engine = new_engine(parsed, connections=connections)
    try:
        _migrate_to_head(engine, checkpoints)
    except DBAPIError as error:
        engine.dispose()
        text = f"The database at {parsed.render_as_string(hide_password=True)} cannot be opened: {error.orig}"
        raise DermdashError(text) from error
    except BaseException:
        engine.dispose()
        raise
    return engine


def _is_duckdb(url: sa.URL) -> bool:
    return url.get_backend_name() == "duckdb"


def current_revision(engine: sa.Engine) -> str | None:
    """Return the schema revision of the database, None for an empty one."""
    try:
        with engine.connect() as connection:
            return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    except ProgrammingError:
        # Only now the dearer question, which every start would pay for.
        if sa.inspect(engine).has_table("alembic_version"):
            raise
        return None


def _migrate_to_head(engine: sa.Engine, checkpoints: Path | None) -> None:
    revision = current_revision(engine)
    if revision == HEAD_REVISION:
        return
    if revision is not None and revision > HEAD_REVISION:
        raise DermdashError(_newer(engine, revision))
    if revision is not None and _is_duckdb(engine.url):
        back_up(engine)
    with migration_lock(engine):
        if current_revision(engine) != HEAD_REVISION:
            upgrade(engine, checkpoints=checkpoints)


def upgrade(engine: sa.Engine, revision: str = "head", *, checkpoints: Path | None = None) -> None:
    """Run the migrations up to `revision`, each in a transaction of its own; ``checkpoints`` as in `open_engine`."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        config.attributes["checkpoints"] = checkpoints
        command.upgrade(config, revision)


@contextmanager
def migration_lock(engine: sa.Engine) -> Iterator[None]:
    """Hold off other processes that start at the same moment (PostgreSQL; DuckDB has one process anyway)."""
    if _is_duckdb(engine.url):
        yield
        return
    with engine.connect() as connection:
        connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": _MIGRATION_LOCK})
        try:
            yield
        finally:
            connection.execute(sa.text("SELECT pg_advisory_unlock(:key)"), {"key": _MIGRATION_LOCK})


def _newer(engine: sa.Engine, revision: str) -> str:
    said = (
        f"was written by a newer dermdash (schema {revision}, this version knows {HEAD_REVISION}). Install the newer "
        "version"
    )
    if not _is_duckdb(engine.url):
        return (
            f"The database {engine.url.database} on {engine.url.host or 'this machine'} {said}; or restore a backup "
            "that was made before the upgrade, with `dermdash restore` (or pg_restore), into an empty database."
        )
    path = Path(str(engine.url.database))
    copies = sorted((path.parent / _COPIES).glob(f"{path.stem}-*{path.suffix}"))
    if not copies:
        return f"This workspace {said}; or restore a backup that was made before the upgrade (`dermdash restore`)."
    return (
        f"This workspace {said}; or go back to before the upgrade, without what was added since: stop the app, and put "
        f"{copies[-1]} in the place of {path.name}."
    )


def checkpoint(engine: sa.Engine) -> bool:
    """Bring what DuckDB keeps in the file beside its database into it; True when the database alone is whole.

    Readers and writers go on. Somebody's unfinished transaction may be in the way: then nothing happens, and later is
    early enough, as the file beside it is as safe as the database. PostgreSQL needs none of this.
    """
    if not _is_duckdb(engine.url):
        return True
    path = Path(str(engine.url.database))
    beside = path.with_name(f"{path.name}.wal")
    if not beside.exists():
        return True
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("CHECKPOINT"))
    except (DBAPIError, DermdashError):
        return False
    return not beside.exists()


def back_up(engine: sa.Engine) -> Path:
    """Copy the DuckDB file to `backups/` beside it, after a checkpoint, and return the copy's path.

    Raises
    ------
    WorkspaceFull
        There is no room for the copy; nothing of it is left.
    """
    path = Path(str(engine.url.database))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("CHECKPOINT"))
    engine.dispose()
    copy = path.parent / _COPIES / f"{path.stem}-{now():%Y%m%dT%H%M%S%f}{path.suffix}"
    try:
        copy_whole(path, copy)
    except WorkspaceFull as error:
        raise WorkspaceFull(
            f"The database has to be upgraded for this version, and the disk holding {copy.parent} has no room for the "
            f"copy that is made before: {file_size(path.stat().st_size)} are needed. The database is as it was. Free "
            "some space, for example of older copies in that folder, and start again."
        ) from error
    except OSError as error:
        raise DermdashError(
            f"The database has to be upgraded for this version, and {copy.parent} cannot hold the copy that is made "
            f"before ({error.strerror}). The database is as it was. Look who may write there, and start again."
        ) from error
    return copy


def refuse_if_open_elsewhere(path: Path) -> None:
    """Raise WorkspaceLocked where another process has the DuckDB file open; a damaged file is not open."""
    if not path.exists():
        return
    engine = new_engine(sa.make_url(f"duckdb:///{path}"), connections=1)
    try:
        engine.connect().close()
    except WorkspaceLocked:
        raise
    except (DBAPIError, DermdashError):
        return
    finally:
        engine.dispose()


def retry_on_conflict(work: Callable[[], _T], attempts: int = 8) -> _T:
    """Run a transaction again when a concurrent one got in its way.

    DuckDB detects write conflicts optimistically: of two transactions that insert the same key, the second
    fails at its insert or commit and succeeds (by seeing the first one's row) when run again.
    """
    for attempt in range(attempts):
        try:
            return work()
        except DBAPIError as error:
            if attempt == attempts - 1 or not is_conflict(error):
                raise
    raise AssertionError("unreachable")


def is_conflict(error: DBAPIError) -> bool:
    """Whether a transaction failed for what another has stored, before it or meanwhile."""
    text = str(error.orig).lower()
    return any(word in text for word in _CONFLICTS)


def insert_or_leave(work: Callable[[], None]) -> None:
    """Run a transaction that inserts one row, again where a concurrent one got in its way; a row with its key stays."""

    def once() -> None:
        try:
            work()
        except IntegrityError as error:
            if "duplicate key" not in str(error.orig).lower():
                raise

    retry_on_conflict(once)
