"""`dermdash analyse report` and `human-machine` on a study of the workspace and on a log."""

import csv
import json
import math
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.filled_workspace import MODEL
from tests.readings_factory import make_readings
from tests.unit.report.report_factory import predictions_for
from typer.testing import CliRunner

from dermdash.cli import app
from dermdash.records.taxonomy import HAM7
from dermdash.report.pdf import find_renderer

runner = CliRunner()
COLUMNS = (
    "reader", "case", "phase", "modality", "dx", "truth_dx", "confidence", "advice_dx", "position", "profession",
)  # fmt: skip


@pytest.fixture
def log(tmp_path: Path) -> tuple[Path, Path]:
    """A log of four readers as CSV, and predictions for its cases."""
    table = make_readings(readers=4, cases=14)
    readings, predictions = tmp_path / "log.csv", tmp_path / "net.csv"
    table.frame[list(COLUMNS)].to_csv(readings, index=False)
    source = predictions_for(table).source
    assert isinstance(source, bytes)
    predictions.write_bytes(source)
    return readings, predictions


def numbers_in(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from numbers_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from numbers_in(inner)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


def test_the_numbers_of_the_report_are_those_the_commands_print(log: tuple[Path, Path], tmp_path: Path) -> None:
    """Every number of every table of these sections stands in the JSON of the command of the same name."""
    readings, predictions = map(str, log)
    asked = ["--only", "human-machine,agreement", "--predictions", predictions, "--json"]
    done = runner.invoke(app, ["analyse", "report", readings, "--out", str(tmp_path / "r.html"), *asked])
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["not_done"] == []
    for section in found["sections"]:
        more = ["--predictions", predictions] if section["key"] == "human-machine" else []
        alone = runner.invoke(app, ["analyse", section["key"], readings, *more, "--json"])
        assert alone.exit_code == 0, alone.stderr
        printed = sorted(set(numbers_in(json.loads(alone.stdout))))
        in_tables = {n for t in section["tables"] for n in numbers_in(t["rows"])}
        assert len(in_tables) > 20
        missing = [n for n in in_tables if not any(math.isclose(n, p, rel_tol=1e-9, abs_tol=1e-12) for p in printed)]
        assert missing == [], (section["key"], missing[:5])


def test_a_report_of_a_study_holds_its_protocol_its_readers_and_its_flow(study: str, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "report.html"
    done = runner.invoke(
        app, ["analyse", "report", study, "--out", str(out), "--zip", "--only", "human-machine,item-response", "--json"]
    )
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    facts = found["facts"]
    assert len(facts["protocol_sha256"]) == 64
    assert facts["model"]["id"] == MODEL
    assert facts["n_readers"] == 1
    assert facts["readers"]["profession"] == {"other": 1}, "one reader is a person and no group"
    # Three were invited, two came, one finished their seven cases, the other stopped within the practice.
    flow = {step["label"]: (step["count"], step["left_out"]) for step in facts["flow"]}
    assert flow["Invitations"] == (3, {"not used": 1})
    assert flow["Consented"] == (2, {"gave no answer beyond practice": 1})
    assert flow["Answered at least one case"] == (1, {})
    assert flow["Finished all 7 cases"] == (1, {})
    assert flow["Readings analysed (7 without, 7 with assistance)"] == (14, {})
    assert flow["Pairs of answers without and with assistance"] == (7, {})
    assert facts["first_reading"] <= facts["last_reading"]
    html = out.read_text("utf-8")
    assert facts["protocol_sha256"] in html
    assert zipfile.ZipFile(out.with_suffix(".zip")).read("report.html").decode() == html


def test_a_model_and_readers_of_a_study_by_the_study_s_own_model(study: str) -> None:
    done = runner.invoke(app, ["analyse", "human-machine", study, "--replicates", "50", "--json"])
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["model"] == f"Drawn model ({MODEL})"
    assert found["n_readers"] == 1
    # The model gives 0.7 to every true class: it separates malignant from benign.
    assert found["targets"][0]["auc"]["value"] == 1.0
    text = runner.invoke(app, ["analyse", "human-machine", study, "--replicates", "50"]).stdout
    assert text.startswith("Readers and model\n")
    assert "Only 1 reader:" in text


def test_predictions_of_malignancy_alone_place_readers_without_classes(log: tuple[Path, Path], tmp_path: Path) -> None:
    table = pd.read_csv(log[1])
    alone = tmp_path / "alone.csv"
    table.assign(malignancy_probability=(table["mel"] + table["bcc"] + table["akiec"]).clip(upper=1))[
        ["image", "malignancy_probability"]
    ].to_csv(alone, index=False)
    run = ["analyse", "human-machine", str(log[0]), "--replicates", "0", "--json", "--predictions"]
    few = json.loads(runner.invoke(app, [*run, str(alone)]).stdout)
    all_classes = json.loads(runner.invoke(app, [*run, str(log[1])]).stdout)
    assert [t["code"] for t in few["targets"]] == ["malignancy"]
    assert len(all_classes["targets"]) == 8
    assert few["targets"][0]["auc"]["value"] == pytest.approx(all_classes["targets"][0]["auc"]["value"])


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (
            "image,malignancy_probability\nc000,1.4\n",
            "not a number from 0 to 1: 1 (row 2 malignancy_probability='1.4')",
        ),
        ("image,malignancy_probability\nc000,0.4\nc000,0.4\n", "an image that stands in two rows: 1 (c000 (row 3))"),
        ("image,malignancy_probability\nother,0.4\n", "has no prediction of an image"),
        ("picture,p\nc000,0.4\n", "image"),
    ],
)
def test_unusable_predictions_are_refused_by_row_and_value(
    log: tuple[Path, Path], tmp_path: Path, cells: str, words: str
) -> None:
    broken = tmp_path / "broken.csv"
    broken.write_text(cells)
    done = runner.invoke(app, ["analyse", "human-machine", str(log[0]), "--predictions", str(broken)])
    assert done.exit_code == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_counts_per_image_take_their_truth_from_the_workspace_as_the_benefit_command_does(
    study: str, tmp_path: Path
) -> None:
    columns = ["image_id", "interaction_modality"]
    columns += [f"{what}_{code}" for what in ("prob_m_dx", "prob_h_dx") for code in HAM7.codes] + ["prob_m_mal"]
    columns += [f"user_dx_{w}_interaction_{code}" for w in ("without", "with") for code in HAM7.codes]
    rows = [",".join(columns)]
    for i, code in enumerate(HAM7.codes * 2):
        image = f"{code.upper()}_{i // 7}"
        other = HAM7.codes[(HAM7.codes.index(code) + 1) % 7]
        before = [str(3 * (c == code) + 2 * (c == other)) for c in HAM7.codes]
        after = [str((4 - i % 2) * (c == code) + (1 + i % 2) * (c == other)) for c in HAM7.codes]
        flat = ["0.142857"] * 14 + ["0.428571"]
        rows.append(",".join([image, "Multiclass Probabilities (AI)", *flat, *before, *after]))
    file = tmp_path / "counts.csv"
    file.write_text("\n".join(rows))
    out = str(tmp_path / "r.html")
    done = runner.invoke(app, ["analyse", "report", str(file), "--out", out, "--only", "benefit,mrmc", "--json"])
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    assert [(n["key"], "counts answers per image" in n["reason"]) for n in found["not_done"]] == [("mrmc", True)]
    alone = runner.invoke(app, ["analyse", "benefit", str(file), "--json"])
    printed = json.loads(alone.stdout)["modalities"][0]
    numbers = set(numbers_in([t["rows"] for t in found["sections"][0]["tables"]]))
    assert {printed["accuracy_without"], printed["accuracy_with"], printed["difference"], *printed["ci"]} <= numbers


def test_an_unknown_section_or_source_ends_with_a_message(study: str, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    done = runner.invoke(app, ["analyse", "report", study, "--only", "benefits", "--out", str(out)])
    assert done.exit_code == 1
    assert "there are: benefit" in done.stderr
    assert not out.exists()
    gone = runner.invoke(app, ["analyse", "report", "nowhere", "--out", str(out)])
    assert gone.exit_code == 1
    assert "no study and no imported log is called 'nowhere'" in gone.stderr


@pytest.mark.skipif(find_renderer() is None, reason="no browser on this machine prints PDF")
def test_a_pdf_is_printed_where_a_browser_is(log: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    done = runner.invoke(app, ["analyse", "report", str(log[0]), "--out", str(out), "--pdf", "--only", "item-response"])
    assert done.exit_code == 0, done.stderr
    assert out.with_suffix(".pdf").read_bytes().startswith(b"%PDF-")


def test_the_csv_of_the_zip_reads_back(log: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    done = runner.invoke(app, ["analyse", "report", str(log[0]), "--out", str(out), "--zip", "--only", "item-response"])
    assert done.exit_code == 0, done.stderr
    archive = zipfile.ZipFile(out.with_suffix(".zip"))
    tables = [name for name in archive.namelist() if name.startswith("tables/")]
    assert tables
    for name in tables:
        assert list(csv.reader(archive.read(name).decode().splitlines()))
