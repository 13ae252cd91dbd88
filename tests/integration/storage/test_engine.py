import errno
import subprocess
import sys
from pathlib import Path
from typing import IO

import alembic.op
import duckdb
import pytest
import sqlalchemy as sa
from tests.postgresql_server import create_database

from dermdash.errors import DermdashError, WorkspaceFull
from dermdash.storage import object_store, tables
from dermdash.storage.engine import HEAD_REVISION, back_up, checkpoint, current_revision, open_engine, upgrade
from dermdash.storage.workspace import Workspace


def test_a_fresh_database_has_the_newest_schema(workspace):
    assert current_revision(workspace.engine) == HEAD_REVISION
    names = set(sa.inspect(workspace.engine).get_table_names())
    assert names == {*tables.metadata.tables, "alembic_version"}


def test_migrations_build_exactly_the_tables_of_the_code(workspace):
    inspector = sa.inspect(workspace.engine)
    for name, table in tables.metadata.tables.items():
        assert {c["name"] for c in inspector.get_columns(name)} == set(table.c.keys()), name


def test_head_revision_names_the_newest_script():
    folder = Path(tables.__file__).parent / "migrations" / "versions"
    newest = sorted(folder.glob("v*.py"))[-1]
    assert newest.name.startswith(f"v{HEAD_REVISION}_")
    assert f'revision = "{HEAD_REVISION}"' in newest.read_text()


def test_a_second_process_is_told_who_holds_the_workspace(duckdb_workspace):
    url = duckdb_workspace.engine.url.render_as_string()
    code = f"from dermdash.storage.engine import open_engine; open_engine({url!r})"
    second = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    last = second.stderr.strip().splitlines()[-1]
    assert "WorkspaceLocked" in last
    assert "Stop the app first" in last
    assert "DERMDASH_DATABASE_URL" in last


def test_a_newer_workspace_is_refused_with_the_way_out(duckdb_workspace):
    with duckdb_workspace.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    duckdb_workspace.close()
    with pytest.raises(DermdashError, match="newer dermdash"):
        open_engine(duckdb_workspace.engine.url.render_as_string())


def test_a_backup_opens_and_holds_the_rows(duckdb_workspace):
    with duckdb_workspace.engine.begin() as connection:
        connection.execute(tables.account.insert().values(id="a", created_at=sa.func.now()))
    copy = back_up(duckdb_workspace.engine)
    restored = open_engine(f"duckdb:///{copy}")
    with restored.connect() as connection:
        assert connection.execute(sa.select(tables.account.c.id)).scalars().all() == ["a"]
    restored.dispose()


def add_account(engine: sa.Engine, name: str) -> None:
    with engine.begin() as connection:
        connection.execute(tables.account.insert().values(id=name, created_at=sa.func.now()))


def accounts_in_a_copy(database: Path, folder: Path) -> list[str]:
    """What the file alone holds, without what lies beside it."""
    alone = folder / "alone.duckdb"
    alone.write_bytes(database.read_bytes())
    with duckdb.connect(str(alone)) as connection:
        return [name for (name,) in connection.execute("SELECT id FROM account ORDER BY id").fetchall()]


def test_a_workspace_that_was_closed_is_whole_in_its_file_alone(duckdb_workspace: Workspace, tmp_path: Path) -> None:
    add_account(duckdb_workspace.engine, "a")
    database = duckdb_workspace.home / "dermdash.duckdb"
    assert database.with_name("dermdash.duckdb.wal").stat().st_size > 0
    duckdb_workspace.close()
    assert not database.with_name("dermdash.duckdb.wal").exists()
    assert accounts_in_a_copy(database, tmp_path) == ["a"]


def test_a_checkpoint_leaves_a_transaction_that_goes_on_alone(duckdb_workspace: Workspace, tmp_path: Path) -> None:
    engine = duckdb_workspace.engine
    add_account(engine, "a")
    with engine.connect() as connection, connection.begin():
        connection.execute(tables.account.insert().values(id="b", created_at=sa.func.now()))
        checkpoint(engine)  # now or later, and in nobody's way
        add_account(engine, "c")
    assert checkpoint(engine)
    assert accounts_in_a_copy(duckdb_workspace.home / "dermdash.duckdb", tmp_path) == ["a", "b", "c"]


def test_nothing_is_to_be_done_where_the_database_is_a_server_or_nothing_was_written(workspace: Workspace) -> None:
    assert checkpoint(workspace.engine)
    assert checkpoint(workspace.engine)


def write_older(folder: Path) -> str:
    """A workspace of version 3 with one data set; its URL."""
    folder.mkdir(exist_ok=True)
    url = f"duckdb:///{folder / 'dermdash.duckdb'}"
    old = sa.create_engine(url, poolclass=sa.NullPool)
    upgrade(old, "0003")
    with old.begin() as connection:
        connection.execute(sa.text("INSERT INTO dataset VALUES ('d', 'D', 'ham7', '', '', false, now())"))
    old.dispose()
    return url


def revision_of(url: str) -> str | None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    try:
        return current_revision(engine)
    finally:
        engine.dispose()


def test_an_upgrade_that_broke_off_goes_on_from_the_migration_that_it_had_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = write_older(tmp_path / "workspace")
    create = alembic.op.create_table

    def interrupted(name: str, *columns: object) -> object:
        if name == "record_further":
            raise KeyboardInterrupt
        return create(name, *columns)

    with monkeypatch.context() as patched:
        patched.setattr(alembic.op, "create_table", interrupted)
        with pytest.raises(KeyboardInterrupt):
            open_engine(url)
    # Nothing of the one that broke off is there, and all of those before it.
    assert revision_of(url) == "0008"
    engine = open_engine(url)
    assert current_revision(engine) == HEAD_REVISION
    columns = [c["name"] for c in sa.inspect(engine).get_columns("record")]
    assert columns.count("image_type") == 1
    with engine.connect() as connection:
        assert connection.execute(sa.select(tables.dataset.c.name)).scalars().all() == ["D"]
    engine.dispose()


def test_an_upgrade_without_room_for_the_copy_says_so_and_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = write_older(tmp_path)

    def half(source: IO[bytes], target: IO[bytes], *_: int) -> None:
        target.write(source.read(100_000))
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(object_store.shutil, "copyfileobj", half)
        with pytest.raises(WorkspaceFull, match=r"has no room for the copy .*MB are needed.*Free some space"):
            open_engine(url)
    assert list((tmp_path / "backups").iterdir()) == []
    assert revision_of(url) == "0003"
    open_engine(url).dispose()
    assert revision_of(url) == HEAD_REVISION
    (copy,) = (tmp_path / "backups").iterdir()
    assert revision_of(f"duckdb:///{copy}") == "0003"
    assert copy.stat().st_mode & 0o077 == 0


def test_a_newer_workspace_names_the_copy_from_before_the_upgrade_where_there_is_one(
    duckdb_workspace: Workspace,
) -> None:
    with duckdb_workspace.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    duckdb_workspace.close()
    url = duckdb_workspace.engine.url.render_as_string()
    with pytest.raises(DermdashError, match="restore a backup that was made before the upgrade"):
        open_engine(url)
    copy = duckdb_workspace.home / "backups" / "dermdash-20260101T000000000000.duckdb"
    copy.parent.mkdir()
    copy.write_bytes(b"")
    with pytest.raises(DermdashError) as refused:
        open_engine(url)
    assert str(copy) in str(refused.value)


@pytest.mark.postgresql
def test_a_newer_database_on_a_server_is_not_sent_to_a_folder_that_it_does_not_have(
    postgresql_server: str, tmp_path: Path
) -> None:
    url = create_database(postgresql_server)
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(DermdashError) as refused:
        open_engine(url)
    said = str(refused.value)
    assert "newer dermdash (schema 9999" in said
    assert "pg_restore" in said
    assert "backups folder" not in said


def test_an_unknown_engine_is_named():
    with pytest.raises(DermdashError, match="mysql"):
        open_engine("mysql://localhost/x")
