"""What may happen to a study after it is frozen: another model, an image that is gone, a device that slept."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.filled_workspace import MODEL, answer_next, begin, fill_judged, invite, make_prediction, make_protocol
from tests.made_once import MadeOnce
from tests.quick_databases import let_go

from dermdash.errors import NotFound
from dermdash.readings.modality import Modality, Phase
from dermdash.storage import engine as engines
from dermdash.storage import models, readings
from dermdash.storage import tables as t
from dermdash.storage.workspace import Workspace
from dermdash.ui.reading_payload import panel_data
from dermdash.workflows.reader_study import case_material, create_study, reading_standing, send_step
from dermdash.workflows.reader_study.run_reading import Receipt

MODEL_FORMS = (Modality.MALIGNANCY_PROBABILITY, Modality.MULTICLASS_PROBABILITY)


def fill_study(workspace: Workspace) -> tuple[str, list[str]]:
    record_ids = fill_judged(workspace)
    protocol = make_protocol(practice_cases=0, modalities=MODEL_FORMS)
    return create_study.create_study(workspace, protocol), record_ids


@pytest.fixture
def filled(made_once: MadeOnce, tmp_path: Path) -> Iterator[tuple[Workspace, str, list[str]]]:
    workspace, (study_id, record_ids) = made_once.open_copy(fill_study, tmp_path / "workspace")
    yield workspace, study_id, record_ids
    let_go(workspace)


def begun(workspace: Workspace, study_id: str) -> str:
    (token,) = invite(workspace, study_id, "Ada")
    return begin(workspace, token)[1]


def shown(workspace: Workspace, study_id: str, reader_id: str) -> Any:
    session = reading_standing.load_session(workspace, study_id, reader_id)
    return json.loads(json.dumps(panel_data(workspace, session, Receipt())))


def test_a_model_that_judges_otherwise_after_freezing_changes_no_assistance(
    filled: tuple[Workspace, str, list[str]],
) -> None:
    workspace, study_id, record_ids = filled
    reader_id = begun(workspace, study_id)
    answer_next(workspace, reading_standing.load_session(workspace, study_id, reader_id))
    before = shown(workspace, study_id, reader_id)["step"]["assistance"]
    assert before is not None
    with workspace.engine.begin() as connection:
        connection.execute(sa.delete(t.prediction).where(t.prediction.c.model_id == MODEL))
    models.save_predictions(workspace.engine, [make_prediction(record_id, "vasc") for record_id in record_ids])
    assert shown(workspace, study_id, reader_id)["step"]["assistance"] == before
    # Nor for somebody who comes only now.
    (late,) = invite(workspace, study_id, "Eve")
    _, late_id = begin(workspace, late)
    told = []
    while (session := reading_standing.load_session(workspace, study_id, late_id)).step.assignment is not None:
        if session.step.phase is Phase.AIDED:
            told.append(shown(workspace, study_id, late_id)["step"]["assistance"])
        answer_next(workspace, session)
    tops = [max(form["probabilities"], key=form["probabilities"].get) for form in told if "probabilities" in form]
    assert tops
    assert tops.count("vasc") <= 1  # the one case of that class


def test_a_record_that_is_gone_keeps_nobody_from_the_case_before_it_and_is_named_at_its_turn(
    filled: tuple[Workspace, str, list[str]],
) -> None:
    workspace, study_id, _ = filled
    reader_id = begun(workspace, study_id)
    session = reading_standing.load_session(workspace, study_id, reader_id)
    gone = case_material.case_record(workspace, session.assignments[1].case_id)
    assert shown(workspace, study_id, reader_id)["prefetch"] is not None
    with workspace.engine.begin() as connection:
        connection.execute(sa.delete(t.record).where(t.record.c.id == gone))
    now = shown(workspace, study_id, reader_id)
    assert now["step"]["key"] == session.assignments[0].id
    assert now["prefetch"] is None
    for _ in range(2):
        answer_next(workspace, reading_standing.load_session(workspace, study_id, reader_id))
    with pytest.raises(NotFound, match=gone):
        shown(workspace, study_id, reader_id)
    assert len(readings.readings_of_reader(workspace.engine, reader_id)) == 2


def test_a_device_that_slept_for_ten_minutes_goes_on_at_the_same_case_and_phase(
    filled: tuple[Workspace, str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, study_id, _ = filled
    reader_id = begun(workspace, study_id)
    answer_next(workspace, reading_standing.load_session(workspace, study_id, reader_id))
    before = shown(workspace, study_id, reader_id)["step"]
    later = engines.now() + timedelta(minutes=10)
    for module in (engines, readings, send_step):
        monkeypatch.setattr(module, "now", lambda: later)
    after = shown(workspace, study_id, reader_id)["step"]
    assert after == before
    session = reading_standing.load_session(workspace, study_id, reader_id)
    answer_next(workspace, session, client_ms=900.0, hidden_ms=590_000.0)
    first, second = readings.readings_of_reader(workspace.engine, reader_id)
    assert (first["phase"], second["phase"]) == ("unaided", "aided")
    assert (second["client_ms"], second["hidden_ms"], second["time_check"]) == (900.0, 590_000.0, "plausible")
