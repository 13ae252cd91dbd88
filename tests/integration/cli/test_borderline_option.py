"""`--borderline` on every analysis and on `dermdash evaluate`: what counts as malignant, said in text and JSON."""

import json
from pathlib import Path

import pandas as pd
import pytest
from tests.readings_factory import make_readings
from typer.testing import CliRunner

from dermdash.cli import app
from dermdash.records.taxonomy import CLINICAL9

runner = CliRunner()
EVERY = (
    "agreement", "benefit", "collective", "human-machine", "item-response", "mrmc", "reading-time", "reliance",
    "report", "sample-size", "triage",
)  # fmt: skip


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "none"))
    frame = make_readings(readers=6, cases=27, classes=CLINICAL9).frame
    path = tmp_path / "log.csv"
    frame[["reader", "case", "phase", "modality", "dx", "truth_dx", "confidence"]].to_csv(path, index=False)
    return str(path)


@pytest.mark.parametrize("command", EVERY)
def test_every_analysis_has_the_option(command: str) -> None:
    assert "--borderline" in runner.invoke(app, ["analyse", command, "--help"], env={"COLUMNS": "200"}).output


@pytest.mark.parametrize(("policy", "malignant", "benign"), [("benign", 9, 18), ("malignant", 12, 15), ("own", 9, 15)])
def test_the_cases_of_each_side_follow_the_option(log: str, policy: str, malignant: int, benign: int) -> None:
    ran = runner.invoke(app, ["analyse", "collective", log, "--borderline", policy, "--bootstrap", "0", "--json"])
    assert ran.exit_code == 0, ran.output
    found = json.loads(ran.stdout)
    assert found["borderline"] == policy
    assert (found["malignancy"]["n_malignant_cases"], found["malignancy"]["n_benign_cases"]) == (malignant, benign)
    assert bool(found["source_warnings"]) is (policy != "benign")


def test_readings_without_known_diagnoses_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        "reader,case,phase,modality,malignant_answer,truth_malignant\n"
        "a,1,unaided,none,true,true\na,2,unaided,none,false,false\nb,1,unaided,none,true,true\n"
    )
    ran = runner.invoke(app, ["analyse", "agreement", str(path), "--borderline", "own"])
    assert ran.exit_code == 1
    assert "which of its cases are borderline is not known" in ran.output


def test_predictions_are_evaluated_by_the_option(tmp_path: Path) -> None:
    codes = ("nevus", "dysplastic_nevus", "melanoma")
    rest = [c for c in CLINICAL9.codes if c not in codes]
    rows = [f"i{i},{codes[i % 3]}" for i in range(12)]
    (tmp_path / "truth.csv").write_text("image,dx\n" + "\n".join(rows) + "\n")
    head = ",".join(("image", *codes, *rest))
    shares = [["0.6", "0.3", "0.1"], ["0.2", "0.6", "0.2"], ["0.1", "0.1", "0.8"]]
    lines = [",".join([f"i{i}", *shares[i % 3], *["0"] * len(rest)]) for i in range(12)]
    (tmp_path / "predictions.csv").write_text("\n".join([head, *lines]) + "\n")
    found = {}
    for policy in ("benign", "malignant", "own"):
        arguments = ["--predictions", str(tmp_path / "predictions.csv"), "--truth", str(tmp_path / "truth.csv")]
        arguments += ["--taxonomy", "clinical9", "--borderline", policy, "--bootstrap", "0", "--json"]
        ran = runner.invoke(app, ["evaluate", *arguments])
        assert ran.exit_code == 0, ran.output
        result = json.loads(ran.stdout)
        assert result["settings"]["borderline"] == policy
        found[policy] = (result["malignancy"]["positives"], result["malignancy"]["negatives"])
    assert found == {"benign": (4, 8), "malignant": (8, 4), "own": (4, 4)}


def test_a_file_of_malignancy_alone_does_not_say_what_it_sums(log: str, tmp_path: Path) -> None:
    cases = sorted(set(pd.read_csv(log)["case"]))
    path = tmp_path / "malignancy.csv"
    path.write_text(
        "image,malignancy_probability\n" + "".join(f"{case},{i % 10 / 10}\n" for i, case in enumerate(cases))
    )
    arguments = ["analyse", "triage", log, "--predictions", str(path), "--borderline", "malignant", "--bootstrap", "0"]
    ran = runner.invoke(app, [*arguments, "--rule-out", "0.3", "--json"])
    assert ran.exit_code == 0, ran.output
    assert "does not say what borderline diagnoses counted as in it" in " ".join(json.loads(ran.stdout)["warnings"])
