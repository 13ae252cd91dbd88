"""A slow line that breaks again and again: every case comes through, nothing is lost, doubled or fetched twice.

With a browser, and as slow as the worst: `tests.benchmarks.slow_line`.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from dermdash.storage import readings
from tests.browser.served_app import ServedApp
from tests.browser.small_dataset import import_small_dataset, make_study, train_tiny_model, write_small_dataset
from tests.faults.patient_readers import PatientReaders
from tests.faults.slow_line import SlowLine
from tests.faults.slow_reader import Kept, SlowReader
from tests.filled_workspace import begin, invite

pytestmark = pytest.mark.browser
CASES = 3
BREAKS_EVERY = 30_000
"""Bytes: half of what 2 KB a second carry in 30 s, so that the test does not wait for them."""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[ServedApp]:
    app = ServedApp(tmp_path)
    yield app
    app.stop()


@pytest.fixture
def line(app: ServedApp) -> Iterator[SlowLine]:
    line = SlowLine(app.port, breaks_every_bytes=BREAKS_EVERY)
    yield line
    line.close()


def prepare(app: ServedApp, folder: Path) -> tuple[str, str]:
    """The invitation and the id of a reader who has begun."""
    dataset = write_small_dataset(folder / "source", prefix="S", per_class=3, rng=np.random.default_rng(1))
    with app.workspace() as workspace:
        import_small_dataset(workspace, dataset, dataset_id="small", adapter="ham10000")
        model_id = train_tiny_model(workspace, dataset_id="small")
        study_id = make_study(workspace, dataset_id="small", model_id=model_id, cases=CASES, practice=0)
        (token,) = invite(workspace, study_id, "A")
        _, reader_id = begin(workspace, token)
    return token, reader_id


def test_every_case_comes_through_and_no_byte_of_a_picture_twice(
    app: ServedApp, line: SlowLine, tmp_path: Path
) -> None:
    token, reader_id = prepare(app, tmp_path)
    app.start()
    kept = Kept()

    def connect(url: str, invitation: str) -> SlowReader:
        return SlowReader(url, invitation, kept=kept)

    end = time.monotonic() + 120
    with PatientReaders([line.url], [token], 1, think_s=0.1, client=connect) as readers:
        while readers.reading and time.monotonic() < end:
            time.sleep(0.05)
        assert not readers.reading
    assert line.breaks >= 3
    assert len(kept.whole) >= CASES
    assert kept.refetched == 0
    typed = [answer.id for answer in readers.ledger.answers if answer.refused is None]
    app.stop()
    with app.workspace() as workspace:
        stored = readings.readings_of_reader(workspace.engine, reader_id)
    assert sorted(row["id"] for row in stored) == sorted(typed)
    assert len({(row["assignment_id"], row["phase"]) for row in stored}) == 2 * CASES
