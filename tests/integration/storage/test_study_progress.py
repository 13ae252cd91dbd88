"""What the database counts of a running study, on both engines, against the readings themselves."""

from collections import Counter

import numpy as np
import pytest
from tests.filled_workspace import begin, fill_judged, invite, make_protocol, read_cases

from dermdash.reader_study.protocol_parts import Checks
from dermdash.storage import study_progress
from dermdash.storage.readings import readings_of_reader
from dermdash.storage.studies import assigned_cases, assignments_of_reader
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study import create_study
from dermdash.workflows.reader_study.monitor_study import monitor_study


def test_counts_are_those_of_the_readings(workspace: Workspace) -> None:
    fill_judged(workspace)
    protocol = make_protocol(checks=Checks(attention_checks=2, hidden_repeats=3))
    study_id = create_study.create_study(workspace, protocol)
    _, reader = begin(workspace, invite(workspace, study_id, "A")[0])
    read_cases(workspace, study_id, reader)
    engine = workspace.engine
    given = {row["id"]: row for row in assignments_of_reader(engine, reader)}
    every = [(row, given[row["assignment_id"]]) for row in readings_of_reader(engine, reader)]
    first = [(row, at) for row, at in every if not row["practice"] and row["phase"] == "unaided"]

    (found,) = study_progress.answers_by_reader(engine, study_id, fast_ms=1000).to_dict("records")
    assert found["first"] == len(first) == 10
    assert found["cases_done"] == 7
    assert found["answers"] == 20
    assert found["fast"] == 10
    assert found["median_ms"] == pytest.approx(np.median([row["client_ms"] for row, _ in first]))
    assert assigned_cases(engine, study_id) == {reader: 7}

    said = study_progress.diagnoses_by_reader(engine, study_id)
    assert dict(zip(said["dx"], said["n"], strict=True)) == Counter(row["dx"] for row, _ in first)

    places = study_progress.answers_by_position(engine, study_id, {"mel", "bcc"}).to_dict("records")
    once = [(row, at) for row, at in first if at["occasion"] == 1]
    assert [row["position"] for row in places] == sorted(at["position"] for _, at in once)
    assert sum(row["malignant"] for row in places) == sum(row["dx"] in ("mel", "bcc") for row, _ in once)
    assert all(abs(row["log_ratio"]) < 1e-9 for row in places)  # every answer took as long

    by_case = {at["case_id"]: row["dx"] for row, at in once}
    again = [(row, at) for row, at in first if at["occasion"] == 2]
    (repeats,) = study_progress.repeats_by_reader(engine, study_id).to_dict("records")
    assert repeats["n"] == len(again) == 3
    assert repeats["same"] == sum(row["dx"] == by_case[at["case_id"]] for row, at in again)
    checks = study_progress.checks_by_reader(engine, study_id)
    assert len(checks) == 2
    assert all({"dx", "confidence"} <= set(expected) for expected in checks["expected"])

    balance = study_progress.modality_balance(engine, study_id)
    assert balance["assigned"].sum() == balance["completed"].sum() == 7
    assert study_progress.completed_by_case(engine, study_id)["cases"].sum() == 7
    (watched,) = monitor_study(workspace, study_id).readers
    assert watched.finished
    assert watched.oddities[0].kind == "too_fast"
