"""A disk that fills up while a reader answers: nothing is acknowledged that is not stored, and nothing is lost."""

from typing import Any

import pytest
from tests.filled_workspace import begin, fill_model, fill_records, invite, make_answer, make_protocol, send

from dermdash.errors import WorkspaceFull
from dermdash.storage import readings
from dermdash.storage.readings import SaveOutcome
from dermdash.storage.workspace import Workspace
from dermdash.ui.reading_view import store_delivery
from dermdash.workflows.reader_study import create_study, reading_standing


def test_an_answer_that_found_no_room_is_stored_when_it_is_delivered_again(
    duckdb_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = duckdb_workspace
    fill_model(workspace, fill_records(workspace))
    study_id = create_study.create_study(workspace, make_protocol())
    (token,) = invite(workspace, study_id, "Ada")
    _, reader_id = begin(workspace, token)
    session = reading_standing.load_session(workspace, study_id, reader_id)
    send(workspace, session)
    answer = make_answer(session)

    def no_room(*_: Any, **__: Any) -> tuple[SaveOutcome, ...]:
        raise WorkspaceFull("The disk of the database is full.")

    with monkeypatch.context() as full:
        full.setattr(readings, "save_delivery", no_room)
        assert store_delivery(workspace, token, reader_id, [answer]) is None
    assert readings.readings_of_reader(workspace.engine, reader_id) == []
    for _ in range(2):
        stored = store_delivery(workspace, token, reader_id, [answer])
        assert stored is not None
        assert stored.receipt.acknowledged == (str(answer.id),)
    assert [row["id"] for row in readings.readings_of_reader(workspace.engine, reader_id)] == [str(answer.id)]
