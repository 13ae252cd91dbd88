"""`dermdash analyse collective | triage | sample-size`."""

import json
from pathlib import Path

import pytest
from tests.filled_workspace import MODEL, fill_workspace
from tests.made_once import MadeOnce
from typer.testing import CliRunner

from dermdash.analyses.collective.run import CollectiveOptions, analyse_collective
from dermdash.analyses.declaration import AnalysisContext
from dermdash.analyses.model_opinions import opinions_in
from dermdash.cli import app
from dermdash.settings import Settings
from dermdash.storage.workspace import open_workspace
from dermdash.workflows.classifier import operating_points
from dermdash.workflows.reader_study import readings_source

runner = CliRunner()
POINT = "Sharp"


@pytest.fixture(scope="module")
def filled_home(made_once: MadeOnce, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    home = tmp_path_factory.mktemp("collective") / "workspace"
    made = made_once.copy(fill_workspace, home)
    workspace = open_workspace(Settings(home=home))
    operating_points.choose_operating_point(
        workspace, name=POINT, model_id=MODEL, dataset_id="clinic", rule="youden"
    )  # fmt: skip
    workspace.close()
    return home, made.study_id


def test_collective_prints_what_the_workflow_finds(study: str, filled_home: tuple[Path, str]) -> None:
    printed = runner.invoke(app, ["analyse", "collective", study, "--bootstrap", "50", "--json"])
    assert printed.exit_code == 0, printed.stderr
    workspace = open_workspace(Settings(home=filled_home[0]))
    table = readings_source.load_readings(workspace, f"study:{study}")
    opinions = opinions_in(AnalysisContext(workspace, study), table)
    workspace.close()
    expected = analyse_collective(table, opinions=opinions, options=CollectiveOptions(replicates=50)).as_dict() | {
        "source_warnings": list(table.warnings)
    }
    assert json.loads(printed.stdout).items() >= json.loads(json.dumps(expected, default=str)).items()
    assert expected["model"]["accuracy"] == 1.0


def test_a_study_with_an_operating_point_is_triaged_by_it(study: str) -> None:
    printed = runner.invoke(app, ["analyse", "triage", study, "--bootstrap", "20", "--json"])
    assert printed.exit_code == 0, printed.stderr
    found = json.loads(printed.stdout)
    assert POINT in found["thresholds"]["rule_out"]["origin"]
    assert found["thresholds"]["second_reader"] == found["thresholds"]["rule_out"]
    # It was chosen on the lesions that the study draws its cases from, and that is said.
    assert any("too good" in text for text in found["warnings"])


def test_thresholds_are_numbers_or_names(study: str) -> None:
    options = ["--rule-out", "0.2", "--rule-in", "0.9", "--second-reader", POINT, "--prevalence", "0.05"]
    printed = runner.invoke(app, ["analyse", "triage", study, "--bootstrap", "20", *options])
    assert printed.exit_code == 0, printed.stderr
    assert printed.stdout.startswith("Second opinion and triage\n")
    assert "In 1,000 patients" in printed.stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["triage", "--rule-out", "nowhere"], "no operating point 'nowhere'"),
        (["triage", "--rule-out", "1.7"], "expected a probability"),
        (["triage", "--rule-out", "0.5", "--rule-in", "0.2"], "rule-in threshold is 0.2"),
        (["collective", "--by", "colour"], "by is 'colour': expected 'experience_group' or 'profession'"),
        (["collective", "--mix", "novices", "experts"], "no reader has the experience_group 'novices'"),
    ],
)
def test_what_cannot_be_done_ends_with_a_message(study: str, options: list[str], words: str) -> None:
    command, *rest = options
    printed = runner.invoke(app, ["analyse", command, study, *rest])
    assert printed.exit_code == 1
    assert words in printed.stderr
    assert printed.stdout == ""


def test_a_number_out_of_its_range_is_refused_with_the_range(study: str) -> None:
    printed = runner.invoke(app, ["analyse", "triage", study, "--prevalence", "2"])
    assert printed.exit_code == 2
    assert "less than or equal to 1" in " ".join(printed.stderr.replace("│", " ").split())


def test_sample_size_needs_neither_study_nor_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "nothing"))
    printed = runner.invoke(app, ["analyse", "sample-size", "--difference", "0.1", "--readers", "20", "--json"])
    assert printed.exit_code == 0, printed.stderr
    found = json.loads(printed.stdout)
    assert found["design"] == "paired"
    assert found["components"]["basis"] == "assumed"
    assert found["cases_needed"][0]["cases"] > 0
    assert not (tmp_path / "nothing").exists()


def test_sample_size_of_two_modalities_by_assumptions(study: str) -> None:
    options = ["--difference", "0.05", "--design", "mrmc", "--level", "0.85", "--cases", "200"]
    printed = runner.invoke(app, ["analyse", "sample-size", *options, "--json"])
    assert printed.exit_code == 0, printed.stderr
    found = json.loads(printed.stdout)
    assert found["components"]["origin"].startswith("assumptions: AUC of 0.85 (Hanley and McNeil variance)")
    assert found["components"]["cases"] == 200
    text = runner.invoke(app, ["analyse", "sample-size", *options])
    assert "80\N{NO-BREAK SPACE}% power to find a difference of +5.0\N{NO-BREAK SPACE}points" in text.stdout


def test_a_pilot_too_small_to_plan_from_says_so(study: str) -> None:
    printed = runner.invoke(
        app, ["analyse", "sample-size", "--difference", "0.1", "--from", study, "--modality", "cbir"]
    )
    assert printed.exit_code == 1
    assert "too few" in printed.stderr or "holds no answers" in printed.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--difference", "2"], "between -1 and 1"),
        (["--difference", "0.1", "--power", "1.5"], "power aimed at"),
        (["--difference", "0.1", "--changed", "0.05"], "at least the difference"),
        (["--difference", "-0.1", "--margin", "0.05"], "cannot be shown"),
        (["--difference", "0.1", "--design", "mrmc", "--level", "1.2"], "above 0 and below 1"),
        (["--difference", "0.1", "--design", "mrmc", "--level", "0.8", "--r1", "3"], "correlation of 0 to 1"),
        (["--difference", "0.1", "--from", "no such study"], "no study and no imported log"),
    ],
)
def test_plans_that_cannot_be_made_are_named(study: str, options: list[str], words: str) -> None:
    printed = runner.invoke(app, ["analyse", "sample-size", *options])
    assert printed.exit_code == 1
    assert words in printed.stderr


def test_predictions_of_a_file_stand_in_for_a_model(study: str, tmp_path: Path) -> None:
    """A log or study without a model of its own: probabilities by image."""
    names = [f"{c.upper()}_{i}" for c in ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc") for i in range(5)]
    file = tmp_path / "elsewhere.csv"
    file.write_text("image,malignancy_probability\n" + "".join(f"{n},0.{i % 10}\n" for i, n in enumerate(names)))
    printed = runner.invoke(
        app,
        ["analyse", "triage", study, "--predictions", str(file), "--rule-out", "0.3", "--bootstrap", "20", "--json"],
    )
    assert printed.exit_code == 0, printed.stderr
    found = json.loads(printed.stdout)
    assert (found["model"], found["model_origin"]) == ("elsewhere.csv", "a file of predictions")
    assert found["second_opinion_on_the_diagnosis"] is None
