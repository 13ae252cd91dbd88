"""Data sets beside one another: what each documents, and the images that two of them share."""

import pytest
from tests.factories import make_image, make_record

from dermdash.analyses.dataset_comparison.tables import (
    classes_table,
    comparison_table,
    shared_pairs_table,
    shared_table,
    shared_words,
)
from dermdash.errors import InvalidInput, NotFound
from dermdash.records.record_filter import RecordFilter
from dermdash.report.latex_table import latex_table
from dermdash.storage import findings, records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.compare_datasets import check_two, compared_datasets, shared_images


def add(
    workspace: Workspace, dataset: str, *rows: dict[str, object], taxonomy: str = "ham7", drawn: bool = False
) -> None:
    """A data set with these records: ``id``, and what differs of record and picture."""
    records.save_dataset(
        workspace.engine,
        values={"id": dataset, "name": dataset.upper(), "taxonomy": taxonomy, "source": "", "licence": "",
                "simulated": drawn},
    )  # fmt: skip
    made, images = [], []
    for row in rows:
        values = dict(row)
        image_id, sha256 = str(values.pop("id")), str(values.pop("sha256"))
        images.append(make_image(sha256, phash=str(values.pop("phash", "f" * 16))))
        made.append(make_record(image_id, dataset, image_sha256=sha256, **values))
    records.save_batch(workspace.engine, images=images, records=made)


def fill(workspace: Workspace) -> None:
    add(
        workspace, "one",
        {"id": "a", "sha256": "a" * 64, "phash": "0" * 16, "fitzpatrick_type": "II", "patient_id": "P",
         "acquisition_date": "2019-03", "image_type": "dermoscopic", "polarisation": "polarised"},
        {"id": "b", "sha256": "b" * 64, "phash": "0f" * 8, "dx": "mel", "dx_type": "histo", "verification_stage": 3,
         "acquisition_date": "2021", "patient_id": "P"},
    )  # fmt: skip
    add(
        workspace, "two",
        {"id": "c", "sha256": "a" * 64, "phash": "0" * 16, "dx": "melanoma", "dx_type": None},
        {"id": "d", "sha256": "d" * 64, "phash": "0f" * 7 + "0e", "dx": "nevus", "dx_type": None},
        taxonomy="clinical9",
    )  # fmt: skip


def test_each_data_set_says_what_it_documents_and_what_it_does_not(workspace: Workspace) -> None:
    fill(workspace)
    found = compared_datasets(workspace)
    rows = comparison_table(found).shown.to_dict("records")
    assert [row["Dataset"] for row in rows] == ["ONE", "TWO"]
    assert [row["Year"] for row in rows] == ["2019\N{EN DASH}2021", "not said"]
    assert [row["Patients"] for row in rows] == ["1", "not said"]
    assert rows[0]["How images were taken"] == "dermoscopic 50\N{NO-BREAK SPACE}%; polarised 50\N{NO-BREAK SPACE}%"
    assert rows[0]["Diagnosis confirmation"] == (
        "Consensus 50.0\N{NO-BREAK SPACE}%, Histopathology 50.0\N{NO-BREAK SPACE}%"
    )
    assert rows[1]["Diagnosis confirmation"] == "Consensus 100.0\N{NO-BREAK SPACE}%"
    assert [row["Phototypes"] for row in rows] == ["II: 1, not said: 1", "not said"]
    assert {row["SOP"] for row in rows} == {"not said"}
    assert found[0].as_dict()["without_phototype"] == 1
    classes = classes_table(found)
    assert "clinical9, ham7" in classes.note
    assert dict(zip(classes.numbers["code"], classes.numbers["two"], strict=True))["melanoma"] == 1
    assert latex_table(comparison_table(found)).decode().count("\\\\") == 3


def test_shared_files_near_pictures_and_confirmed_pairs_are_found_once(workspace: Workspace) -> None:
    fill(workspace)
    row = {"records": ["two:d", "one:b"], "score": 1.0, "threshold": 0.0, "verdict": "certain", "details": {},
           "method_version": "1", "model_id": None}  # fmt: skip
    findings.save_findings(workspace.engine, findings.SAME_LESION, [row], searched={})
    key = findings.finding_id(findings.SAME_LESION, ["one:b", "two:d"])
    findings.add_decision(workspace.engine, finding_id=key, decision="same_lesion", account_id="admin")
    said: list[tuple[int, int]] = []
    (found,) = shared_images(workspace, progress=lambda done, total: said.append((done, total)))
    assert found.identical == (("one:a", "two:c"),)
    assert found.near == (("one:b", "two:d", 1),)
    assert found.confirmed == (("one:b", "two:d"),)
    assert said == [(2, 2)]
    assert shared_words([found]).startswith("1 file is in two data sets, and 1 picture of one is nearly the same")
    assert list(shared_table([found], {"one": "ONE"}).shown.iloc[0]) == ["ONE", "two", "1", "1", "1"]
    assert list(shared_pairs_table([found]).numbers["how"]) == [
        "identical file", "nearly the same picture", "confirmed by people"
    ]  # fmt: skip


def test_a_file_that_is_twice_in_the_other_set_is_identical_to_both_and_near_to_neither(
    duckdb_workspace: Workspace,
) -> None:
    same = {"sha256": "a" * 64, "phash": "0" * 16}
    add(duckdb_workspace, "one", {"id": "x", **same})
    add(duckdb_workspace, "two", {"id": "y", **same}, {"id": "z", **same})
    (found,) = shared_images(duckdb_workspace)
    assert found.identical == (("one:x", "two:y"), ("one:x", "two:z"))
    assert found.near == ()


def test_two_data_sets_of_one_name_are_told_apart(duckdb_workspace: Workspace) -> None:
    for dataset in ("one", "ONE"):
        add(duckdb_workspace, dataset, {"id": dataset, "sha256": dataset[0] * 64})
    named = [found.name for found in compared_datasets(duckdb_workspace, RecordFilter())]
    assert named == ["ONE (one)", "ONE (ONE)"]


def test_a_filter_may_leave_nothing_and_one_data_set_shares_with_none(duckdb_workspace: Workspace) -> None:
    fill(duckdb_workspace)
    assert compared_datasets(duckdb_workspace, RecordFilter(text="no such id")) == ()
    assert shared_images(duckdb_workspace, RecordFilter(dataset_id=("one",))) == ()
    assert comparison_table(()).shown.empty
    assert shared_words(()).startswith("No two data sets share a file")


def test_two_that_cannot_be_compared_are_refused_with_the_reason(duckdb_workspace: Workspace) -> None:
    fill(duckdb_workspace)
    add(duckdb_workspace, "drawn", {"id": "x", "sha256": "e" * 64}, drawn=True)
    add(duckdb_workspace, "empty")
    with pytest.raises(InvalidInput, match="one is one data set: name two"):
        check_two(duckdb_workspace, "one", "one")
    with pytest.raises(InvalidInput, match="would be mixed"):
        check_two(duckdb_workspace, "one", "drawn")
    with pytest.raises(NotFound, match="The data set empty has no records"):
        check_two(duckdb_workspace, "one", "empty")
    with pytest.raises(NotFound, match="no data set nowhere"):
        check_two(duckdb_workspace, "one", "nowhere")
    assert [d.id for d in compared_datasets(duckdb_workspace)] == ["one", "two"]
