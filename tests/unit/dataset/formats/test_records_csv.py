import pandas as pd
import pytest

from dermdash.dataset.formats.records_csv import read_records
from dermdash.errors import MissingColumns
from dermdash.records.fields import FIELD_NAMES
from dermdash.records.safe_csv import to_safe_csv
from dermdash.records.taxonomy import CLINICAL9, HAM7

FULL = {
    "image_id": "IMG_1", "lesion_id": "L1", "patient_id": "P1", "dx": "mel", "dx_type": "histo",
    "age_at_exam": 61, "sex": "male", "fitzpatrick_type": "II", "sunburn_history": True,
    "personal_ca_history": False, "anatomical_site": "back", "lesion_diameter_mm": 7.5,
    "dominant_colors": ["black", "blue_gray"], "elevation": "flat", "border_regularity": "irregular",
    "dermoscopic_structures": ["streaks", "blue_white_veil"], "clinical_diagnosis": "mel",
    "histopathology_result": "=melanoma, Breslow 0.8 mm", "verification_stage": 3, "examiner_id": "E07",
    "image_quality_score": 4,
}  # fmt: skip


def row(**changes: object) -> bytes:
    return to_safe_csv(pd.DataFrame([{**FULL, **changes}]))


def test_all_fields_survive_an_export_and_an_import() -> None:
    (record,) = read_records(row(), HAM7).records
    assert record.values == {name: FULL.get(name) for name in FIELD_NAMES}
    assert (record.lesion_id, record.patient_id, record.dx, record.notes) == ("L1", "P1", "mel", ())


def test_lists_may_be_json() -> None:
    (record,) = read_records(row(dominant_colors='["red", "white"]'), HAM7).records
    assert record.values["dominant_colors"] == ["red", "white"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("age_at_exam", "130"), ("age_at_exam", "old"), ("sex", "x"), ("fitzpatrick_type", "VII"),
        ("sunburn_history", "perhaps"), ("lesion_diameter_mm", "wide"), ("dominant_colors", "green"),
        ("dominant_colors", "[1]"), ("dominant_colors", "[oops"), ("verification_stage", "4"),
    ],
)  # fmt: skip
def test_a_value_its_field_does_not_allow_is_left_empty_and_noted(field: str, value: str) -> None:
    (record,) = read_records(row(**{field: value}), HAM7).records
    assert record.values[field] is None or field == "verification_stage"
    assert field in record.notes[0]
    assert value in record.notes[0]


@pytest.mark.parametrize("score", [1, 2])
def test_quality_1_and_2_never_enter(score: int) -> None:
    table = read_records(row(image_quality_score=score), HAM7)
    assert [e.reason for e in table.exclusions] == ["low_quality_score"]


def test_the_taxonomy_decides_which_diagnoses_are_known() -> None:
    content = b"image_id,dx\nA,wart\nB,dysplastic_nevus\n"
    assert read_records(content, HAM7).exclusions[0].reason == "unknown_diagnosis"
    assert [r.dx for r in read_records(content, HAM7).records] == ["nv"], "its words are read"
    assert [r.dx for r in read_records(content, CLINICAL9).records] == ["dysplastic_nevus"]


def test_stage_3_without_a_histology_result_is_not_believed() -> None:
    (record,) = read_records(b"image_id,dx,verification_stage\nA,mel,3\n", HAM7).records
    assert record.values["verification_stage"] == 1
    assert "histopathology_result" in record.notes[0]


def test_columns_that_are_none_of_ours_are_kept_and_named_with_what_they_may_have_meant() -> None:
    table = read_records(b"image_id,dx,anatomic_site,colour\nA,mel,back,red\n", HAM7)
    assert "'anatomic_site' is kept as a further column; did you mean 'anatomical_site'?" in table.notes[0]
    assert table.notes[1] == "column 'colour' is kept as a further column"
    assert table.records[0].further == {"anatomic_site": "back", "colour": "red"}


def test_image_id_and_dx_are_required() -> None:
    with pytest.raises(MissingColumns, match="dx"):
        read_records(b"image_id,diagnosis\nA,mel\n", HAM7)


def test_a_field_is_read_under_any_of_its_names_and_the_table_says_so() -> None:
    table = read_records(b"image_id,dx,age,localization,clin_size_long_diam_mm\nA,mel,61,back,7.5\n", HAM7)
    values = table.records[0].values
    assert (values["age_at_exam"], values["anatomical_site"], values["lesion_diameter_mm"]) == (61, "back", 7.5)
    assert "column 'localization' was read as anatomical_site" in table.notes
    own = read_records(b"image_id,dx,age,age_at_exam\nA,mel,61,62\n", HAM7)
    assert own.records[0].values["age_at_exam"] == 62
    assert "column 'age' is kept as a further column" in own.notes[0]
