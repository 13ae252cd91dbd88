import io

import pandas as pd
import pytest
from tests.unit.records.spreadsheet_factory import make_workbook

from dermdash.dataset.truth_csv import read_truth
from dermdash.errors import InvalidInput, MissingColumns
from dermdash.records.taxonomy import ASAN12, HAM7

ONE_HOT = b"image,MEL,NV,BCC,AKIEC,BKL,DF,VASC\nISIC_1,0.0,1.0,0.0,0.0,0.0,0.0,0.0\nISIC_2,1,0,0,0,0,0,0\n"
HAM = (
    b"lesion_id,image_id,dx,dx_type,age,sex,localization\n"
    b"HAM_1,ISIC_1,bkl,histo,80.0,male,scalp\nHAM_1,ISIC_2,bkl,follow_up,,unknown,unknown\n"
)


def test_one_hot_and_plain_truth_say_the_same() -> None:
    plain = b"image_id;dx\nISIC_1.jpg;NV\nISIC_2;Melanoma\n"
    for source in (ONE_HOT, plain):
        frame = read_truth(source, taxonomy=HAM7).frame
        assert list(zip(frame["image_id"], frame["dx"], strict=True)) == [("ISIC_1", "nv"), ("ISIC_2", "mel")]
        assert frame["lesion_id"].isna().all()


def test_truth_comes_as_a_workbook_as_parquet_and_in_another_encoding() -> None:
    heads, *rows = (line.split(",") for line in HAM.decode().splitlines())
    parquet = io.BytesIO()
    pd.DataFrame(rows, columns=heads).to_parquet(parquet)
    expected = read_truth(HAM, taxonomy=HAM7).frame
    for source in (make_workbook({"t": [heads, *rows]}), parquet.getvalue(), HAM.decode().encode("utf-16")):
        pd.testing.assert_frame_equal(read_truth(source, taxonomy=HAM7).frame, expected)


def test_the_columns_of_ham10000_become_attributes() -> None:
    first, second = read_truth(HAM, taxonomy=HAM7).frame.to_dict("records")
    assert first == {
        "image_id": "ISIC_1", "dx": "bkl", "lesion_id": "HAM_1", "sex": "male", "age_at_exam": 80.0,
        "anatomical_site": "scalp", "verification_stage": 3, "patient_id": None,
    }  # fmt: skip
    assert second["verification_stage"] == 2
    assert pd.isna([second[name] for name in ("sex", "age_at_exam", "anatomical_site")]).all()


def test_another_taxonomy_has_its_own_classes() -> None:
    assert read_truth(b"image,dx\na,wart\nb,iec\n", taxonomy=ASAN12).frame["dx"].tolist() == ["wart", "iec"]


def test_unusable_ages_are_left_empty_with_a_note() -> None:
    found = read_truth(b"image,dx,age\na,nv,200\nb,nv,40\n", taxonomy=HAM7)
    assert found.warnings == ("1 value of age_at_exam in the truth file is not 0-120 years and was left empty",)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (b"image,dx\na,scc\n", "a diagnosis that ham7 does not have: 1 .row 2 'scc'"),
        (b"image,dx\na,\n", "a diagnosis that ham7 does not have"),
        (b"image,dx\na,nv\na,mel\n", r"two rows: 1 \(a \(rows 2 and 3\)\)"),
        (b"image,dx\n,nv\n", "no image name: 1"),
        (b"image,dx\na,nv,3\n", "wrong number of cells"),
        (ONE_HOT.replace(b"1,0,0,0,0,0,0", b"1,1,0,0,0,0,0"), "not one 1 and otherwise 0: 1 .row 3"),
        (ONE_HOT.replace(b"1,0,0,0,0,0,0", b"0,0,0,0,0,0,0"), "not one 1 and otherwise 0"),
        (ONE_HOT.replace(b"1,0,0,0,0,0,0", b"0.6,0,0,0,0,0,0.4"), "not one 1 and otherwise 0"),
        (b"image,dx\n", "no row below"),
    ],
)
def test_unusable_truth_is_refused_naming_the_row(source: bytes, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read_truth(source, taxonomy=HAM7)


def test_missing_columns_are_named_with_what_there_is() -> None:
    with pytest.raises(MissingColumns, match="Found: image, mel, nv"):
        read_truth(b"image,MEL,NV\na,1,0\n", taxonomy=HAM7)
