"""The database stops while a reader answers: the case stays on the screen, says so quietly, and goes on by itself."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from dermdash.storage import readings, studies
from dermdash.workflows.reader_study import create_study
from tests.browser.reader_browser import new_reader
from tests.browser.served_app import ServedApp
from tests.filled_workspace import fill_model, fill_records, invite, make_protocol
from tests.postgresql_server import PostgresqlServer

pytestmark = [pytest.mark.browser, pytest.mark.postgresql]
DOWN_S = 8.0
UNREACHABLE = ".panel[data-connection=unreachable]"


@pytest.fixture
def app(tmp_path: Path, own_postgresql: PostgresqlServer) -> Iterator[ServedApp]:
    app = ServedApp(tmp_path, database_url=own_postgresql.new_database("study"))
    yield app
    app.stop()


def test_a_reader_keeps_the_case_while_the_database_is_down_and_goes_on_when_it_is_back(
    app: ServedApp, own_postgresql: PostgresqlServer, chromium: Browser
) -> None:
    with app.workspace() as workspace:
        fill_model(workspace, fill_records(workspace))
        study_id = create_study.create_study(workspace, make_protocol(practice_cases=0))
        first, second = invite(workspace, study_id, "Ada", "Berta")
    app.start()
    reader, late = (new_reader(chromium, f"{app.url}/?invitation={token}") for token in (first, second))
    try:
        reader.begin()
        before = reader.settled()
        own_postgresql.stop(mode="immediate")
        stopped = time.monotonic()
        reader.type_answer("mel", 2)
        reader.page.wait_for_selector(UNREACHABLE)
        # The image and the answer given are still there, and a page opened only now waits without an error.
        assert reader.page.get_by_alt_text("Dermatoscopic image of the lesion to assess").is_visible()
        assert reader.screen().step == before.step
        assert reader.unacknowledged() == {(before.step, "unaided")}
        late.open()
        late.page.wait_for_selector(UNREACHABLE)
        assert late.page.get_by_text("This page tries again by itself").is_visible()
        assert not reader.page.locator('[data-testid="stException"], [data-testid="stAlert"]').count()
        time.sleep(max(0.0, DOWN_S - (time.monotonic() - stopped)))
        own_postgresql.start()
        back = time.monotonic()
        after = reader.moved_on(before, timeout=25_000)
        print(f"back after {time.monotonic() - back:.1f} s")
        assert (after.step, after.phase) == (before.step, "aided")
        reader.page.wait_for_selector(".panel[data-connection=saved]")
        late.page.get_by_text("I have read this").wait_for(timeout=25_000)
    finally:
        for one in (reader, late):
            one.page.context.close()
        app.stop()
    log = app.log.read_text()
    assert log.count("DatabaseLost: ") == 1, log
    assert "Traceback" not in log
    with app.workspace() as workspace:
        reader_id = studies.readers_of_study(workspace.engine, study_id)["id"].iloc[0]
        assert [r["dx"] for r in readings.readings_of_reader(workspace.engine, reader_id)] == ["mel"]
