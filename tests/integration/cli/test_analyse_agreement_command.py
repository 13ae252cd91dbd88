"""`dermdash analyse agreement` on a study of the workspace."""

import json
from pathlib import Path

from typer.testing import CliRunner

from dermdash.analyses.agreement.run import analyse_agreement
from dermdash.cli import app
from dermdash.settings import Settings
from dermdash.storage.workspace import open_workspace
from dermdash.workflows.reader_study import readings_source

runner = CliRunner()


def test_the_command_prints_what_the_workflow_finds(study: str, filled_home: tuple[Path, str]) -> None:
    printed = runner.invoke(app, ["analyse", "agreement", study, "--replicates", "50", "--json"])
    assert printed.exit_code == 0, printed.stderr
    workspace = open_workspace(Settings(home=filled_home[0]))
    table = readings_source.load_readings(workspace, f"study:{study}")
    workspace.close()
    expected = analyse_agreement(table, replicates=50).as_dict() | {"source_warnings": list(table.warnings)}
    assert json.loads(printed.stdout).items() >= json.loads(json.dumps(expected, default=str)).items()


def test_as_text_it_prints_the_section(study: str) -> None:
    printed = runner.invoke(app, ["analyse", "agreement", study, "--replicates", "50"])
    assert printed.stdout.startswith("Agreement\n")
    assert "Krippendorff's alpha" in printed.stdout
    assert "nan" not in printed.stdout.lower().split()


def test_an_unknown_answer_ends_with_a_message(study: str) -> None:
    printed = runner.invoke(app, ["analyse", "agreement", study, "--rating", "colour"])
    assert printed.exit_code == 1
    assert "expected one of dx" in printed.stderr
