"""A slow line that breaks again and again: every case comes through, nothing is lost, doubled or fetched twice."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from dermdash.records.taxonomy import HAM7
from dermdash.storage import readings, studies
from dermdash.storage.workspace import Workspace
from tests.browser.reader_browser import Screen, Typed, new_reader
from tests.browser.served_app import ServedApp
from tests.browser.small_dataset import import_small_dataset, make_study, train_tiny_model, write_small_dataset
from tests.faults.patient_readers import PatientReaders
from tests.faults.slow_line import SlowLine
from tests.faults.slow_reader import Kept, SlowReader
from tests.filled_workspace import begin, invite

pytestmark = pytest.mark.browser
CASES = 3
RATE, BREAKS_EVERY_S = 20_000.0, 3.0
"""Ten times as fast as 2 KB a second, and breaking ten times as often as every 30 s: as much passes between breaks."""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[ServedApp]:
    app = ServedApp(tmp_path)
    yield app
    app.stop()


@pytest.fixture
def line(app: ServedApp) -> Iterator[SlowLine]:
    line = SlowLine(app.port)
    yield line
    line.close()


def prepare(app: ServedApp, folder: Path) -> tuple[str, str]:
    """Links for a reader who has begun, and for one who has not."""
    dataset = write_small_dataset(folder / "source", prefix="S", per_class=3, rng=np.random.default_rng(1))
    with app.workspace() as workspace:
        import_small_dataset(workspace, dataset, dataset_id="small", adapter="ham10000")
        model_id = train_tiny_model(workspace, dataset_id="small")
        study_id = make_study(workspace, dataset_id="small", model_id=model_id, cases=CASES, practice=0)
        program, person = invite(workspace, study_id, "A", "B")
        begin(workspace, program)
    return program, person


def test_every_case_comes_through_and_no_byte_of_a_picture_twice(
    app: ServedApp, line: SlowLine, chromium: Browser, tmp_path: Path
) -> None:
    program, person = prepare(app, tmp_path)
    app.start()
    reader = new_reader(chromium, f"{line.url}/?invitation={person}")
    reader.begin()  # the app itself is megabytes, which a browser has from before
    line.rate, line.breaks_every_s = RATE, BREAKS_EVERY_S
    kept = Kept()
    with PatientReaders(
        [line.url], [program], 1, think_s=0.05, client=lambda url, token: SlowReader(url, token, kept=kept)
    ) as programmed:
        said = set()
        while reader.screen().state != "finished":
            screen = reader.settled(timeout=30_000)
            reader.type_answer(*answer_of(screen))
            while reader.screen() in (screen, Screen("waiting", screen.step, screen.phase)):
                said.add(reader.page.locator(".coming").text_content() or "")
                reader.page.wait_for_timeout(100)
            reader.moved_on(screen, timeout=30_000)
        reader.page.wait_for_selector(".panel[data-connection=saved]")
        end = time.monotonic() + 30
        while programmed.reading and time.monotonic() < end:
            time.sleep(0.1)
        assert not programmed.reading
    assert line.breaks >= 2
    assert any("The connection is slow" in words for words in said)
    assert len(kept.whole) >= CASES
    assert kept.refetched == 0
    app.stop()
    typed = {answer.id for answer in programmed.ledger.answers}
    with app.workspace() as workspace:
        stored = [
            row
            for reader_id in studies.readers_of_study(workspace.engine, study_of(workspace))["id"]
            for row in readings.readings_of_reader(workspace.engine, reader_id)
        ]
    assert len({(row["assignment_id"], row["phase"]) for row in stored}) == len(stored) == 2 * 2 * CASES
    mine = {
        Typed(r["assignment_id"], str(r["phase"]), r["dx"], r["confidence"]) for r in stored if r["id"] not in typed
    }
    assert mine == set(reader.typed)
    assert typed <= {row["id"] for row in stored}


def answer_of(screen: Screen) -> tuple[str, int]:
    value = int(screen.step[:6], 16) + (screen.phase == "aided")
    return HAM7.codes[value % 7], value % 3 + 1


def study_of(workspace: Workspace) -> str:
    return str(studies.list_studies(workspace.engine)[0]["id"])
