"""`dermdash operating-point` from choosing to withdrawing."""

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from tests.filled_workspace import MODEL
from tests.made_once import MadeOnce
from tests.scored_workspace import AWAY, HOME, fill_scored
from typer.testing import CliRunner

from dermdash.cli import app
from dermdash.records.taxonomy import CLINICAL9
from dermdash.settings import Settings
from dermdash.storage.workspace import open_workspace

Run = Callable[..., Result]


@pytest.fixture
def run(made_once: MadeOnce, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    made_once.copy(fill_scored, tmp_path / "workspace")
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "workspace"))
    monkeypatch.delenv("DERMDASH_DATABASE_URL", raising=False)
    return lambda *arguments: CliRunner().invoke(app, ["operating-point", *arguments], env={"COLUMNS": "200"})


def as_json(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    value: dict[str, Any] = json.loads(result.stdout)
    return value


def test_a_point_is_chosen_applied_used_listed_and_withdrawn(run: Run, tmp_path: Path) -> None:
    arguments = ("choose", "Screening", "--dataset", HOME, "--rule", "sensitivity", "--target", "0.95")
    chosen = as_json(run(*arguments, "--json"))
    assert chosen["figures"]["malignancy"]["sensitivity"]["value"] >= 0.95
    applied = as_json(run("apply", "Screening", "--dataset", AWAY, "--json"))
    assert applied["chosen_on"] == HOME
    assert applied["classes"]["mel"]["threshold"] == chosen["thresholds"]["mel"]
    out = tmp_path / "work.csv"
    listed = as_json(run("triage", "Screening", "--dataset", AWAY, "--out", str(out), "--json"))
    assert listed["listed"] == len(listed["image_ids"]) == len(out.read_text("utf-8").splitlines()) - 1
    assert chosen["id"] in [p["id"] for p in as_json(run("list", "--json"))["operating_points"]]
    assert as_json(run("withdraw", "Screening", "--json"))["withdrawn_at"]
    assert chosen["id"] not in [p["id"] for p in as_json(run("list", "--json"))["operating_points"]]
    assert chosen["id"] in [p["id"] for p in as_json(run("list", "--withdrawn", "--json"))["operating_points"]]


def test_people_read_figures_with_intervals(run: Run) -> None:
    text = run("choose", "Youden at home", "--dataset", HOME).stdout
    assert "Youden" in text
    assert "left out: 1 trained on" in text
    assert "malignancy" in text
    assert "carry no intervals" in run("choose", "Another", "--dataset", HOME).stderr
    text = run("apply", "Youden at home", "--dataset", AWAY).stdout
    assert "chosen on Home, on" in text
    assert " to " in text
    assert "\N{MINUS SIGN}" in text.split("malignancy")[1]
    assert "records reach" in run("triage", "Youden at home", "--dataset", AWAY).stdout
    assert "Youden at home" in run("list").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("choose", "A", "--dataset", "nowhere"), "nowhere"),
        (("choose", "A", "--dataset", HOME, "--rule", "luck"), "unknown rule"),
        (("choose", "A", "--dataset", HOME, "--rule", "value"), "target"),
        (("choose", " ", "--dataset", HOME), "name"),
        (("apply", "unheard of", "--dataset", AWAY), "unheard of"),
        (("withdraw", "unheard of"), "unheard of"),
    ],
)
def test_what_cannot_be_done_is_explained_without_a_traceback(run: Run, arguments: tuple[str, ...], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 1
    assert "Error: " in result.stderr
    assert words in result.stderr
    assert result.stdout == ""


@pytest.fixture
def run_clinical(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    with closing(open_workspace(Settings(home=tmp_path / "clinical"))) as workspace:
        fill_scored(workspace, classes=CLINICAL9)
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "clinical"))
    monkeypatch.delenv("DERMDASH_DATABASE_URL", raising=False)
    return lambda *arguments: CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})


def test_what_borderline_counts_as_is_said_kept_and_held_against_an_evaluation(run_clinical: Run) -> None:
    chosen = run_clinical("operating-point", "choose", "Own", "--dataset", HOME, "--borderline", "own", "--json")
    assert as_json(chosen)["borderline"] == "own"
    assert as_json(chosen)["left_out_of_malignancy"] == {"dysplastic_nevus": 30}
    for verb in ("apply", "triage"):
        found = run_clinical("operating-point", verb, "Own", "--dataset", AWAY)
        assert found.exit_code == 0, found.output
        assert "Borderline is a class of its own." in found.stderr
        assert "Dysplastic nevus (30 records): neither malignant nor benign" in found.stderr
    assert "borderline as a class of its own" in run_clinical("operating-point", "list").stdout
    evaluate = ("evaluate", "--model", MODEL, "--dataset", HOME, "--thresholds", "Own", "--bootstrap", "0")
    refused = run_clinical(*evaluate)
    assert refused.exit_code == 1
    assert "'Own' was made with borderline as a class of its own" in refused.output
    assert "--borderline says" in refused.output
    result = as_json(run_clinical(*evaluate, "--borderline", "own", "--json"))
    assert result["malignancy"]["threshold"] == as_json(chosen)["thresholds"]["malignancy"]
