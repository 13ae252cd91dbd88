"""Studies that ask for no diagnosis, or not how sure readers are: from the panel to exports and analyses."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.filled_workspace import answer_next, begin, fill_judged, invite, make_answer, make_event, make_protocol, send
from tests.made_once import MadeOnce
from tests.quick_databases import let_go

from dermdash.analyses.declaration import AnalysisContext
from dermdash.analyses.registry import ANALYSES
from dermdash.errors import DermdashError, InvalidInput
from dermdash.reader_study.dermachallenge_export import build_dermachallenge_table
from dermdash.reader_study.imrmc_export import to_imrmc
from dermdash.reader_study.management import Management
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.protocol_words import protocol_sections
from dermdash.reader_study.words import refusals
from dermdash.storage import readings
from dermdash.storage.study_rows import rows_of_study
from dermdash.storage.workspace import Workspace
from dermdash.ui.reading_payload import panel_data
from dermdash.workflows.reader_study import create_study, reading_standing, readings_source, run_reading, study_results
from dermdash.workflows.reader_study.archive.scratch import scratch_workspace
from dermdash.workflows.reader_study.monitor_study import monitor_study
from dermdash.workflows.reader_study.run_reading import Receipt
from dermdash.workflows.reader_study.simulate_readers import simulate_readers

RATING = {"diagnosis": False, "confidence": False, "malignancy_rating": True}
MANAGEMENT = {"diagnosis": False, "confidence": False, "management": True}
UNSURE = {"confidence": False}


@pytest.fixture
def workspace(made_once: MadeOnce, tmp_path: Path) -> Iterator[Workspace]:
    opened, _ = made_once.open_copy(fill_judged, tmp_path / "workspace")
    yield opened
    let_go(opened)


def simulated(workspace: Workspace, asked: dict[str, Any], readers: int = 4) -> str:
    study_id = create_study.create_study(workspace, make_protocol(asked=asked), simulated=True)
    simulate_readers(workspace, study_id, count=readers, seed=1)
    return study_id


def test_what_stands_in_old_protocols_keeps_its_text_and_hash() -> None:
    assert "asked" not in json.loads(make_protocol().to_json())
    assert make_protocol(asked={"diagnosis": True, "confidence": True}).sha256 == make_protocol().sha256
    assert json.loads(make_protocol(asked=RATING).to_json())["asked"] == RATING
    assert Protocol.from_json(make_protocol(asked=RATING).to_json()).asked.diagnosis is False


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"asked": {"diagnosis": False}}, "nothing is asked"),
        ({"asked": RATING, "checks": {"screening": {"cases": 2, "right": 1}}}, "a screening test needs the diagnosis"),
        ({"asked": RATING, "checks": {"attention_checks": 1}}, "attention checks need the diagnosis"),
        ({"asked": RATING, "pages": {"feedback": "end"}}, "feedback needs the diagnosis"),
    ],
)
def test_what_needs_the_diagnosis_is_refused_without_it(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        make_protocol(**changes)


@pytest.mark.parametrize(
    ("asked", "given", "lacking"),
    [
        (RATING, {"dx": None, "confidence": None, "malignancy_rating": 80}, {"malignancy_rating": None}),
        (RATING, {"dx": None, "confidence": None, "malignancy_rating": 80}, {"dx": "nv"}),
        (RATING, {"dx": None, "confidence": None, "malignancy_rating": 80}, {"confidence": 2}),
        (MANAGEMENT, {"dx": None, "confidence": None, "management": Management.BIOPSY}, {"management": None}),
        (UNSURE, {"dx": "mel", "confidence": None}, {"confidence": 2}),
        (UNSURE, {"dx": "mel", "confidence": None}, {"dx": None}),
    ],
)
def test_an_answer_holds_what_is_asked_and_nothing_else(
    workspace: Workspace, asked: dict[str, Any], given: dict[str, Any], lacking: dict[str, Any]
) -> None:
    study_id = create_study.create_study(workspace, make_protocol(asked=asked, practice_cases=1))
    study_id, reader_id = begin(workspace, *invite(workspace, study_id, "Ada"))
    session = reading_standing.load_session(workspace, study_id, reader_id)
    data: Any = panel_data(workspace, session, Receipt())
    assert data["asked"]["diagnosis"] is session.protocol.asked.diagnosis
    assert data["question"] == ("What is your diagnosis?" if session.protocol.asked.diagnosis else "")
    assert (data["step"]["practice"], data["step"]["screening"]) == (True, False)
    assert bool(data["confidence_levels"]) is session.protocol.asked.confidence
    send(workspace, session)
    wrong = run_reading.receive(workspace, study_id, reader_id, [make_answer(session, **(given | lacking))])
    assert [reason for _, reason in wrong.refused] == [refusals.NOT_OFFERED]
    assert not answer_next(workspace, session, **given).refused
    session = reading_standing.load_session(workspace, study_id, reader_id)
    assert not answer_next(workspace, session, **given).refused
    session = reading_standing.load_session(workspace, study_id, reader_id)
    step: Any = panel_data(workspace, session, Receipt())["step"]
    expected = None if given["dx"] is None else given["dx"] == step["feedback"]["truth"]
    assert step["feedback"]["correct"] is expected
    assert step["feedback"]["truth"]
    stored = readings.readings_of_reader(workspace.engine, reader_id)
    assert [(row["dx"], row["confidence"]) for row in stored] == [(given["dx"], None)] * 2
    run_reading.receive(workspace, study_id, reader_id, [make_event("continue", step["key"])])


def test_no_rating_study_is_analysed_by_its_ratings_and_nothing_fails_for_want_of_a_diagnosis(
    workspace: Workspace,
) -> None:
    study_id = simulated(workspace, RATING)
    table = study_results.readings_table(workspace, study_id)
    assert table[["dx", "correct", "changed", "confidence"]].isna().all().all()
    assert table["malignancy_rating"].notna().all()
    found = readings_source.study_readings(workspace, study_id)
    assert found.has("malignancy_rating", "truth_malignant")
    assert not found.has("dx")
    assert b"BEGIN DATA" in to_imrmc(found)
    for refused in (
        lambda: build_dermachallenge_table(table),
        lambda: study_results.export_nature_medicine(workspace, study_id),
    ):
        with pytest.raises(InvalidInput, match="no diagnosis"):
            refused()
    watch = monitor_study(workspace, study_id)
    assert {place.malignant for place in watch.positions} == {None}
    assert all(reader.finished for reader in watch.readers)
    assert not [odd.kind for reader in watch.readers for odd in reader.oddities if "same" in odd.kind]


def test_where_sureness_is_not_asked_no_rating_is_made_of_it(workspace: Workspace) -> None:
    found = readings_source.study_readings(workspace, simulated(workspace, UNSURE))
    assert found.has("dx", "correct")
    assert not found.has("malignancy_rating")
    assert not found.has("confidence")
    assert not [note for note in found.notes if "rating" in note]


@pytest.mark.parametrize("asked", [RATING, MANAGEMENT, UNSURE])
def test_each_analysis_works_or_says_what_it_lacks(workspace: Workspace, asked: dict[str, Any]) -> None:
    study_id = simulated(workspace, asked, readers=3)
    table = readings_source.study_readings(workspace, study_id)
    context = AnalysisContext(workspace=workspace, study_id=study_id)
    made, lacking = {}, {}
    for analysis in (one for one in ANALYSES if one.in_report):
        try:
            made[analysis.key] = analysis.section_of(table, context)
        except DermdashError as error:
            lacking[analysis.key] = str(error)
    assert all(len(said) > 20 for said in lacking.values())
    if asked is RATING:
        assert "mrmc" in made
        assert "malignancy rating" in " ".join(made["agreement"].summary)
    if asked is UNSURE:
        assert "benefit" in made


def test_such_a_study_leaves_as_an_archive_and_comes_back(workspace: Workspace) -> None:
    study_id = simulated(workspace, RATING)
    rows = rows_of_study(workspace.engine, study_id)
    with scratch_workspace(rows, workspace.settings) as scratch:
        kept = rows_of_study(scratch.engine, study_id)["reading"]
    assert len(kept) == len(rows["reading"]) > 0
    assert all(row["dx"] is None and row["confidence"] is None for row in kept)
    assert {row["malignancy_rating"] for row in kept} == {row["malignancy_rating"] for row in rows["reading"]}


@pytest.mark.parametrize("asked", [RATING, MANAGEMENT, UNSURE])
def test_the_protocol_says_what_is_asked(asked: dict[str, Any]) -> None:
    question = " ".join(protocol_sections(make_protocol(asked=asked))[0].sentences)
    assert ("for no diagnosis" in question) is (asked is not UNSURE)
    assert ("What is your diagnosis?" in question) is (asked is UNSURE)
    assert "how sure" not in question
