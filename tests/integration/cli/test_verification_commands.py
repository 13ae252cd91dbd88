"""`dermdash verify-log` and `dermdash verification ...`, in plain words and as JSON."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.ladder_workspace import add_curator, add_people, answer_next, fill_unannotated
from typer.testing import CliRunner

from dermdash.cli import app
from dermdash.storage import tables as t
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.verification.assign_reviews import assign_work


@pytest.fixture
def climbed(duckdb_workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Two records, one with the consensus melanoma; closed, as a command opens it."""
    fill_unannotated(duckdb_workspace, 2, verification_stage=1, dx="nv")
    people = add_people(duckdb_workspace, "ada", "ben", "cem", experts=["ada"])
    assign_work(duckdb_workspace, add_curator(duckdb_workspace), record_ids=["ladder:R0000"], claimed=True)
    for person in people:
        answer_next(duckdb_workspace, person, "mel")
    duckdb_workspace.close()
    monkeypatch.setenv("DERMDASH_HOME", str(duckdb_workspace.home))
    monkeypatch.delenv("DERMDASH_DATABASE_URL", raising=False)
    return duckdb_workspace


def run(*arguments: object, status: int = 0) -> str:
    done = CliRunner().invoke(app, [str(a) for a in arguments])
    assert done.exit_code == status, done.output
    return done.stdout


def as_json(*arguments: object, status: int = 0) -> Any:
    return json.loads(run(*arguments, "--json", status=status))


def test_a_whole_log_says_so_first(climbed: Workspace) -> None:
    found = as_json("verify-log")
    assert list(found)[:2] == ["whole", "entries"]
    assert found["whole"] is True
    assert found["entries"] > 8
    assert run("verify-log").startswith(f"Whole: {found['entries']} entries, 2 records.")


def test_a_broken_log_ends_with_status_1_and_names_the_first_broken_entry(climbed: Workspace, tmp_path: Path) -> None:
    head = tmp_path / "head.json"
    head.write_text(json.dumps(as_json("verify-log")))
    assert as_json("verify-log", "--head", head)["compared_with"]["entries"] > 8
    workspace = open_workspace(climbed.settings)
    with workspace.engine.begin() as connection:
        connection.execute(t.change_log.update().where(t.change_log.c.sequence == 4).values(reason="nothing happened"))
    workspace.close()
    found = as_json("verify-log", status=1)
    assert (found["whole"], found["first_broken"]) == (False, 4)
    assert "First broken entry: 4." in run("verify-log", status=1)
    head.write_text("[]")
    run("verify-log", "--head", head, status=1)


def test_status_says_what_stands_where_and_who_has_what(climbed: Workspace) -> None:
    found = as_json("verification", "status")
    (dataset,) = found["datasets"]
    assert (dataset["stages"], dataset["claimed"], dataset["outstanding"]) == ({"2": 1}, {"1": 1}, 1)
    assert {p["name"] for p in found["people"]} == {"Ada", "Ben", "Cem"}
    words = run("verification", "status")
    assert "reached here: 1 at stage 2" in words
    assert "malignant without histology: 1" in words
    run("verification", "status", "--dataset", "nowhere", status=1)


def test_work_is_assigned_and_histology_stored_and_taken_back(climbed: Workspace, tmp_path: Path) -> None:
    assert "ladder:R0000" in run("verification", "outstanding")
    assert as_json("verification", "outstanding")["outstanding"][0]["record_id"] == "ladder:R0000"
    made = as_json("verification", "assign", "--claimed", "--where", "verification_stage=1")
    assert sum(made["reviews"].values()) == 3
    run("verification", "assign", "--where", "colour=red", status=1)
    table = tmp_path / "histology.csv"
    table.write_text("image_id,diagnosis,report_number\nR0000,melanoma,H1\nR9999,nevus,H2\n")
    refused = as_json("verification", "histology", table, status=1)
    assert (refused["stored"], refused["complete"]) == (0, False)
    assert refused["problems"] == [
        {"row": 3, "name": "R9999", "reason": "there is no image 'R9999'", "status": "unknown"}
    ]
    assert "row 3 (R9999): there is no image" in run("verification", "histology", table, "--leave-out")
    assert as_json("verification", "outstanding")["outstanding"] == []
    opened = as_json("verification", "reopen", "ladder:R0000", "--reason", "wrong block", "--to", 2)
    assert opened == {"record": "ladder:R0000", "to_stage": 2, "cycle": 2}
    run("verification", "reopen", "ladder:R0001", "--reason", " ", status=1)
    assert as_json("verify-log")["whole"] is True
