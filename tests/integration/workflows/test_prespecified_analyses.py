"""What a frozen protocol says of its analyses reaches them, with the answers that are no part of the results."""

import json

import pytest
from tests.filled_workspace import (
    answer_next,
    begin,
    fill_model,
    fill_records,
    invite,
    make_answer,
    make_protocol,
    read_cases,
)

from dermdash.analyses.agreement.run import analyse_agreement
from dermdash.analyses.agreement.section import agreement_section
from dermdash.analyses.item_response.run import analyse_item_response
from dermdash.storage import readings
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study import create_study, readings_source, run_reading, study_results

NAMED = ("benefit", "benefit:experience_group", "agreement")


@pytest.fixture
def study(duckdb_workspace: Workspace) -> str:
    fill_model(duckdb_workspace, fill_records(duckdb_workspace))
    return create_study.create_study(duckdb_workspace, make_protocol(prespecified_analyses=NAMED))


def test_the_frozen_names_part_planned_from_exploratory(duckdb_workspace: Workspace, study: str) -> None:
    assert json.loads(study_results.find_study(duckdb_workspace, study)["protocol"])["prespecified_analyses"] == [
        *NAMED
    ]
    _, reader = begin(duckdb_workspace, invite(duckdb_workspace, study, "Ada")[0])
    read_cases(duckdb_workspace, study, reader)
    table = readings_source.load_readings(duckdb_workspace, f"study:{study}")
    assert table.prespecified == NAMED
    assert not agreement_section(analyse_agreement(table, replicates=0)).exploratory
    assert not analyse_item_response(table).prespecified


def test_practice_and_refused_answers_are_counted(duckdb_workspace: Workspace, study: str) -> None:
    _, reader = begin(duckdb_workspace, invite(duckdb_workspace, study, "Ada")[0])
    open_step = read_cases(duckdb_workspace, study, reader, answers=6)
    answer_next(duckdb_workspace, open_step)
    again = run_reading.receive(duckdb_workspace, study, reader, [make_answer(open_step, "mel")])
    assert len(again.refused) == 1
    stored = readings.readings_of_study(duckdb_workspace.engine, study)
    table = readings_source.load_readings(duckdb_workspace, f"study:{study}")
    practice = int(stored["practice"].sum())
    assert practice > 0
    assert table.excluded == {
        "answers to practice cases": practice,
        "answers refused, as to a case that was answered": 1,
    }
    assert len(table.frame) + practice == len(stored)


def test_a_study_that_names_nothing_is_exploratory_throughout(duckdb_workspace: Workspace, study: str) -> None:
    other = create_study.create_study(duckdb_workspace, make_protocol(name="Open", practice_cases=0))
    _, reader = begin(duckdb_workspace, invite(duckdb_workspace, other, "Ada")[0])
    read_cases(duckdb_workspace, other, reader)
    table = readings_source.load_readings(duckdb_workspace, f"study:{other}")
    assert (table.prespecified, table.excluded) == ((), {})
