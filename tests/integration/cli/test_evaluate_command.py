"""`dermdash evaluate`: JSON, tables, files, and messages on bad input."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn import metrics
from tests.filled_workspace import MODEL, fill_workspace
from typer.testing import CliRunner

from dermdash.cli import app
from dermdash.records.taxonomy import HAM7
from dermdash.settings import Settings
from dermdash.storage.workspace import open_workspace

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the command in this process: the imports of a fresh one take longer than the work."""

    def go(*arguments: object) -> "subprocess.CompletedProcess[str]":
        written = ["evaluate", *map(str, arguments)]
        settings = {"DERMDASH_HOME": str(tmp_path / "workspace"), "NO_COLOR": "1", "COLUMNS": "200"}
        done = CliRunner().invoke(app, written, env=settings)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return subprocess.CompletedProcess(written, done.exit_code, done.stdout, done.stderr)

    return go


def write_files(folder: Path, *, seed: int = 0, n: int = 140) -> tuple[Path, Path, np.ndarray, np.ndarray]:
    truth = np.random.default_rng(1).integers(0, 7, n)
    logits = np.random.default_rng(seed).normal(size=(n, 7)) + 2 * np.eye(7)[truth]
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    predictions, known = folder / f"predictions{seed}.csv", folder / "truth.csv"
    rows = [f"I{i}," + ",".join(f"{v:.6f}" for v in row) for i, row in enumerate(p)]
    predictions.write_text("\n".join(["image," + ",".join(HAM7.codes), *rows]))
    known.write_text("\n".join(["image,dx", *[f"I{i},{HAM7.codes[t]}" for i, t in enumerate(truth)]]))
    return predictions, known, truth, p


def test_a_file_is_evaluated_as_scikit_learn_does_without_touching_a_workspace(run: Run, tmp_path: Path) -> None:
    predictions, known, truth, p = write_files(tmp_path)
    done = run("--predictions", predictions, "--truth", known, "--bootstrap", 50, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    for i, row in enumerate(found["classes"]):
        assert row["auc"]["value"] == pytest.approx(metrics.roc_auc_score(truth == i, p[:, i]), abs=1e-4)
    assert found["mean_recall"]["value"] == pytest.approx(metrics.balanced_accuracy_score(truth, p.argmax(axis=1)))
    assert found["calibration_scaled"]["fitted_on"] == "cross_fitted"
    assert not (tmp_path / "workspace").exists()


def test_without_json_there_is_a_table_for_people(run: Run, tmp_path: Path) -> None:
    predictions, known, *_ = write_files(tmp_path)
    other, *_ = write_files(tmp_path, seed=1)
    done = run(
        "--predictions", predictions, "--predictions", other, "--truth", known, "--compare", other, "--bootstrap", 50
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for words in (
        "140 images",
        "Melanoma",
        "Specificity (malignant)",
        "Mean ± standard deviation of 2 repeats",
        "McNemar's exact test: p",
        "predictions1.csv: Whether these predictions come from a model trained on these images is not known.",
        "With the temperature",
    ):
        assert words in done.stdout


def test_results_are_written_as_json_and_as_table(run: Run, tmp_path: Path) -> None:
    predictions, known, *_ = write_files(tmp_path)
    common = ("--predictions", predictions, "--truth", known, "--bootstrap", 0, "--json")
    first = run(*common, "--out", tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text()) == json.loads(first.stdout)
    assert run(*common, "--out", tmp_path / "a.csv").returncode == 0
    assert (tmp_path / "a.csv").read_text().startswith("code,name,status")
    again = json.loads(run(*common, "--thresholds", tmp_path / "a.json").stdout)
    assert {c["threshold_rule"] for c in again["classes"]} == {"given"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace("I3,", "I3,1", 1), "do not sum to 1"),
        (lambda text: "\n".join(text.splitlines()[:-2]), "images without a prediction: 2 (I138, I139)"),
        (lambda text: text + "\nX,1,0,0,0,0,0,0", "the truth does not know: 1 (X)"),
        (lambda text: text.replace("mel", "scc"), "no column for mel; unknown columns scc"),
        (lambda text: text.replace("I3,", "I3,nan", 1), "not a number"),
    ],
    ids=["sum", "missing", "unknown", "column", "nan"],
)
def test_bad_predictions_end_with_a_message_and_no_file(
    run: Run, tmp_path: Path, change: Callable[[str], str], message: str
) -> None:
    predictions, known, *_ = write_files(tmp_path)
    predictions.write_text(change(predictions.read_text()))
    done = run("--predictions", predictions, "--truth", known, "--json", "--out", tmp_path / "out.json")
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "out.json").exists()


def test_a_model_and_its_readers_are_evaluated(run: Run, tmp_path: Path) -> None:
    workspace = open_workspace(Settings(home=tmp_path / "workspace"))
    study = fill_workspace(workspace).study_id
    workspace.close()
    done = run("--readers", study, "--bootstrap", 50, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["source"]["model"]["id"] == MODEL
    assert found["left_out"]["trained_on"] == 2
    assert found["comparison"]["kind"] == "readers"
    assert len(found["comparison"]["readers"]) == 1
    assert "Against 1 reader," in run("--readers", study, "--bootstrap", 50).stdout
    absent = run("--model", "nothing")
    assert absent.returncode == 1
    assert "no model 'nothing'" in absent.stderr
    neither = run("--thresholds", "nowhere")
    assert neither.returncode == 1
    assert "neither a file nor a saved operating point" in neither.stderr


def test_options_that_contradict_each_other_are_refused(run: Run, tmp_path: Path) -> None:
    predictions, known, *_ = write_files(tmp_path)
    assert run("--truth", known).returncode == 2
    assert run("--predictions", predictions, "--model", "m").returncode == 2
    assert run("--predictions", predictions, "--truth", known, "--out", tmp_path / "a.txt").returncode == 2


def test_probabilities_that_run_the_other_way_are_said_and_comments_noted(run: Run, tmp_path: Path) -> None:
    predictions, known, _, p = write_files(tmp_path)
    bad = np.array([c.is_malignant for c in HAM7.classes])
    turned = p.copy()
    # What was given to each malignant class goes to a benign one, and the other way round.
    turned[:, np.flatnonzero(bad)] = p[:, np.flatnonzero(~bad)[: bad.sum()]]
    turned[:, np.flatnonzero(~bad)[: bad.sum()]] = p[:, np.flatnonzero(bad)]
    rows = [f"I{i}," + ",".join(f"{v:.6f}" for v in row) for i, row in enumerate(turned)]
    header = "image," + ",".join(HAM7.codes)
    predictions.write_text("\n".join(["# from elsewhere", header, *rows]))
    known.write_text("# two of us\n" + known.read_text())
    thresholds = tmp_path / "thresholds.csv"
    thresholds.write_text("# chosen in May\ncode,threshold\nmel,0.2\n")
    done = run("--predictions", predictions, "--truth", known, "--thresholds", thresholds, "--bootstrap", 0, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["malignancy"]["auc"]["value"] < 0.4
    said = " ".join(found["warnings"])
    assert f"Probabilities of malignancy seem reversed: AUC {found['malignancy']['auc']['value']:.2f}" in said
    assert "look at which column holds which class" in said
    assert "predictions0.csv: Line 1 starts with # and was skipped" in said
    assert said.count("starts with #") == 2
    assert "thresholds.csv: Line 1 starts with #" in done.stderr
    lines = [header, *rows]
    predictions.write_text("\n".join([*lines[:5], "#" + lines[5], *lines[6:]]))
    refused = run("--predictions", predictions, "--truth", known)
    assert "a line that starts with # among the rows: 1 (row 6 starts with #" in refused.stderr
    straight, known, *_ = write_files(tmp_path)
    plain = json.loads(run("--predictions", straight, "--truth", known, "--bootstrap", 0, "--json").stdout)
    assert "reversed" not in " ".join(plain["warnings"])


def test_records_are_chosen_for_a_model_alone(run: Run, tmp_path: Path) -> None:
    workspace = open_workspace(Settings(home=tmp_path / "workspace"))
    fill_workspace(workspace)
    workspace.close()
    done = run("--model", MODEL, "--where", "dx=bkl", "--where", "dx=nv", "--bootstrap", 0, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["source"]["record_filter"] == {"dx": ["bkl", "nv"]}
    text = run("--model", MODEL, "--where", "dx=bkl", "--where", "dx=nv", "--bootstrap", 0).stdout
    assert "30 not let through by the filter" in text
    assert "(only Diagnosis: " in text
    predictions, known, _, _ = write_files(tmp_path)
    refused = run("--predictions", predictions, "--truth", known, "--where", "dx=nv")
    assert (refused.returncode, "choose records for a model alone" in refused.stderr) == (2, True)
