"""`dermdash acquisition`: measuring, the list, scores out of a table, and what is said of bad input."""

import json
from pathlib import Path

import pytest
from tests.filled_workspace import fill_records
from tests.made_once import MadeOnce
from typer.testing import CliRunner

from dermdash.cli import app
from dermdash.storage.object_store import ORIGINALS


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made_once: MadeOnce) -> Path:
    workspace, _ = made_once.open_copy(fill_records, tmp_path / "workspace")
    workspace.close()
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "workspace"))
    monkeypatch.setenv("DERMDASH_WORKERS", "1")
    monkeypatch.delenv("DERMDASH_DATABASE_URL", raising=False)
    return tmp_path


def run(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["acquisition", *arguments])
    assert done.exit_code == code, done.output
    return done.output if code else done.stdout


def test_images_are_measured_listed_scored_and_compared(home: Path) -> None:
    file = next((home / "workspace" / ORIGINALS).rglob("*.*"), None) or next(
        path for path in (home / "workspace" / ORIGINALS).rglob("*") if path.is_file()
    )
    kept = file.read_bytes()
    file.unlink()
    first = json.loads(run("measure", "--json"))
    assert len(first["unreadable"]) == 1, "a file that is missing is named, and the others are measured"
    file.write_bytes(kept)
    second = json.loads(run("measure", "--json"))
    assert (second["measured"], second["unreadable"]) == (1, {})
    assert second["state"]["measured"] == second["state"]["images"]
    listed = json.loads(run("list", "--json"))["images"]
    assert set(listed[0]) == {"image_id", "dataset_id", "proposed_score", "why", "score", "decision"}
    scores = home / "scores.csv"
    scores.write_text(f"image_id,score,note\n{listed[0]['image_id']},2,blurred\n{listed[1]['image_id']},4,\nx,3,\n")
    said = json.loads(run("score", str(scores), "--json"))
    assert (said["stored"], said["rejected"], [one["row"] for one in said["left_out"]]) == (2, 1, [4])
    after = json.loads(run("list", "--json"))["images"]
    assert [(row["score"], row["decision"]) for row in after[:2]] == [(2, "rejected"), (4, "accepted")]
    found = json.loads(run("agreement", "--json"))
    assert (found["n_answers"], found["n_proposal_seen"]) == (0, 2)
    exported = CliRunner().invoke(app, ["records", "export", "--out", str(home / "out.csv"), "--json"])
    assert json.loads(exported.stdout)["rejected"] == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("measure", "--dataset", "no-such"), "There is no data set 'no-such'"),
        (("score", "no-such.csv"), "no-such.csv"),
    ],
)
def test_bad_input_is_named(home: Path, arguments: tuple[str, ...], words: str) -> None:
    assert words in run(*arguments, code=1)


def test_a_table_without_scores_or_of_which_no_row_fits_changes_nothing(home: Path) -> None:
    path = home / "scores.csv"
    path.write_text("image_id,points\nMEL_0,3\n")
    assert "lacks the column score" in run("score", str(path), code=1)
    path.write_text("image_id,score\nMEL_0,perhaps\n")
    assert "is no image quality score" in run("score", str(path), code=1)
    assert all(row["score"] is None for row in json.loads(run("list", "--json"))["images"])


def test_an_empty_workspace_is_measured_without_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "empty"))
    monkeypatch.delenv("DERMDASH_DATABASE_URL", raising=False)
    assert json.loads(run("measure", "--json"))["measured"] == 0
    assert json.loads(run("list", "--json")) == {"images": []}
    assert "Nobody has scored" in run("agreement")
