from dermdash.analyses.benefit.grouping import GROUPINGS
from dermdash.analyses.benefit.planned import KEY, READERS_AND_CASES
from dermdash.analyses.registry import ANALYSES, analysis_title, plannable_names


def test_a_protocol_can_name_every_analysis_and_every_subgroup_of_the_benefit() -> None:
    names = plannable_names()
    assert {a.key: a.title for a in ANALYSES} == {key: title for key, title in names.items() if ":" not in key}
    assert {name.partition(":")[2] for name in names if ":" in name} == {*GROUPINGS, "readers_and_cases"}
    assert READERS_AND_CASES in names
    assert KEY in names


def test_an_analysis_nobody_knows_is_called_by_its_name() -> None:
    assert analysis_title("benefit:round") == "Benefit by round"
    assert analysis_title("other") == "other"
