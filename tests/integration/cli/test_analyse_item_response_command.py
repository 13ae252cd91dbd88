"""`dermdash analyse item-response`: what the workflow finds, as JSON and as text."""

import json
from pathlib import Path

import pytest
from tests.readings_factory import make_readings
from typer.testing import CliRunner

from dermdash.analyses.item_response.run import analyse_item_response
from dermdash.cli import app
from dermdash.readings.small_cells import table_without_small_cells
from dermdash.workflows.readings import read_reading_log

runner = CliRunner()


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file whose readings are given: how files are read is tested elsewhere."""
    monkeypatch.setattr(read_reading_log, "read_reading_log", lambda path, **_: make_readings(readers=8, cases=28))
    path = tmp_path / "log.csv"
    path.write_text("reader,case\n", "utf-8")
    return str(path)


def test_the_command_prints_what_the_workflow_finds(log: str) -> None:
    printed = runner.invoke(app, ["analyse", "item-response", log, "--phase", "aided", "--json"])
    assert printed.exit_code == 0, printed.stderr
    # What a command prints leaves the workspace: two readers of a group of experience are merged with others.
    table = table_without_small_cells(make_readings(readers=8, cases=28), 3)
    assert set(table.groups_of("experience_group")) == {"under 1 year", "other"}
    expected = analyse_item_response(table, phase="aided").as_dict() | {"source_warnings": []}
    assert json.loads(printed.stdout).items() >= json.loads(json.dumps(expected, default=str)).items()


def test_as_text_it_prints_the_section(log: str) -> None:
    printed = runner.invoke(app, ["analyse", "item-response", log])
    assert printed.stdout.startswith("Item response\n")
    assert "Most difficult cases" in printed.stdout


def test_an_unknown_model_ends_with_a_message(log: str) -> None:
    printed = runner.invoke(app, ["analyse", "item-response", log, "--model", "three"])
    assert printed.exit_code == 2
    assert "three" in printed.stderr
    assert "auto" in printed.stderr
