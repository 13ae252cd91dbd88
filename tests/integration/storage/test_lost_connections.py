"""A database that goes away or has no connection left is said in typed errors, and used again when it is back."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.factories import make_reading
from tests.postgresql_server import PostgresqlServer

from dermdash.errors import DatabaseBusy, DatabaseLost, OutOfReach, WorkspaceFull
from dermdash.storage import connections, readings
from dermdash.storage.engine import open_engine
from dermdash.storage.readings import SaveOutcome, save_delivery


def save(engine: sa.Engine, **changes: Any) -> SaveOutcome:
    (outcome,) = save_delivery(engine, answers=[make_reading(**changes)])
    return outcome


@pytest.mark.postgresql
@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_server_that_stops_is_lost_and_found_when_it_starts_again(
    own_postgresql: PostgresqlServer, mode: str
) -> None:
    url = own_postgresql.new_database("study")
    engine = open_engine(url)
    try:
        assert save(engine) is SaveOutcome.STORED
        own_postgresql.stop(mode=mode)
        for _ in range(3):
            with pytest.raises(DatabaseLost, match="cannot be reached"):
                save(engine, id="22222222-2222-4222-8222-222222222222", assignment_id="next")
            with pytest.raises(DatabaseLost):
                readings.readings_of_reader(engine, "reader")
        with pytest.raises(DatabaseLost):
            open_engine(url)
        own_postgresql.start()
        # Connections are made anew, and plan as the first ones did.
        plans = sa.text("SELECT current_setting('random_page_cost'), current_setting('jit')")
        with engine.connect() as connection:
            assert tuple(connection.execute(plans).one()) == ("1.1", "off")
        assert save(engine, id="22222222-2222-4222-8222-222222222222", assignment_id="next") is SaveOutcome.STORED
        assert len(readings.readings_of_reader(engine, "reader")) == 2
    finally:
        engine.dispose()


@pytest.mark.postgresql
def test_two_apps_with_many_threads_each_share_a_server_of_twenty_connections(own_postgresql: PostgresqlServer) -> None:
    url = own_postgresql.new_database("study")
    engines = [open_engine(url), open_engine(url)]
    outcomes, failures = list[SaveOutcome](), list[BaseException]()

    def answer(app: int, i: int) -> None:
        try:
            name = f"{app}{i:07d}-1111-4111-8111-111111111111"
            outcomes.append(save(engines[app], id=name, reader_id=f"r{i}", assignment_id=f"a{app}-{i}"))
        except Exception as error:  # noqa: BLE001  what fails is the result
            failures.append(error)

    threads = [threading.Thread(target=answer, args=(app, i)) for app in (0, 1) for i in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for engine in engines:
        engine.dispose()
    assert failures == []
    assert outcomes == [SaveOutcome.STORED] * 120


@pytest.mark.postgresql
def test_a_connection_is_waited_for_while_others_hold_all_of_the_server(
    own_postgresql: PostgresqlServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = own_postgresql.new_database("study")
    engine = open_engine(url)
    engine.dispose()
    others = sa.create_engine(url, poolclass=sa.NullPool)
    held = []
    try:
        while True:
            held.append(others.connect())
    except sa.exc.OperationalError:
        pass
    monkeypatch.setattr(connections, "PATIENCE_S", 60.0)
    threading.Timer(0.7, held.pop().close).start()
    started = time.monotonic()
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT 1")).scalar() == 1
        assert time.monotonic() - started < 30
        monkeypatch.setattr(connections, "PATIENCE_S", 0.3)
        # All are taken again, the last one by ourselves.
        with pytest.raises(DatabaseBusy, match="max_connections"):
            engine.connect()
    for connection in held:
        connection.close()
    engine.dispose()


def test_a_pool_that_is_used_up_says_that_the_database_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "PATIENCE_S", 0.05)
    engine = open_engine(f"duckdb:///{tmp_path / 'x.duckdb'}")
    held = [engine.connect() for _ in range(40)]
    with pytest.raises(DatabaseBusy, match="DERMDASH_DATABASE_CONNECTIONS"):
        engine.connect()
    for connection in held:
        connection.close()
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT 1")).scalar() == 1
    engine.dispose()


class OperationalError(Exception):
    sqlstate: str | None = None


class IOException(Exception):
    pass


@pytest.mark.parametrize(
    ("error", "code", "expected"),
    [
        (OperationalError("server closed the connection unexpectedly"), None, DatabaseLost),
        (OperationalError("terminating connection due to administrator command"), "57P01", DatabaseLost),
        (OperationalError("the database system is starting up"), "57P03", DatabaseLost),
        (OperationalError("FATAL: sorry, too many clients already"), None, DatabaseBusy),
        (OperationalError("could not extend file: No space left on device"), "53100", WorkspaceFull),
        (IOException("IO Error: Could not read from file"), None, DatabaseLost),
        (OperationalError("deadlock detected"), "40P01", None),
        (ValueError("x"), None, None),
    ],
)
def test_what_an_error_of_the_driver_means(error: Any, code: str | None, expected: type[OutOfReach] | None) -> None:
    if code is not None:
        error.sqlstate = code
    explained = connections.explain(error, place="study")
    assert type(explained) is (expected or type(None))


def test_the_embedded_database_never_fetches_extensions(tmp_path: Path) -> None:
    engine = open_engine(f"duckdb:///{tmp_path / 'x.duckdb'}")
    with engine.connect() as connection:
        wanted = sa.text("SELECT current_setting('autoinstall_known_extensions')")
        assert connection.execute(wanted).scalar() is False
    engine.dispose()
