import numpy as np
import pandas as pd
import pytest
from tests.unit.analysis.evaluation_factories import make_scored

from dermdash.analysis import roc
from dermdash.analysis.subgroups import band_of, subgroup_tables
from dermdash.errors import MissingColumns
from dermdash.records.fields import AGE_BANDS


def test_each_part_has_the_figures_of_its_own_cases() -> None:
    cases = make_scored(300)
    (table,) = subgroup_tables(cases, malignancy_threshold=0.4, replicates=50)
    assert (table.column, [row.value for row in table.rows]) == ("sex", ["female", "male"])
    part = cases.subset(np.arange(300) % 2 == 0)
    row = table.rows[0]
    called = part.malignancy >= 0.4
    assert row.images == 150
    assert row.malignant == part.malignant.sum()
    assert row.auc.estimate.value == pytest.approx(roc.area(part.malignant, part.malignancy))
    assert row.sensitivity.value == pytest.approx(called[part.malignant].mean())
    assert row.specificity.value == pytest.approx((~called)[~part.malignant].mean())
    assert row.accuracy.value == pytest.approx((part.predicted == part.truth).mean())
    assert row.note is None
    assert row.mean_recall.interval is not None


def test_small_parts_say_so_and_missing_values_come_last() -> None:
    attributes = pd.DataFrame({"anatomical_site": ["back"] * 190 + ["ear"] * 8 + [None] * 2})
    cases = make_scored(200, attributes=attributes)
    (table,) = subgroup_tables(cases, malignancy_threshold=0.4, replicates=20)
    assert [row.value for row in table.rows] == ["back", "ear", "unknown"]
    assert table.rows[0].note is None
    assert "too few cases to conclude from" in (table.rows[1].note or "")
    assert sum(row.images for row in table.rows) == 200


def test_ages_become_bands_and_a_persons_quality_score_comes_before_the_estimate() -> None:
    attributes = pd.DataFrame(
        {
            "age_at_exam": [25.0, 30.0, 49.0, 50.0, 70.0, None] * 10,
            "image_quality_score": [3.0, None] * 30,
            "technical_quality": [5.0] * 60,
        }
    )
    tables = {t.column: t for t in subgroup_tables(
        make_scored(60, attributes=attributes), malignancy_threshold=None, replicates=0
    )}  # fmt: skip
    assert [(r.value, r.images) for r in tables["age_band"].rows] == [
        ("under 30", 10), ("30-49", 20), ("50-69", 10), ("70 and over", 10), ("unknown", 10),
    ]  # fmt: skip
    assert [(r.value, r.images) for r in tables["quality"].rows] == [("3", 30), ("5", 30)]
    assert tables["quality"].rows[0].sensitivity.reason == "no threshold"
    assert band_of(AGE_BANDS, 120) == "70 and over"


def test_an_attribute_that_parts_nothing_has_no_table_and_an_unknown_one_is_named() -> None:
    cases = make_scored(20, attributes=pd.DataFrame({"sex": ["female"] * 20}))
    assert subgroup_tables(cases, malignancy_threshold=0.5) == ()
    with pytest.raises(MissingColumns, match="phototype"):
        subgroup_tables(cases, malignancy_threshold=0.5, columns=["phototype"])
    (asked,) = subgroup_tables(cases, malignancy_threshold=0.5, columns=["sex"], replicates=0)
    assert len(asked.rows) == 1
