"""A database, an image or a file lock that is away while readers read: the panel stays, and nothing is lost."""

import json
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import begin, fill_model, fill_records, invite, make_answer, make_protocol, send
from tests.postgresql_server import PostgresqlServer

from dermdash.errors import WorkspaceLocked
from dermdash.storage import readings
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, leaving_pictures, open_workspace
from dermdash.ui.outage import OUTAGE
from dermdash.ui.reading_view import store_delivery
from dermdash.workflows.reader_study import case_material, create_study, reading_standing

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def fresh_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(REPOSITORY)
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "workspace"))
    monkeypatch.delenv("DERMDASH_DATABASE_URL", raising=False)
    monkeypatch.setattr(open_workspace, "AGAIN_AFTER_S", 0.0)
    monkeypatch.setattr(access, "session_token", lambda: "")  # a reader, who is signed in nowhere
    OUTAGE.__init__()  # type: ignore[misc]
    st.cache_resource.clear()
    yield
    open_workspace.current_workspace().close()
    st.cache_resource.clear()


def prepared() -> tuple[Workspace, str, str, str]:
    """The app's workspace with a study: workspace, study, token and reader."""
    workspace = open_workspace.current_workspace()
    fill_model(workspace, fill_records(workspace))
    study_id = create_study.create_study(workspace, make_protocol())
    (token,) = invite(workspace, study_id, "Ada")
    _, reader_id = begin(workspace, token)
    return workspace, study_id, token, reader_id


def reader_page(token: str) -> AppTest:
    app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=60)
    app.query_params["invitation"] = token
    return app


WAITING = {"waiting": True, "acknowledged": [], "refused": []}
"""No step, and nothing refused."""


def panel(app: AppTest) -> dict[str, Any]:
    """What the reading panel was given: the page shows it and nothing else."""
    assert not app.exception
    assert not app.error
    found = [e.proto for e in app.get("bidi_component")]  # type: ignore[attr-defined]
    (proto,) = [p for p in found if p.component_name == "dermdash_reading_panel"]
    data: dict[str, Any] = json.loads(proto.json)
    return data


def waiting_without_words(app: AppTest) -> dict[str, Any]:
    """The panel of another run, without what it needs to speak: which languages, and the words of one."""
    data = panel(app.run())
    return {name: value for name, value in data.items() if name not in ("language", "languages", "words")}


@pytest.mark.postgresql
def test_while_the_database_is_down_the_panel_waits_and_answers_are_stored_afterwards(
    own_postgresql: PostgresqlServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DERMDASH_DATABASE_URL", own_postgresql.new_database("study"))
    workspace, study_id, token, reader_id = prepared()
    app = reader_page(token).run()
    before = panel(app)
    assert before["step"] is not None
    answer = make_answer(reading_standing.load_session(workspace, study_id, reader_id))
    own_postgresql.stop(mode="immediate")
    with caplog.at_level(logging.WARNING):
        for _ in range(4):
            assert store_delivery(workspace, token, reader_id, [answer]) is None
            assert waiting_without_words(app) == WAITING
        # Another reader opens their page meanwhile: it waits too.
        assert panel(reader_page(token).run())["waiting"]
    assert len([record for record in caplog.records if "DatabaseLost" in record.getMessage()]) == 1
    assert [r.name for r in caplog.records if r.exc_info] == []
    own_postgresql.start()
    stored = store_delivery(workspace, token, reader_id, [answer])
    assert stored is not None
    assert stored.receipt.acknowledged == (str(answer.id),)
    assert panel(app.run())["step"]["phase"] == "aided"
    assert len(readings.readings_of_reader(workspace.engine, reader_id)) == 1


@pytest.mark.parametrize("damage", ["missing", "unreadable", "damaged"])
def test_a_missing_original_keeps_the_panel_and_the_acknowledgement(damage: str) -> None:
    workspace, study_id, token, reader_id = prepared()
    session = reading_standing.load_session(workspace, study_id, reader_id)
    send(workspace, session)  # it was on the screen before
    originals, aside = workspace.home / "originals", workspace.home / "aside"
    shutil.move(originals, aside)
    for path in aside.rglob("*"):
        if path.is_file() and damage != "missing":
            place = originals / path.relative_to(aside)
            if damage == "unreadable":
                place.mkdir(parents=True)  # for root too: a folder in place of the file
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(path.read_bytes()[:200])
    leaving_pictures.large_picture.cache_clear()
    app = reader_page(token).run()
    assert panel(app)["waiting"]
    answer = make_answer(session)
    stored = store_delivery(workspace, token, reader_id, [answer])
    assert stored is not None
    assert stored.receipt.acknowledged == (str(answer.id),)
    shutil.rmtree(originals, ignore_errors=True)
    shutil.move(aside, originals)
    assert panel(app.run())["step"]["phase"] == "aided"


def test_the_image_of_the_next_case_does_not_keep_a_reader_from_this_one() -> None:
    workspace, study_id, token, reader_id = prepared()
    session = reading_standing.load_session(workspace, study_id, reader_id)
    record_id = case_material.case_record(workspace, session.assignments[1].case_id)
    following = case_material.ImagesNow(workspace, [record_id]).of(record_id)
    workspace.files.path("originals", following).unlink()
    leaving_pictures.large_picture.cache_clear()
    shown = panel(reader_page(token).run())
    assert shown["step"] is not None
    assert shown["prefetch"] is None


def test_a_locked_file_keeps_the_page_of_a_reader_waiting_until_it_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    workspace, _, token, _ = prepared()
    app = reader_page(token).run()
    assert panel(app)["step"] is not None

    def locked(*_: Any) -> Workspace:
        raise WorkspaceLocked("In use by process 1.")

    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(open_workspace, "_open", locked)
        assert waiting_without_words(app) == WAITING
    assert panel(app.run())["step"] is not None
    assert workspace is open_workspace.current_workspace()
