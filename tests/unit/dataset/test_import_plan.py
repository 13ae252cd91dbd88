import zipfile
from pathlib import Path

import pytest
from tests.unit.dataset.image_factories import ham_csv, ham_row, make_jpeg, make_zip

from dermdash.dataset.formats import ham10000
from dermdash.dataset.image_source import ImageSource
from dermdash.dataset.import_plan import plan_import
from dermdash.dataset.source_records import count_by_reason


def test_every_row_is_work_or_an_exclusion_and_every_file_is_accounted_for(tmp_path: Path) -> None:
    archive = make_zip(
        tmp_path / "z.zip",
        {
            "A.jpg": make_jpeg(),
            "copy/A.jpg": make_jpeg(),
            "stray.jpg": make_jpeg(),
            "../C.jpg": b"",
            "../D.jpg": b"",
        },
    )
    table = ham10000.read_metadata(ham_csv(ham_row("A"), ham_row("B"), ham_row("C"), ham_row("E", dx="x")))
    plan = plan_import(table, ImageSource.open([archive]))
    assert [record.image_id for record, _ in plan.work] == ["A"]
    assert count_by_reason(plan.excluded_rows) == {
        "unknown_diagnosis": 1, "no_image_file": 1, "unsafe_archive_entry": 1
    }  # fmt: skip
    assert plan.rows == len(plan.work) + len(plan.excluded_rows) == 4
    assert {(e.image_id, str(e.reason)) for e in plan.excluded_files} == {
        ("A", "duplicate_image_file"), ("stray", "image_without_row"), ("D", "unsafe_archive_entry")
    }  # fmt: skip


@pytest.mark.shared_data
def test_ham10000_has_5984_images_and_4031_rows_without_one(shared_data: Path) -> None:
    table = ham10000.read_metadata(shared_data / "ham10000" / "HAM10000_metadata.csv")
    plan = plan_import(table, ImageSource.open([shared_data / "ham10000" / "images"]))
    assert (plan.rows, len(plan.work)) == (10_015, 5_984)
    assert count_by_reason(plan.excluded_rows) == {"no_image_file": 4_031}
    assert plan.excluded_files == ()


def test_no_row_takes_the_picture_of_a_row_that_was_left_out_for_its_diagnosis(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "z.zip", {"007.jpg": make_jpeg()})
    table = ham10000.read_metadata(ham_csv(ham_row("7"), ham_row("007", dx="x")))
    plan = plan_import(table, ImageSource.open([archive]))
    assert plan.work == ()
    assert count_by_reason(plan.excluded_rows) == {"unknown_diagnosis": 1, "no_image_file": 1}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_pictures_under_one_path_of_an_archive_neither_gets_the_row(tmp_path: Path) -> None:
    archive = tmp_path / "z.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for size in (20, 30):
            target.writestr("A.jpg", make_jpeg(seed=size))
        for _ in range(2):
            target.writestr("B.jpg", make_jpeg(seed=24))
    plan = plan_import(ham10000.read_metadata(ham_csv(ham_row("A"), ham_row("B"))), ImageSource.open([archive]))
    assert [record.image_id for record, _ in plan.work] == ["B"]
    assert count_by_reason(plan.excluded_rows) == {"ambiguous_image_name": 1}
    assert "several files of this path" in plan.excluded_rows[0].detail


def test_a_place_of_masks_that_holds_the_images_themselves_is_told(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "z.zip", {"A.jpg": make_jpeg(), "B.jpg": make_jpeg(seed=1)})
    table = ham10000.read_metadata(ham_csv(ham_row("A"), ham_row("B")))
    plan = plan_import(table, ImageSource.open([archive]), ImageSource.open([archive]))
    assert plan.masks == {}
    assert plan.notes == (("", "2 files in the place of the masks are images of the data set itself, and no mask"),)
