"""Scores of a model joined to the cases that were read, whichever way the images are spelt."""

from pathlib import Path

import pytest
from tests.filled_workspace import fill_workspace
from tests.reading_log_files import nature_medicine
from tests.readings_factory import make_readings

from dermdash.analyses.benefit.image_truth import lesions_of_truth_file, with_workspace_truth
from dermdash.analyses.model_scores import scores_of_file, scores_of_model
from dermdash.errors import InvalidInput
from dermdash.readings.formats.log_file import LogFile
from dermdash.records.taxonomy import HAM7
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier.evaluation_cases import PredictionFile
from dermdash.workflows.reader_study import readings_source
from dermdash.workflows.readings import import_reading_log
from dermdash.workflows.readings.read_reading_log import read_files


def test_predictions_of_classes_are_joined_over_spellings() -> None:
    table = make_readings(readers=2, cases=7)
    row = ",".join(["0.4"] + ["0.1"] * 6)
    lines = ["# by hand", "image," + ",".join(HAM7.codes), *[f"C{i:03},{row}" for i in range(5)], f"c-005,{row}"]
    found = scores_of_file(PredictionFile("p.csv", "\n".join(lines).encode()), table)
    assert found.cases == tuple(f"c{i:03}" for i in range(5))
    assert "Matched though spelt otherwise in p.csv, 5 of the cases: 'c000' (there 'C000')" in " ".join(found.warnings)
    assert "1 of the cases: 'c005' (there 'c-005')" in found.warnings[-1]
    assert "p.csv: Line 1 starts with #" in " ".join(found.warnings)


def test_probabilities_of_malignancy_are_joined_over_spellings() -> None:
    table = make_readings(readers=2, cases=7)
    text = "# x\nimage,malignancy\n" + "".join(f"C{i:03}.jpg,0.{i}\n" for i in range(7))
    found = scores_of_file(PredictionFile("p.csv", text.encode()), table)
    assert dict(zip(found.cases, found.malignancy, strict=True)) == {f"c{i:03}": i / 10 for i in range(7)}
    assert [text.partition(":")[0] for text in found.warnings] == [
        "p.csv", "Matched though spelt otherwise in p.csv, 7 of the cases",
    ]  # fmt: skip
    with pytest.raises(InvalidInput, match="no prediction of an image"):
        scores_of_file(PredictionFile("p.csv", b"image,malignancy\nother,0.5\n"), table)


def test_stored_predictions_are_joined_to_a_log_that_spells_the_images_otherwise(duckdb_workspace: Workspace) -> None:
    made = fill_workspace(duckdb_workspace)
    table = readings_source.load_readings(duckdb_workspace, f"study:{made.study_id}")
    known = scores_of_model(duckdb_workspace, table=table, study_id=made.study_id)
    frame = table.frame.assign(case=table.frame["case"].str.swapcase(), session=None, copied=None)
    data = frame.dropna(axis="columns", how="all").to_csv(index=False).encode()
    log, _ = import_reading_log.import_reading_log(duckdb_workspace, [LogFile("log.csv", data)])
    other = readings_source.load_readings(duckdb_workspace, log.key)
    found = scores_of_model(duckdb_workspace, table=other, study_id=made.study_id)
    assert [case.swapcase() for case in found.cases] == list(known.cases)
    assert list(found.malignancy) == list(known.malignancy)
    assert "Matched though spelt otherwise in the workspace" in found.warnings[-1]


def test_the_truth_of_counts_is_found_in_the_workspace_over_spellings(
    duckdb_workspace: Workspace, tmp_path: Path
) -> None:
    made = fill_workspace(duckdb_workspace)
    image = next(iter(readings_source.load_readings(duckdb_workspace, f"study:{made.study_id}").frame["case"]))
    text = nature_medicine(images=1).replace("ISIC_0000000", image.swapcase())
    table = read_files([LogFile("benefit.csv", text.encode())]).table
    found, groups = with_workspace_truth(duckdb_workspace, table)  # type: ignore[arg-type]
    assert found.frame["truth_dx"].notna().all()
    assert list(groups) == [image.swapcase()]
    assert f"'{image.swapcase()}' (there '{image}')" in found.notes[-2]
    truth = tmp_path / "truth.csv"
    truth.write_text(f"image,dx,lesion_id\n{image},mel,L1\n")
    assert lesions_of_truth_file(truth, table) == {image.swapcase(): "lesion L1"}  # type: ignore[arg-type]
