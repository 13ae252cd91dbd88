"""Cases of one lesion or patient where an analysis cannot, or has to be told to, count them together."""

import numpy as np
from tests.readings_factory import make_readings

from dermdash.analyses.human_machine.run import analyse_human_machine
from dermdash.analyses.item_response.run import analyse_item_response
from dermdash.analyses.item_response.section import item_response_section
from dermdash.analyses.model_predictions import ModelScores
from dermdash.analyses.sample_size.run import pilot_changes
from dermdash.readings.readings_table import ReadingsTable


def in_fours(table: ReadingsTable) -> ReadingsTable:
    """Four neighbouring cases are of one patient."""
    return table.with_units({case: f"P{int(case[1:]) // 4}" for case in table.frame["case"].unique()})


def test_item_response_says_that_lesions_were_taken_as_independent() -> None:
    alone = make_readings(readers=8, cases=20)
    result = analyse_item_response(in_fours(alone))
    assert (len(result.fit.cases), result.as_dict()["n_units"]) == (20, 5)
    (warning,) = (w for w in item_response_section(result).warnings if "independent" in w)
    assert warning.startswith("20 cases of 5 lesions or patients were taken as independent: intervals of abilities")
    assert not any("independent" in w for w in item_response_section(analyse_item_response(alone)).warnings)


def test_scores_of_a_file_are_compared_with_readers_between_the_lesions_of_the_readings() -> None:
    alone = make_readings(readers=6, cases=42)
    cases = tuple(sorted(alone.frame["case"].unique()))
    scores = ModelScores("file", cases, np.random.default_rng(1).random(len(cases)))
    found = [analyse_human_machine(table, scores, replicates=0) for table in (alone, in_fours(alone))]
    assert [result.groups for result in found] == [42, 11]


def test_a_pilot_learns_how_readers_differ_from_different_lesions_and_says_how_it_counted() -> None:
    alone = make_readings(readers=8, cases=42)
    components, clustered = pilot_changes(alone), pilot_changes(in_fours(alone))
    assert "42 cases of 11 lesions or patients (the plan counts cases with as many to each)" in clustered.origin
    assert "lesions" not in components.origin
    assert clustered.within == components.within
    assert clustered.between_readers != components.between_readers
