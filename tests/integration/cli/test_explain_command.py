"""`dermdash explain` on a workspace with masks and on one without."""

import csv
import json
import shutil
from pathlib import Path

import pytest
from tests.filled_workspace import fill_records
from tests.made_once import MadeOnce
from tests.saliency_workspace import add_tiny_model, fill_with_masks
from typer.testing import CliRunner

from dermdash.cli import app
from dermdash.settings import Settings
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.classifier.model_in_use import choose_model


@pytest.fixture(scope="module")
def template(made_once: MadeOnce) -> tuple[Path, str]:
    return made_once.home(fill_explainable)


def fill_explainable(workspace: Workspace) -> str:
    _, model_id = fill_with_masks(workspace, per_class=1)
    choose_model(workspace, model_id)
    return model_id


@pytest.fixture
def home(template: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(template[0], tmp_path / "workspace")
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "workspace"))
    monkeypatch.delenv("DERMDASH_DATABASE_URL", raising=False)
    return tmp_path / "workspace"


def test_missing_maps_are_made_and_their_faithfulness_printed(home: Path, template: tuple[Path, str]) -> None:
    first = CliRunner().invoke(app, ["explain"])
    assert first.exit_code == 0, first.output
    assert f"14 records explained with model {template[1]}; 14 of 14 now have a map." in first.stdout
    assert "Against the lesion masks of 12 records" in first.stdout
    assert "Share of the evidence inside" in first.stdout
    assert "chance" in first.stdout
    again = CliRunner().invoke(app, ["explain", "--dataset", "clinic"])
    assert "0 records explained" in again.stdout


def test_json_is_one_object_and_the_csv_has_a_row_per_record(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "figures.csv"
    result = CliRunner().invoke(app, ["explain", "--curves", "2", "--out", str(out), "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["newly_explained"], found["explained"], found["records"], found["compared"]) == (14, 14, 14, 12)
    share = next(r for r in found["faithfulness"] if (r["figure"], r["part"]) == ("share", "all"))
    assert 0 <= share["mean"] <= 1
    assert found["curve_records"] == 2
    assert {c["map"] for c in found["curves"]} == {"gradcam", "centre", "random"}
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12
    assert {row["target"] for row in rows} == {"predicted"}


def test_what_cannot_be_explained_is_said_in_words(home: Path) -> None:
    unknown = CliRunner().invoke(app, ["explain", "--target", "wart"])
    assert unknown.exit_code == 1
    assert "cannot explain 'wart'" in unknown.stderr
    assert CliRunner().invoke(app, ["explain", "--model", "nothing"]).exit_code == 1


def test_without_masks_the_maps_are_made_and_the_reason_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = open_workspace(Settings(home=tmp_path / "workspace"))
    fill_records(workspace, per_class=1)
    add_tiny_model(workspace)
    workspace.close()
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "workspace"))
    result = CliRunner().invoke(app, ["explain"])
    assert result.exit_code == 0, result.output
    assert "14 of 14 now have a map" in result.stdout
    assert "No explained record has a lesion mask" in result.stderr
