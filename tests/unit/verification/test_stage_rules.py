import pytest

from dermdash.records.taxonomy import CLINICAL9, HAM7
from dermdash.verification.stage_rules import check_verification_stage


@pytest.mark.parametrize(
    ("dx", "stage", "histology", "expected"),
    [
        ("mel", 3, "mel", []),
        ("nv", 2, None, []),
        ("mel", 2, None, ["A malignant diagnosis needs histology (stage 3)."]),
        ("mel", 1, None, ["A malignant diagnosis needs histology (stage 3)."]),
        ("nv", 1, None, ["An initial annotation needs the consensus of three specialists (stage 2)."]),
        ("nv", 3, None, ["Stage 3 needs a histopathology result."]),
        ("nv", None, None, ["The verification stage is not recorded."]),
        ("nv", float("nan"), None, ["The verification stage is not recorded."]),
        (None, 2, None, []),
    ],
)
def test_each_rung_says_what_it_lacks(dx, stage, histology, expected):
    values = {"verification_stage": stage, "histopathology_result": histology}
    assert check_verification_stage(values, dx=dx, taxonomy=HAM7) == expected


def test_a_borderline_class_stays_at_consensus():
    assert check_verification_stage({"verification_stage": 2}, dx="dysplastic_nevus", taxonomy=CLINICAL9) == []
