"""`dermdash import readings` from files to the analyses."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from tests.reading_log_files import (
    DERMACHALLENGE,
    WIDE,
    WIDE_MAPPING,
    nature_medicine,
    phase_study,
    truth_csv,
)
from typer.testing import CliRunner

from dermdash.cli import app

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "workspace"))
    monkeypatch.delenv("DERMDASH_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(app, ["import", "readings", *arguments], env={"COLUMNS": "200"})


def as_json(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    value: dict[str, Any] = json.loads(result.stdout)
    return value


def write(name: str, text: str) -> str:
    Path(name).write_text(text, "utf-8")
    return name


def test_a_dry_run_says_what_the_log_is_and_makes_no_workspace(run: Run, tmp_path: Path) -> None:
    found = as_json(run(write("log.csv", DERMACHALLENGE), "--dry-run", "--json"))
    assert {k: found[k] for k in ("id", "format", "readings", "readers", "cases", "pairs", "unpaired")} == {
        "id": None, "format": "dermachallenge", "readings": 7, "readers": 2, "cases": 2, "pairs": 3, "unpaired": 1,
    }  # fmt: skip
    assert found["excluded"] == {"no answer (timeout or empty)": 1}
    assert not (tmp_path / "workspace").exists()


def test_phases_and_counts_are_imported_and_people_are_told(run: Run) -> None:
    names = [write(f"phase{p}.csv", phase_study(p)) for p in (1, 2, 3)]
    kept = as_json(run(*names, "--name", "Phases", "--mapping", "nevus_but_excise=malignant", "--json"))
    assert (kept["name"], kept["pairs"], kept["modalities"]) == (
        "Phases", 56, ["AI support", "AI support with explanation"],
    )  # fmt: skip
    assert kept["id"]
    text = run(write("benefit.csv", nature_medicine()), "--truth", write("truth.csv", truth_csv())).stdout
    assert "Aggregate file of the Nature Medicine 2020 study" in text
    assert "not told apart" in text
    assert "The true diagnosis of 6 images is from the truth file" in text


def test_a_mapping_comes_from_a_file_and_from_arguments(run: Run) -> None:
    write("mapping.json", json.dumps(WIDE_MAPPING))
    found = as_json(run(write("wide.csv", WIDE), "--mapping", "mapping.json", "--dry-run", "--json"))
    assert (found["pairs"], found["modalities"]) == (2, ["Class probabilities"])
    arguments = [a for pair in WIDE_MAPPING.items() for a in ("--mapping", "=".join(pair))]
    again = as_json(run("wide.csv", *arguments, "--mapping", "modality:AI=cbir", "--dry-run", "--json"))
    assert again["modalities"] == ["Similar images"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none.csv",), "there is no file none.csv"),
        (("log.csv", "--format", "excel"), "there is no format 'excel'"),
        (("log.csv", "--format", "phase-study"), "is no Study in phases"),
        (("log.csv", "--mapping", "nothing.json"), "neither COLUMN=OURS nor a file"),
        (("log.csv", "--mapping", "list.json"), "must be one JSON object of texts"),
        (("log.csv", "--mapping", "Rater=reader"), "has no column 'Rater'"),
        (("log.csv", "other.csv"), "2 files were given"),
    ],
)
def test_what_is_wrong_is_said_without_a_traceback(run: Run, arguments: tuple[str, ...], message: str) -> None:
    write("log.csv", DERMACHALLENGE)
    write("other.csv", DERMACHALLENGE)
    write("list.json", "[1]")
    result = run(*arguments)
    assert result.exit_code == 1
    assert message in result.stderr
    assert not result.stdout
