"""`dermdash analyse benefit` from files, with the truth of a file or of the workspace, against counting by hand."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
from click.testing import Result
from scipy import stats
from tests.filled_workspace import fill_records
from tests.readings_factory import make_readings
from typer.testing import CliRunner

from dermdash.cli import app
from dermdash.reader_study.nature_medicine_export import build_nature_medicine_table, to_nature_medicine_csv
from dermdash.readings.modality import PUBLIC_NAMES, public_modality
from dermdash.records.taxonomy import HAM7
from dermdash.settings import Settings
from dermdash.storage.workspace import open_workspace

Run = Callable[..., Result]
MODALITIES = tuple(m.value for m in PUBLIC_NAMES)
IMAGES = tuple(f"{code.upper()}_{lesion}" for lesion in range(4) for code in HAM7.codes)
"""Images of the filled workspace; the class stands in the name."""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "workspace"))
    monkeypatch.delenv("DERMDASH_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(app, ["analyse", "benefit", *arguments], env={"COLUMNS": "200"})


def as_json(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    value: dict[str, Any] = json.loads(result.stdout)
    return value


def single_readings() -> pd.DataFrame:
    """Readings of nine readers, each of whom left out some cases, under the names of images of the workspace."""
    frame = make_readings(readers=9, cases=28, modalities=MODALITIES, seed=8).frame
    name = {f"c{i:03}": f"{HAM7.codes[i % 7].upper()}_{i // 7}" for i in range(28)}
    left_out = [(int(r[1:]) * 7 + int(c[1:])) % 5 == 0 for r, c in zip(frame["reader"], frame["case"], strict=True)]
    frame = frame[~np.array(left_out)]
    return frame.assign(case=frame["case"].map(name), image_id=frame["case"].map(name))


def write_counts(path: Path, frame: pd.DataFrame, decimal: Literal[",", "."] = ",") -> str:
    rng = np.random.default_rng(3)
    shares = {i: dict(zip(HAM7.codes, map(float, rng.dirichlet(np.ones(7))), strict=True)) for i in IMAGES}
    table = build_nature_medicine_table(
        readings=frame, taxonomy_name="ham7", model_probabilities=shares, crowd_probabilities=shares
    )
    path.write_bytes(to_nature_medicine_csv(table, decimal=decimal))
    return str(path)


def write_truth(path: Path, kind: str, images: tuple[str, ...] = IMAGES) -> str:
    classes = [image.split("_")[0].lower() for image in images]
    if kind == "dx":
        lines = ["image_id,dx", *(f"{i},{c}" for i, c in zip(images, classes, strict=True))]
    else:
        order = ("mel", "nv", "bcc", "akiec", "bkl", "df", "vasc")
        lines = ["image,MEL,NV,BCC,AKIEC,BKL,DF,VASC"]
        lines += [
            f"{i},{','.join('1.0' if c == o else '0.0' for o in order)}" for i, c in zip(images, classes, strict=True)
        ]
    path.write_text("\n".join(lines), "utf-8")
    return str(path)


def counted_by_hand(frame: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Right answers over answers, one reading after the other."""
    found: dict[str, dict[str, float]] = {}
    for modality in MODALITIES:
        right, total, images = {"unaided": 0, "aided": 0}, {"unaided": 0, "aided": 0}, set()
        for row in frame.to_dict("records"):
            if row["modality"] == modality:
                total[row["phase"]] += 1
                right[row["phase"]] += row["dx"] == row["image_id"].split("_")[0].lower()
                images.add(row["image_id"])
        before, after = (right[p] / total[p] for p in ("unaided", "aided"))
        found[public_modality(modality)] = {
            "accuracy_without": before, "accuracy_with": after, "difference": after - before,
            "n_readings": total["aided"], "n_images": len(images),
        }  # fmt: skip
    return found


@pytest.mark.parametrize(("decimal", "kind"), [(",", "dx"), (".", "one-hot")])
def test_counts_give_what_counting_the_single_readings_gives(
    run: Run, tmp_path: Path, decimal: Literal[",", "."], kind: str
) -> None:
    frame = single_readings()
    file = write_counts(tmp_path / "benefit.csv", frame, decimal)
    printed = as_json(run(file, "--truth", write_truth(tmp_path / "truth.csv", kind), "--json"))
    expected = counted_by_hand(frame)
    assert [row["modality"] for row in printed["modalities"]] == list(PUBLIC_NAMES.values())
    for row in printed["modalities"]:
        for name, value in expected[row["modality"]].items():
            assert row[name] == pytest.approx(value), (row["modality"], name)
        low, high = row["ci"]
        assert low < row["difference"] < high
        assert 0 < row["p"] <= 1
        assert (row["p"] < 0.05) == (low > 0 or high < 0)
    total = sum(e["n_readings"] for e in expected.values())
    assert printed["overall"]["n_readings"] == total
    assert not (tmp_path / "workspace").exists()


def test_the_truth_comes_from_the_workspace_where_no_file_is_given(run: Run, tmp_path: Path) -> None:
    workspace = open_workspace(Settings(home=tmp_path / "workspace"))
    fill_records(workspace)
    workspace.close()
    frame = single_readings()
    printed = as_json(run(write_counts(tmp_path / "benefit.csv", frame), "--json"))
    expected = counted_by_hand(frame)
    for row in printed["modalities"]:
        assert row["accuracy_with"] == pytest.approx(expected[row["modality"]]["accuracy_with"])
    # Lesions 0 and 1 of pairs of classes share a patient: such images are drawn together.
    assert printed["overall"]["n_lesions"] < printed["overall"]["n_images"]


def test_without_any_truth_the_way_out_is_named_and_no_workspace_is_made(run: Run, tmp_path: Path) -> None:
    result = run(write_counts(tmp_path / "benefit.csv", single_readings()), "--json")
    assert result.exit_code == 1
    assert "--truth" in result.stderr
    assert result.stdout == ""
    assert not (tmp_path / "workspace").exists()


def test_images_the_truth_does_not_know_are_left_out_and_counted(run: Run, tmp_path: Path) -> None:
    frame = single_readings()
    truth = write_truth(tmp_path / "truth.csv", "dx", IMAGES[:20])
    printed = as_json(run(write_counts(tmp_path / "b.csv", frame), "--truth", truth, "--json"))
    known = counted_by_hand(frame[frame["image_id"].isin(IMAGES[:20])])
    assert [r["n_readings"] for r in printed["modalities"]] == [
        known[r["modality"]]["n_readings"] for r in printed["modalities"]
    ]
    assert sum(printed["excluded_rows"].values()) > 0
    text = run(write_counts(tmp_path / "b.csv", frame), "--truth", truth).stdout
    assert "no true diagnosis is known for the image" in text


def test_single_readings_are_tested_over_readers(run: Run, tmp_path: Path) -> None:
    frame = single_readings()
    frame.drop(columns="image_id").to_csv(tmp_path / "readings.csv", index=False)
    printed = as_json(run("readings.csv", "--json", "--replicates", "200", "--breakdown", "none"))
    for row in printed["modalities"]:
        part = frame[frame["modality"].map(public_modality) == row["modality"]]
        shares = part.assign(correct=part["correct"].astype(float)).pivot_table(
            index="reader", columns="phase", values="correct", aggfunc="mean"
        )
        test = stats.ttest_rel(shares["aided"], shares["unaided"])
        assert row["p"] == pytest.approx(test.pvalue)
        assert row["ci"] == pytest.approx(list(test.confidence_interval(0.95)))
        assert row["accuracy_without"] == pytest.approx(shares["unaided"].mean())
        assert (row["n_readers"], row["n_readings"]) == (len(shares), len(part) // 2)
        assert row["n_images"] == part["case"].nunique()
    assert printed["breakdowns"] == []
    text = run("readings.csv", "--replicates", "200").stdout
    assert "Does the change differ between the groups?" in text
    assert "nan" not in text.lower().split()


def test_management_is_judged_by_the_rubric_of_the_file(run: Run, tmp_path: Path) -> None:
    frame = single_readings().drop(columns="image_id")
    action = np.where(frame["malignant_answer"].astype(bool), "biopsy", "dismiss")
    frame.assign(management=action).to_csv(tmp_path / "readings.csv", index=False)
    options = ("readings.csv", "--outcome", "management", "--replicates", "50", "--breakdown", "none", "--json")
    usual = as_json(run(*options))
    (tmp_path / "rubric.csv").write_text(
        "truth;management;judgement\nmalignant;biopsy;undertreatment\nmalignant;dismiss;appropriate\n"
        "benign;dismiss;overtreatment\nbenign;biopsy;appropriate\n"
    )
    turned = as_json(run(*options, "--rubric", "rubric.csv"))
    for one, other in zip(usual["modalities"], turned["modalities"], strict=True):
        assert other["accuracy_with"] == pytest.approx(1 - one["accuracy_with"])
    assert {row["judgement"] for row in turned["rubric"]} == {"appropriate", "undertreatment", "overtreatment"}
    (tmp_path / "rubric.csv").write_text("truth,management,judgement\nmalignant,biopsy,fine\n")
    refused = run(*options, "--rubric", "rubric.csv")
    assert refused.exit_code == 1
    assert "row 2: judgement is 'fine'" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--breakdown", "shoe_size"), "has no breakdown shoe_size"),
        (("--outcome", "management"), "needs management"),
        (("--measure", "sensitivity"), "has no measure"),
        (("--confidence", "95"), "confidence is 95.0: expected less than 1"),
    ],
)
def test_what_cannot_be_done_is_said(run: Run, tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    single_readings().drop(columns="image_id").to_csv(tmp_path / "readings.csv", index=False)
    result = run("readings.csv", *arguments)
    assert result.exit_code == 1
    assert message in result.stderr
