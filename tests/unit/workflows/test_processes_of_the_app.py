"""Every process of the app says how it is; all are seen by each."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dermdash.storage.engine import now
from dermdash.workflows.workspace import app_processes
from dermdash.workflows.workspace.app_processes import (
    SILENT_AFTER_S,
    forget_long_gone,
    forget_process,
    known_processes,
    note_process,
)

SAID: dict[str, Any] = {"pages": 3, "waiting": 1, "steps": 40, "slow_ms": 50.0, "problems": 0, "memory": None}


def test_what_each_said_last_is_known_until_it_ends(tmp_path: Path) -> None:
    note_process(tmp_path, 8502, SAID)
    note_process(tmp_path, 8501, SAID | {"pages": 9})
    note_process(tmp_path, 8502, SAID | {"pages": 4})
    assert [(p.port, p.pages, p.silent) for p in known_processes(tmp_path)] == [(8501, 9, False), (8502, 4, False)]
    forget_process(tmp_path, 8501)
    assert [p.port for p in known_processes(tmp_path)] == [8502]


def test_one_that_says_nothing_any_more_is_silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note_process(tmp_path, 8501, SAID)
    later = now() + timedelta(seconds=SILENT_AFTER_S + 1)
    monkeypatch.setattr(app_processes, "now", lambda: later)
    assert [p.silent for p in known_processes(tmp_path)] == [True]


def test_half_a_file_and_one_of_another_version_are_no_process(tmp_path: Path) -> None:
    note_process(tmp_path, 8501, SAID)
    (tmp_path / app_processes.FOLDER / "process-x-1.json").write_text('{"host": "x"')
    (tmp_path / app_processes.FOLDER / "process-x-2.json").write_text('{"host": "x", "port": 2}')
    assert [p.port for p in known_processes(tmp_path)] == [8501]


def test_what_ended_long_ago_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note_process(tmp_path, 8501, SAID)
    forget_long_gone(tmp_path)
    assert known_processes(tmp_path)
    monkeypatch.setattr(app_processes, "_FORGOTTEN_AFTER", timedelta(seconds=-1))
    forget_long_gone(tmp_path)
    assert not known_processes(tmp_path)
