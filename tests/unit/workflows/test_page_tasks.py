"""Work that a page asks for: begun once, found again, stopped, kept until others take its place."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from dermdash.errors import InvalidInput
from dermdash.workflows.page_tasks import MOST_UNDER_WAY, Report, TaskStopped, ask_for, forget_task, task_of

_LONG_S = 10.0


def until_let_go() -> tuple[Callable[[Report], str], threading.Event]:
    """Work that goes on, and reports, until it is let go."""
    let_go = threading.Event()

    def work(report: Report) -> str:
        while not let_go.wait(0.01):
            report("Turning", 1, 2)
        return "done"

    return work, let_go


def test_whoever_asks_again_finds_the_same_work_and_then_its_result(tmp_path: Path) -> None:
    work, let_go = until_let_go()
    task = ask_for(tmp_path, ("proof", "a"), "Turning", work)
    assert ask_for(tmp_path, ("proof", "a"), "Turning", work) is task
    assert task_of(tmp_path, ("proof", "b")) is None
    let_go.set()
    assert task.wait(_LONG_S)
    assert ask_for(tmp_path, ("proof", "a"), "Turning", work).result == "done"


def test_stopped_work_says_so_and_does_not_begin_again_by_itself(tmp_path: Path) -> None:
    work, _ = until_let_go()
    task = ask_for(tmp_path, ("proof",), "Turning", work, stopped_words="Nothing was stored.")
    task.stop()
    assert task.wait(_LONG_S)
    assert isinstance(task.error, TaskStopped)
    assert str(task.error) == "Stopped. Nothing was stored."
    assert ask_for(tmp_path, ("proof",), "Turning", work) is task
    forget_task(tmp_path, ("proof",))
    assert task_of(tmp_path, ("proof",)) is None


def test_no_more_than_two_run_at_once_and_one_that_waits_can_be_stopped(tmp_path: Path) -> None:
    work, let_go = until_let_go()
    running = [ask_for(tmp_path, ("one",), "Turning", work), ask_for(tmp_path, ("two",), "Turning", work)]
    waiting = ask_for(tmp_path, ("three",), "Turning", lambda report: "never")
    assert not waiting.wait(0.5)
    waiting.stop()
    assert waiting.wait(_LONG_S)
    assert isinstance(waiting.error, TaskStopped)
    let_go.set()
    assert all(task.wait(_LONG_S) for task in running)


def test_an_error_is_kept_for_whoever_asks(tmp_path: Path) -> None:
    def fail(report: Report) -> None:
        raise InvalidInput("no such split")

    task = ask_for(tmp_path, ("fails",), "Turning", fail)
    assert task.wait(_LONG_S)
    with pytest.raises(InvalidInput, match="no such split"):
        raise task.error or AssertionError


def test_results_are_kept_for_the_last_ones_asked_for_and_acts_until_they_are_told(tmp_path: Path) -> None:
    act = ask_for(tmp_path, ("act",), "Turning", lambda report: 1, is_act=True)
    for i in range(40):
        assert ask_for(tmp_path, ("read", i), "Turning", lambda report: 1).wait(_LONG_S)
    assert task_of(tmp_path, ("act",)) is act
    assert task_of(tmp_path, ("read", 0)) is None
    assert task_of(tmp_path, ("read", 39)) is not None


def test_nobody_lets_threads_without_end_wait(tmp_path: Path) -> None:
    work, let_go = until_let_go()
    tasks = [ask_for(tmp_path, ("many", n), "Turning", work) for n in range(MOST_UNDER_WAY)]
    with pytest.raises(InvalidInput, match="wait already"):
        ask_for(tmp_path, ("many", "more"), "Turning", work)
    assert ask_for(tmp_path, ("many", 0), "Turning", work) is tasks[0]
    let_go.set()
    assert all(task.wait(_LONG_S) for task in tasks)
    assert ask_for(tmp_path, ("many", "more"), "Turning", work).wait(_LONG_S)
