import pytest

from dermdash.records.completeness import NOT_EXPECTED, completeness_of_counts
from dermdash.records.details import DETAIL_NAMES
from dermdash.records.fields import FIELD_NAMES, Block, fields_of, filled_of


def counts(**more: int) -> dict[str, int]:
    return dict.fromkeys((*FIELD_NAMES, *DETAIL_NAMES, NOT_EXPECTED), 0) | more


def test_a_block_is_as_complete_as_its_fields_and_all_is_the_mean_of_the_fields() -> None:
    found = completeness_of_counts(counts(sex=4, age_at_exam=2, licence=3), records=4, further=1)
    of_block = {block.block: block.share for block in found.blocks}
    assert of_block[Block.DEMOGRAPHIC] == pytest.approx(1.5 / 3)
    assert of_block[Block.SERVICE] == 0
    assert found.share == pytest.approx(1.5 / 16)
    said = found.as_dict()
    assert said["details"]["licence"] == {"filled": 3}
    assert said["blocks"]["Demographic"]["fields"]["sex"] == {"filled": 4, "completeness": 1}
    assert said["further_columns"] == 1


def test_histology_that_is_not_expected_is_no_gap() -> None:
    found = completeness_of_counts(counts(histopathology_result=1, not_expected=2), records=4, further=0)
    (histology,) = [f for b in found.blocks for f in b.fields if f.field.name == "histopathology_result"]
    assert (histology.filled, histology.not_expected, histology.share) == (1, 2, 0.75)


def test_without_records_there_is_no_share() -> None:
    found = completeness_of_counts(counts(), records=0, further=0)
    assert found.share is None
    assert all(block.share is None for block in found.blocks)


def test_the_fields_of_a_block_are_counted_as_those_of_a_record() -> None:
    values = {"clinical_diagnosis": "nv", "verification_stage": 2}
    diagnostic = fields_of(Block.DIAGNOSTIC)
    assert filled_of(diagnostic, values) == (3, 3)
    assert filled_of(diagnostic, values, malignant=True) == (2, 3)
    assert filled_of(diagnostic, {}) == (0, 3)
