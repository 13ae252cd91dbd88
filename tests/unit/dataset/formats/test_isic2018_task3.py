from collections import Counter
from pathlib import Path

import pytest
from tests.unit.dataset.image_factories import ham_csv, ham_row

from dermdash.dataset.formats.isic2018_task3 import read_ground_truth
from dermdash.errors import MissingColumns

HEADER = "image,MEL,NV,BCC,AKIEC,BKL,DF,VASC\n"


def test_a_one_hot_row_becomes_a_record_that_claims_no_confirmation() -> None:
    (record,) = read_ground_truth((HEADER + "ISIC_1,0.0,0.0,0.0,1.0,0.0,0.0,0.0\n").encode()).records
    assert (record.dx, record.source_label, record.dx_type, record.lesion_id) == ("akiec", "AKIEC", None, "ISIC_1")
    assert record.values["verification_stage"] == 1


@pytest.mark.parametrize(
    "row", ["0,0,0,0,0,0,0", "1,1,0,0,0,0,0", "0.5,0.5,0,0,0,0,0", "x,1,0,0,0,0,0", "2,-1,0,0,0,0,0"]
)
def test_rows_that_are_not_one_hot_are_excluded(row: str) -> None:
    table = read_ground_truth(f"{HEADER}A,{row}\nB,1,0,0,0,0,0,0\n".encode())
    assert [r.image_id for r in table.records] == ["B"]
    assert table.exclusions[0].reason == "invalid_row"
    assert table.exclusions[0].detail.startswith("row 2")


def test_the_columns_of_ham10000_are_read_as_such() -> None:
    (record,) = read_ground_truth(ham_csv(ham_row(dx="df"))).records
    assert (record.dx, record.dx_type) == ("df", "histo")


def test_a_missing_class_column_is_named() -> None:
    with pytest.raises(MissingColumns, match="VASC"):
        read_ground_truth(b"image,MEL,NV,BCC,AKIEC,BKL,DF\nA,1,0,0,0,0,0\n")


@pytest.mark.shared_data
def test_the_171_test_images_are_read(shared_data: Path) -> None:
    table = read_ground_truth(shared_data / "isic2018_task3_test" / "ISIC2018_Task3_Test_GroundTruth.csv")
    assert (len(table.records), len(table.exclusions)) == (171, 0)
    assert Counter(r.dx for r in table.records)["nv"] == 96
