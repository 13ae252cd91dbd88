"""An import that runs beside the pages: one at a time, stopped when asked, and missed when the app was stopped."""

import gc
import json
import os
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest

from dermdash.errors import ImportStopped, InvalidInput
from dermdash.workflows.dataset import running_import
from dermdash.workflows.dataset.import_report import ImportProgress, ImportReport
from dermdash.workflows.dataset.running_import import begin_import, broken_off, forget_broken_off, import_of

pytestmark = pytest.mark.processes

Note = Callable[[ImportProgress], None]
NO_PROCESS = 2**22 + 1
"""Above the highest number that Linux gives a process."""


def marker(home: Path) -> Path:
    (found,) = (home / "uploads").glob("import-*.json")
    return found


def test_an_import_goes_on_by_itself_and_only_one_of_an_account_at_a_time(tmp_path: Path) -> None:
    go_on = threading.Event()

    def work(note: Note) -> ImportReport:
        note(ImportProgress(1, 3))
        go_on.wait(60)
        raise InvalidInput("no image")

    job = begin_import(tmp_path, "ada", work)
    with pytest.raises(InvalidInput, match="An import of yours is under way"):
        begin_import(tmp_path, "ada", work)
    assert import_of(tmp_path, "ada") is job
    assert import_of(tmp_path, "bob") is None
    assert broken_off(tmp_path, "ada") is None  # it runs
    go_on.set()
    assert job.wait(60)
    assert str(job.error) == "no image"
    assert list((tmp_path / "uploads").iterdir()) == []


def test_an_import_that_has_ended_lets_go_of_the_files_that_were_uploaded_for_it(tmp_path: Path) -> None:
    class Upload:
        """Some gigabytes in memory."""

    upload = Upload()
    held = weakref.ref(upload)

    def work_on(file: Upload) -> Callable[[Note], ImportReport]:
        def work(note: Note) -> ImportReport:
            raise InvalidInput(f"no image in {type(file).__name__}")

        return work

    job = begin_import(tmp_path, "ada", work_on(upload))
    del upload
    assert job.wait(60)
    end = time.monotonic() + 60
    while held() is not None and time.monotonic() < end:  # the thread ends a little later than its import
        gc.collect()
        time.sleep(0.02)
    assert held() is None
    assert import_of(tmp_path, "ada") is job


def test_a_stopped_import_says_how_far_it_was(tmp_path: Path) -> None:
    asked = threading.Event()

    def work(note: Note) -> ImportReport:
        asked.wait(60)
        note(ImportProgress(2, 5))
        raise AssertionError("it went on")

    job = begin_import(tmp_path, "ada", work)
    job.stop()
    asked.set()
    assert job.wait(60)
    assert isinstance(job.error, ImportStopped)
    assert "was stopped at 2 of 5 images. What was stored is kept" in str(job.error)


def test_an_import_that_ended_with_the_app_is_said_until_somebody_heard_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running_import, "_NOTED_EVERY_S", 0.0)
    noted, go_on = threading.Event(), threading.Event()

    def work(note: Note) -> ImportReport:
        note(ImportProgress(4, 9))
        noted.set()
        go_on.wait(60)
        raise InvalidInput("over")

    job = begin_import(tmp_path, "ada", work)
    assert noted.wait(60)
    left = marker(tmp_path).read_text("utf-8")
    go_on.set()
    assert job.wait(60)
    path = tmp_path / "uploads" / f"import-{running_import._marker(tmp_path, 'ada').stem.partition('-')[2]}.json"
    path.write_text(left.replace(f'"pid": {os.getpid()}', f'"pid": {NO_PROCESS}'), "utf-8")
    found = broken_off(tmp_path, "ada")
    assert found is not None
    assert (found.done, found.total) == (4, 9)
    path.write_text(json.dumps(json.loads(left) | {"host": "another machine"}), "utf-8")
    assert broken_off(tmp_path, "ada") is None  # nobody here knows
    path.write_text("{", "utf-8")
    assert broken_off(tmp_path, "ada") is None
    path.write_text(left, "utf-8")
    forget_broken_off(tmp_path, "ada")
    assert broken_off(tmp_path, "ada") is None
