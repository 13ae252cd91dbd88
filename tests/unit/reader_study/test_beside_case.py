from typing import Any

import pandas as pd
import pytest

from dermdash.errors import InvalidInput
from dermdash.reader_study.beside_case import MOST_LESIONS, BesideCase, beside_cases, check_shown
from dermdash.reader_study.protocol_parts import CaseView


def make_records(*rows: tuple[str, int, str | None, str], **columns: Any) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["record_id", "one_lesion", "patient_id", "image_type"])
    return frame.assign(age_at_exam=55.0, sex=None).assign(**columns)


RECORDS = make_records(
    ("r1", 1, "anna", "dermoscopic"), ("r2", 1, "anna", "clinical_overview"), ("r3", 1, "anna", "clinical_close_up"),
    ("r4", 2, "anna", "clinical_close_up"), ("r5", 2, "anna", "dermoscopic"), ("r6", 3, "anna", "clinical_close_up"),
    ("r7", 4, "bert", "dermoscopic"), ("r8", 5, None, "dermoscopic"), ("r9", 6, None, "dermoscopic"),
)  # fmt: skip
EVERYTHING = CaseView(fields=("sex", "age_at_exam"), clinical_image=True, whole_patient=True)


def test_fields_come_in_the_order_of_the_protocol_and_what_is_not_recorded_is_none() -> None:
    found = beside_cases(RECORDS, view=CaseView(fields=("sex", "age_at_exam")), cases=["r1"])["r1"]
    assert list(found.fields.items()) == [("sex", None), ("age_at_exam", 55.0)]
    assert (found.clinical, found.lesions) == (None, ())


def test_the_nearest_clinical_image_of_the_lesion_is_shown_and_never_the_case_itself() -> None:
    found = beside_cases(RECORDS, view=EVERYTHING, cases=["r1", "r3", "r7"])
    assert [found[case].clinical for case in ("r1", "r3", "r7")] == ["r3", "r2", None]


def test_the_other_lesions_of_the_patient_come_once_each_as_the_dermatoscope_shows_them() -> None:
    found = beside_cases(RECORDS, view=EVERYTHING, cases=["r1", "r7", "r8"])
    assert found["r1"].lesions == ("r5", "r6")
    assert found["r7"].lesions == found["r8"].lesions == ()  # two without a patient are not one person


def test_a_lesion_whose_diagnosis_is_told_while_reading_is_left_out_and_counted() -> None:
    found = beside_cases(RECORDS, view=EVERYTHING, cases=["r1", "r5"], told=["r5"])["r1"]
    assert (found.lesions, found.lesions_left_out) == (("r6",), 1)


def test_more_lesions_than_a_screen_can_show_are_counted() -> None:
    many = make_records(*((f"r{i:03}", i, "anna", "dermoscopic") for i in range(MOST_LESIONS + 6)))
    found = beside_cases(many, view=EVERYTHING, cases=["r000"])["r000"]
    assert (len(found.lesions), found.lesions_left_out) == (MOST_LESIONS, 5)


def test_what_is_stored_is_read_back_and_older_cases_have_nothing() -> None:
    found = beside_cases(RECORDS, view=EVERYTHING, cases=["r1"])["r1"]
    assert BesideCase.from_json(found.as_json()) == found
    assert BesideCase.from_json(None) == BesideCase({})


def test_a_case_that_may_not_be_shown_is_refused() -> None:
    with pytest.raises(InvalidInput, match="x"):
        beside_cases(RECORDS, view=EVERYTHING, cases=["x"])


def test_no_other_field_leaves_whatever_was_stored() -> None:
    assert check_shown({"sex": "female", "dx": "mel", "histopathology_result": "mel"}) == {"sex": "female"}
