"""`--stage-3` on every analysis: the cases that histology verified, alone."""

import json
from pathlib import Path

import pytest
from tests.readings_factory import make_readings
from typer.testing import CliRunner

from dermdash.cli import app

runner = CliRunner()
EVERY = (
    "agreement", "benefit", "collective", "human-machine", "item-response", "mrmc", "reading-time", "reliance",
    "report", "sample-size", "triage",
)  # fmt: skip
SAID = "Only cases verified by histology (stage 3) are in these results: 1 of 7 cases."


@pytest.mark.parametrize("command", EVERY)
def test_every_analysis_has_the_option(command: str) -> None:
    assert "--stage-3" in runner.invoke(app, ["analyse", command, "--help"], env={"COLUMNS": "200"}).output


@pytest.mark.parametrize("command", ["benefit", "reading-time"])
def test_it_is_said_at_the_head_and_in_the_json(study: str, command: str) -> None:
    text = runner.invoke(app, ["analyse", command, study, "--stage-3"])
    assert text.exit_code == 0, text.output
    assert f"  Warning: {SAID}" in text.output.splitlines()[2]
    found = json.loads(runner.invoke(app, ["analyse", command, study, "--stage-3", "--json"]).stdout)
    assert found["source_warnings"][0].startswith(SAID)


def test_a_report_says_it_at_its_head(study: str, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    made = runner.invoke(
        app, ["analyse", "report", study, "--stage-3", "--only", "agreement", "--appendix", "--out", str(path)]
    )
    assert made.exit_code == 0, made.output
    html = path.read_text("utf-8")
    assert html.index(SAID) < html.index('id="participants"')
    assert "(stage 3 only)" in html


def test_a_file_is_read_on_the_cases_that_the_workspace_knows(study: str, tmp_path: Path) -> None:
    frame = make_readings(readers=4, cases=14).frame
    names = {"c000": "MEL_1", "c001": "MEL_2", "c002": "NV_1"}
    frame = frame.assign(case=frame["case"].map(lambda c: names.get(c, c)))
    path = tmp_path / "log.csv"
    frame[["reader", "case", "phase", "modality", "dx", "truth_dx", "confidence"]].to_csv(path, index=False)
    found = json.loads(runner.invoke(app, ["analyse", "agreement", str(path), "--stage-3", "--json"]).stdout)
    assert found["source_warnings"][0].startswith(
        "Only cases verified by histology (stage 3) are in these results: 2 of 14 cases. Left out are 96 readings of 1 "
        "case at a lower stage and 11 cases of unknown stage."
    )


def test_ratings_whose_cases_are_names_alone_are_refused(study: str, tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    rows = [f"r{r},{m},c{c},{c % 2},{c % 5}" for r in range(3) for m in ("a", "b") for c in range(12)]
    path.write_text("\n".join(["reader,modality,case,truth,rating", *rows]))
    refused = runner.invoke(app, ["analyse", "mrmc", str(path), "--stage-3"])
    assert refused.exit_code != 0
    assert "--stage-3 is for readings of cases that the workspace knows" in " ".join(refused.output.split())


def test_a_plan_without_a_pilot_has_no_cases_to_choose_among() -> None:
    refused = runner.invoke(app, ["analyse", "sample-size", "--difference", "0.1", "--stage-3"])
    assert refused.exit_code != 0
    assert "--stage-3 chooses among the cases of a pilot" in " ".join(refused.output.split())
