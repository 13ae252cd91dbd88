"""Imported logs in the database of either engine, and a workspace of before they were there."""

from typing import Any

import pytest
import sqlalchemy as sa

from dermdash.errors import InvalidInput, NotFound
from dermdash.settings import Settings
from dermdash.storage import engine, reading_logs
from dermdash.storage.workspace import Workspace, open_workspace


def values(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": "one", "name": "Vienna", "format": "dermachallenge", "sha256": "ab", "file_name": "log.csv",
        "options": {"mapping": {"modality:a": "cbir"}}, "truth_sha256": None, "readings": 10, "readers": 2, "cases": 5,
        "simulated": False, "recognised": "DermaChallenge.", "excluded": {"timeout": 1}, "imported_by": "admin",
    }  # fmt: skip
    return made | changes


def test_a_log_is_stored_with_options_and_counts(workspace: Workspace) -> None:
    reading_logs.save_reading_log(workspace.engine, values=values())
    row = reading_logs.get_reading_log(workspace.engine, "one")
    assert row["options"] == {"mapping": {"modality:a": "cbir"}}
    assert (row["excluded"], row["readers"], row["withdrawn_at"]) == ({"timeout": 1}, 2, None)
    assert row["imported_at"].tzinfo is not None
    with pytest.raises(NotFound, match="'two'"):
        reading_logs.get_reading_log(workspace.engine, "two")


def test_a_name_is_free_again_when_its_log_is_withdrawn(workspace: Workspace) -> None:
    reading_logs.save_reading_log(workspace.engine, values=values())
    with pytest.raises(InvalidInput, match="'Vienna' already"):
        reading_logs.save_reading_log(workspace.engine, values=values(id="two"))
    for _ in range(2):
        reading_logs.withdraw_reading_log(workspace.engine, "one", withdrawn_by="admin")
    reading_logs.save_reading_log(workspace.engine, values=values(id="two"))
    assert [row["id"] for row in reading_logs.list_reading_logs(workspace.engine)] == ["two"]
    every = reading_logs.list_reading_logs(workspace.engine, withdrawn=True)
    assert {row["id"]: row["generation"] for row in every} == {"one": 1, "two": 2}
    assert reading_logs.get_reading_log(workspace.engine, "one")["withdrawn_by"] == "admin"


def test_a_workspace_of_version_2_gets_the_tables_and_keeps_its_rows(tmp_path) -> None:
    settings = Settings(home=tmp_path / "old")
    settings.home.mkdir()
    old = sa.create_engine(settings.resolved_database_url, poolclass=sa.NullPool)
    engine.upgrade(old, "0002")
    with old.begin() as connection:
        connection.execute(sa.text("INSERT INTO account VALUES ('a', 'A', 'admin', now())"))
    old.dispose()
    workspace = open_workspace(settings)
    reading_logs.save_reading_log(workspace.engine, values=values())
    with workspace.engine.connect() as connection:
        assert connection.execute(sa.text("SELECT id FROM account")).scalars().all() == ["a"]
    assert len(list((tmp_path / "old" / "backups").iterdir())) == 1
    workspace.close()
