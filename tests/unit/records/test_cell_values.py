"""Cells as files write them: what a field holds of them, and what is said where it is not all."""

import pytest

from dermdash.records.cell_dates import DAY_FIRST, MONTH_FIRST, date_order, read_date
from dermdash.records.cell_values import read_cell
from dermdash.records.fields import FIELDS

SPECS = {spec.name: spec for spec in FIELDS}
NOTHING: tuple[object, str] = (None, "")


@pytest.mark.parametrize(
    ("field", "written", "value", "remark"),
    [
        ("age_at_exam", "40.0", 40, ""),
        ("age_at_exam", "40,0", 40, ""),
        ("age_at_exam", " 61 ", 61, ""),
        ("age_at_exam", "61 years", 61, ""),
        ("age_at_exam", "٦١", 61, ""),
        ("age_at_exam", "90+", 90, "was read as 90, and means 90 or more"),
        ("age_at_exam", ">89", 89, "was read as 89, and means more than 89"),
        ("age_at_exam", "60.5", 60, "was read as 60"),
        ("age_at_exam", "7 months", 0, "was read as 0 full years"),
        ("age_at_exam", "AGE_60_TO_69", 65, "was read as 65, the middle of 60 to 69"),
        ("age_at_exam", "60–69", 65, "was read as 65, the middle of 60 to 69"),
        ("age_at_exam", "<18", None, "says only what it is less than and was left empty"),
        ("age_at_exam", "-3", None, "is outside 0-120 years and was left empty"),
        ("age_at_exam", "1_0", None, "is not a whole number and was left empty"),
        ("age_at_exam", "10-90", None, "is no age and was left empty"),
        ("lesion_diameter_mm", "2.5 mm", 2.5, ""),
        ("lesion_diameter_mm", "0,7 cm", 7.0, ""),
        ("lesion_diameter_mm", "12", 12.0, ""),
        ("lesion_diameter_mm", "5 x 8 mm", 8.0, "was read as 8, the larger of 5 and 8 mm"),
        ("lesion_diameter_mm", "> 20", 20.0, "was read as 20, and means more than 20"),
        ("lesion_diameter_mm", "ca. 6", 6.0, "was read as 6, and is about that"),
        ("lesion_diameter_mm", "<3", None, "says only what it is less than and was left empty"),
        ("lesion_diameter_mm", "large", None, "is not a number and was left empty"),
        ("sunburn_history", "Ja", True, ""),
        ("sunburn_history", "FALSE", False, ""),
        ("sunburn_history", "maybe", None, "is neither true nor false and was left empty"),
        ("sex", "F", "female", ""),
        ("sex", "m", "male", ""),
        ("sex", "жен.", "female", ""),
        ("sex", "1", None, "is none of female, male and was left empty"),
        ("fitzpatrick_type", "4", "IV", ""),
        ("fitzpatrick_type", "FST2", "II", ""),
        ("fitzpatrick_type", "Type V", "V", ""),
        ("fitzpatrick_type", "-1", None, "is none of I, II, III, IV, V, VI and was left empty"),
        ("fitzpatrick_type", "34", None, "is none of I, II, III, IV, V, VI and was left empty"),
        ("elevation", "False", "flat", ""),
        ("elevation", "True", None, "says that it is raised, not whether palpable or nodular, and was left empty"),
        ("border_regularity", "ill-defined", "ill_defined", ""),
        ("dominant_colors", "Dark brown, blue-gray", ["dark_brown", "blue_gray"], ""),
        ("dermoscopic_structures", "Milia-like cyst|streaks", ["milia_like_cysts", "streaks"], ""),
        ("verification_stage", "2.5", None, "is not a whole number and was left empty"),
        ("image_quality_score", "0", None, "is outside 1-5 and was left empty"),
        ("anatomical_site", "Lower back", "Lower back", ""),
    ],
)
def test_a_cell_becomes_what_its_field_can_hold_of_it(field: str, written: str, value: object, remark: str) -> None:
    found = read_cell(SPECS[field], written)
    assert (found.value, found.remark) == (value, remark)
    assert type(found.value) is type(value)


@pytest.mark.parametrize("written", ["", " ", "NaN", "n/a", "UNK", "unknown", "-", "?", "keine Angabe", "нет данных"])
def test_words_that_say_nothing_are_nothing_in_every_field(written: str) -> None:
    assert {spec.name: (c.value, c.remark) for spec in FIELDS if (c := read_cell(spec, written))} == dict.fromkeys(
        SPECS, NOTHING
    )


def test_of_a_list_what_is_known_is_read_and_the_rest_named() -> None:
    found = read_cell(SPECS["dominant_colors"], "red;mauve")
    assert found.value == ["red"]
    assert found.remark.startswith("was read without 'mauve', which is none of light_brown")
    note = found.note(7, "colours", " red;mauve ")
    assert note.startswith("row 7: colours 'red;mauve' was read without 'mauve'")
    assert read_cell(SPECS["dominant_colors"], "red").note(7, "colours", "red") == ""


@pytest.mark.parametrize(
    "written",
    ["2012-05-16", "2012/5/16", "16.05.2012", "16/05/2012", "05/16/2012", "16 May 2012", "May 16, 2012", "16-Mai-2012",
     "20120516", "2012-05-16T23:59:01Z", "16 мая 2012 г."],
)  # fmt: skip
def test_a_date_that_has_one_reading_is_read(written: str) -> None:
    assert read_date(written) == read_date("2012-05-16")
    assert read_date(written).value == "2012-05-16"


def test_a_date_that_may_be_two_is_read_as_its_column_says() -> None:
    assert read_date("05/03/2012").remark == "may have the day or the month first and was left empty"
    order = date_order(["05/03/2012", "", "17/03/2012", "x"])
    assert (order, read_date("05/03/2012", order).value) == (DAY_FIRST, "2012-03-05")
    order = date_order(["05/03/2012", "05/31/2012"])
    assert (order, read_date("05/03/2012", order).value) == (MONTH_FIRST, "2012-05-03")
    assert date_order(["17/03/2012", "05/31/2012"]) is None
    assert read_date("05.03.2012", MONTH_FIRST).value == "2012-03-05"


@pytest.mark.parametrize("written", ["2012", "30.02.2012", "16.05.12", "soon", "2012-13-01"])
def test_what_is_no_whole_date_stays_empty_and_says_why(written: str) -> None:
    assert (read_date(written).value, bool(read_date(written).remark)) == (None, True)
    assert read_date("").remark == ""
    assert read_date("41045").value == "2012-05-16"
    assert "spreadsheets" in read_date("41045").remark
