"""Nobody else on the machine reads a workspace, whatever the umask under which the app was started."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.filled_workspace import fill_model, fill_records

from dermdash.settings import Settings
from dermdash.storage import private_files
from dermdash.storage.engine import back_up
from dermdash.storage.object_store import READING_LOGS
from dermdash.storage.readings import save_sending
from dermdash.storage.workspace import open_workspace
from dermdash.workflows.write_output import write_output


@pytest.fixture
def umask_022(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = os.umask(0o022)
    monkeypatch.setattr(private_files, "_usual", [])
    yield
    os.umask(before)


def open_to_others(home: Path) -> dict[str, str]:
    """What of a folder, itself included, another account may do anything with."""
    modes = {path: stat.S_IMODE(path.lstat().st_mode) for path in (home, *home.rglob("*"))}
    return {str(path.relative_to(home)): oct(mode) for path, mode in modes.items() if mode & 0o077}


@pytest.mark.usefixtures("umask_022")
def test_everything_in_a_workspace_is_for_its_account_alone(tmp_path: Path) -> None:
    home = tmp_path / "home" / "workspace"
    workspace = open_workspace(Settings(home=home))
    fill_model(workspace, fill_records(workspace))
    workspace.files.put(READING_LOGS, "ab" * 32, b"reader,case\n")
    back_up(workspace.engine)
    save_sending(workspace.engine, reader_id="r", assignment_id="a", phase="unaided", shown_sha256="0" * 64)
    # What a process that the app starts makes, as a training does.
    code = "import pathlib, sys; p = pathlib.Path(sys.argv[1]); p.mkdir(); (p / 'log').write_text('x')"
    subprocess.run([sys.executable, "-c", code, str(home / "training")], check=True)
    assert {path.name for path in home.iterdir()} >= {"dermdash.duckdb", "dermdash.duckdb.wal", "backups", "originals"}
    assert open_to_others(home) == {}
    workspace.close()


@pytest.mark.usefixtures("umask_022")
def test_a_workspace_that_an_older_version_left_open_is_closed_when_it_is_opened(tmp_path: Path) -> None:
    home = tmp_path / "workspace"
    open_workspace(Settings(home=home)).close()
    os.umask(0o022)
    (home / "thumbnails").mkdir()
    (home / "notes.txt").write_text("x")
    for path in (home, home / "dermdash.duckdb"):
        path.chmod(path.stat().st_mode | 0o055)
    open_workspace(Settings(home=home)).close()
    assert open_to_others(home) == {}


@pytest.mark.usefixtures("umask_022")
def test_a_folder_that_everybody_shares_stays_shared_and_outputs_stay_readable(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    open_workspace(Settings(home=shared)).close()
    assert stat.S_IMODE(shared.stat().st_mode) == 0o1777
    assert stat.S_IMODE((shared / "dermdash.duckdb").stat().st_mode) == 0o600
    write_output(tmp_path / "readings.csv", b"x")
    assert stat.S_IMODE((tmp_path / "readings.csv").stat().st_mode) == 0o644
