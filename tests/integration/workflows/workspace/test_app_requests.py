"""A command asks the app that has the workspace open: what arrives is done, said and cleared away."""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from dermdash.errors import DermdashError, WorkspaceFull
from dermdash.progress import StageProgress
from dermdash.storage.workspace import Workspace
from dermdash.workflows.workspace import app_requests
from dermdash.workflows.workspace.app_requests import AppDoesNotAnswer, answer_requests, ask_the_app
from dermdash.workflows.workspace.app_verbs import VERBS

pytestmark = pytest.mark.processes


def fail(*_: Any) -> dict[str, Any]:
    raise RuntimeError("something broke")


@contextmanager
def app(workspace: Workspace, **verbs: app_requests.Verb) -> Iterator[None]:
    """What the app's thread does."""
    over = threading.Event()

    def run() -> None:
        while not over.wait(0.02):
            answer_requests(workspace, verbs)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def requests(workspace: Workspace) -> list[str]:
    return sorted(path.name for path in (workspace.home / "requests").iterdir())


def test_what_is_asked_is_done_and_nothing_of_it_is_left(duckdb_workspace: Workspace) -> None:
    steps: list[tuple[str, float]] = []
    heard = threading.Event()

    def echo(_: Workspace, arguments: Mapping[str, Any], say: StageProgress) -> dict[str, Any]:
        say("Half", 0.5)
        assert heard.wait(60)
        return {"said": arguments["word"]}

    def hear(words: str, share: float) -> None:
        steps.append((words, share))
        if words == "Half":
            heard.set()

    with app(duckdb_workspace, echo=echo):
        result = ask_the_app(duckdb_workspace.home, "echo", {"word": "Ünï"}, progress=hear)
    assert result == {"said": "Ünï"}
    assert ("Half", 0.5) in steps
    assert requests(duckdb_workspace) == []
    assert (duckdb_workspace.home / "requests").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("verb", ["unknown", "fail"])
def test_what_the_app_cannot_do_is_said_to_the_command(duckdb_workspace: Workspace, verb: str) -> None:
    with app(duckdb_workspace, fail=fail), pytest.raises(DermdashError, match=r"does not understand|something broke"):
        ask_the_app(duckdb_workspace.home, verb, {})
    assert requests(duckdb_workspace) == []


def test_nobody_who_answers_is_said_and_nothing_hangs(
    duckdb_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_requests, "PATIENCE_S", 0.5)
    with pytest.raises(AppDoesNotAnswer, match="does not answer: another command"):
        ask_the_app(duckdb_workspace.home, "echo", {})
    assert requests(duckdb_workspace) == []


def test_an_app_that_died_at_it_is_noticed(duckdb_workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_requests, "_SUSPICIOUS_S", 0.3)
    folder = duckdb_workspace.home / "requests"
    folder.mkdir(mode=0o700)

    def begin_and_die() -> None:
        while not (found := [p for p in folder.glob("*.request") if not p.name.startswith(".")]):
            time.sleep(0.02)
        found[0].with_suffix(".answer").write_text('{"words": "begun", "share": 0.1, "beat": 0}')

    dying = threading.Thread(target=begin_and_die)
    dying.start()
    began = time.monotonic()
    with pytest.raises(AppDoesNotAnswer, match="has ended, or hangs"):
        ask_the_app(duckdb_workspace.home, "echo", {})  # this process may open the database, so no other has it
    assert time.monotonic() - began < app_requests.PATIENCE_S
    dying.join()
    assert requests(duckdb_workspace) == []


def test_an_app_that_works_for_long_is_waited_for(duckdb_workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_requests, "PATIENCE_S", 4.0)

    def slow(*_: Any) -> dict[str, Any]:
        time.sleep(5)
        return {"done": True}

    with app(duckdb_workspace, slow=slow):
        assert ask_the_app(duckdb_workspace.home, "slow", {}) == {"done": True}


def test_work_for_a_command_that_has_gone_is_broken_off(duckdb_workspace: Workspace) -> None:
    folder = duckdb_workspace.home / "requests"
    folder.mkdir(mode=0o700)
    reached: list[int] = []

    def long(_: Workspace, __: Mapping[str, Any], say: StageProgress) -> dict[str, Any]:
        for i in range(100):
            say("working", i / 100)
            reached.append(i)
            if i == 2:
                next(folder.glob("*.request")).unlink()
            time.sleep(0.05)
        return {}

    (folder / f"{uuid4().hex}.request").write_text(json.dumps({"verb": "long", "arguments": {}}))
    assert answer_requests(duckdb_workspace, {"long": long}) == 1
    assert len(reached) < 50
    assert requests(duckdb_workspace) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"[" * 100_000,
        b'{"verb": "backup"}',
        b'{"verb": ["backup"], "arguments": {}}',
        b'{"verb": "restore", "arguments": {}}',
        b'{"verb": "backup", "arguments": {"folder": "not/from/the/root"}}',
        b'{"verb": "backup", "arguments": {"folder": 7}}',
        b'{"verb": "backup", "arguments": {"folder": "/tmp/\\u0000"}}',
        b'{"verb": "check", "arguments": {}, "more": "' + b"x" * 70_000 + b'"}',
    ],
)
def test_a_request_that_is_none_gets_an_error_and_the_app_goes_on(duckdb_workspace: Workspace, content: bytes) -> None:
    folder = duckdb_workspace.home / "requests"
    folder.mkdir(mode=0o700)
    name = uuid4().hex
    (folder / f"{name}.request").write_bytes(content)
    assert answer_requests(duckdb_workspace, VERBS) == 1
    answer = json.loads((folder / f"{name}.answer").read_text())
    assert answer.keys() == {"error"}
    assert requests(duckdb_workspace) == [f"{name}.answer"]


def test_links_and_other_names_are_no_requests(duckdb_workspace: Workspace, tmp_path: Path) -> None:
    folder = duckdb_workspace.home / "requests"
    folder.mkdir(mode=0o700)
    (tmp_path / "elsewhere").write_text('{"verb": "check", "arguments": {}}')
    (folder / f"{uuid4().hex}.request").symlink_to(tmp_path / "elsewhere")
    (folder / "note.txt").write_text("hello")
    (folder / f"{uuid4().hex}.request").mkdir()
    assert answer_requests(duckdb_workspace, VERBS) == 0
    assert (tmp_path / "elsewhere").read_text() == '{"verb": "check", "arguments": {}}'
    assert (folder / "note.txt").exists()


def test_a_full_disk_of_the_workspace_is_said_with_the_way_out(
    duckdb_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise WorkspaceFull("full")

    monkeypatch.setattr(app_requests, "write_atomically", full)
    with pytest.raises(WorkspaceFull, match="Stop the app and run this again, which needs no room there"):
        ask_the_app(duckdb_workspace.home, "echo", {})


def test_a_command_of_another_user_is_told_so(duckdb_workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    (duckdb_workspace.home / "requests").write_text("not a folder one may write into")
    with pytest.raises(AppDoesNotAnswer, match="as the user that the app runs as"):
        ask_the_app(duckdb_workspace.home, "echo", {})
    (duckdb_workspace.home / "requests").unlink()
    monkeypatch.setattr(app_requests.os, "access", lambda *_: False)
    with app(duckdb_workspace, fail=fail), pytest.raises(DermdashError, match="as the user that the app runs as"):
        ask_the_app(duckdb_workspace.home, "fail", {"word": "x"})
