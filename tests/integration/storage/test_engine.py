import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from dermdash.errors import DermdashError
from dermdash.storage import tables
from dermdash.storage.engine import HEAD_REVISION, back_up, current_revision, open_engine


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
        connection.execute(tables.account.insert().values(id="a", name="A", role="admin", created_at=sa.func.now()))
    copy = back_up(duckdb_workspace.engine)
    restored = open_engine(f"duckdb:///{copy}")
    with restored.connect() as connection:
        assert connection.execute(sa.select(tables.account.c.id)).scalars().all() == ["a"]
    restored.dispose()


def test_an_unknown_engine_is_named():
    with pytest.raises(DermdashError, match="mysql"):
        open_engine("mysql://localhost/x")
