"""Backups of a workspace in use, and what comes back from them."""

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.filled_workspace import answer_next, begin
from tests.kept_workspace import every_file, every_row, fill_kept_workspace
from tests.made_once import MadeOnce
from tests.postgresql_server import create_database

from dermdash.errors import DermdashError, InvalidInput, WorkspaceFull, WorkspaceLocked
from dermdash.settings import Settings
from dermdash.storage import engine as engines
from dermdash.storage import tables
from dermdash.storage.object_store import ORIGINALS
from dermdash.storage.workspace import UNFINISHED_RESTORE, Workspace, open_workspace
from dermdash.workflows.reader_study import reading_standing
from dermdash.workflows.workspace import back_up as making
from dermdash.workflows.workspace.back_up import back_up
from dermdash.workflows.workspace.backup_folder import DATABASE, MANIFEST, SUMS, damaged_files
from dermdash.workflows.workspace.check_workspace import check_workspace
from dermdash.workflows.workspace.restore import restore

THREADS, READERS = 3, 40


@contextmanager
def opened(settings: Settings) -> Iterator[Workspace]:
    workspace = open_workspace(settings)
    try:
        yield workspace
    finally:
        workspace.close()


@pytest.fixture
def kept(made_once: MadeOnce, tmp_path: Path) -> Iterator[Workspace]:
    """A filled workspace of its own for each test."""
    made_once.copy(fill_kept_workspace, tmp_path / "workspace")
    with opened(Settings(home=tmp_path / "workspace")) as workspace:
        yield workspace


def damage(path: Path) -> None:
    """Change one byte and neither size nor name."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


class AnsweringReaders:
    """Threads in which one reader after the other answers every case, until told to stop."""

    def __init__(self, workspace: Workspace, tokens: list[str]) -> None:
        self.acknowledged: list[str] = []
        self._workspace, self._tokens = workspace, tokens
        self._over, self.failures = threading.Event(), list[Exception]()
        self._threads = [threading.Thread(target=self._run) for _ in range(THREADS)]

    def __enter__(self) -> "AnsweringReaders":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, count: int) -> None:
        end = time.monotonic() + 60
        while len(self.acknowledged) < count and time.monotonic() < end and not self.failures:
            time.sleep(0.005)
        assert not self.failures
        assert len(self.acknowledged) >= count

    def _run(self) -> None:
        try:
            while not self._over.is_set() and self._tokens:
                self._read(self._tokens.pop())
        except Exception as error:  # noqa: BLE001
            self.failures.append(error)

    def _read(self, token: str) -> None:
        study_id, reader_id = begin(self._workspace, token)
        while not self._over.is_set():
            session = reading_standing.load_session(self._workspace, study_id, reader_id)
            if session.step.assignment is None:
                return
            self.acknowledged.extend(answer_next(self._workspace, session).acknowledged)


def test_a_backup_taken_while_readers_answer_holds_every_answer_acknowledged_before_it(
    workspace: Workspace, tmp_path: Path
) -> None:
    _, tokens = fill_kept_workspace(workspace, readers=READERS)
    quiet = every_row(workspace.engine)
    with AnsweringReaders(workspace, tokens) as readers:
        readers.wait_for(20)
        before = set(readers.acknowledged)
        made = back_up(workspace, tmp_path / "backup")
        during = set(readers.acknowledged) - before
        readers.wait_for(len(readers.acknowledged) + 5)  # they go on
        meanwhile = check_workspace(workspace)
    assert not readers.failures
    assert during  # else nothing was shown
    assert meanwhile.sound, meanwhile.faults
    live = every_row(workspace.engine)

    with opened(Settings(home=tmp_path / "elsewhere")) as empty:
        nothing = every_row(empty.engine)
    assert not any(nothing.values())
    shutil.rmtree(tmp_path / "elsewhere")
    settings = Settings(home=tmp_path / "elsewhere")
    restored = restore(made.folder, settings)
    assert restored.tables == made.tables
    with opened(settings) as again:
        rows = every_row(again.engine)
        checked = check_workspace(again)
        files = every_file(again.home)
    assert before <= {row["id"] for row in rows["reading"]}
    for name in rows:
        assert all(row in live[name] for row in rows[name]), name  # nothing that never was
        assert all(row in rows[name] for row in quiet[name]), name  # nothing of before is missing
    assert checked.sound, checked.faults
    assert files == every_file(workspace.home)


def test_what_was_taken_from_one_engine_comes_back_in_the_other(
    postgresql_server: str, kept: Workspace, tmp_path: Path
) -> None:
    rows = every_row(kept.engine)
    taken = back_up(kept, tmp_path / "of duckdb")
    url = create_database(postgresql_server)
    server = Settings(home=tmp_path / "on server", database_url=url)
    restore(taken.folder, server)
    with opened(server) as there:
        assert every_row(there.engine) == rows
        assert check_workspace(there).sound
        again = back_up(there, tmp_path / "of postgresql")
    assert again.engine == "postgresql"
    assert again.tables == taken.tables
    local = Settings(home=tmp_path / "local")
    restore(again.folder, local)
    with opened(local) as back:
        assert every_row(back.engine) == rows
        assert every_file(back.home) == every_file(kept.home)


def test_a_postgresql_database_that_holds_something_is_not_restored_into(
    postgresql_server: str, kept: Workspace, tmp_path: Path
) -> None:
    taken = back_up(kept, tmp_path / "backup")
    settings = Settings(home=tmp_path / "other", database_url=create_database(postgresql_server))
    restore(taken.folder, settings)
    with pytest.raises(InvalidInput, match=r"is not empty\. Name an empty one in DERMDASH_DATABASE_URL"):
        restore(taken.folder, settings, replace=True)
    with opened(settings) as workspace:
        assert every_row(workspace.engine) == every_row(kept.engine)


def test_a_second_backup_into_the_same_folder_copies_only_what_is_new(kept: Workspace, tmp_path: Path) -> None:
    first = back_up(kept, tmp_path / "backup")
    data = b"one more"
    kept.files.put("reading_logs", hashlib.sha256(data).hexdigest(), data)
    second = back_up(kept, tmp_path / "backup")
    assert first.copied == first.files
    assert second.copied == 1
    assert second.files == first.files + 1
    assert damaged_files(tmp_path / "backup") == {}


def test_a_backup_keeps_what_was_lost_or_damaged_in_the_workspace_since(kept: Workspace, tmp_path: Path) -> None:
    back_up(kept, tmp_path / "backup")
    first, second = sorted(p for p in (kept.home / ORIGINALS).rglob("*") if p.is_file())[:2]
    first.unlink()
    second.write_bytes(second.read_bytes()[:100])
    made = back_up(kept, tmp_path / "backup")
    assert made.gone == (first.relative_to(kept.home).as_posix(),)
    assert made.damaged == (second.relative_to(kept.home).as_posix(),)
    restore(made.folder, Settings(home=tmp_path / "again"))
    with opened(Settings(home=tmp_path / "again")) as again:
        assert check_workspace(again).sound


def test_only_the_owner_can_read_a_backup(kept: Workspace, tmp_path: Path) -> None:
    made = back_up(kept, tmp_path / "backup")
    assert made.folder.stat().st_mode & 0o077 == 0
    written = [p for p in made.folder.rglob("*") if p.is_file() and not p.name.startswith(".")]
    assert all(path.stat().st_mode & 0o077 == 0 for path in written)


def test_sha256sum_reads_the_list_of_a_backup(kept: Workspace, tmp_path: Path) -> None:
    if shutil.which("sha256sum") is None:
        pytest.skip("sha256sum is not installed")
    made = back_up(kept, tmp_path / "backup")
    run = subprocess.run(["sha256sum", "-c", "--quiet", SUMS], cwd=made.folder, capture_output=True, check=False)
    assert (run.returncode, run.stdout) == (0, b"")


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("workspace/backups/mine", "lie in one another"),
        ("", "lie in one another"),
        ("letters", "holds letter.txt and is no backup"),
        ("letters/letter.txt", "is a file"),
    ],
)
def test_a_backup_is_not_made_where_it_would_mix_with_something_else(
    kept: Workspace, tmp_path: Path, where: str, words: str
) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "letter.txt").write_text("Dear reader")
    with pytest.raises(InvalidInput, match=words):
        back_up(kept, tmp_path / where)
    assert [p.name for p in (tmp_path / "letters").iterdir()] == ["letter.txt"]


def test_the_backup_of_another_workspace_is_left_as_it_is(kept: Workspace, tmp_path: Path) -> None:
    back_up(kept, tmp_path / "backup")
    with opened(Settings(home=tmp_path / "other")) as other, pytest.raises(InvalidInput, match="another workspace"):
        back_up(other, tmp_path / "backup")
    assert damaged_files(tmp_path / "backup") == {}


def test_two_backups_into_one_folder_at_once_are_refused(kept: Workspace, tmp_path: Path) -> None:
    def another(words: str, share: float) -> None:
        if share == 0:
            with pytest.raises(InvalidInput, match="Another backup is being made"):
                back_up(kept, tmp_path / "backup")

    back_up(kept, tmp_path / "backup", progress=another)
    assert damaged_files(tmp_path / "backup") == {}


def test_a_backup_that_was_killed_is_none_and_the_next_one_finishes_it(kept: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    kept.close()
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from dermdash.settings import Settings; from dermdash.storage.workspace import open_workspace\n"
        "from dermdash.workflows.workspace.back_up import back_up\n"
        "kill = lambda words, share: share > 0.5 and os.kill(os.getpid(), signal.SIGKILL)\n"
        "back_up(open_workspace(Settings(home=Path(sys.argv[1]))), Path(sys.argv[2]), progress=kill)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, kept.home, folder], check=False, capture_output=True)
    assert killed.returncode == -9, killed.stderr.decode()
    assert any((folder / ORIGINALS).rglob("*"))
    with pytest.raises(InvalidInput, match=r"not finished: it has no backup\.json"):
        restore(folder, Settings(home=tmp_path / "again"))
    assert not (tmp_path / "again").exists()
    made = back_up(kept, folder)
    assert made.copied < made.files
    assert damaged_files(folder) == {}
    assert [p.name for p in folder.rglob(".*") if p.name != ".backup-lock"] == []


def no_room(*_: Any, **__: Any) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_disk_that_fills_up_leaves_the_earlier_backup_as_it_was(
    kept: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = back_up(kept, tmp_path / "backup")
    held = {path: path.read_bytes() for path in made.folder.rglob("*") if path.is_file()}
    with kept.engine.begin() as connection:
        connection.execute(tables.account.insert().values(id="x", created_at=sa.func.now()))
    for i in range(3):
        data = f"mask {i}".encode()
        kept.files.put("masks", hashlib.sha256(data).hexdigest(), data)
    kept.checkpoint("new").write_bytes(b"another model")
    with monkeypatch.context() as full:
        full.setattr(making, "copy_and_hash", no_room)
        with pytest.raises(WorkspaceFull, match=r"The disk of the backup .* is full\. Free some space"):
            back_up(kept, made.folder)
    assert {path: path.read_bytes() for path in made.folder.rglob("*") if path.is_file()} == held
    back_up(kept, made.folder)
    assert damaged_files(made.folder) == {}


def test_a_disk_that_is_too_small_is_said_and_nothing_is_left_that_looks_like_a_backup(
    kept: Workspace, small_disk: Path, tmp_path: Path
) -> None:
    with pytest.raises(WorkspaceFull, match="The disk of the backup"):
        back_up(kept, small_disk / "backup")
    with pytest.raises(InvalidInput, match="is no backup"):
        restore(small_disk / "backup", Settings(home=tmp_path / "again"))
    assert not [p for p in (small_disk / "backup").glob(".*") if p.name != ".backup-lock"]
    made = back_up(kept, tmp_path / "backup")
    with pytest.raises(WorkspaceFull, match="nothing was restored"):
        restore(made.folder, Settings(home=small_disk / "again"))
    assert [p.name for p in (small_disk / "again").iterdir()] == [".restore-lock"]


@pytest.mark.parametrize("part", [DATABASE, "originals", "models", SUMS, MANIFEST])
def test_a_damaged_backup_is_refused_and_the_damage_named(kept: Workspace, tmp_path: Path, part: str) -> None:
    made = back_up(kept, tmp_path / "backup")
    path = made.folder / part
    victim = path if path.is_file() else min(p for p in path.rglob("*") if p.is_file())
    if part == SUMS:
        victim.write_text(victim.read_text().replace("models/", "../models/"))
    elif part == MANIFEST:
        victim.write_text(victim.read_text()[:-20])
    else:
        damage(victim)
    with opened(Settings(home=tmp_path / "again")) as workspace:
        before = every_row(workspace.engine), every_file(workspace.home)
    with pytest.raises(InvalidInput) as refused:
        restore(made.folder, Settings(home=tmp_path / "again"), replace=True)
    assert victim.relative_to(made.folder).as_posix() in str(refused.value)
    with opened(Settings(home=tmp_path / "again")) as workspace:
        assert (every_row(workspace.engine), every_file(workspace.home)) == before


@pytest.mark.parametrize("change", [{"tables": {"reading": "many"}}, {"tables": ["reading"]}, {"format": True}])
def test_a_manifest_with_other_values_than_ours_is_called_damaged(
    kept: Workspace, tmp_path: Path, change: dict[str, object]
) -> None:
    made = back_up(kept, tmp_path / "backup")
    manifest = json.loads((made.folder / MANIFEST).read_text())
    (made.folder / MANIFEST).write_text(json.dumps(manifest | change))
    with pytest.raises(InvalidInput, match=r"backup\.json cannot be read"):
        restore(made.folder, Settings(home=tmp_path / "again"))


def test_a_file_that_is_missing_in_a_backup_is_named(kept: Workspace, tmp_path: Path) -> None:
    made = back_up(kept, tmp_path / "backup")
    victim = min(p for p in (made.folder / "masks").rglob("*") if p.is_file())
    victim.unlink()
    name = victim.relative_to(made.folder).as_posix()
    assert damaged_files(made.folder) == {name: "missing"}
    with pytest.raises(InvalidInput, match=f"{name} is missing"):
        restore(made.folder, Settings(home=tmp_path / "again"))


def test_the_backup_of_a_newer_version_is_refused(kept: Workspace, tmp_path: Path) -> None:
    made = back_up(kept, tmp_path / "backup")
    manifest = json.loads((made.folder / MANIFEST).read_text())
    (made.folder / MANIFEST).write_text(json.dumps(manifest | {"schema": "9999", "dermdash": "9.1"}))
    with pytest.raises(InvalidInput, match=r"newer dermdash \(9.1\): install that one"):
        restore(made.folder, Settings(home=tmp_path / "again"))


def test_a_backup_of_an_older_schema_is_upgraded_on_its_way(tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    folder.mkdir()
    old = sa.create_engine(f"duckdb:///{folder / DATABASE}", poolclass=sa.NullPool)
    engines.upgrade(old, "0003")
    with old.begin() as connection:
        connection.execute(sa.text("INSERT INTO dataset VALUES ('d', 'D', 'ham7', '', '', false, now())"))
    old.dispose()
    digest = hashlib.sha256((folder / DATABASE).read_bytes()).hexdigest()
    (folder / SUMS).write_text(f"{digest}  {DATABASE}\n")
    (folder / MANIFEST).write_text(json.dumps({"format": 1, "schema": "0003", "tables": {"dataset": 1}}))
    restore(folder, Settings(home=tmp_path / "again"))
    assert damaged_files(folder) == {}  # the backup itself stays as it was
    with opened(Settings(home=tmp_path / "again")) as again:
        assert engines.current_revision(again.engine) == engines.HEAD_REVISION
        assert [row["id"] for row in every_row(again.engine)["dataset"]] == ["d"]


def test_what_is_in_the_workspace_is_moved_aside_only_when_asked(
    kept: Workspace, made_once: MadeOnce, tmp_path: Path
) -> None:
    made = back_up(kept, tmp_path / "backup")
    settings = Settings(home=tmp_path / "other")
    made_once.copy(fill_kept_workspace, settings.home)
    with opened(settings) as other:
        with other.engine.begin() as connection:
            connection.execute(tables.account.insert().values(id="x", created_at=sa.func.now()))
        theirs = every_row(other.engine)
    with pytest.raises(InvalidInput, match="--replace moves what is there"):
        restore(made.folder, settings)
    with opened(settings) as other:
        assert every_row(other.engine) == theirs
    restored = restore(made.folder, settings, replace=True)
    with opened(settings) as other:
        assert every_row(other.engine) == every_row(kept.engine)
    assert restored.replaced is not None
    with opened(Settings(home=restored.replaced)) as aside:
        assert every_row(aside.engine) == theirs
        assert check_workspace(aside).sound


def test_a_workspace_that_is_open_elsewhere_is_not_replaced(kept: Workspace, tmp_path: Path) -> None:
    made = back_up(kept, tmp_path / "backup")
    with opened(Settings(home=tmp_path / "other")):
        pass
    database = tmp_path / "other" / "dermdash.duckdb"
    code = f"import duckdb; c = duckdb.connect({str(database)!r}); print('open', flush=True); input()"
    holder = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(WorkspaceLocked):
            restore(made.folder, Settings(home=tmp_path / "other"), replace=True)
    finally:
        holder.communicate(b"\n")
    assert not (tmp_path / "other" / UNFINISHED_RESTORE).exists()


def test_a_database_that_is_no_longer_one_can_be_replaced(kept: Workspace, tmp_path: Path) -> None:
    made = back_up(kept, tmp_path / "backup")
    rows = every_row(kept.engine)
    kept.close()
    (kept.home / "dermdash.duckdb").write_bytes(b"no database at all " * 1000)
    restore(made.folder, kept.settings, replace=True)
    with opened(kept.settings) as again:
        assert every_row(again.engine) == rows


@contextmanager
def dies_at(monkeypatch: pytest.MonkeyPatch, method: str, count: int) -> Iterator[list[Path]]:
    """The process ends instead of renaming the file of that number; yields the files it was to rename."""
    usual, seen = getattr(Path, method), list[Path]()

    def rename(self: Path, target: Path) -> Path:
        seen.append(self)
        if len(seen) > count:
            raise KeyboardInterrupt
        renamed: Path = usual(self, target)
        return renamed

    with monkeypatch.context() as dying:
        dying.setattr(Path, method, rename)
        yield seen


def test_a_restore_that_dies_between_any_two_renames_is_never_opened_and_can_be_run_again(
    kept: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = back_up(kept, tmp_path / "backup")
    rows = every_row(kept.engine)
    with kept.engine.begin() as connection:
        connection.execute(tables.account.insert().values(id="x", created_at=sa.func.now()))
    replaced = every_row(kept.engine)
    kept.close()
    shutil.copytree(kept.home, tmp_path / "as it was")
    for count in range(100):
        shutil.rmtree(kept.home)
        shutil.copytree(tmp_path / "as it was", kept.home)
        with dies_at(monkeypatch, "rename", count) as renamed:
            try:
                restore(made.folder, kept.settings, replace=True)
            except KeyboardInterrupt:
                pass
            else:
                break
        with pytest.raises(DermdashError, match="was not finished: wait, or run `dermdash restore"):
            open_workspace(kept.settings)
        restore(made.folder, kept.settings)  # what is half there needs no --replace
        with opened(kept.settings) as again:
            assert every_row(again.engine) == rows
            assert every_file(again.home) == every_file(tmp_path / "as it was")
        databases = [p for p in (kept.home / "backups").rglob("*.duckdb") if accounts(p) == len(replaced["account"])]
        assert databases  # what was there before is still somewhere
    assert count == len(renamed) > 8


def accounts(database: Path) -> int:
    engine = engines.open_engine(f"duckdb:///{database}")
    try:
        with engine.connect() as connection:
            found: int = connection.execute(sa.select(sa.func.count()).select_from(tables.account)).scalar_one()
            return found
    finally:
        engine.dispose()


def test_a_backup_that_dies_between_any_two_renames_is_a_whole_one_or_none(
    kept: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backup"
    back_up(kept, folder)
    whole = 0
    for count in range(100):
        kept.checkpoint("changing").write_bytes(f"weights {count}".encode())
        kept.files.put("masks", hashlib.sha256(str(count).encode()).hexdigest(), str(count).encode())
        with dies_at(monkeypatch, "replace", count):
            try:
                back_up(kept, folder)
            except KeyboardInterrupt:
                pass
            else:
                break
        if (folder / MANIFEST).exists():
            whole += 1
        else:
            with pytest.raises(InvalidInput, match="not finished"):
                damaged_files(folder)
            back_up(kept, folder)
        assert damaged_files(folder) == {}
    assert count > whole > 0
