"""`dermdash backup`, `check` and `restore` as a person or a cron line runs them, with and without the running app."""

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.browser.served_app import ServedApp
from tests.command_line import CommandLine
from tests.kept_workspace import every_row, fill_kept_workspace
from typer.testing import CliRunner

from dermdash.cli import app as cli
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import issue_admin_link
from dermdash.workflows.workspace import app_requests

pytestmark = pytest.mark.processes

Dermdash = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def dermdash(commands: CommandLine) -> Dermdash:
    """Run `dermdash` from the folder that the workspace lies in."""

    def run(home: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
        return commands.run(home, *arguments, folder=home.parent)

    return run


SIGNING_IN = ("login", "account", "known_browser")
"""What changes by signing in while the app runs."""


def said(run: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    assert run.returncode in (0, 1), run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


@pytest.fixture
def app(tmp_path: Path) -> Iterator[ServedApp]:
    app = ServedApp(tmp_path)
    yield app
    app.stop()


def filled(workspace: Workspace) -> dict[str, list[dict[str, Any]]]:
    fill_kept_workspace(workspace)
    return every_row(workspace.engine)


def sign_in(app: ServedApp, link: str) -> None:
    """Let the app open its workspace, which it does when somebody comes, and store something."""
    path = "/sign-in/" + link.rsplit("/", 1)[1]
    with urllib.request.urlopen(urllib.request.Request(app.url + path), timeout=30):
        pass


def sessions(database: Path) -> int:
    """Sign-ins that the file alone holds, as a copy of it would."""
    alone = database.with_name("alone.duckdb")
    alone.write_bytes(database.read_bytes())
    with duckdb.connect(str(alone)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM login_session").fetchone() or (0,)
    alone.unlink()
    return int(count)


def test_backup_check_and_restore_while_the_app_runs_and_after_it_ended(
    app: ServedApp, tmp_path: Path, dermdash: Dermdash
) -> None:
    with app.workspace() as workspace:
        rows = filled(workspace)
        link = issue_admin_link(workspace)
    app.start()
    sign_in(app, link)
    made = said(dermdash(app.home, "backup", "copies/today", "--json"))
    assert made["backup"] == str(tmp_path / "copies" / "today")  # from where the command stood, not the app
    assert made["readings"] == len(rows["reading"])
    assert made["tables"]["login_session"] == 1
    assert said(dermdash(app.home, "check", "--json"))["sound"]
    refused = dermdash(app.home, "restore", made["backup"], "--replace")
    assert refused.returncode == 1
    assert "Stop the app first" in refused.stderr

    beside = app.home / "dermdash.duckdb.wal"
    assert beside.exists()  # what was signed in is not in the database's file yet: the next lines show something
    assert sessions(app.home / "dermdash.duckdb") == 0
    app.stop()
    assert not beside.exists()
    assert sessions(app.home / "dermdash.duckdb") == 1

    restored = dermdash(app.home, "restore", made["backup"], "--into", tmp_path / "again")
    assert restored.returncode == 0, restored.stderr
    app.home = tmp_path / "again"
    with app.workspace() as workspace:
        again = every_row(workspace.engine)
    assert {name: again[name] for name in rows if not name.startswith(SIGNING_IN)} == {
        name: rows[name] for name in rows if not name.startswith(SIGNING_IN)
    }


def test_ctrl_c_leaves_the_database_whole_too(app: ServedApp) -> None:
    with app.workspace() as workspace:
        link = issue_admin_link(workspace)
    app.start()
    sign_in(app, link)
    assert app.process is not None
    app.process.send_signal(signal.SIGINT)
    app.process.wait(timeout=60)
    app.process = None
    assert not (app.home / "dermdash.duckdb.wal").exists()
    assert sessions(app.home / "dermdash.duckdb") == 1


def test_a_workspace_held_by_a_command_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_requests, "PATIENCE_S", 1.0)
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "workspace"))
    monkeypatch.delenv("DERMDASH_DATABASE_URL", raising=False)
    home = tmp_path / "workspace"
    home.mkdir()
    database = home / "dermdash.duckdb"
    code = f"import duckdb; c = duckdb.connect({str(database)!r}); print('open', flush=True); input()"
    holder = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        run = CliRunner().invoke(cli, ["check"])
    finally:
        holder.communicate(b"\n")
    assert run.exit_code == 1
    assert "does not answer" in run.stderr
    assert list((home / "requests").iterdir()) == []


def test_without_an_app_the_commands_do_it_themselves_and_faults_are_lines_with_exit_code_1(
    app: ServedApp, dermdash: Dermdash
) -> None:
    with app.workspace() as workspace:
        filled(workspace)
    backup = app.home.parent / "backup"
    first = dermdash(app.home, "backup", backup)
    assert first.returncode == 0, first.stderr
    assert "of which" in first.stdout
    victim = min(path for path in (app.home / "originals").rglob("*") if path.is_file())
    victim.unlink()
    found = dermdash(app.home, "check")
    assert found.returncode == 1
    assert found.stdout.splitlines() == [
        line for line in found.stdout.splitlines() if line.startswith(f"originals/{victim.parent.name}/{victim.name}")
    ]
    assert len(found.stdout.splitlines()) == 1
    assert dermdash(app.home, "check", "--backup", backup).returncode == 0
    kept = backup / victim.relative_to(app.home)
    kept.write_bytes(b"something else")
    damaged = said(dermdash(app.home, "check", "--backup", backup, "--json"))
    assert [fault["text"].split(" is ")[0] for fault in damaged["faults"]] == [str(kept.relative_to(backup))]


def test_a_folder_that_is_no_workspace_is_not_made_one(tmp_path: Path, dermdash: Dermdash) -> None:
    run = dermdash(tmp_path / "nowhere", "backup", tmp_path / "out")
    assert run.returncode == 1
    assert "There is no workspace" in run.stderr
    assert list(tmp_path.iterdir()) == []
