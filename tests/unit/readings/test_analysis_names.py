from dermdash.analyses.benefit.grouping import GROUPINGS
from dermdash.analyses.registry import ANALYSES as REPORTED
from dermdash.readings.analysis_names import ANALYSES, BENEFIT_GROUPS, PRIMARY_ANALYSIS, analysis_title


def test_a_protocol_can_name_every_analysis_of_the_report_and_nothing_else() -> None:
    assert {analysis.key: analysis.title for analysis in REPORTED} == ANALYSES
    assert PRIMARY_ANALYSIS in ANALYSES


def test_a_protocol_can_name_every_subgroup_of_the_benefit() -> None:
    assert {name.partition(":")[2] for name in BENEFIT_GROUPS} == set(GROUPINGS)
    assert {name.partition(":")[0] for name in BENEFIT_GROUPS} == {PRIMARY_ANALYSIS}


def test_an_analysis_nobody_knows_is_called_by_its_name() -> None:
    assert analysis_title("benefit:round") == "Benefit by round"
    assert analysis_title("other") == "other"
