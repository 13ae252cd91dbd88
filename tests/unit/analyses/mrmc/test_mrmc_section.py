"""Warnings of single comparisons reach the report."""

from dataclasses import replace

import pytest
from tests.readings_factory import make_readings

from dermdash.analyses.mrmc.result import MrmcComparison, MrmcStudyResult
from dermdash.analyses.mrmc.run import ModelToCompare, analyse_mrmc_readings
from dermdash.analyses.mrmc.section import mrmc_section
from dermdash.analysis.mrmc.limits import COV2_BELOW_COV3


def studied() -> MrmcStudyResult:
    table = make_readings(readers=5, cases=28)
    scores = {case: float(i % 5) / 5 for i, case in enumerate(sorted(set(table.frame["case"])))}
    return analyse_mrmc_readings(table, model=ModelToCompare("net", scores))


def marked(comparison: MrmcComparison, on: bool) -> MrmcComparison:
    rest = tuple(w for w in comparison.result.warnings if w != COV2_BELOW_COV3)
    return replace(comparison, result=replace(comparison.result, warnings=(*rest, *([COV2_BELOW_COV3] * on))))


@pytest.mark.parametrize("of_modalities", [False, True])
def test_cov2_below_cov3_is_said_of_each_comparison_with_the_model(of_modalities: bool) -> None:
    found = studied()
    result = replace(
        found,
        comparisons=tuple(marked(c, of_modalities) for c in found.comparisons),
        model=tuple(marked(c, i == 0) for i, c in enumerate(found.model)),
    )
    said = [text for text in mrmc_section(result).warnings if COV2_BELOW_COV3 in text]
    assert len(said) == 1
    assert f"model and {result.model[0].name}" in said[0]
    assert f"model and {result.model[1].name}" not in said[0]
