from collections import Counter
from pathlib import Path

import pytest
from tests.unit.dataset.image_factories import HAM_HEADER, ham_csv, ham_row

from dermdash.dataset.formats import ham10000
from dermdash.dataset.source_records import ExclusionReason, count_by_reason
from dermdash.errors import InvalidInput, MissingColumns
from dermdash.records.fields import FIELD_NAMES


def test_a_histology_row_becomes_a_stage_3_record_with_its_result() -> None:
    (record,) = ham10000.read_metadata(ham_csv(ham_row(dx="mel"))).records
    assert (record.image_id, record.lesion_id, record.dx, record.dx_type) == ("ISIC_1", "HAM_1", "mel", "histo")
    assert set(record.values) == set(FIELD_NAMES)
    assert record.values["verification_stage"] == 3
    assert record.values["histopathology_result"] == record.values["clinical_diagnosis"] == "mel"
    assert (record.values["age_at_exam"], record.values["sex"]) == (45, "female")


@pytest.mark.parametrize("dx_type", ["follow_up", "consensus", "confocal"])
def test_confirmation_without_tissue_is_stage_2_without_a_histology_result(dx_type: str) -> None:
    (record,) = ham10000.read_metadata(ham_csv(ham_row(dx_type=dx_type))).records
    assert record.values["verification_stage"] == 2
    assert record.values["histopathology_result"] is None
    assert record.dx_type == dx_type


def test_column_order_byte_order_mark_semicolons_and_decimal_commas_do_not_matter() -> None:
    header = "\ufeffdataset;AGE;sex;localization;dx_type;dx;image_id;lesion_id\n"
    text = header + "rosendahl;80,0;male;face;histo;bcc;A;L\n"
    (record,) = ham10000.read_metadata(text.encode()).records
    assert (record.values["age_at_exam"], record.dx, record.image_id) == (80, "bcc", "A")


def test_utf_16_as_spreadsheets_write_it_is_read() -> None:
    table = ham10000.read_metadata(ham_csv(ham_row()).decode().replace(",", "\t").encode("utf-16"))
    assert table.rows == 1


def test_missing_and_misnamed_columns_are_named_beside_the_expected_ones() -> None:
    header = HAM_HEADER.replace("localization", "localisation").replace("dx_type,", "")
    with pytest.raises(MissingColumns) as caught:
        ham10000.read_metadata(ham_csv("L,A,nv,40,male,back", header=header))
    message = str(caught.value)
    assert "dx_type" in message
    assert "did you mean 'localisation'?" in message
    assert "Expected: lesion_id, image_id, dx, dx_type, age, sex, localization" in message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"PK\x03\x04\0\0", "no readable table or spreadsheet"),
        (b"a,a\n1,2\n", "more than one column"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_plain_words(content: bytes, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        ham10000.read_metadata(content)


def test_an_absent_file_is_named() -> None:
    with pytest.raises(InvalidInput, match=r"nowhere\.csv"):
        ham10000.read_metadata(Path("nowhere.csv"))


def test_bad_rows_are_excluded_by_reason_and_the_rest_is_kept() -> None:
    table = ham10000.read_metadata(
        ham_csv(
            ham_row("A"),
            ham_row("B", dx="melanoma"),
            ham_row("C", dx_type="guess"),
            ham_row("A", dx="mel"),
            "too,few",
            ham_row(""),
            ham_row("D"),
        )
    )
    assert [r.image_id for r in table.records] == ["A", "D"]
    assert table.records[0].dx == "nv", "the first of two rows counts"
    assert count_by_reason(table.exclusions) == {
        "invalid_row": 2,
        "unknown_diagnosis": 1,
        "unknown_dx_type": 1,
        "duplicate_image_id": 1,
    }
    assert table.rows == 7
    by_reason = {e.reason: e.detail for e in table.exclusions}
    assert by_reason[ExclusionReason.UNKNOWN_DIAGNOSIS].startswith("row 3: dx 'melanoma'")
    assert "row 2" in by_reason[ExclusionReason.DUPLICATE_IMAGE_ID]


@pytest.mark.parametrize("age", ["-1", "121", "abc", "inf"])
def test_an_impossible_age_leaves_the_record_without_age_and_with_a_note(age: str) -> None:
    (record,) = ham10000.read_metadata(ham_csv(ham_row(age=age))).records
    assert record.values["age_at_exam"] is None
    assert age in record.notes[0]


def test_unknown_age_sex_and_site_are_missing_without_a_note() -> None:
    (record,) = ham10000.read_metadata(ham_csv(ham_row(age="", sex="unknown", site="unknown"))).records
    assert [record.values[k] for k in ("age_at_exam", "sex", "anatomical_site")] == [None, None, None]
    assert record.notes == ()


def test_newborns_keep_their_age_of_zero() -> None:
    (record,) = ham10000.read_metadata(ham_csv(ham_row(age="0.0"))).records
    assert record.values["age_at_exam"] == 0


def test_file_extensions_are_no_part_of_the_image_id() -> None:
    (record,) = ham10000.read_metadata(ham_csv(ham_row("ISIC_0024306.JPG"))).records
    assert record.image_id == "ISIC_0024306"


@pytest.mark.shared_data
def test_the_published_metadata_has_its_published_numbers(shared_data: Path) -> None:
    table = ham10000.read_metadata(shared_data / "ham10000" / "HAM10000_metadata.csv")
    assert (table.rows, len(table.exclusions)) == (10_015, 0)
    assert Counter(r.dx for r in table.records) == {
        "nv": 6705, "mel": 1113, "bkl": 1099, "bcc": 514, "akiec": 327, "vasc": 142, "df": 115
    }  # fmt: skip
    kinds = Counter(r.dx_type for r in table.records)
    assert kinds == {"histo": 5340, "follow_up": 3704, "consensus": 902, "confocal": 69}
    assert len({r.lesion_id for r in table.records}) == 7_470
    missing = [sum(r.values[k] is None for r in table.records) for k in ("age_at_exam", "sex", "anatomical_site")]
    assert missing == [57, 57, 234]
