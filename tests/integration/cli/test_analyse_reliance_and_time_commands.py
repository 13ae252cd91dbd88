"""`dermdash analyse reliance` and `dermdash analyse time` on a study of the workspace."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dermdash.analyses.reading_time.run import TimeOptions, analyse_reading_time
from dermdash.analyses.reliance.run import RelianceOptions, analyse_reliance
from dermdash.cli import app
from dermdash.settings import Settings
from dermdash.storage.workspace import open_workspace
from dermdash.workflows.reader_study import readings_source

runner = CliRunner()


def invoke(*arguments: str) -> str:
    printed = runner.invoke(app, ["analyse", *arguments])
    assert printed.exit_code == 0, printed.stderr
    return printed.stdout


def test_the_commands_print_what_the_workflows_find(study: str, filled_home: tuple[Path, str]) -> None:
    reliance = json.loads(invoke("reliance", study, "--replicates", "50", "--json"))
    time = json.loads(invoke("time", study, "--replicates", "50", "--json"))
    workspace = open_workspace(Settings(home=filled_home[0]))
    table = readings_source.load_readings(workspace, f"study:{study}")
    workspace.close()
    expected = analyse_reliance(table, options=RelianceOptions(replicates=50)).reliance.as_dict()
    assert {key: reliance[key] for key in expected} == json.loads(json.dumps(expected))
    expected = analyse_reading_time(table, options=TimeOptions(replicates=50)).time.as_dict()
    assert {key: time[key] for key in expected} == json.loads(json.dumps(expected))
    for printed in (reliance, time):
        assert printed["source"] == table.source
        assert printed["protocol_sha256"] == table.protocol_sha256
        assert printed["exploratory"] is True


def test_as_text_they_print_the_sections(study: str) -> None:
    assert invoke("reliance", study, "--replicates", "0").startswith("Reliance on advice\n")
    printed = invoke("time", study, "--replicates", "0", "--longest", "30")
    assert printed.startswith("Reading time\n")
    assert "nan" not in printed.lower().split()


def test_everything_can_be_judged_by_malignancy(study: str) -> None:
    found = json.loads(invoke("reliance", study, "--level", "malignancy", "--replicates", "0", "--json"))
    assert set(found["levels"].values()) == {"malignancy"}
    assert found["level"] == "malignancy"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["reliance", "no such study"], 1, "no study and no imported log is called"),
        (["time", "no such study"], 1, "no study and no imported log is called"),
        (["reliance", "STUDY", "--level", "colour"], 2, "colour"),
        (["reliance", "STUDY", "--bins", "1"], 2, "bins"),
        (["time", "STUDY", "--shortest", "700"], 1, "plausible times of 700000 to 600000 ms"),
    ],
)
def test_what_cannot_be_done_ends_with_a_message(study: str, arguments: list[str], code: int, message: str) -> None:
    printed = runner.invoke(app, ["analyse", *(study if a == "STUDY" else a for a in arguments)])
    assert printed.exit_code == code
    assert message in printed.stderr
