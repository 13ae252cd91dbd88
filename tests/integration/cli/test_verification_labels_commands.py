"""`dermdash verification agreement | export | methods` in processes of their own."""

import json
import zipfile
from pathlib import Path

import pytest
from tests.command_line import CommandLine
from tests.ladder_workspace import DATASET
from tests.made_once import MadeOnce
from tests.reviewed_workspace import fill_reviewed


@pytest.fixture
def home(made_once: MadeOnce, tmp_path: Path) -> Path:
    made_once.copy(fill_reviewed, tmp_path / "workspace")
    return tmp_path / "workspace"


def test_agreement_is_printed_as_json_and_written_as_report_and_tables(
    home: Path, commands: CommandLine, tmp_path: Path
) -> None:
    html, folder = tmp_path / "agreement.html", tmp_path / "tables"
    folder.mkdir()
    done = commands.run(
        home, "verification", "agreement", DATASET, "--replicates", "50", "--html", html, "--csv", folder, "--json"
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["analysis"], found["overall"]["n_answers"], found["labels"]["direct"]) == ("label-agreement", 6, 1)
    assert {"overall", "classes", "pairs", "confusion", "overlaps", "reviewers"} <= set(found)
    text = html.read_text("utf-8")
    assert "How the labels came about" in text
    assert "Content-Security-Policy" in text
    assert "label-agreement-reviewers.csv" in {path.name for path in folder.iterdir()}


def test_the_text_has_the_findings(home: Path, commands: CommandLine) -> None:
    done = commands.run(home, "verification", "agreement", DATASET, "--replicates", "0")
    assert "Agreement of reviewers on the diagnosis" in done.stdout


def test_labels_are_exported_as_one_zip(home: Path, commands: CommandLine, tmp_path: Path) -> None:
    out = tmp_path / "labels.zip"
    done = commands.run(home, "verification", "export", DATASET, "--out", out, "--json")
    assert json.loads(done.stdout)["withheld"] == 0
    with zipfile.ZipFile(out) as archive:
        assert "decisions.csv" in archive.namelist()


def test_the_paragraph_for_a_paper_is_printed(home: Path, commands: CommandLine) -> None:
    done = commands.run(home, "verification", "methods", DATASET)
    assert "6 independent reviews, blind to one another" in done.stdout


def test_a_data_set_that_is_not_there_is_named(home: Path, commands: CommandLine) -> None:
    done = commands.run(home, "verification", "agreement", "nowhere")
    assert done.returncode == 1
    assert "nowhere" in done.stderr


def test_agreement_export_and_paragraph_are_of_the_records_that_are_asked_for(
    home: Path, commands: CommandLine, tmp_path: Path
) -> None:
    chosen = ("--where", "agreement=all")
    done = commands.run(home, "verification", "agreement", DATASET, "--replicates", "0", *chosen)
    assert "Only records with Agreement: All agreed: 1 record, 2 left out." in done.stderr
    found = json.loads(
        commands.run(home, "verification", "export", DATASET, "--out", tmp_path / "a.zip", *chosen, "--json").stdout
    )
    assert (found["left_out"]["records"], found["left_out"]["decisions"]) == (2, 4)
    paragraph = commands.run(home, "verification", "methods", DATASET, *chosen).stdout
    assert "3 independent reviews" in paragraph
    assert "2 others are left out" in paragraph
    wrong = commands.run(home, "verification", "export", DATASET, "--out", tmp_path / "b.zip", "--where", "hue=red")
    assert (wrong.returncode, (tmp_path / "b.zip").exists()) == (1, False)
