"""The thread of the app that looks after its workspace."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from tests.filled_workspace import fill_records
from tests.signed_in import account_with

from dermdash.errors import DermdashError
from dermdash.storage import tables
from dermdash.storage.kept_flags import stale_flags
from dermdash.storage.workspace import Workspace
from dermdash.ui import maintenance, open_workspace
from dermdash.ui.maintenance import Maintenance
from dermdash.workflows.accounts import people
from dermdash.workflows.accounts.access import OPERATOR, Role
from dermdash.workflows.exports import running_export
from dermdash.workflows.workspace.app_processes import known_processes
from dermdash.workflows.workspace.app_requests import ask_the_app

pytestmark = pytest.mark.processes


@pytest.fixture(autouse=True)
def opened_here(duckdb_workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The workspace counts as the one that a page has opened."""
    monkeypatch.setattr(open_workspace, "_opened", [duckdb_workspace])
    monkeypatch.setattr(maintenance, "LOOK_EVERY_S", 0.02)


@contextmanager
def running() -> Iterator[None]:
    """The thread, as the server starts and stops it."""
    thread = Maintenance()
    thread.start()
    try:
        yield
    finally:
        thread.stop()


def write(workspace: Workspace) -> None:
    with workspace.engine.begin() as connection:
        connection.execute(tables.account.insert().values(id="a", created_at=sa.func.now()))


def comes_true(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 60
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def test_what_was_written_comes_into_the_databases_file_now_and_then(
    duckdb_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "CHECKPOINT_EVERY_S", 0.1)
    beside = duckdb_workspace.home / "dermdash.duckdb.wal"
    with running():
        write(duckdb_workspace)
        assert comes_true(lambda: not beside.exists())


def test_the_export_of_an_account_that_was_closed_is_removed_now_and_then(
    duckdb_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "CHECKPOINT_EVERY_S", 0.1)
    accounts = [account_with(duckdb_workspace, Role.STATISTICIAN, name=name) for name in ("Stay", "Go")]
    stays, goes = (running_export._folder(duckdb_workspace.home, account.id) for account in accounts)
    for folder in (stays, goes):
        folder.mkdir(parents=True)
        (folder / "out.zip").write_bytes(b"people's data")
    with running():
        time.sleep(0.3)
        assert goes.exists()
        people.close_account(duckdb_workspace, OPERATOR, accounts[1].id)
        assert comes_true(lambda: not goes.exists())
    assert stays.exists()


def test_what_is_kept_beside_records_past_the_app_is_put_right_when_the_workspace_opens(
    duckdb_workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    ids = fill_records(duckdb_workspace, per_class=1)
    with duckdb_workspace.engine.begin() as connection:
        connection.execute(tables.record.update().where(tables.record.c.id == ids[0]).values(breaks_rule=True))
    with running():
        assert comes_true(lambda: not dict(stale_flags(duckdb_workspace.engine)))
        assert comes_true(lambda: "1 records" in caplog.text)


def test_a_server_that_stops_gives_the_database_back_whole(duckdb_workspace: Workspace) -> None:
    write(duckdb_workspace)
    beside = duckdb_workspace.home / "dermdash.duckdb.wal"
    assert beside.exists()
    with running():
        pass
    assert not beside.exists()
    assert duckdb_workspace.engine.pool.checkedin() == 0


def test_a_fault_while_answering_a_command_is_logged_and_the_next_one_is_answered(
    duckdb_workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    usual = maintenance.answer_requests
    faults: list[BaseException] = [DermdashError("no"), OSError("no"), RuntimeError("no")]

    def sometimes(*arguments: object) -> int:
        if faults:
            raise faults.pop()
        return usual(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(maintenance, "answer_requests", sometimes)
    with running():
        assert ask_the_app(duckdb_workspace.home, "check", {})["sound"]
    assert not faults
    assert caplog.text.count("Commands cannot be answered") == 3


def test_without_an_open_workspace_there_is_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_workspace, "_opened", [])
    with running():
        time.sleep(0.1)


def test_a_process_says_how_it_is_while_it_runs(duckdb_workspace: Workspace) -> None:
    with running():
        assert comes_true(lambda: bool(known_processes(duckdb_workspace.home)))
        assert not known_processes(duckdb_workspace.home)[0].silent
    assert known_processes(duckdb_workspace.home) == []


def test_exports_are_removed_after_their_days_and_not_while_one_is_under_way(duckdb_workspace: Workspace) -> None:
    folders = [duckdb_workspace.home / running_export.FOLDER / name for name in ("old", "new", "at it")]
    month_ago = time.time() - 31 * 24 * 3600
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "written.json").write_text("{}")
    for folder in (folders[0], folders[2]):
        os.utime(folder / "written.json", (month_ago, month_ago))
    (folders[2] / "under_way.json").write_text("{}")
    running_export.remove_old_exports(duckdb_workspace.home, days=0)
    assert all(folder.exists() for folder in folders)
    running_export.remove_old_exports(duckdb_workspace.home, days=30)
    assert [folder.exists() for folder in folders] == [False, True, True]
